/**
 * Decides what of a batch is new, what is there already, and what contradicts it, from what is known beforehand. Nothing
 * that InfluxDB holds for another record is ever written over: there a write to the same key wins silently.
 */

import { channelId, splitChannel } from '../../domain/ids.ts'
import { addRange, coversRange } from '../../domain/ranges.ts'
import { type Block, blockLength, type Gap, isWide, type Reading, sampleArray } from '../../domain/reading.ts'
import type { KeptRecord, Ranges } from '../../domain/record.ts'
import type { SeriesKind } from '../../domain/series.ts'
import { instant, toIso } from '../../domain/time.ts'
import { cut, overlap, type Run, type Samples, sameSamples, uncovered } from '../block-runs.ts'
import { axesText } from '../packed.ts'
import { bodyJson } from '../quarantine-body.ts'
import { blockLines, gapLine, readingLine, sampleAt_ns } from './points.ts'
import { BLOCK_SPAN_NS } from './queries.ts'
import { influxBlockRefusal, influxGapRefusal, influxReadingRefusal } from './refusal.ts'
import { hoursOf, type Mark } from './rollups.ts'
import type { Target } from './settings.ts'
import { bootOwner, channelOwner, type GapRow, gapOwner, groupOwner } from './state.ts'

export type KnownReading = { readonly value: number | null; readonly flag: number }
/** A stored block: `samples` is missing where only its place was asked for. */
export type KnownBlock = {
  readonly first: number
  readonly n: number
  readonly t0_ns: bigint
  readonly shift_ns: number
  readonly sample_rate_hz: number
  readonly format?: string
  readonly samples?: Samples
}
/** What InfluxDB and the state database hold near a batch. The plan adds to it what the batch itself brings. */
export type Facts = {
  readonly committed: Set<string>
  readonly readings: Map<string, KnownReading>
  readonly gaps: Map<string, GapRow[]>
  readonly ranges: Map<string, Ranges>
  readonly blocks: Map<string, KnownBlock[]>
}

export const identityKey = ({ identity: { node, outbox, stream, offset } }: Pick<KeptRecord, 'identity'>): string =>
  JSON.stringify([node, outbox, stream, offset])
export const readingKey = (owner: string, t_ns: bigint): string => `${owner} ${t_ns}`
export const formatOf = (axes: string, unit: string, scale: number): string => `${scale} ${unit} ${axes}`

/** Lines of one part, made when they are sent: as text they take ten times the room of their samples. */
export type PlannedLines = { readonly target: Target; readonly part: Part; readonly texts: () => readonly string[] }
/** A reading, gap or block on its way; `refused` is why it could not be stored. */
export type Part = {
  readonly record: number
  readonly body: () => string
  refused?: string
  readonly mark?: readonly [owner: string, newest_ns: bigint]
  readonly range?: readonly [owner: string, run: Run]
  readonly gap?: readonly [owner: string, row: GapRow]
  /** Hours whose rollups do not know it yet. */
  readonly touched?: readonly TouchedHour[]
}
/** An hour of a series, and its channels: one, or the axes of a group. */
export type TouchedHour = Mark & { readonly kind: SeriesKind; readonly channels: readonly string[] }
export type Plan = {
  readonly lines: readonly PlannedLines[]
  readonly parts: readonly Part[]
  /** One per record: whether all of it had been there before. */
  readonly records: ReadonlyArray<{ readonly known: boolean; stored: number; same: number }>
}

/** What one string field and the reader's look back allow: longer blocks are kept as several. */
const BLOCK_TEXT_BYTES_MAX = 45_000
const SHIFT_MAX_NS = 1_000

export const kindOf = (record: KeptRecord): SeriesKind => (record.exercise ? 'exercise' : 'real')

export class Planner implements Plan {
  readonly lines: PlannedLines[] = []
  readonly parts: Part[] = []
  readonly records: Array<{ known: boolean; stored: number; same: number }> = []
  readonly #site: string
  readonly #facts: Facts

  constructor(site: string, facts: Facts) {
    this.#site = site
    this.#facts = facts
  }

  add(record: KeptRecord): void {
    const key = identityKey(record)
    const known = this.#facts.committed.has(key)
    this.records.push({ known, stored: 0, same: 0 })
    if (known) return
    this.#facts.committed.add(key)
    const kind = kindOf(record)
    const refuse = (what: string, part: unknown, why: string | undefined): boolean => {
      if (why !== undefined) this.#refuse(part, `${what} of ${record.device}: ${why}`)
      return why !== undefined
    }
    for (const reading of record.readings)
      if (!refuse('reading', reading, influxReadingRefusal(reading))) this.#reading(kind, reading)
    for (const gap of record.gaps) if (!refuse('gap', gap, influxGapRefusal(gap))) this.#gap(kind, gap)
    for (const block of record.blocks) if (!refuse('block', block, influxBlockRefusal(block))) this.#block(kind, block)
  }

