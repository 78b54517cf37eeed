/** NCMD `Node Control/Committed`: the owner of a stream tells the edge which offsets it has committed durably. */
import { type Committed, OWNER, STREAMS, type Stream } from '../record.ts'
import type { Metric } from '../sparkplug/payload.ts'
import { DataType } from '../sparkplug/payload.ts'
import { COMMITTED, REBIRTH } from './names.ts'

export const committedMetric = (committed: Committed, timestamp: number): Metric => ({
  name: COMMITTED,
  timestamp,
  datatype: DataType.String,
  value: JSON.stringify(committed),
})

export const rebirthMetric = (timestamp: number): Metric => ({
  name: REBIRTH,
  timestamp,
  datatype: DataType.Boolean,
  value: true,
})

/** `undefined` where the text is not an acknowledgement, or the owner does not own the stream: it then trims nothing. */
export function parseCommitted(text: string): Committed | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null) return undefined
  const { owner, outbox, stream, ranges } = body as Record<string, unknown>
  if (typeof outbox !== 'string' || typeof stream !== 'string' || !Array.isArray(ranges)) return undefined
  if (!(STREAMS as readonly string[]).includes(stream) || OWNER[stream as Stream] !== owner) return undefined
  const good = ranges.every(
    (r): r is [number, number] =>
      Array.isArray(r) && r.length === 2 && r.every((n) => Number.isSafeInteger(n) && n >= 1) && r[0] <= r[1],
  )
  return good ? { owner: OWNER[stream as Stream], outbox, stream: stream as Stream, ranges } : undefined
}
