/**
 * One record of `readings` or `blocks` as metrics, and back. A payload opens with `outbox/id`; every record in it opens
 * with its `outbox/offset`, and the metrics up to the next offset are that record's. A live payload holds one record,
 * a resent one several, marked is_historical.
 */
import { type Block, type Flag, type Gap, GOOD, isWide, type Reading, type Reason } from '../reading.ts'
import type { DeviceRecord, Identity, Stream } from '../record.ts'
import { DataType, type Metric, type Properties, type Property } from '../sparkplug/payload.ts'
import { type Instant, instant, instantFromMs, instantToMs } from '../time.ts'
import { DeviceNames } from './device-names.ts'
import { big, bool, double, int32, int64, num, str, text } from './metric.ts'
import { BLOCK_PARTS, blockMetric, GAP, OUTBOX_ID, OUTBOX_OFFSET } from './names.ts'

/** What a record holds before it has an identity. */
export type RecordBody = {
  readonly readings: readonly Reading[]
  readonly blocks: readonly Block[]
  readonly gaps: readonly Gap[]
}
export const emptyBody: RecordBody = { readings: [], blocks: [], gaps: [] }

export const outboxIdMetric = (outbox: string, timestamp: number): Metric => ({
  name: OUTBOX_ID,
  timestamp,
  value: outbox,
})
export const outboxOffsetMetric = (offset: number, timestamp: number): Metric => ({
  name: OUTBOX_OFFSET,
  timestamp,
  value: BigInt(offset),
})

/** Metrics of a record body of `device`, without identity. Names are relative to the device. */
export function bodyMetrics(device: string, body: RecordBody): Metric[] {
  return [
    ...body.readings.map((reading) => readingMetric(device, reading)),
    ...body.blocks.flatMap(blockMetrics),
    ...body.gaps.map(gapMetric),
  ]
}

/** Sparkplug `Quality` values of chapter 6.4.18. */
const QUALITY: Record<Flag, number> = { 1: 192, 2: 192, 3: 500, 4: 0, 9: 0 }

/** Data carry only what differs from the birth's flag 1; a value that is not good always says why. */
export function readingMetric(device: string, reading: Reading): Metric {
  const properties: Record<string, Property> = {
    t_ns: int64(reading.t_ns),
    half_width_ns: int64(reading.half_width_ns),
  }
  if (reading.flag !== GOOD) {
    properties['Quality'] = int32(QUALITY[reading.flag])
    properties['qartod'] = int32(reading.flag)
    if (reading.reason !== undefined) properties['reason'] = text(reading.reason)
    if (reading.detail !== undefined) properties['detail'] = text(reading.detail)
  }
  return {
    name: reading.channel.slice(device.length + 1),
    timestamp: instantToMs(reading.t_ns),
    value: reading.value,
    properties,
  }
}

function blockMetrics(block: Block): Metric[] {
  const timestamp = instantToMs(block.t0_ns)
  const metric = (part: string, value: Metric['value'], properties?: Properties): Metric => ({
    name: blockMetric(block.group, part),
    timestamp,
    value,
    properties,
  })
  return [
    metric('t0_ns', block.t0_ns, {
      half_width_ns: int64(block.half_width_ns),
      ...(block.axes.some(({ samples }) => isWide(samples)) && { sample_bytes: int32(4) }),
    }),
    metric('first_counter', BigInt(block.first_counter)),
    metric('boot_id', BigInt(block.boot_id)),
    metric('sample_rate_hz', block.sample_rate_hz),
    ...block.axes.map(({ axis, samples }) => metric(axis, samples)),
  ]
}

/** The channels of a gap as JSON: those of a device are one list, poll after poll. */
const LISTS = new WeakMap<readonly string[], string>()

function listJson(channels: readonly string[]): string {
  const before = LISTS.get(channels)
  if (before !== undefined) return before
  const json = JSON.stringify(channels)
  LISTS.set(channels, json)
  return json
}

function gapMetric({ channels, from_ns, to_ns, ...rest }: Gap): Metric {
  const others = JSON.stringify({ ...rest, from_ns: String(from_ns), to_ns: String(to_ns) })
  return {
    name: GAP,
    timestamp: instantToMs(from_ns),
    value: `{"channels":${listJson(channels)},${others.slice(1)}`,
  }
}

