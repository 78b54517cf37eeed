/**
 * Sends the lines of a batch: requests of bounded size, a few at a time; lines are made when their turn comes, so that no
 * more of them are in memory than are on their way. What the server refuses is taken apart until the bad line stands alone;
 * everything else that goes wrong ends the batch, for the caller to try again.
 */
import type { Part, PlannedLines } from '../plan.ts'
import { droppedAsOld, placesOf } from '../refusals.ts'
import { type Target, writePath } from '../settings.ts'
import { type Http, Refused } from './http.ts'

export const LINES_MAX = 5_000
/** Below the 10 MiB of 3.x, which counts them also after gunzip. */
export const BYTES_MAX = 8_000_000
/** 3.x answers with its WAL flush, once a second: more than one must be under way. */
const IN_FLIGHT = 4
/** A server that names the bad line saves the halving; one that names a line at a time would cost a request for each. */
const NAMINGS_MAX = 8

/** How the reason begins where the server, not this adapter, refused. */
export const REFUSED_BY_SERVER = 'InfluxDB refused it: '

type Chunk = { readonly path: string; readonly texts: readonly string[]; readonly parts: readonly Part[] }

/** Lines of one target together, in requests of at most so many lines and about so many bytes. */
export function* chunksOf(database: string, planned: readonly PlannedLines[]): Generator<Chunk> {
  const targets = new Map<string, Target>(planned.map(({ target }) => [writePath(database, target), target]))
  for (const [path, { kind, policy }] of targets) {
    let open = { path, texts: [] as string[], parts: [] as Part[] }
    let size = 0
    for (const { target, part, texts } of planned) {
      if (target.kind !== kind || target.policy !== policy) continue
      for (const text of texts()) {
        if (open.texts.length >= LINES_MAX || (open.texts.length > 0 && size + text.length + 1 > BYTES_MAX)) {
          yield open
          open = { path, texts: [], parts: [] }
          size = 0
        }
        open.texts.push(text)
        open.parts.push(part)
        size += text.length + 1
      }
    }
    if (open.texts.length > 0) yield open
  }
}

/**
 * Every line is in InfluxDB afterwards, or its part says why it is refused.
 * @throws PlumblineError STORE_UNAVAILABLE or INFLUX_CONFIG; some lines may be in InfluxDB then, and may be sent again.
 */
export async function sendLines(http: Http, database: string, planned: readonly PlannedLines[]): Promise<void> {
  const chunks = chunksOf(database, planned)
  let failed = false
  const worker = async (): Promise<void> => {
    for (let next = chunks.next(); !next.done && !failed; next = chunks.next())
      await sendChunk(http, next.value, NAMINGS_MAX).catch((error: unknown) => {
        failed = true
        throw error
      })
  }
  // All of them end before the outcome is told: nothing of a failed batch is still on its way when it is tried again.
  const ended = await Promise.allSettled(Array.from({ length: IN_FLIGHT }, worker))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}

async function sendChunk(http: Http, chunk: Chunk, namings: number): Promise<void> {
  const { texts, parts } = chunk
  try {
    await http.write(chunk.path, texts.join('\n'))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (texts.length === 1 || droppedAsOld(error.message) === texts.length) {
      for (const part of parts) part.refused ??= `${REFUSED_BY_SERVER}${error.message}`
      return
    }
    const bad = namings > 0 ? placesOf(error.named, texts) : []
    if (bad.length === 0 || bad.length === texts.length) return sendHalves(http, chunk)
    // Alone it is certain: a name that was not meant would put a good line aside.
    for (const i of bad)
      await sendChunk(
        http,
        pick(chunk, (place) => place === i),
        0,
      )
    const others = new Set(bad)
    await sendChunk(
      http,
      pick(chunk, (place) => !others.has(place)),
      namings - 1,
    )
  }
}

async function sendHalves(http: Http, chunk: Chunk): Promise<void> {
  const half = chunk.texts.length >> 1
  await sendChunk(
    http,
    pick(chunk, (place) => place < half),
    NAMINGS_MAX,
  )
  await sendChunk(
    http,
    pick(chunk, (place) => place >= half),
    NAMINGS_MAX,
  )
}

const pick = ({ path, texts, parts }: Chunk, wanted: (place: number) => boolean): Chunk => ({
  path,
  texts: texts.filter((_, i) => wanted(i)),
  parts: parts.filter((_, i) => wanted(i)),
})
