/** Asks the desk until there is an answer; asking again meanwhile starts over instead of asking twice. */
import type { Answer, Refusal } from './api-client.ts'
import { after, retryDelay_ms } from './browser-clock.ts'

export function keepLoading<T>(
  ask: () => Promise<Answer<T>>,
  use: (value: T) => void,
  onRefusal: (refusal: Refusal) => void = () => {},
): () => void {
  let attempt = 0
  let round = 0
  let cancel = () => {}
  const load = async (mine: number): Promise<void> => {
    const answer = await ask()
    if (mine !== round) return
    if (answer.ok) {
      attempt = 0
      use(answer.value)
    } else {
      onRefusal(answer)
      cancel = after(retryDelay_ms(attempt), () => void load(mine))
      attempt += 1
    }
  }
  return () => {
    cancel()
    round += 1
    void load(round)
  }
}
