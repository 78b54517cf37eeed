/** The system itself: the line with its rates and lags, who did what, people, tokens, contacts, and the site as it runs. */

import { mayActAs } from '../../../../domain/roles.ts'
import { useApp, useWords } from '../../components/app-context.ts'
import { href } from '../../state/route.ts'
import { History } from '../alarms/history.tsx'
import type { ScreenProps } from '../index.ts'
import { Contacts } from './contacts.tsx'
import { Line } from './line.tsx'
import { SiteFile } from './site-file.tsx'
import { SiteView } from './site-view.tsx'
import { Tokens } from './tokens.tsx'
import { Users } from './users.tsx'
import { words as WORDS } from './words.ts'

const TABS = ['line', 'audit', 'users', 'tokens', 'contacts', 'site'] as const
type Tab = (typeof TABS)[number]
/** What only an admin sees. */
const ADMIN: ReadonlySet<Tab> = new Set(['users', 'tokens'])

export default function SystemScreen({ route }: ScreenProps) {
  const app = useApp()
  const own = useWords(WORDS)
  const role = app.session.value?.user?.role
  const admin = role !== undefined && mayActAs(role, 'admin')
  const tab = TABS.find((one) => one === route.id) ?? 'line'
  return (
    <div class="stack">
      <nav class="tabs" aria-label={own.tabs}>
        <ul>
          {TABS.filter((one) => admin || !ADMIN.has(one)).map((one) => (
            <li key={one}>
              <a href={href('system', one)} aria-current={one === tab ? 'page' : undefined}>
                {own.tab[one]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {tab === 'line' && <Line />}
      {tab === 'audit' && <History query={route.query} at={{ page: 'system', id: 'audit', query: {} }} />}
      {ADMIN.has(tab) && !admin && <p class="panel unknown">{own.adminOnly}</p>}
      {tab === 'users' && admin && <Users />}
      {tab === 'tokens' && admin && <Tokens />}
      {tab === 'contacts' && <Contacts />}
      {tab === 'site' && role !== undefined && mayActAs(role, 'engineer') && (
        <SiteFile line={route.query.line === undefined ? null : Number(route.query.line)} />
      )}
      {tab === 'site' && <SiteView />}
    </div>
  )
}