  #reading(kind: SeriesKind, reading: Reading): undefined {
    const { channel, t_ns, value, flag } = reading
    const owner = channelOwner(kind, channel)
    const key = readingKey(owner, t_ns)
    const stored = this.#facts.readings.get(key)
    if (stored === undefined) {
      this.#facts.readings.set(key, { value, flag })
      const touched = hoursOf(t_ns, t_ns).map((hour): TouchedHour => ({ kind, owner, hour, channels: [channel] }))
      const part = this.#part({ body: () => bodyJson(reading), mark: [owner, t_ns], touched })
      this.lines.push({ target: { kind, policy: 'lasting' }, texts: () => [readingLine(this.#site, reading)], part })
    } else if (stored.value === value && stored.flag === flag) this.#same()
    else {
      const was = `${stored.value} (flag ${stored.flag})`
      this.#refuse(reading, `${channel} at ${toIso(t_ns)}: stored is ${was}, came ${value} (flag ${flag})`)
    }
  }

  #gap(kind: SeriesKind, gap: Gap): undefined {
    const { from_ns, to_ns, expected, missing } = gap
    const owner = gapOwner(kind, gap)
    const channels = JSON.stringify(gap.channels)
    const near = this.#facts.gaps.get(owner) ?? []
    const stored = near.find((row) => row.from_ns === from_ns && row.to_ns === to_ns && row.channels === channels)
    if (stored !== undefined) {
      if (stored.expected === expected && stored.missing === missing) return this.#same()
      const was = `stored is ${stored.missing} of ${stored.expected}`
      return this.#refuse(
        gap,
        `gap of ${gap.channels[0]} from ${toIso(from_ns)}: ${was}, came ${missing} of ${expected}`,
      )
    }
    const taken = new Set(near.map((row) => row.from_ns + BigInt(row.shift_ns)))
    const shift_ns = freeShift((shift) => !taken.has(from_ns + BigInt(shift)))
    if (shift_ns === undefined) return this.#refuse(gap, `more than ${SHIFT_MAX_NS} gaps begin at ${toIso(from_ns)}`)
    const row = { from_ns, shift_ns, to_ns, channels, expected, missing }
    this.#facts.gaps.set(owner, [...near, row])
    const part = this.#part({ body: () => bodyJson(gap), gap: [owner, row], touched: touchedBy(kind, gap) })
    this.lines.push({ target: { kind, policy: 'lasting' }, texts: () => [gapLine(this.#site, gap, shift_ns)], part })
  }

  #block(kind: SeriesKind, block: Block): undefined {
    const owner = bootOwner(kind, block)
    const samples = samplesIn(block)
    const format = formatOf(axesText(block.axes.map((a) => a.axis)), block.unit, block.scale)
    const near = this.#committedBlocks(owner)
    for (const row of near) {
      const both = overlap(samples, row)
      if (both === undefined || row.samples === undefined) continue
      if (row.format === format && sameSamples(row.samples, samples, both)) continue
      const where = `${block.device}/${block.group} boot ${block.boot_id} counters ${both.first} to ${both.first + both.n - 1}`
      return this.#refuse(block, `${where}: other ${row.format === format ? 'samples' : 'axes or scale'} are stored`)
    }
    const ranges = this.#facts.ranges.get(owner) ?? []
    const stored = ranges.map(([low, high]) => ({ first: low, n: high - low + 1 }))
    const pieces = uncovered(
      samples,
      stored.filter((run) => overlap(samples, run)),
    )
    if (pieces.length === 0) return this.#same()
    for (const piece of pieces.flatMap((piece) => inParts(piece, block)))
      this.#piece(kind, owner, block, format, cut(samples, piece))
  }

  #piece(kind: SeriesKind, owner: string, whole: Block, format: string, samples: Samples): undefined {
    const { first, n, data } = samples
    const t0_ns = instant(sampleAt_ns(whole.t0_ns, first - whole.first_counter, whole.sample_rate_hz))
    const axes = whole.axes.map(({ axis }, a) => ({ axis, samples: data.subarray(a * n, (a + 1) * n) }))
    const block: Block = { ...whole, first_counter: first, t0_ns, axes }
    const shift_ns = freeShiftAmong(this.#committedBlocks(owner), block, n)
    if (shift_ns === undefined)
      return this.#refuse(
        block,
        `${block.device}/${block.group} at ${toIso(t0_ns)}: other samples stand at the same instants`,
      )
    const { sample_rate_hz } = block
    const found = this.#facts.blocks.get(owner) ?? []
    this.#facts.blocks.set(owner, [...found, { first, n, t0_ns, shift_ns, sample_rate_hz, format, samples }])
    this.#facts.ranges.set(owner, addRange(this.#facts.ranges.get(owner) ?? [], first, first + n - 1))
    const part = this.#part({
      body: () => bodyJson(block),
      range: [owner, { first, n }],
      mark: [owner, sampleAt_ns(t0_ns, n - 1, sample_rate_hz) + BigInt(shift_ns)],
      touched: hoursOf(t0_ns, sampleAt_ns(t0_ns, n - 1, sample_rate_hz) + BigInt(shift_ns)).map((hour) => ({
        kind,
        owner: groupOwner(kind, block),
        hour,
        channels: axes.map(({ axis }) => channelId(block.device, `${block.group}/${axis}`)),
      })),
    })
    const texts = (): readonly string[] => {
      const lines = blockLines(this.#site, block, shift_ns)
      return [lines.block, ...lines.wave]
    }
    this.lines.push({ target: { kind, policy: 'raw' }, texts, part })
  }

  /** What a crash left behind uncommitted may be written over: nobody was told that it is stored. */
  #committedBlocks(owner: string): KnownBlock[] {
    const ranges = this.#facts.ranges.get(owner) ?? []
    return (this.#facts.blocks.get(owner) ?? []).filter(({ first, n }) => coversRange(ranges, first, first + n - 1))
  }

  #same(): undefined {
    this.records.at(-1)!.same++
  }

  #part(part: Omit<Part, 'record'>): Part {
    const whole = { ...part, record: this.records.length - 1 }
    this.parts.push(whole)
    this.records.at(-1)!.stored++
    return whole
  }

