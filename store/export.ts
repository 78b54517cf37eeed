/**
 * A channel of any store as CSV, JSON lines or miniSEED, piece by piece: never more than a page of readings or a few minutes of
 * blocks are in memory, however long the export is. Where the pieces go is the caller's business.
 */
import { channelId, splitChannel } from '../domain/ids.ts'
import type { LatestReading, SeriesReader, StoredBlock } from '../domain/ports.ts'
import { addNs, type Instant, NS_PER_S } from '../domain/time.ts'
import { MiniSeedWriter, seedChannel, stationOf } from './export/miniseed.ts'
import { csv, jsonl, rowOf, rowsOfBlock } from './export/rows.ts'

export const EXPORT_FORMATS = ['csv', 'jsonl', 'miniseed'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export type ExportOptions = {
  readonly reader: Pick<SeriesReader, 'readings' | 'blocks'>
  /** `<device>/<metric>`, `<device>/<group>/<axis>`, or `<device>/<group>` for all its axes. */
  readonly channel: string
  readonly from: Instant
  readonly to: Instant
  readonly format: ExportFormat
  /** Of single readings; blocks know theirs. */
  readonly unit: string
  readonly network?: string
  readonly station?: string
  /** Told once for each: what one count is worth, how a channel is called. */
  readonly note?: (line: string) => void
}

const PAGE = 5_000
/** Where nothing is stored, windows grow up to an hour; a whole hour of blocks still fits into memory. */
const WINDOW_NS = { first: 120n * NS_PER_S, most: 3600n * NS_PER_S } as const
const LINES_BYTES = 64 * 1024

/** Pieces of the file. Ends early where the consumer stops asking. */
export async function* exportSeries(options: ExportOptions): AsyncGenerator<Uint8Array> {
  if (options.format === 'miniseed') yield* miniseed(options)
  else yield* gathered(lines(options))
}

async function* lines({ format, unit, ...o }: ExportOptions): AsyncGenerator<string> {
  const { head, line } = format === 'csv' ? csv : jsonl
  let n = 0
  yield head
  for await (const reading of readings(o)) {
    n++
    yield line(rowOf(reading, unit))
  }
  // A channel is either single readings or part of blocks.
  if (n > 0) return
  for await (const { block, from, to } of blocks(o))
    for (const row of rowsOfBlock(block, placesOf(block, o.channel), from, to)) {
      n++
      yield line(row)
    }
  if (n === 0) o.note?.(nothingOf(o.channel))
}

const nothingOf = (channel: string): string => `nothing is stored of ${channel} in this span`

/** Two files can hold the same instant: a page that is full ends before its last instant, which opens the next. */
async function* readings({
  reader,
  channel,
  from,
  to,
}: Omit<ExportOptions, 'format' | 'unit'>): AsyncGenerator<LatestReading> {
  for (let next = from; next < to; ) {
    const page = await reader.readings(channel, next, to, PAGE)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) {
      yield* page
      return
    }
    yield* page.filter(({ t_ns }) => t_ns < last.t_ns)
    next = last.t_ns
  }
}

type Piece = { readonly block: StoredBlock; readonly from: Instant; readonly to: Instant }

/** Each window gives the samples that lie in it, so that a block across the edge of two is whole and never twice. */
async function* blocks({ reader, channel, from, to }: Omit<ExportOptions, 'format' | 'unit'>): AsyncGenerator<Piece> {
  const { device, metric } = splitChannel(channel)
  const [group = ''] = metric.split('/')
  let window: bigint = WINDOW_NS.first
  for (let start = from; start < to; ) {
    const end = addNs(start, window) < to ? addNs(start, window) : to
    const found = await reader.blocks(device, group, start, end)
    for (const block of found) yield { block, from: start, to: end }
    window = found.length > 0 ? WINDOW_NS.first : window * 2n < WINDOW_NS.most ? window * 2n : WINDOW_NS.most
    start = end
  }
}

function placesOf({ device, group, axes }: StoredBlock, channel: string): number[] {
  if (channel === channelId(device, group)) return axes.map((_, place) => place)
  return axes.flatMap(({ axis }, place) => (channel === channelId(device, `${group}/${axis}`) ? [place] : []))
}

async function* miniseed(options: ExportOptions): AsyncGenerator<Uint8Array> {
  const { channel, network = 'XX', station, note = () => {} } = options
  const writers = new Map<string, MiniSeedWriter>()
  const scales = new Set<number>()
  for await (const { block, from, to } of blocks(options)) {
    if (!scales.has(block.scale)) note(`one count is ${block.scale} ${block.unit}`)
    scales.add(block.scale)
    for (const place of placesOf(block, channel)) {
      const { axis } = block.axes[place]!
      const code = seedChannel(block.sample_rate_hz, block.unit, axis, place)
      const codes = {
        network,
        station: station ?? stationOf(block.device),
        // Another scale is another stream: counts of the two must never be joined.
        location: String([...scales].indexOf(block.scale)).padStart(2, '0'),
        channel: code,
      }
      const id = Object.values(codes).join('.')
      let writer = writers.get(id)
      if (writer === undefined) {
        note(`${id} is ${channelId(block.device, `${block.group}/${axis}`)}`)
        writer = new MiniSeedWriter(codes)
        writers.set(id, writer)
      }
      yield* writer.add(block, place, from, to)
    }
  }
  if (writers.size === 0) note(`${nothingOf(channel)} as blocks`)
  for (const writer of writers.values()) yield* writer.end()
}

async function* gathered(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let text = ''
  for await (const more of texts) {
    text += more
    if (text.length < LINES_BYTES) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}
