/** People who may sign in: invite, change the role, disable, give a new link, remove. Only an admin sees this. */
import { useState } from 'preact/hooks'
import type { UserInviteJson, UserJson } from '../../../../domain/api-desk.ts'
import { ROLES } from '../../../../domain/roles.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { useAsked } from '../../components/asked.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { SelectField } from '../../components/select-field.tsx'
import { msOf, msOrNull } from '../../state/instants.ts'
import { Managed } from './managed.tsx'
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
  const row = (user: UserJson) => (
    <li key={user.name} class="alarm">
      <Person user={user} />
      <div class="actions">
        <SelectField
          inline
          label={own.role}
          value={user.role}
          options={ROLES.map((role) => [role, words.role[role]])}
          onChange={(role) => void run(app.api.send('PATCH', path(user.name), { role }))}
        />
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
          onClick={() => void run(app.api.send<UserInviteJson>('PATCH', path(user.name), { reset: true }), show)}
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
  )
  return (
    <Managed
      id="users-title"
      title={own.tab.users}
      problem={problem}
      secret={link}
      secretSays={own.inviteLink}
      submit={own.invite}
      onSubmit={(name, role) => void run(app.api.send<UserInviteJson>('POST', '/users', { name, role }), show)}
      asked={asked}
      rows={({ users }) => users.map(row)}
      none={own.usersNone}
    />
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
