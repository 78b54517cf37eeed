/**
 * A condition on the wire: node metric `condition/<limit id>`, Boolean, its particulars as properties. In NDATA it is one
 * record of the stream `conditions` and opens with `outbox/offset`; in NBIRTH it is the present state, together with the
 * limit that the edge evaluates, so that desk and dashboards show the edge's values.
 */
import type { ConditionRecord, Limit, LimitParameters, Priority } from '../condition.ts'
import type { Flag } from '../reading.ts'
import type { Identity } from '../record.ts'
import { DataType, type Metric, type Property } from '../sparkplug/payload.ts'
import { type Instant, instant, instantFromMs, instantToMs } from '../time.ts'
import { big, bool, double, flag, int32, int64, num, str, text } from './metric.ts'
import { CONDITION_PREFIX, conditionMetric, OUTBOX_ID, OUTBOX_OFFSET } from './names.ts'

function recordProperties(record: ConditionRecord): Record<string, Property> {
  return {
    occurrence: int64(record.occurrence),
    at_ns: int64(record.at_ns),
    onset_ns: int64(record.onset_ns),
    returned_ns: int64(record.returned_ns),
    value: double(record.value),
    peak: double(record.peak),
    limit: double(record.limit),
    unit: text(record.unit),
    qartod: int32(record.flag),
    unconfirmed: bool(record.unconfirmed),
    exercise: bool(record.exercise),
    time_unknown: bool(record.time_unknown),
  }
}

/** Metric of a record in NDATA. */
export const conditionMetricOf = (record: ConditionRecord): Metric => ({
  name: conditionMetric(record.limit_id),
  timestamp: instantToMs(record.at_ns),
  value: record.state,
  properties: recordProperties(record),
})

/** Metric of a condition in NBIRTH: present state and the limit itself. */
export const conditionBirthMetric = (record: ConditionRecord, limit: Limit, timestamp: number): Metric => ({
  name: conditionMetric(record.limit_id),
  timestamp,
  datatype: DataType.Boolean,
  value: record.state,
  properties: {
    ...recordProperties(record),
    // The limit that is evaluated now: the record may be of one that the site file has changed since, or of a lower bound.
    limit: double(limit.limit),
    unit: text(limit.unit),
    name: text(limit.name),
    channel: text(limit.channel),
    direction: text(limit.direction),
    deadband: double(limit.deadband),
    on_delay_s: double(limit.on_delay_s),
    off_delay_s: double(limit.off_delay_s),
    priority: text(limit.priority),
    latch: bool(limit.latch),
    ...(limit.kind && { kind: text(limit.kind) }),
    ...(limit.parameters && { parameters: text(JSON.stringify(limit.parameters)) }),
  },
})

export type ConditionInBirth = { readonly record: ConditionRecord; readonly limit: Limit }

/** Conditions of an NBIRTH. */
export function conditionsOfBirth(metrics: readonly Metric[]): ConditionInBirth[] {
  return metrics.flatMap((metric) => {
    const record = decodeCondition(metric)
    if (record === undefined) return []
    const p = metric.properties
    const limit: Limit = {
      id: record.limit_id,
      name: str(p, 'name') ?? record.limit_id,
      channel: str(p, 'channel') ?? '',
      direction: str(p, 'direction') === 'below' ? 'below' : 'above',
      limit: record.limit,
      deadband: num(p, 'deadband') ?? 0,
      on_delay_s: num(p, 'on_delay_s') ?? 0,
      off_delay_s: num(p, 'off_delay_s') ?? 0,
      unit: record.unit,
      priority: (str(p, 'priority') ?? 'high') as Priority,
      latch: flag(p, 'latch') ?? false,
      ...kindIn(p),
    }
    return [{ record, limit }]
  })
}

/** Kind and parameters; those of a later version, and parameters that are no JSON object, are kept away from the reader. */
function kindIn(p: Metric['properties']): Pick<Limit, 'kind' | 'parameters'> {
  const kind = str(p, 'kind')
  if (kind === undefined) return {}
  let parameters: unknown
  try {
    parameters = JSON.parse(str(p, 'parameters') ?? 'null')
  } catch {
    return { kind }
  }
  const isObject = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)
  return { kind, ...(isObject && { parameters: parameters as LimitParameters }) }
}

export type ReceivedCondition = {
  readonly identity: Identity
  readonly historical: boolean
  readonly record: ConditionRecord
}

/** Condition records of one NDATA payload, in order; each opens with its `outbox/offset`. */
export function decodeConditions(metrics: readonly Metric[], node: string): ReceivedCondition[] {
  const outbox = metrics.find((m) => m.name === OUTBOX_ID)?.value
  if (typeof outbox !== 'string') return []
  const out: ReceivedCondition[] = []
  let offset = 0
  for (const metric of metrics) {
    if (metric.name === OUTBOX_OFFSET) offset = Number(metric.value)
    const record = decodeCondition(metric)
    if (record !== undefined && Number.isSafeInteger(offset) && offset >= 1)
      out.push({
        identity: { node, outbox, stream: 'conditions', offset },
        historical: metric.historical === true,
        record,
      })
  }
  return out
}

/** `undefined` where the metric is no condition or has no Boolean value. */
export function decodeCondition(metric: Metric): ConditionRecord | undefined {
  if (!metric.name?.startsWith(CONDITION_PREFIX) || typeof metric.value !== 'boolean') return undefined
  const p = metric.properties
  const at = (key: string): Instant | null => {
    const ns = big(p, key)
    return ns === undefined ? null : instant(ns)
  }
  return {
    limit_id: metric.name.slice(CONDITION_PREFIX.length),
    state: metric.value,
    occurrence: num(p, 'occurrence') ?? 0,
    at_ns: at('at_ns') ?? instantFromMs(metric.timestamp ?? 0),
    onset_ns: at('onset_ns'),
    returned_ns: at('returned_ns'),
    value: num(p, 'value') ?? null,
    peak: num(p, 'peak') ?? null,
    limit: num(p, 'limit') ?? Number.NaN,
    unit: str(p, 'unit') ?? '',
    flag: (num(p, 'qartod') ?? 2) as Flag,
    unconfirmed: flag(p, 'unconfirmed') ?? false,
    exercise: flag(p, 'exercise') ?? false,
    time_unknown: flag(p, 'time_unknown') ?? false,
  }
}
