/** People who may sign in: invite, change the role, disable, give a new link, remove. Only an admin sees this. */
import { useState } from 'preact/hooks'
import type { UserInviteJson, UserJson } from '../../../../domain/api-desk.ts'
import { ROLES, type Role } from '../../../../domain/roles.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { msOf, msOrNull } from '../../state/instants.ts'
import { useCommand } from './use-command.ts'
import { words as WORDS } from './words.ts'

export function Users() {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<{ users: UserJson[] }>('/users'), [])
  const [link, setLink] = useState('')
  const { problem, run } = useCommand(asked.again)
  const show = (answer: UserInviteJson | UserJson) => {
    if ('token' in answer) setLink(`${location.origin}/#/invitation?token=${encodeURIComponent(answer.token)}`)
  }
  const path = (name: string) => `/users/${encodeURIComponent(name)}`
  return (
    <section class="panel" aria-labelledby="users-title">
      <h2 id="users-title">{own.tab.users}</h2>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {link !== '' && (
        <p class="notice" role="status">
          {own.inviteLink} <code class="secret">{link}</code>
        </p>
      )}
      <NameAndRole
        submit={own.invite}
        onSubmit={(name, role) => void run(app.api.send<UserInviteJson>('POST', '/users', { name, role }), show)}
      />
      <Await asked={asked}>
        {({ users }) => (
          <>
            {users.length === 0 && <p>{own.usersNone}</p>}
            <ul class="alarm-rows">
              {users.map((user) => (
                <li key={user.name} class="alarm">
                  <Person user={user} />
                  <div class="actions">
                    <label class="field is-inline">
                      {own.role}
                      <select
                        value={user.role}
                        onChange={(event) =>
                          void run(app.api.send('PATCH', path(user.name), { role: event.currentTarget.value }))
                        }
                      >
                        {ROLES.map((role) => (
                          <option key={role} value={role}>
                            {words.role[role]}
                          </option>
                        ))}
                      </select>
                    </label>
                    <button
                      type="button"
                      class="button"
                      onClick={() => void run(app.api.send('PATCH', path(user.name), { disabled: !user.disabled }))}
                    >
                      {user.disabled ? own.enable : own.disable}
                      <span class="unseen"> {user.name}</span>
                    </button>
                    <button
                      type="button"
                      class="button"
                      onClick={() =>
                        void run(app.api.send<UserInviteJson>('PATCH', path(user.name), { reset: true }), show)
                      }
                    >
                      {own.reset}
                      <span class="unseen"> {user.name}</span>
                    </button>
                    <ConfirmButton
                      label={own.remove}
                      about={user.name}
                      question={own.removeAsk(user.name)}
                      onConfirm={() => void run(app.api.send('DELETE', path(user.name)))}
                    />
                  </div>
                </li>
              ))}
            </ul>
          </>
        )}
      </Await>
    </section>
  )
}

function Person({ user }: { user: UserJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const now_ms = app.now_ms.value
  const last_ms = msOrNull(user.last_ns)
  const until_ns = user.invited_until_ns
  return (
    <>
      <h3>{user.name}</h3>
      <p class="muted">
        {words.role[user.role]} · {user.disabled ? own.disabled : own.active} · {own.last}{' '}
        {last_ms === null ? own.never : format.instant(last_ms, now_ms)}
        {until_ns !== null && ` · ${own.invited(format.instant(msOf(until_ns), now_ms))}`}
      </p>
    </>
  )
}

type NameAndRoleProps = { submit: string; onSubmit: (name: string, role: Role) => void }

export function NameAndRole({ submit, onSubmit }: NameAndRoleProps) {
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  return (
    <form
      class="filter"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit(name.trim(), role)
        setName('')
      }}
    >
      <label class="field">
        {own.name}
        <input required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label class="field">
        {own.role}
        <select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {words.role[one]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button is-primary">
        {submit}
      </button>
    </form>
  )
}
