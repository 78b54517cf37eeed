/**
 * A press on the button at the panel, told by the edge as a condition of kind `silenced`: one journal entry for each, never
 * an alarm. An entry that is there already is not written again, however often and in whatever order records and births
 * tell of it.
 */
import { silencedLimitId } from '../domain/automatic-limits.ts'
import { type ConditionRecord, kindOfLimit, type Limit } from '../domain/condition.ts'
import { alarmId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Json, NewEntry } from './alarm.ts'
import type { AlarmContext } from './alarm-machine.ts'

const PREFIX = silencedLimitId('')

/** By its kind. Where nothing has told the kind, by its id together with the one value that such a limit has: yes or no. */
export const isSilencing = (limit: Limit): boolean =>
  kindOfLimit(limit) === 'silenced' ||
  (limit.kind === undefined && limit.id.startsWith(PREFIX) && limit.limit === 1 && limit.unit === '1')

/** `undefined` of an output that was never silenced. */
export function silencingEntry(
  { node, limit, drillAt }: AlarmContext,
  outbox: string,
  record: ConditionRecord,
  at: Instant,
): NewEntry | undefined {
  const { occurrence, exercise, time_unknown } = record
  if (occurrence < 1) return undefined
  const pressed_ns = record.onset_ns ?? record.at_ns
  const output = limit.parameters?.output ?? limit.id.slice(PREFIX.length)
  const drill = drillAt?.(time_unknown ? at : pressed_ns) ?? null
  const body = {
    ...{ where: 'at the panel', node, limit_id: limit.id, name: limit.name, output, outbox },
    ...{ pressed_ns: String(pressed_ns), exercise: exercise || drill !== null, time_unknown },
    ...(drill && { drill: { id: drill.id, name: drill.name } }),
  }
  return {
    at_ns: String(at),
    kind: 'silenced',
    alarm: null,
    occurrence,
    actor: `panel:${output}`,
    body: body as Json,
    dedupe: ['silenced', alarmId(node, limit.id), outbox, occurrence].join('|'),
  }
}
