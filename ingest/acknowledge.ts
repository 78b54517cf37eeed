/** What to tell the edge nodes once a batch is committed: for each publisher, outbox and stream the offsets as ranges. */
import { rangesOf } from '../domain/ranges.ts'
import type { Committed, Stream } from '../domain/record.ts'
import { type Arrival, identityOf } from './arrival.ts'

export type Acknowledgement = { readonly publisher: string; readonly committed: Committed }

type Group = {
  readonly publisher: string
  readonly outbox: string
  readonly stream: Stream
  readonly offsets: number[]
}

export function acknowledgementsOf(arrivals: readonly Arrival[]): Acknowledgement[] {
  const groups = new Map<string, Group>()
  let last: Group | undefined
  for (const arrival of arrivals) {
    if (arrival.foreign) continue
    const { outbox, stream, offset } = identityOf(arrival)
    // Nearly always of the same stream as the one before: then no key is made.
    if (last?.publisher !== arrival.publisher || last.outbox !== outbox || last.stream !== stream) {
      const key = JSON.stringify([arrival.publisher, outbox, stream])
      last = groups.get(key) ?? { publisher: arrival.publisher, outbox, stream, offsets: [] }
      groups.set(key, last)
    }
    last.offsets.push(offset)
  }
  return [...groups.values()].map(({ publisher, outbox, stream, offsets }) => ({
    publisher,
    committed: { owner: 'ingest', outbox, stream, ranges: rangesOf(offsets) },
  }))
}
