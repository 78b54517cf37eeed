/** A button for what cannot be undone: the first press asks, only the second does it. */
import { useState } from 'preact/hooks'
import { useSpeech } from './app-context.ts'

/** @param about whom or what it concerns, for who hears the page instead of seeing it */
type Props = { label: string; about: string; question: string; onConfirm: () => void }

export function ConfirmButton({ label, about, question, onConfirm }: Props) {
  const { words } = useSpeech()
  const [asks, setAsks] = useState(false)
  return (
    <>
      <button type="button" class="button" aria-expanded={asks} onClick={() => setAsks(!asks)}>
        {label}
        <span class="unseen"> {about}</span>
      </button>
      {asks && (
        <span class="actions">
          <strong role="alert">{question}</strong>
          <button
            type="button"
            class="button"
            onClick={() => {
              setAsks(false)
              onConfirm()
            }}
          >
            {words.confirmYes(label)}
          </button>
          <button type="button" class="button" onClick={() => setAsks(false)}>
            {words.cancel}
          </button>
        </span>
      )}
    </>
  )
}
