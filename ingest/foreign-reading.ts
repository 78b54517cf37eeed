/**
 * One metric of a foreign Sparkplug node as a reading: numbers only, in SI where the unit is known, with the quality that the
 * node gives (chapter 6.4.18). What it cannot be is said by a reason that is counted; nothing is guessed.
 */
import { FAIL, type Flag, GOOD, MISSING, type Reading, type Reason, SUSPECT } from '../domain/reading.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { type Instant, instantFromMs, NS_PER_S } from '../domain/time.ts'
import { quantityOf, SI_UNIT, toSi } from '../domain/units.ts'
import { num, str } from '../domain/wire/metric.ts'

/** What the birth says of a metric. */
export type ForeignMetric = {
  readonly channel: string
  readonly datatype: DataType | undefined
  /** As the node writes it, from property `engUnit` (Ignition) or `unit`. */
  readonly unit: string | undefined
}

/** Why a metric is not stored. */
export type Unstored =
  | 'text'
  | 'boolean'
  | 'date-time'
  | 'array'
  | 'too-large'
  | 'no-time'
  | 'not-in-birth'
  | 'too-many'
/** A reading whose time cannot be true: it is put aside, so that it never stands as the latest. */
export type Untimely = { readonly untimely: string; readonly reading: Reading }

/** Nodes without a clock begin at 1970; no Sparkplug node measured before 2000. */
const FIRST_MS = Date.UTC(2000, 0)
/** A node of another time zone may say local time for UTC. */
const AHEAD_NS = 24n * 3600n * NS_PER_S

/** @param t_ms UTC milliseconds of a node; `now` by the clock of this host */
export const isTimely = (t_ms: number, now: Instant): boolean =>
  Number.isSafeInteger(t_ms) && t_ms >= FIRST_MS && instantFromMs(t_ms) - now <= AHEAD_NS

const KEYS = ['engUnit', 'EngUnit', 'unit', 'Unit', 'units'] as const
export function foreignUnit({ properties }: Metric): string | undefined {
  for (const key of KEYS) {
    const unit = str(properties, key)?.trim()
    if (unit) return SPELLED[unit] ?? unit
  }
  return undefined
}
/** Spellings that are in use beside ours. */
const SPELLED: Readonly<Record<string, string>> = { '°C': 'degC', C: 'degC', '°': 'deg', 'm/s^2': 'm/s²', PSI: 'psi' }

/**
 * @param sent_ms time of the payload, for a metric without one of its own
 * @param fresh the first value since the birth: it tells the unit
 */
export function foreignReading(
  metric: Metric,
  known: ForeignMetric,
  sent_ms: number,
  now: Instant,
  fresh: boolean,
): Reading | Untimely | Unstored {
  const said = numberOf(metric, known.datatype)
  if (typeof said === 'string') return said
  const t_ms = metric.timestamp ?? sent_ms
  if (!Number.isSafeInteger(t_ms)) return 'no-time'
  const t_ns = instantFromMs(t_ms)
  const { channel, unit } = known
  const si = said === null || unit === undefined ? undefined : toSi(said, unit)
  const quality = qualityOf(metric, said)
  const detail = [quality.detail, fresh ? unitWords(unit) : undefined].filter((text) => text !== undefined).join('; ')
  const reading: Reading = {
    channel,
    value: said === null || !Number.isFinite(said) ? null : (si ?? said),
    t_ns,
    half_width_ns: 0n,
    flag: quality.flag,
    ...(quality.reason !== undefined && { reason: quality.reason }),
    ...(detail !== '' && { detail }),
  }
  if (t_ms < FIRST_MS) return { untimely: 'its time lies before 2000', reading }
  if (!isTimely(t_ms, now)) return { untimely: 'its time lies more than a day ahead', reading }
  return reading
}

function numberOf({ value, datatype }: Metric, born: DataType | undefined): number | null | Unstored {
  const type = datatype ?? born
  if (type === DataType.Boolean || typeof value === 'boolean') return 'boolean'
  if (type === DataType.DateTime) return 'date-time'
  if (typeof value === 'string' || type === DataType.String || type === DataType.Text || type === DataType.UUID)
    return 'text'
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : 'too-large'
  if (typeof value === 'number') return value
  // Files, data sets, templates and arrays have no value here or come as bytes.
  return value === null && (type === undefined || type <= DataType.Double) ? null : 'array'
}

type Quality = { readonly flag: Flag; readonly reason?: Reason; readonly detail?: string }

/** 192 good, 500 stale, anything else bad; a node that says nothing vouches for its value. */
function qualityOf({ properties }: Metric, value: number | null): Quality {
  if (value === null) return { flag: MISSING, reason: 'status', detail: 'the node says: no value' }
  if (!Number.isFinite(value)) return { flag: FAIL, reason: 'nan' }
  const quality = num(properties, 'Quality') ?? num(properties, 'quality')
  if (quality === undefined || quality === 192) return { flag: GOOD }
  const detail = `the node says: quality ${quality}`
  return { flag: quality === 500 ? SUSPECT : FAIL, reason: 'status', detail }
}

/** A series has no unit of its own: that of a foreign channel stands beside its first value after each birth. */
function unitWords(unit: string | undefined): string | undefined {
  if (unit === undefined) return 'unit not given'
  const quantity = quantityOf(unit)
  return quantity === undefined ? `in ${unit}` : `in ${SI_UNIT[quantity]}, sent in ${unit}`
}
