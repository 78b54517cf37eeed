/** Sign-in by name and passphrase. Password managers and pasting work: nobody has to remember or type (WCAG 3.3.8). */
import { useState } from 'preact/hooks'
import type { Dialog } from '../dialogs.ts'
import { useApp, useSpeech } from './app-context.ts'
import { DialogFrame } from './dialog-frame.tsx'
import { Problem } from './problem.tsx'

export function SignInDialog({ next }: { next: Dialog | null }) {
  const app = useApp()
  const { words } = useSpeech()
  const [name, setName] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const close = () => {
    app.dialog.value = null
  }
  const submit = async () => {
    if (busy) return
    setBusy(true)
    const answer = await app.api.signIn(name.trim(), passphrase)
    setBusy(false)
    if (answer.ok) {
      app.signedIn(answer.value)
      app.dialog.value = next
    } else if (answer.status === 0) setProblem(words.notSent)
    else setProblem(answer.status === 401 ? words.wrongNameOrPassphrase : words.signInFailed(answer.message))
  }
  return (
    <DialogFrame title={words.signInTitle} onClose={close} onSubmit={() => void submit()}>
      <p class="muted">{app.session.value?.first_user_needed ? words.firstUserNeeded : words.signInWhy}</p>
      <Problem text={problem} />
      <NameField value={name} onInput={setName} />
      <PassphraseField
        label={words.passphrase}
        autocomplete="current-password"
        value={passphrase}
        onInput={setPassphrase}
      />
      <div class="actions">
        <button type="submit" class="button is-primary" disabled={busy}>
          {words.signIn}
        </button>
        <button type="button" class="button" onClick={close}>
          {words.cancel}
        </button>
      </div>
    </DialogFrame>
  )
}

type FieldProps = { value: string; onInput: (text: string) => void }

export function NameField({ value, onInput }: FieldProps) {
  const { words } = useSpeech()
  return (
    <label class="field">
      {words.name}
      <input
        name="username"
        autocomplete="username"
        required
        maxLength={100}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}

export function PassphraseField({
  label,
  autocomplete,
  value,
  onInput,
}: FieldProps & { label: string; autocomplete: 'current-password' | 'new-password' }) {
  return (
    <label class="field">
      {label}
      <input
        type="password"
        name={autocomplete}
        autocomplete={autocomplete}
        required
        maxLength={1000}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}