/** What the device's birth says of a block group: its scale, unit and axes in order. */
export type BlockBirth = { readonly scale: number; readonly unit: string; readonly axes: readonly string[] }
export type RecordContext = {
  readonly node: string
  readonly stream: Stream
  readonly device: string
  readonly exercise: boolean
  readonly blockGroups: ReadonlyMap<string, BlockBirth>
  /** Where many records of the device are read. */
  readonly names?: DeviceNames
}

/** A DDATA payload that breaks the layout above; the message says how. */
export class RecordError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RecordError'
  }
}

/**
 * Records of one DDATA payload. Metrics before the first `outbox/offset` belong to no record and are left out.
 * @throws RecordError where a record is not whole.
 */
export function decodeRecords(metrics: readonly Metric[], context: RecordContext): DeviceRecord[] {
  const outbox = metrics.find((m) => m.name === OUTBOX_ID)?.value
  if (typeof outbox !== 'string') return []
  return recordSpans(metrics).map((span) => decodeRecord(outbox, metrics, span, context))
}

/** Metrics [from, to) of a payload. */
export type Span = { readonly from: number; readonly to: number }

/** Those of each record: from one `outbox/offset` up to the next. */
export function recordSpans(metrics: readonly Metric[]): Span[] {
  const out: Span[] = []
  let from = -1
  for (let i = 0; i < metrics.length; i++) {
    if (metrics[i]!.name !== OUTBOX_OFFSET) continue
    if (from >= 0) out.push({ from, to: i })
    from = i
  }
  if (from >= 0) out.push({ from, to: metrics.length })
  return out
}

/** One record of a payload. @throws RecordError where it is not whole. */
export function decodeRecord(
  outbox: string,
  metrics: readonly Metric[],
  { from, to }: Span,
  context: RecordContext,
): DeviceRecord {
  const head = metrics[from]
  const offset = Number(head?.value)
  if (!Number.isSafeInteger(offset) || offset < 1)
    throw new RecordError(`${OUTBOX_OFFSET}: expected a whole number from 1, got ${String(head?.value)}`)
  const identity: Identity = { node: context.node, outbox, stream: context.stream, offset }
  const readings: Reading[] = []
  const gaps: Gap[] = []
  const blockParts: Metric[] = []
  const names = context.names ?? new DeviceNames(context.device)
  for (let i = from + 1; i < to; i++) {
    const metric = metrics[i]!
    const { name } = metric
    if (name === undefined || name === OUTBOX_ID) continue
    if (name === GAP) gaps.push(decodeGap(metric, names))
    else if (name.startsWith('block/')) blockParts.push(metric)
    else readings.push(decodeReading(context.device, metric, names))
  }
  const { device, exercise } = context
  const blocks = blockParts.length === 0 ? [] : decodeBlocks(blockParts, context)
  return { identity, device, exercise, historical: head?.historical === true, gaps, blocks, readings }
}

export function decodeReading(device: string, metric: Metric, names = new DeviceNames(device)): Reading {
  const { properties } = metric
  const t_ns = big(properties, 't_ns')
  const flag = (num(properties, 'qartod') ?? (metric.value === null ? 9 : GOOD)) as Flag
  const value =
    typeof metric.value === 'bigint' || typeof metric.value === 'boolean' ? Number(metric.value) : metric.value
  if (value !== null && typeof value !== 'number')
    throw new RecordError(`${metric.name}: expected a number, got ${typeof value}`)
  return {
    channel: names.channel(metric.name ?? ''),
    value,
    t_ns: t_ns === undefined ? instantFromMs(metric.timestamp ?? 0) : instant(t_ns),
    half_width_ns: big(properties, 'half_width_ns') ?? 0n,
    flag,
    ...(flag === GOOD
      ? {}
      : { reason: str(properties, 'reason') as Reason | undefined, detail: str(properties, 'detail') }),
  }
}

function decodeGap(metric: Metric, names: DeviceNames): Gap {
  try {
    const gap = JSON.parse(String(metric.value)) as Omit<Gap, 'from_ns' | 'to_ns'> & { from_ns: string; to_ns: string }
    // What is no list is refused by whoever stores it, as it came.
    const channels = Array.isArray(gap.channels) ? names.ofGap(gap.channels) : gap.channels
    return { ...gap, channels, from_ns: instant(BigInt(gap.from_ns)), to_ns: instant(BigInt(gap.to_ns)) }
  } catch {
    throw new RecordError(`${GAP}: expected a gap as JSON, got ${String(metric.value).slice(0, 80)}`)
  }
}

