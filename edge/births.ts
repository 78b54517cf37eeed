/**
 * Metrics of the births of `<node>` and `<node>-blocks`: everything the node will ever send, with datatype, unit and last
 * value, so that a host needs nothing else to understand it. Names and layouts of Plumbline's own are `domain/wire/`.
 */
import { outboxLimit } from '../domain/automatic-limits.ts'
import { type Channel, channelsOfDevice, limitsOfNode, type Site, timeScaleOf } from '../domain/channel.ts'
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import { isWideSampled, type Model, ringScale, sampledOf } from '../domain/model.ts'
import { MISSING, NOT_EVALUATED } from '../domain/reading.ts'
import type { SiteDevice, SiteNode } from '../domain/site.ts'
import { DataType, type Metric, type Property, type Value } from '../domain/sparkplug/payload.ts'
import { type Instant, instantToMs } from '../domain/time.ts'
import { quantityOf, SI_UNIT } from '../domain/units.ts'
import { conditionBirthMetric } from '../domain/wire/condition.ts'
import { bool, double, int32, text } from '../domain/wire/metric.ts'
import * as names from '../domain/wire/names.ts'
import { blockBirthMetrics, readingMetric } from '../domain/wire/record.ts'
import type { Present } from './present.ts'

export type BirthContext = {
  readonly site: Site
  readonly node: SiteNode
  readonly outbox: string
  readonly software: string
  readonly present: Present
  /** Limits that the site no longer has, while records of theirs are still to be sent. */
  readonly retired?: ReadonlyArray<{ readonly limit: Limit; readonly exercise: boolean }>
  /** Drill that the node takes part in. */
  readonly drill?: string | null
  readonly clock?: ClockReport
}

export type ClockReport = {
  readonly trusted: boolean
  readonly steps: number
  readonly last_step_s: number | null
  /** How far ahead of the time service the clock is; null where none is asked or none says. */
  readonly offset_s: number | null
}

const metric = (timestamp: number, name: string, datatype: DataType, value: Value | null): Metric => ({
  name,
  timestamp,
  datatype,
  value,
})

/** Metrics that every NBIRTH opens with, after bdSeq. */
function nodeHead({ site, outbox }: BirthContext, timestamp: number): Metric[] {
  return [
    metric(timestamp, names.REBIRTH, DataType.Boolean, false),
    metric(timestamp, names.COMMITTED, DataType.String, null),
    metric(timestamp, names.OUTBOX_ID, DataType.String, outbox),
    metric(timestamp, names.OUTBOX_OFFSET, DataType.Int64, null),
    metric(timestamp, names.SITE_HASH, DataType.String, site.hash),
  ]
}

/** NBIRTH of `<node>`: control, heartbeat, and each limit with its present condition. */
export function nodeBirth(context: BirthContext, heartbeat: bigint, now: Instant): Metric[] {
  const timestamp = instantToMs(now)
  const { site, node, present } = context
  const limits = limitsOfNode(site, node).map((limit) => ({ limit, exercise: isExercise(node, limit) }))
  return [
    ...nodeHead(context, timestamp),
    metric(timestamp, names.HEARTBEAT, DataType.Int64, heartbeat),
    metric(timestamp, names.HEALTH, DataType.String, null),
    metric(timestamp, names.SOFTWARE, DataType.String, context.software),
    metric(timestamp, names.DRILL, DataType.String, context.drill ?? null),
    metric(timestamp, names.COMMAND, DataType.String, null),
    metric(timestamp, names.COMMAND_RESULT, DataType.String, null),
    ...clockMetrics(context.clock ?? { trusted: true, steps: 0, last_step_s: null, offset_s: null }, timestamp),
    ...[...limits, { limit: outboxLimit(node.id), exercise: false }, ...(context.retired ?? [])].map(
      ({ limit, exercise }) => {
        const record = present.lastCondition(limit.id) ?? neverRaised(limit, exercise, now)
        return conditionBirthMetric(record, limit, timestamp)
      },
    ),
  ]
}

