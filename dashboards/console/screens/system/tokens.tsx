/** Tokens of programs: made with a role, their secret shown once, revoked at once. Only an admin sees this. */
import { useState } from 'preact/hooks'
import type { TokenJson, TokenMadeJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { useAsked } from '../../components/asked.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { msOf, msOrNull } from '../../state/instants.ts'
import { Managed } from './managed.tsx'
import { useCommand } from './use-command.ts'
import { words as WORDS } from './words.ts'

export function Tokens() {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<{ tokens: TokenJson[] }>('/tokens'), [])
  const [secret, setSecret] = useState('')
  const { problem, run } = useCommand(asked.again)
  const now_ms = app.now_ms.value
  const row = (token: TokenJson) => {
    const last_ms = msOrNull(token.last_ns)
    return (
      <li key={token.id} class="alarm">
        <h3>{token.name}</h3>
        <p class="muted">
          {words.role[token.role]} · {own.madeBy} {token.made_by}, {format.instant(msOf(token.made_ns), now_ms)} ·{' '}
          {own.last} {last_ms === null ? own.never : format.instant(last_ms, now_ms)}
          {token.expires_ns !== null && ` · ${own.expires} ${format.instant(msOf(token.expires_ns), now_ms)}`}
        </p>
        <div class="actions">
          <ConfirmButton
            label={own.revoke}
            about={token.name}
            question={own.revokeAsk(token.name)}
            onConfirm={() => void run(app.api.send('DELETE', `/tokens/${encodeURIComponent(token.id)}`))}
          />
        </div>
      </li>
    )
  }
  return (
    <Managed
      id="tokens-title"
      title={own.tab.tokens}
      problem={problem}
      secret={secret}
      secretSays={own.tokenSecret}
      submit={own.makeToken}
      onSubmit={(name, role) =>
        void run(app.api.send<TokenMadeJson>('POST', '/tokens', { name, role }), (made) => setSecret(made.secret))
      }
      asked={asked}
      rows={({ tokens }) => tokens.map(row)}
      none={own.tokensNone}
    />
  )
}