function decodeBlocks(metrics: readonly Metric[], context: RecordContext): Block[] {
  const groups = new Map<string, Map<string, Metric>>()
  for (const metric of metrics) {
    const [, group, part] = metric.name!.split('/')
    if (!group || !part) throw new RecordError(`${metric.name}: expected block/<group>/<part>`)
    if (!groups.has(group)) groups.set(group, new Map())
    groups.get(group)!.set(part, metric)
  }
  return [...groups].map(([group, parts]) => decodeBlock(group, parts, context))
}

function decodeBlock(group: string, parts: Map<string, Metric>, context: RecordContext): Block {
  const birth = context.blockGroups.get(group)
  if (birth === undefined)
    throw new RecordError(`block/${group}: the birth of ${context.device} does not name this group`)
  for (const part of [...BLOCK_PARTS, ...birth.axes])
    if (parts.get(part)?.value === undefined || parts.get(part)?.value === null)
      throw new RecordError(`block/${group}/${part}: expected a value, got none`)
  const axes = birth.axes.map((axis) => {
    const samples = parts.get(axis)!.value
    if (!(samples instanceof Int16Array || samples instanceof Int32Array))
      throw new RecordError(`block/${group}/${axis}: expected an Int16Array or an Int32Array`)
    return { axis, samples }
  })
  if (axes.some(({ samples }) => isWide(samples) !== isWide(axes[0]!.samples)))
    throw new RecordError(`block/${group}: expected axes of one type, got Int16Array and Int32Array`)
  const length = axes[0]?.samples.length ?? 0
  if (length === 0 || axes.some((a) => a.samples.length !== length))
    throw new RecordError(
      `block/${group}: expected axes of one length, got ${axes.map((a) => a.samples.length).join(', ')}`,
    )
  const value = (part: string) => parts.get(part)!.value as bigint | number
  return {
    device: context.device,
    group,
    boot_id: Number(value('boot_id')),
    first_counter: Number(value('first_counter')),
    t0_ns: BigInt(value('t0_ns')) as Instant,
    half_width_ns: big(parts.get('t0_ns')!.properties, 'half_width_ns') ?? 0n,
    sample_rate_hz: Number(value('sample_rate_hz')),
    scale: birth.scale,
    unit: birth.unit,
    axes,
  }
}

/** Datatypes of the birth for what `bodyMetrics` sends without one. */
export const blockBirthMetrics = (
  group: string,
  axes: readonly string[],
  scale: number,
  unit: string,
  exercise: boolean,
  timestamp: number,
  wide = false,
): Metric[] => [
  { name: blockMetric(group, 't0_ns'), datatype: DataType.Int64, timestamp, value: null },
  { name: blockMetric(group, 'first_counter'), datatype: DataType.Int64, timestamp, value: null },
  { name: blockMetric(group, 'boot_id'), datatype: DataType.Int64, timestamp, value: null },
  { name: blockMetric(group, 'sample_rate_hz'), datatype: DataType.Double, timestamp, value: null },
  ...axes.map(
    (axis): Metric => ({
      name: blockMetric(group, axis),
      datatype: wide ? DataType.Int32Array : DataType.Int16Array,
      timestamp,
      value: null,
      properties: { scale: double(scale), unit: text(unit), exercise: bool(exercise) },
    }),
  ),
]

/** Block groups that a device birth names, with axes in the birth's order. */
export function blockGroupsOf(birth: readonly Metric[]): Map<string, BlockBirth> {
  const out = new Map<string, { scale: number; unit: string; axes: string[] }>()
  for (const metric of birth) {
    const [head, group, axis] = (metric.name ?? '').split('/')
    if (head !== 'block' || !group || !axis || (BLOCK_PARTS as readonly string[]).includes(axis)) continue
    const scale = num(metric.properties, 'scale')
    const unit = str(metric.properties, 'unit')
    if (scale === undefined || unit === undefined) continue
    const known = out.get(group)
    if (known === undefined) out.set(group, { scale, unit, axes: [axis] })
    else known.axes.push(axis)
  }
  return out
}
