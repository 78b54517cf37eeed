/** A notice as the journal keeps it, as a member of an incident; and which place on the ladder lies beyond another. */
import type { DrillMark } from '../../domain/alarm.ts'
import type { RuleJson } from '../../domain/api.ts'
import type { Priority } from '../../domain/condition.ts'
import { splitShadow } from '../../domain/drill.ts'
import type { Particulars } from '../alarm.ts'
import type { Incident, Member } from './incident.ts'

export type NoticeBody = Particulars & {
  outbox: string
  late: boolean
  name: string
  channel: string
  priority: Priority
  kind: string
  rule?: RuleJson
  onset_ns: string
  learned_ns: string
  overdue_since_ns?: string
  recipients?: readonly string[]
  drill?: DrillMark
}
export type NoticeEntry = {
  readonly alarm: string
  readonly n: number
  readonly body: NoticeBody
  readonly again: string | null
}

export type Place = Pick<Incident, 'cycle' | 'step' | 'round'>
/** Also the place itself, unless `strictly`: each target of one step is an entry of its own. */
export const isBeyond = (a: Place, b: Place, strictly = false): boolean => {
  if (a.cycle !== b.cycle) return a.cycle > b.cycle
  if (a.step !== b.step) return a.step > b.step
  return strictly ? a.round > b.round : a.round >= b.round
}

export function memberOf({ alarm, n, body, again }: NoticeEntry): Member {
  const limit_id = alarm.slice(alarm.indexOf(':') + 1)
  return {
    ...{ alarm, n, outbox: body.outbox, name: body.name, channel: body.channel },
    ...{ limit_id: splitShadow(limit_id)?.id ?? limit_id, priority: body.priority, kind: body.kind },
    ...{ rule: body.rule ?? null, onset_ns: body.onset_ns, learned_ns: body.learned_ns },
    ...{ value: body.value, peak: body.peak, limit: body.limit, unit: body.unit },
    ...{ unconfirmed: body.unconfirmed, exercise: body.exercise, time_unknown: body.time_unknown },
    ...(body.overdue_since_ns !== undefined && { overdue_since_ns: body.overdue_since_ns }),
    ...{ late: body.late, again },
    ...{ returned: body.late, acknowledged_by: null, aside: false, told: false },
  }
}
