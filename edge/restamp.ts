/**
 * Puts right the instants of what was recorded or kept while the node did not know the time: metrics of a record, small
 * state, conditions. Which instant becomes which is `node-clock.ts`'s to say; here stands only where instants are.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import type { Metric, Properties, Property } from '../domain/sparkplug/payload.ts'
import { type Instant, instant, instantFromMs, instantToMs } from '../domain/time.ts'
import { bool } from '../domain/wire/metric.ts'
import { GAP } from '../domain/wire/names.ts'

import type { Corrected } from './node-clock.ts'

export type Correct = (t_ns: Instant) => Instant | undefined

const INSTANTS = new Set(['t_ns', 'at_ns', 'onset_ns', 'returned_ns'])

/** The same metrics in true time; `undefined` where an instant among them is not known. */
export function restampMetrics(
  bytes: Uint8Array,
  correct: (t_ns: Instant) => Corrected | undefined,
): Uint8Array | undefined {
  let unknown = false
  let widest_ns = 0n
  const sure: Sure = (t_ns) => {
    const known = correct(instant(t_ns))
    unknown ||= known === undefined
    if (known !== undefined && known.width_ns > widest_ns) widest_ns = known.width_ns
    return known?.t_ns ?? instant(t_ns)
  }
  const metrics = decodePayload(bytes).metrics.map((metric) => restampMetric(metric, sure))
  if (unknown) return undefined
  return encodePayload({ metrics: widest_ns === 0n ? metrics : metrics.map((metric) => widened(metric, widest_ns)) })
}

/** An instant that was proven afterwards is less sure than it was when it was taken. */
function widened(metric: Metric, by_ns: bigint): Metric {
  const width = metric.properties?.['half_width_ns']
  if (typeof width?.value !== 'bigint') return metric
  return { ...metric, properties: { ...metric.properties, half_width_ns: { ...width, value: width.value + by_ns } } }
}

type Sure = (t_ns: bigint) => Instant

function restampMetric(metric: Metric, sure: Sure): Metric {
  const { name, timestamp, value, properties } = metric
  return {
    ...metric,
    ...(timestamp !== undefined && { timestamp: instantToMs(sure(instantFromMs(timestamp))) }),
    ...(properties !== undefined && { properties: restampProperties(properties, sure) }),
    value:
      name === GAP && typeof value === 'string'
        ? restampGap(value, sure)
        : name?.startsWith('block/') && name.endsWith('/t0_ns') && typeof value === 'bigint'
          ? sure(value)
          : value,
  }
}

function restampProperties(properties: Properties, sure: Sure): Properties {
  const entries = Object.entries(properties).map(([key, property]): [string, Property] => {
    const { type, value } = property
    if (INSTANTS.has(key) && typeof value === 'bigint') return [key, { type, value: sure(value) }]
    return [key, key === 'time_unknown' ? bool(false) : property]
  })
  return Object.fromEntries(entries)
}

/** What is missing grows or shrinks with a gap of which only one end moves: it began in trusted time. */
function restampGap(text: string, sure: Sure): string {
  const gap = JSON.parse(text) as { from_ns: string; to_ns: string; expected: number; missing: number }
  const [from_ns, to_ns] = [sure(BigInt(gap.from_ns)), sure(BigInt(gap.to_ns))]
  const was = Number(BigInt(gap.to_ns) - BigInt(gap.from_ns))
  const factor = was > 0 ? Math.max(0, Number(to_ns - from_ns)) / was : 1
  const scaled = (count: number) => Math.round(count * factor)
  const counts = { expected: scaled(gap.expected), missing: scaled(gap.missing) }
  return JSON.stringify({ ...gap, ...counts, from_ns: String(from_ns), to_ns: String(to_ns) })
}

/** JSON in which instants stand as decimal strings under keys that end in `_ns`; what is shorter than decades is no instant. */
export function restampJson(value: unknown, correct: Correct): unknown {
  if (Array.isArray(value)) return value.map((item) => restampJson(item, correct))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isInstant = key.endsWith('_ns') && typeof item === 'string' && /^\d{1,30}$/.test(item)
      return [key, isInstant ? String(correct(instant(BigInt(item))) ?? item) : restampJson(item, correct)]
    }),
  )
}

export function restampCondition(record: ConditionRecord, correct: Correct): ConditionRecord {
  if (!record.time_unknown) return record
  const at = (t_ns: Instant | null): Instant | null => (t_ns === null ? null : (correct(t_ns) ?? t_ns))
  const at_ns = correct(record.at_ns)
  return at_ns === undefined
    ? record
    : { ...record, at_ns, onset_ns: at(record.onset_ns), returned_ns: at(record.returned_ns), time_unknown: false }
}