/** The node's clock, in NBIRTH and whenever it changes. */
export const clockMetrics = ({ trusted, steps, last_step_s }: ClockReport, timestamp: number): Metric[] => [
  metric(timestamp, names.CLOCK_TRUSTED, DataType.Boolean, trusted),
  metric(timestamp, names.CLOCK_STEP_COUNT, DataType.Int64, BigInt(steps)),
  metric(timestamp, names.CLOCK_LAST_STEP, DataType.Double, last_step_s),
]

/** NBIRTH of `<node>-blocks`. */
export const blocksNodeBirth = (context: BirthContext, now: Instant): Metric[] => nodeHead(context, instantToMs(now))

function isExercise(node: SiteNode, limit: Limit): boolean {
  const devices = node.links.flatMap((link) => link.devices)
  return devices.some((d) => d.simulated !== undefined && limit.channel.startsWith(`${d.id}/`))
}

/** The condition of a limit that has never been crossed: occurrence 0. */
export const neverRaised = (limit: Limit, exercise: boolean, at_ns: Instant): ConditionRecord => ({
  limit_id: limit.id,
  state: false,
  occurrence: 0,
  at_ns,
  onset_ns: null,
  returned_ns: null,
  value: null,
  peak: null,
  limit: limit.limit,
  unit: limit.unit,
  flag: NOT_EVALUATED,
  unconfirmed: false,
  exercise,
  time_unknown: false,
})

/** Metrics that every DBIRTH holds beside its channels. */
function deviceHead({ outbox, present }: BirthContext, device: SiteDevice, model: Model, timestamp: number): Metric[] {
  return [
    metric(timestamp, names.OUTBOX_ID, DataType.String, outbox),
    metric(timestamp, names.OUTBOX_OFFSET, DataType.Int64, null),
    metric(timestamp, names.GAP, DataType.String, null),
    metric(timestamp, names.DEVICE_MODEL, DataType.String, model.id),
    metric(timestamp, names.DEVICE_TIME_SCALE, DataType.Double, timeScaleOf(device)),
    metric(timestamp, names.DEVICE_SIMULATED, DataType.Boolean, device.simulated !== undefined),
    ...Object.entries(present.info(device.id)).map(([name, value]) =>
      metric(timestamp, `${names.DEVICE_INFO_PREFIX}${name}`, DataType.String, value),
    ),
  ]
}

/** DBIRTH of `<node>`: scalars and measures of a device with their last values. */
export function deviceBirth(context: BirthContext, device: SiteDevice, model: Model, now: Instant): Metric[] {
  const timestamp = instantToMs(now)
  const channels = channelsOfDevice(device, model).filter((channel) => channel.kind !== 'axis')
  return [
    ...deviceHead(context, device, model, timestamp),
    ...channels.map((channel) => channelMetric(context.present, device, channel, timestamp)),
  ]
}

function channelMetric(present: Present, device: SiteDevice, channel: Channel, timestamp: number): Metric {
  const last = present.lastReading(channel.id)
  const fixed: Record<string, Property> = {
    unit: text(channel.unit),
    exercise: bool(device.simulated !== undefined),
    qartod: int32(last?.flag ?? MISSING),
    ...(channel.range && { low: double(channel.range.low), high: double(channel.range.high) }),
  }
  if (last === undefined)
    return { ...metric(timestamp, channel.metric, DataType.Double, null), properties: { ...fixed, Quality: int32(0) } }
  const now = readingMetric(device.id, last)
  return { ...now, datatype: DataType.Double, properties: { ...now.properties, ...fixed } }
}

/** DBIRTH of `<node>-blocks`, or `undefined` for a device without a ring. */
export function blocksDeviceBirth(
  context: BirthContext,
  device: SiteDevice,
  model: Model,
  now: Instant,
): Metric[] | undefined {
  const ring = sampledOf(model)
  if (ring === undefined) return undefined
  const timestamp = instantToMs(now)
  const unit = SI_UNIT[quantityOf(ring.unit)!]
  const exercise = device.simulated !== undefined
  return [
    ...deviceHead(context, device, model, timestamp),
    ...blockBirthMetrics(ring.group, ring.axes, ringScale(ring), unit, exercise, timestamp, isWideSampled(ring)),
  ]
}