  #refuse(part: unknown, refused: string): undefined {
    this.parts.push({ record: this.records.length - 1, body: () => bodyJson(part), refused })
  }
}

/** A gap changes how much was to be expected of its channels. */
function touchedBy(kind: SeriesKind, { channels, from_ns, to_ns }: Gap): TouchedHour[] {
  const hours = hoursOf(from_ns, to_ns)
  return channels.flatMap((channel) => {
    const { device, metric } = splitChannel(channel)
    const slash = metric.indexOf('/')
    const owner = slash < 0 ? channelOwner(kind, channel) : groupOwner(kind, { device, group: metric.slice(0, slash) })
    return hours.map((hour) => ({ kind, owner, hour, channels: [channel] }))
  })
}

function samplesIn(block: Block): Samples {
  const n = blockLength(block)
  const data = sampleArray(isWide(block.axes[0]!.samples), n * block.axes.length)
  for (const [a, { samples }] of block.axes.entries()) data.set(samples, a * n)
  return { data, axes: block.axes.length, first: block.first_counter, n }
}

function inParts(run: Run, { axes, sample_rate_hz }: Block): Run[] {
  const inSpan = Math.floor((Number(BLOCK_SPAN_NS) / 1e9) * sample_rate_hz)
  const bytes = axes[0]!.samples.BYTES_PER_ELEMENT
  const most = Math.max(1, Math.min(Math.floor(BLOCK_TEXT_BYTES_MAX / (axes.length * bytes)), inSpan))
  const out: Run[] = []
  for (let from = 0; from < run.n; from += most) out.push({ first: run.first + from, n: Math.min(most, run.n - from) })
  return out
}

const freeShift = (isFree: (shift_ns: number) => boolean): number | undefined => {
  for (let shift = 0; shift <= SHIFT_MAX_NS; shift++) if (isFree(shift)) return shift
  return undefined
}

/** A clock that stepped back can give two samples of a boot one instant: the later ones then stand a few ns beside. */
function freeShiftAmong(near: readonly KnownBlock[], { t0_ns, sample_rate_hz }: Block, n: number): number | undefined {
  const end_ns = sampleAt_ns(t0_ns, n, sample_rate_hz)
  const others = near.filter(
    (row) => row.t0_ns < end_ns + 2_000n && sampleAt_ns(row.t0_ns, row.n, row.sample_rate_hz) > t0_ns - 2_000n,
  )
  if (others.length === 0) return 0
  const taken = new Set<bigint>()
  for (const row of others)
    for (let i = 0; i < row.n; i++) taken.add(sampleAt_ns(row.t0_ns + BigInt(row.shift_ns), i, row.sample_rate_hz))
  const own = Array.from({ length: n }, (_, i) => sampleAt_ns(t0_ns, i, sample_rate_hz))
  return freeShift((shift) => own.every((at) => !taken.has(at + BigInt(shift))))
}
