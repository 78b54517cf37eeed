/**
 * A batch on its way to the database thread: all samples in one buffer that is moved, not copied again. The caller's own
 * arrays stay whole, because a batch that fails is tried once more.
 */
import { type Block, blockLength, type Gap, type Reading } from '../domain/reading.ts'
import type { DeviceRecord, Identity } from '../domain/record.ts'
import { blockRefusal, gapRefusal, readingRefusal } from './check.ts'
import { bodyJson } from './quarantine-body.ts'

/** Samples stand axis after axis from index `at` of the batch's buffer, `n` of each. */
export type PackedBlock = Omit<Block, 'axes'> & { readonly axes: string; readonly n: number; readonly at: number }

/** What goes to quarantine: why, and the whole of it as JSON. */
export type Refused = { readonly reason: string; readonly body: string }

export type PackedRecord = {
  readonly identity: Identity
  readonly device: string
  readonly exercise: boolean
  readonly readings: readonly Reading[]
  readonly blocks: readonly PackedBlock[]
  readonly gaps: readonly Gap[]
  readonly refused: readonly Refused[]
}
export type PackedBatch = { readonly records: readonly PackedRecord[]; readonly samples: Int16Array<ArrayBuffer> }

/** Axis names as one text; they hold no comma (Sparkplug metric names of ours). */
export const axesText = (axes: readonly string[]): string => axes.join(',')
export const axesOf = (text: string): string[] => text.split(',')

export function pack(records: readonly DeviceRecord[]): PackedBatch {
  let total = 0
  for (const { blocks } of records)
    for (const { axes } of blocks) for (const { samples } of axes) total += samples.length
  const samples = new Int16Array(total)
  let at = 0
  const packBlock = (block: Block): PackedBlock => {
    const { axes, ...rest } = block
    const packed = { ...rest, axes: axesText(axes.map((a) => a.axis)), n: blockLength(block), at }
    for (const axis of axes) {
      samples.set(axis.samples, at)
      at += axis.samples.length
    }
    return packed
  }
  return { records: records.map((record) => packRecord(record, packBlock)), samples }
}

function packRecord(record: DeviceRecord, packBlock: (block: Block) => PackedBlock): PackedRecord {
  const refused: Refused[] = []
  const storable = <T>(parts: readonly T[], what: string, refusal: (part: T) => string | undefined): readonly T[] => {
    const kept = parts.filter((part) => {
      const why = refusal(part)
      if (why !== undefined) refused.push({ reason: `${what} of ${record.device}: ${why}`, body: bodyJson(part) })
      return why === undefined
    })
    return kept
  }
  return {
    identity: record.identity,
    device: record.device,
    exercise: record.exercise,
    readings: storable(record.readings, 'reading', readingRefusal),
    blocks: storable(record.blocks, 'block', blockRefusal).map(packBlock),
    gaps: storable(record.gaps, 'gap', gapRefusal),
    refused,
  }
}
