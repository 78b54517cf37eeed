/** Alarms: what is open, what was put aside, what was, how good the alarms are; and one alarm explained. */
import { AlarmList } from '../../components/alarm-list.tsx'
import { useApp, useWords } from '../../components/app-context.ts'
import { asideOf } from '../../state/alarms.ts'
import { href } from '../../state/route.ts'
import type { ScreenProps } from '../index.ts'
import { AsideList } from './aside.tsx'
import { CapList } from './cap.tsx'
import { Explain } from './explain.tsx'
import { Groups } from './groups.tsx'
import { History } from './history.tsx'
import { Maintenance } from './maintenance.tsx'
import { Quality } from './quality.tsx'
import { words as WORDS } from './words.ts'

const LISTS = [
  'open',
  'shelved',
  'suppressed',
  'out-of-service',
  'maintenance',
  'groups',
  'history',
  'quality',
  'cap',
] as const
type List = (typeof LISTS)[number]

export default function AlarmsScreen({ route }: ScreenProps) {
  const list = LISTS.find((one) => one === route.query.list) ?? 'open'
  return (
    <div class="stack">
      <Tabs list={route.id === null ? list : null} />
      {route.id === null ? <Shown list={list} query={route.query} /> : <Explain key={route.id} id={route.id} />}
    </div>
  )
}

function Shown({ list, query }: { list: List; query: ScreenProps['route']['query'] }) {
  switch (list) {
    case 'open':
      return <AlarmList />
    case 'shelved':
    case 'suppressed':
    case 'out-of-service':
      return <AsideList kind={list} />
    case 'maintenance':
      return <Maintenance />
    case 'groups':
      return <Groups />
    case 'history':
      return <History query={query} />
    case 'quality':
      return <Quality />
    case 'cap':
      return <CapList />
  }
}

function Tabs({ list }: { list: List | null }) {
  const app = useApp()
  const own = useWords(WORDS)
  const { alarms } = app.live.value
  const count = (one: List) =>
    one === 'shelved' || one === 'suppressed' || one === 'out-of-service' ? asideOf(alarms.values(), one).length : 0
  return (
    <nav class="tabs" aria-label={own.lists}>
      <ul>
        {LISTS.map((one) => (
          <li key={one}>
            <a
              href={href('alarms', null, { list: one === 'open' ? undefined : one })}
              aria-current={one === list ? 'page' : undefined}
            >
              {own.list[one]}
              {count(one) > 0 && <span class="nav-count">{count(one)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
