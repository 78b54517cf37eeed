/**
 * The open list as it is drawn: alarms of one cause stand together under their group, at the place of the worst of them.
 * An earthquake is then one block of the list, and not a page of rows.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import { sortAlarms } from './alarms.ts'

export type OpenRow =
  | { readonly kind: 'alarm'; readonly alarm: AlarmJson }
  | { readonly kind: 'group'; readonly id: string; readonly alarms: readonly AlarmJson[] }

/** @param alarms those on the list; worst first comes out */
export function openRows(alarms: Iterable<AlarmJson>): OpenRow[] {
  const rows: OpenRow[] = []
  const groups = new Map<string, AlarmJson[]>()
  for (const alarm of sortAlarms(alarms)) {
    if (alarm.group === null) {
      rows.push({ kind: 'alarm', alarm })
      continue
    }
    const known = groups.get(alarm.group)
    if (known !== undefined) {
      known.push(alarm)
      continue
    }
    const members = [alarm]
    groups.set(alarm.group, members)
    rows.push({ kind: 'group', id: alarm.group, alarms: members })
  }
  // One alarm alone is no group to a reader.
  return rows.map((row) =>
    row.kind === 'group' && row.alarms.length === 1 ? { kind: 'alarm', alarm: row.alarms[0]! } : row,
  )
}
