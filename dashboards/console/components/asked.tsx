/**
 * An answer of the desk that a screen asks for by itself, and its look while there is none: waiting, not available on
 * this desk, not for this person, not reached. What was once answered stays, with its age, while asking again fails.
 */
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Answer, Refusal } from '../io/api-client.ts'
import { every } from '../io/browser-clock.ts'
import { useApp, useSpeech } from './app-context.ts'

export type Asked<T> = {
  readonly value: T | null
  /** The desk's clock when `value` came. */
  readonly at_ms: number | null
  readonly refusal: Refusal | null
  again(): void
}

/**
 * @param ask asked again when one of `deps` changes, when somebody signs in or out, and when the line is back
 * @param every_ms also asked again this often; without it only then
 */
export function useAsked<T>(ask: () => Promise<Answer<T>>, deps: readonly unknown[], every_ms?: number): Asked<T> {
  const app = useApp()
  const [kept, setKept] = useState<Omit<Asked<T>, 'again'>>({ value: null, at_ms: null, refusal: null })
  const round = useRef(0)
  const latest = useRef(ask)
  latest.current = ask
  const load = useCallback(async () => {
    round.current += 1
    const mine = round.current
    const answer = await latest.current()
    if (mine !== round.current) return
    if (answer.ok) setKept({ value: answer.value, at_ms: app.deskNow_ms(), refusal: null })
    else
      setKept((before) => ({
        ...(answer.status === 0 || answer.status >= 500 ? before : { value: null, at_ms: null }),
        refusal: answer,
      }))
  }, [])
  const person = app.session.value?.user?.name
  const live = app.link.value.state === 'live'
  useEffect(() => {
    setKept({ value: null, at_ms: null, refusal: null })
  }, deps)
  useEffect(() => {
    void load()
    const stop = every_ms === undefined ? () => {} : every(every_ms, () => void load())
    return () => {
      round.current += 1
      stop()
    }
  }, [...deps, person, live, every_ms])
  return { ...kept, again: () => void load() }
}

type Props<T> = { asked: Asked<T>; children: (value: T) => ComponentChildren }

export function Await<T>({ asked, children }: Props<T>) {
  const app = useApp()
  const { words, format } = useSpeech()
  const { value, at_ms, refusal } = asked
  if (value !== null)
    return (
      <>
        {refusal !== null && at_ms !== null && (
          <p class="unknown" role="status">
            {words.answerOld(format.duration(app.now_ms.value - at_ms))} {refusalText(refusal)}
          </p>
        )}
        {children(value)}
      </>
    )
  if (refusal === null) return <p class="muted">{words.answerWaiting}</p>
  return (
    <div class="unknown answer-none" role="status">
      <p>{refusalText(refusal)}</p>
      <div class="actions">
        {refusal.status === 401 && (
          <button
            type="button"
            class="button"
            onClick={() => {
              app.dialog.value = { kind: 'sign-in', next: null }
            }}
          >
            {words.signIn}
          </button>
        )}
        {(refusal.status === 0 || refusal.status >= 500) && (
          <button type="button" class="button" onClick={asked.again}>
            {words.tryAgain}
          </button>
        )}
      </div>
    </div>
  )

  function refusalText({ status, message }: Refusal): string {
    if (status === 404 || status === 501) return words.notOnThisDesk
    if (status === 401) return words.signInToSeeThis
    if (status === 403) return words.notForThisRole
    if (status === 0) return words.notReached
    return words.answerRefused(message)
  }
}
