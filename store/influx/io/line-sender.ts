/**
 * Sends the lines of a batch: requests of bounded size, a few at a time. What the server refuses is halved until the bad
 * line stands alone; everything else that goes wrong ends the batch, for the caller to try again.
 */
import type { Part, PlannedLine } from '../plan.ts'
import { type Target, writePath } from '../settings.ts'
import { type Http, Refused } from './http.ts'

export const LINES_MAX = 5_000
export const BYTES_MAX = 8_000_000
const IN_FLIGHT = 2

type Chunk = { readonly path: string; readonly lines: readonly PlannedLine[] }

const pathOf = (database: string, { kind, policy }: Target): string => writePath(database, { kind, policy })

/** Lines of one target together, in requests of at most so many lines and about so many bytes. */
export function chunksOf(database: string, lines: readonly PlannedLine[]): Chunk[] {
  const open = new Map<string, { lines: PlannedLine[]; bytes: number }>()
  const out: Chunk[] = []
  for (const one of lines) {
    const path = pathOf(database, one.target)
    let chunk = open.get(path)
    const bytes = one.text.length + 1
    if (chunk === undefined || chunk.lines.length >= LINES_MAX || chunk.bytes + bytes > BYTES_MAX) {
      chunk = { lines: [], bytes: 0 }
      open.set(path, chunk)
      out.push({ path, lines: chunk.lines })
    }
    chunk.lines.push(one)
    chunk.bytes += bytes
  }
  return out
}

/**
 * Every line is in InfluxDB afterwards, or its part says why it is refused.
 * @throws PlumblineError STORE_UNAVAILABLE; some lines may be in InfluxDB then, and may be sent again.
 */
export async function sendLines(http: Http, database: string, lines: readonly PlannedLine[]): Promise<void> {
  const chunks = chunksOf(database, lines)
  let failed = false
  const worker = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined && !failed; chunk = chunks.shift())
      await sendChunk(http, chunk).catch((error: unknown) => {
        failed = true
        throw error
      })
  }
  // All of them end before the outcome is told: nothing of a failed batch is still on its way when it is tried again.
  const ended = await Promise.allSettled(Array.from({ length: IN_FLIGHT }, worker))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}

async function sendChunk(http: Http, { path, lines }: Chunk): Promise<void> {
  try {
    await http.write(path, lines.map((one) => one.text).join('\n'))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (lines.length === 1 || allDropped(error, lines.length)) {
      for (const { part } of lines) refuse(part, error.message)
      return
    }
    const half = lines.length >> 1
    await sendChunk(http, { path, lines: lines.slice(0, half) })
    await sendChunk(http, { path, lines: lines.slice(half) })
  }
}

/** "partial write: points beyond retention policy dropped=12": where that is all of them, halving finds nothing new. */
const allDropped = ({ message }: Refused, n: number): boolean => {
  const dropped = /beyond retention policy dropped=(\d+)|dropped (\d+) points outside retention policy/.exec(message)
  return Number(dropped?.[1] ?? dropped?.[2]) === n
}

const refuse = (part: Part, why: string): void => {
  part.refused ??= `InfluxDB refused it: ${why}`
}
