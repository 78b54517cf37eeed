/** What to tell the edge nodes once a batch is committed: for each publisher, outbox and stream the offsets as ranges. */
import { rangesOf } from '../domain/ranges.ts'
import type { Committed } from '../domain/record.ts'
import { type Arrival, identityOf } from './arrival.ts'

export type Acknowledgement = { readonly publisher: string; readonly committed: Committed }

export function acknowledgementsOf(arrivals: readonly Arrival[]): Acknowledgement[] {
  const groups = new Map<string, { first: Arrival; offsets: number[] }>()
  for (const arrival of arrivals) {
    if (arrival.foreign) continue
    const { outbox, stream, offset } = identityOf(arrival)
    const key = JSON.stringify([arrival.publisher, outbox, stream])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { first: arrival, offsets: [offset] })
    else group.offsets.push(offset)
  }
  return [...groups.values()].map(({ first, offsets }) => {
    const { outbox, stream } = identityOf(first)
    return { publisher: first.publisher, committed: { owner: 'ingest', outbox, stream, ranges: rangesOf(offsets) } }
  })
}
