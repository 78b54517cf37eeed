/**
 * What a screen reader is told when alarms change: everything of one second in one announcement per kind, critical ones
 * interrupt. Saying it is `components/announcer.tsx`'s.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { Words } from '../i18n/index.ts'
import { highestSeen, isConditionTrue, isListed, needsAnswer, sortAlarms } from './alarms.ts'

export type Announcement = { readonly polite: string; readonly assertive: string }
export const SILENCE: Announcement = { polite: '', assertive: '' }

type Alarms = ReadonlyMap<string, AlarmJson>

export function announce(before: Alarms, now: Alarms, words: Words): Announcement {
  const changed = sortAlarms(now.values()).flatMap((alarm) => {
    const old = before.get(alarm.id)
    return old?.etag === alarm.etag ? [] : [{ old, alarm }]
  })
  const raised = changed.filter(({ old, alarm }) => isConditionTrue(alarm) && isNewer(old, alarm))
  const late = changed.filter(({ old, alarm }) =>
    alarm.late.some((l) => !old?.late.some((o) => o.occurrence === l.occurrence)),
  )
  const critical = raised.filter(({ alarm }) => alarm.priority === 'critical')
  const others = raised.filter(({ alarm }) => alarm.priority !== 'critical')
  const acknowledged = changed.filter(({ old, alarm }) => old !== undefined && needsAnswer(old) && !needsAnswer(alarm))
  const returned = changed.filter(
    ({ old, alarm }) => old !== undefined && isConditionTrue(old) && !isConditionTrue(alarm),
  )
  const say = (rows: typeof changed, text: (names: string) => string) =>
    rows.length === 0
      ? []
      : [
          text(
            names(
              rows.map(({ alarm }) => named(alarm, words)),
              words,
            ),
          ),
        ]
  return {
    assertive: say(critical, (names) => words.announceRaised(critical.length, names)).join(' '),
    polite: [
      ...say(others, (names) => words.announceRaised(others.length, names)),
      ...say(late, words.announceLate),
      ...say(acknowledged, words.announceAcknowledged),
      ...say(returned, words.announceReturned),
    ].join(' '),
  }
}

/** What stands on the list when the page opens: counted, never read out row by row. */
export function announceFirst(alarms: Alarms, words: Words): Announcement {
  const open = [...alarms.values()].filter(isListed)
  if (open.length === 0) return SILENCE
  return { polite: words.alarmsCount(open.length, open.filter(needsAnswer).length), assertive: '' }
}

const isNewer = (old: AlarmJson | undefined, alarm: AlarmJson): boolean =>
  old === undefined || highestSeen(alarm) > highestSeen(old) || (!isConditionTrue(old) && isConditionTrue(alarm))

const named = (alarm: AlarmJson, words: Words): string =>
  `${words.priority[alarm.priority]} ${alarm.name}${alarm.exercise ? ` ${words.exercise}` : ''}`

/** Names that are read out; of more the worst, and how many there are. */
const NAMED_MAX = 5
const names = (all: readonly string[], words: Words): string =>
  all.length <= NAMED_MAX
    ? all.join(words.listJoin)
    : words.andMore(all.slice(0, NAMED_MAX).join(words.listJoin), all.length - NAMED_MAX)
