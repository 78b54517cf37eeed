/** The pages of two links: the one that the first start prints makes the first person; an invitation sets its person's passphrase. */
import { useState } from 'preact/hooks'
import { useApp, useSpeech } from './app-context.ts'
import { Problem } from './problem.tsx'
import { NameField, PassphraseField } from './sign-in.tsx'

type Props = { page: 'first-user' | 'invitation'; token: string }

export function FirstUser({ page, token }: Props) {
  const invited = page === 'invitation'
  const app = useApp()
  const { words } = useSpeech()
  const [name, setName] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [problem, setProblem] = useState('')
  const [done, setDone] = useState('')
  const submit = async () => {
    if (passphrase !== again) return setProblem(words.passphraseDiffers)
    const answer = invited
      ? await app.api.invitation(token, passphrase)
      : await app.api.firstUser(token, name.trim(), passphrase)
    if (!answer.ok) return setProblem(answer.status === 0 ? words.notSent : words.refused(answer.message))
    app.signedIn(answer.value)
    setDone(answer.value.user?.name ?? name.trim())
  }
  return (
    <div class="narrow">
      <section class="panel">
        <h2>{invited ? words.invitationTitle : words.firstUserTitle}</h2>
        {done !== '' && <p role="status">{words.firstUserDone(done)}</p>}
        {done === '' && token === '' && <p class="problem">{words.firstUserNoToken}</p>}
        {done === '' && token !== '' && (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void submit()
            }}
          >
            <p class="muted">{invited ? words.invitationWhat : words.firstUserWhat}</p>
            <Problem text={problem} />
            {!invited && <NameField value={name} onInput={setName} />}
            <PassphraseField
              label={words.passphrase}
              autocomplete="new-password"
              value={passphrase}
              onInput={setPassphrase}
            />
            <PassphraseField
              label={words.passphraseAgain}
              autocomplete="new-password"
              value={again}
              onInput={setAgain}
            />
            <div class="actions">
              <button type="submit" class="button is-primary">
                {invited ? words.invitationAccept : words.firstUserMake}
              </button>
            </div>
          </form>
        )}
        <p>
          <a class="button" href="#/">
            {words.toConsole}
          </a>
        </p>
      </section>
    </div>
  )
}
