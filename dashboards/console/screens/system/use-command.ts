/** Runs a command of an administrator, tells why it was not done, and asks anew for what it changed. */
import { useState } from 'preact/hooks'
import { useSpeech } from '../../components/app-context.ts'
import type { Answer } from '../../io/api-client.ts'

export function useCommand(again: () => void) {
  const { words } = useSpeech()
  const [problem, setProblem] = useState('')
  const run = async <T>(command: Promise<Answer<T>>, use: (value: T) => void = () => {}): Promise<void> => {
    const answer = await command
    setProblem(answer.ok ? '' : answer.status === 0 ? words.notSent : words.refused(answer.message))
    if (answer.ok) use(answer.value)
    again()
  }
  return { problem, run }
}
