/** An alarm as the HTTP API shows it; the shape is the contract's (`domain/alarm.ts`). */
import type { AlarmJson } from '../domain/alarm.ts'
import { kindOfLimit } from '../domain/condition.ts'
import { type Alarm, type LateOccurrence, shownState } from './alarm.ts'
import { asideJson } from './alarm-aside.ts'
import { type AlarmContext, etagOf } from './alarm-machine.ts'

export type AlarmDefinition = AlarmContext & {
  /** The device is simulated: also an alarm that was never raised carries the mark. */
  readonly exercise: boolean
}

export function alarmJson(alarm: Alarm, { node, limit, exercise }: AlarmDefinition): AlarmJson {
  const { present } = alarm
  return {
    id: alarm.id,
    node,
    limit_id: limit.id,
    name: limit.name,
    channel: limit.channel,
    kind: kindOfLimit(limit),
    parameters: limit.parameters ?? null,
    state: shownState(alarm),
    priority: alarm.stepped_up?.priority ?? limit.priority,
    latch: limit.latch,
    occurrence: present?.n ?? 0,
    onset_ns: present?.onset_ns ?? null,
    returned_ns: present?.returned_ns ?? null,
    learned_ns: present?.learned_ns ?? null,
    value: present?.value ?? null,
    peak: present?.peak ?? null,
    limit: limit.limit,
    unit: limit.unit,
    flag: present?.flag ?? 2,
    unconfirmed: present?.unconfirmed ?? false,
    exercise: exercise || present?.exercise === true || present?.drill !== undefined,
    drill: present?.drill ?? null,
    late: alarm.late.map(lateJson),
    late_unlisted: alarm.late_unlisted,
    acknowledged_by: alarm.acknowledged?.by ?? null,
    acknowledged_ns: alarm.acknowledged?.at_ns ?? null,
    comments: alarm.comments.map((comment) => ({ ...comment })),
    aside: asideJson(alarm.aside, alarm.state),
    unknown: null,
    group: null,
    etag: etagOf(alarm),
  }
}

const lateJson = ({ n, onset_ns, returned_ns, learned_ns }: LateOccurrence): AlarmJson['late'][number] => ({
  occurrence: n,
  onset_ns,
  returned_ns,
  learned_ns,
})
