/**
 * Adds up records that had to be dropped and gives the gaps that tell of them: one per channel (readings) or per group of
 * axes (blocks), with the instants they span and how many are missing. Gaps among them are told again as they were.
 */
import { channelId } from '../domain/ids.ts'
import { type Block, blockLength, type Gap, type Reason, sampleInstant } from '../domain/reading.ts'
import { decodePayload } from '../domain/sparkplug/codec.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import type { Instant } from '../domain/time.ts'
import { num } from '../domain/wire/metric.ts'
import { BLOCK_PARTS } from '../domain/wire/names.ts'
import { type BlockBirth, decodeRecords, outboxIdMetric, outboxOffsetMetric } from '../domain/wire/record.ts'

/** Gaps told again per tally; beyond it they are only counted. */
const GAPS_MAX = 4096

type Span = { channels: readonly string[]; from_ns: Instant; to_ns: Instant; missing: number }

export class LossTally {
  readonly #spans = new Map<string, Map<string, Span>>()
  readonly #gaps = new Map<string, Gap[]>()
  #gapCount = 0
  records = 0

  get empty(): boolean {
    return this.records === 0
  }

  /** A dropped record of `device`, with its metrics as they were recorded. */
  add(device: string, metrics: Uint8Array): void {
    this.records++
    for (const { readings, blocks, gaps } of decodeBody(device, metrics)) {
      for (const { channel, t_ns } of readings) this.#span(device, [channel], t_ns, t_ns, 1)
      for (const block of blocks)
        this.#span(device, channelsOf(block), block.t0_ns, sampleInstant(block, blockLength(block)), blockLength(block))
      for (const gap of gaps) if (this.#gapCount++ < GAPS_MAX) this.#gaps.set(device, [...this.#gapsOf(device), gap])
    }
  }

  #gapsOf(device: string): readonly Gap[] {
    return this.#gaps.get(device) ?? []
  }

  #span(device: string, channels: readonly string[], from_ns: Instant, to_ns: Instant, missing: number): void {
    const spans = this.#spans.get(device) ?? new Map<string, Span>()
    this.#spans.set(device, spans)
    const key = channels.join(' ')
    const span = spans.get(key)
    if (span === undefined) spans.set(key, { channels, from_ns, to_ns, missing })
    else {
      if (from_ns < span.from_ns) span.from_ns = from_ns
      if (to_ns > span.to_ns) span.to_ns = to_ns
      span.missing += missing
    }
  }

  /** Gaps by device. */
  gaps(reason: Reason): Map<string, readonly Gap[]> {
    const out = new Map<string, readonly Gap[]>(this.#gaps)
    for (const [device, spans] of this.#spans)
      out.set(device, [
        ...this.#gapsOf(device),
        ...[...spans.values()].map((span) => ({ ...span, expected: span.missing, reason })),
      ])
    return out
  }
}

const channelsOf = (block: Block): string[] =>
  block.axes.map(({ axis }) => channelId(block.device, `${block.group}/${axis}`))

/** Axis and group of a block metric that is one of its axes. */
function axisOf(name: string | undefined): { group: string; axis: string } | undefined {
  const [head, group, axis] = (name ?? '').split('/')
  const isAxis = head === 'block' && group && axis && !(BLOCK_PARTS as readonly string[]).includes(axis)
  return isAxis ? { group, axis } : undefined
}

/** Readings, blocks and gaps of a record as it lies in the outbox. */
export function decodeBody(device: string, bytes: Uint8Array) {
  const { metrics } = decodePayload(bytes, (name) => (axisOf(name) ? DataType.Int16Array : undefined))
  const context = { node: '', stream: 'readings', device, exercise: false, blockGroups: groupsOf(metrics) } as const
  return decodeRecords([outboxIdMetric('', 0), outboxOffsetMetric(1, 0), ...widened(metrics)], context)
}

/** The datatype stands in the birth only; a block of wider samples says so itself. */
function widened(metrics: readonly Metric[]): readonly Metric[] {
  if (!metrics.some(({ properties }) => num(properties, 'sample_bytes') === 4)) return metrics
  return metrics.map((metric) =>
    metric.value instanceof Int16Array
      ? { ...metric, value: new Int32Array(metric.value.slice().buffer, 0, metric.value.length >> 1) }
      : metric,
  )
}

/** Scale and unit stand in the birth only and do not matter here. */
function groupsOf(metrics: readonly Metric[]): Map<string, BlockBirth> {
  const groups = new Map<string, { scale: number; unit: string; axes: string[] }>()
  for (const { name } of metrics) {
    const part = axisOf(name)
    if (part === undefined) continue
    const known = groups.get(part.group)
    if (known === undefined) groups.set(part.group, { scale: 1, unit: '', axes: [part.axis] })
    else known.axes.push(part.axis)
  }
  return groups
}
