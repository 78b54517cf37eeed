/**
 * A batch on its way to the database thread: all samples in one buffer and all readings in another, which are moved, not
 * copied again. The caller's own arrays stay whole, because a batch that fails is tried once more.
 */
import { type Block, blockLength, type Gap, isWide, type SampleArray } from '../domain/reading.ts'
import type { Identity, KeptRecord } from '../domain/record.ts'
import { blockRefusal, gapRefusal, readingRefusal } from './check.ts'
import { type PackedReadings, ReadingPacker, type Run } from './packed-readings.ts'
import { bodyJson } from './quarantine-body.ts'

/**
 * Samples stand axis after axis from byte `at` of the batch's buffer, `n` of each; `wide`: 32 bits each, else 16. `at` is a
 * multiple of four.
 */
export type PackedBlock = Omit<Block, 'axes'> & {
  readonly axes: string
  readonly n: number
  readonly at: number
  readonly wide: boolean
}

/** What goes to quarantine: why, and the whole of it as JSON. */
export type Refused = { readonly reason: string; readonly body: string }

export type PackedRecord = {
  readonly identity: Identity
  readonly device: string
  readonly exercise: boolean
  readonly readings: Run
  readonly blocks: readonly PackedBlock[]
  readonly gaps: readonly Gap[]
  readonly refused: readonly Refused[]
}
export type PackedBatch = {
  readonly records: readonly PackedRecord[]
  readonly samples: Uint8Array<ArrayBuffer>
  readonly readings: PackedReadings
}

/** What is moved to the other thread with a batch. */
export const buffersOf = ({ samples, readings }: PackedBatch): ArrayBuffer[] => [
  samples.buffer,
  readings.value.buffer as ArrayBuffer,
]

/** Axis names as one text; they hold no comma (Sparkplug metric names of ours). */
export const axesText = (axes: readonly string[]): string => axes.join(',')
export const axesOf = (text: string): string[] => text.split(',')

export function pack(records: readonly KeptRecord[]): PackedBatch {
  let [total, most] = [0, 0]
  for (const { blocks, readings } of records) {
    for (const block of blocks) total = fourfold(total + bytesOf(block))
    most += readings.length
  }
  const readings = new ReadingPacker(most)
  const samples = new Uint8Array(total)
  let at = 0
  const packBlock = (block: Block): PackedBlock => {
    const { axes, ...rest } = block
    const packed = { ...rest, axes: axesText(axes.map((a) => a.axis)), n: blockLength(block), at, wide: wideOf(block) }
    for (const { samples: own } of axes) {
      samples.set(new Uint8Array(own.buffer, own.byteOffset, own.byteLength), at)
      at += own.byteLength
    }
    at = fourfold(at)
    return packed
  }
  return {
    records: records.map((record) => packRecord(record, packBlock, readings)),
    samples,
    readings: readings.columns,
  }
}

const fourfold = (bytes: number): number => Math.ceil(bytes / 4) * 4
const wideOf = ({ axes }: Block): boolean => axes.some(({ samples }) => isWide(samples))
const bytesOf = ({ axes }: Block): number => axes.reduce((sum, { samples }) => sum + samples.byteLength, 0)

/** The samples of a block of the batch, axis after axis; a view, not a copy. */
export function samplesIn({ samples }: Pick<PackedBatch, 'samples'>, { at, n, axes, wide }: PackedBlock): SampleArray {
  const length = n * axesOf(axes).length
  const from = samples.byteOffset + at
  return wide ? new Int32Array(samples.buffer, from, length) : new Int16Array(samples.buffer, from, length)
}

/** Stored samples say by their length how wide they are. */
export const isWideIn = (bytes: Uint8Array, count: number): boolean => bytes.byteLength === 4 * count

/** Bytes as they were stored, as samples; every platform that Node 24 runs on is little-endian. */
export function samplesFrom(bytes: Uint8Array, count: number): SampleArray {
  const wide = isWideIn(bytes, count)
  const aligned = bytes.byteOffset % (wide ? 4 : 2) === 0 ? bytes : bytes.slice()
  return wide
    ? new Int32Array(aligned.buffer, aligned.byteOffset, count)
    : new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2)
}

/** One and the same empty list for all: it is cloned to the other thread once, not three times for each record. */
const NONE: readonly never[] = []
const some = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? NONE : list)

function packRecord(record: KeptRecord, packBlock: (block: Block) => PackedBlock, packer: ReadingPacker): PackedRecord {
  const { identity, device, exercise, blocks, gaps } = record
  const refused: Refused[] = []
  const refuses = (part: unknown, what: string, why: string | undefined): boolean => {
    if (why !== undefined) refused.push({ reason: `${what} of ${device}: ${why}`, body: bodyJson(part) })
    return why !== undefined
  }
  return {
    identity,
    device,
    exercise,
    readings: packer.add(record.readings, (r) => refuses(r, 'reading', readingRefusal(r))),
    blocks: some(blocks.filter((block) => !refuses(block, 'block', blockRefusal(block))).map(packBlock)),
    gaps: some(gaps.filter((gap) => !refuses(gap, 'gap', gapRefusal(gap)))),
    refused: some(refused),
  }
}
