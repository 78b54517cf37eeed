/** Calls that come while a batch is under way go together into the next one, up to what is sent at one time. */
import type { AppendOutcome } from '../../../domain/ports.ts'
import { blockLength } from '../../../domain/reading.ts'
import type { KeptRecord } from '../../../domain/record.ts'
import { LINES_MAX } from './line-sender.ts'

/** An `append` that waits for its answer. */
export type Call = {
  readonly records: readonly KeptRecord[]
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void
  readonly reject: (error: unknown) => void
}

/** So many lines go together where several calls wait: what is sent at one time. */
const BATCH_LINES_MAX = 4 * LINES_MAX

/** The oldest calls, at least one. */
export function takeBatch(waiting: Call[]): Call[] {
  let lines = 0
  let n = 0
  for (const { records } of waiting) {
    for (const record of records) lines += linesIn(record)
    if (n > 0 && lines > BATCH_LINES_MAX) break
    n++
  }
  return waiting.splice(0, n)
}

const linesIn = ({ readings, gaps, blocks }: KeptRecord): number =>
  blocks.reduce((sum, block) => sum + 1 + blockLength(block), readings.length + gaps.length)
