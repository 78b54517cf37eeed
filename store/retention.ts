/**
 * How long each class of series is kept, and from when on it may go at a given instant. Blocks around an event outlive the
 * others: an event is a reading of the device beyond one of the site's limits, so that it can be told again from what is stored.
 */
import { devicesOf, type Site } from '../domain/channel.ts'
import { judgesValue } from '../domain/condition.ts'
import { splitChannel } from '../domain/ids.ts'
import { sampledOf } from '../domain/model.ts'
import { NS_PER_S } from '../domain/time.ts'
import { MINUTE_NS, type Span } from './rollup.ts'

/** Days; 0 is for ever. */
export type KeptDays = {
  readonly blocks_d: number
  readonly events_d: number
  readonly readings_d: number
  readonly rollups_d: number
}
/** A reading at `above` or higher, or at `below` or lower, is an event. */
export type EventLevel = { readonly channel: string; readonly above?: number; readonly below?: number }
export type Retention = KeptDays & { readonly events: readonly EventLevel[] }

/** What is older may go. `undefined` keeps all. */
export type Horizons = { readonly [K in 'blocks' | 'events' | 'readings' | 'rollups']: bigint | undefined }

const DAY_NS = 86_400n * NS_PER_S
/** What led to an event and what came after it. */
const EVENT_NS = { before: 2n * MINUTE_NS, after: 10n * MINUTE_NS } as const

/**
 * A clock that runs ahead must not sweep the store empty: nothing counts as older than the newest stored row plus a day says.
 * Rollups stay at least as long as the rows of which they were made; blocks of events at least as long as other blocks.
 */
export function horizonsAt(now: bigint, newest: bigint | undefined, kept: KeptDays): Horizons {
  const present = newest === undefined || now < newest + DAY_NS ? now : newest + DAY_NS
  const before = (days: number): bigint | undefined => {
    if (days === 0) return undefined
    const at = present - BigInt(Math.round(days * 86_400)) * NS_PER_S
    return at - (((at % MINUTE_NS) + MINUTE_NS) % MINUTE_NS)
  }
  const blocks = before(kept.blocks_d)
  const readings = before(kept.readings_d)
  return {
    blocks,
    readings,
    events: earliest(blocks, before(kept.events_d)),
    rollups: earliest(earliest(blocks, readings), before(kept.rollups_d)),
  }
}

const earliest = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined || b === undefined ? undefined : a < b ? a : b

/** What the site file asks for, with the limits on devices that give blocks. */
export function retentionOf(site: Site): Retention {
  const sampled = new Set(devicesOf(site).flatMap(({ device, model }) => (sampledOf(model) ? [device.id] : [])))
  const limits = site.limits.filter((limit) => judgesValue(limit) && sampled.has(splitChannel(limit.channel).device))
  return {
    ...site.file.store.retention,
    events: limits.flatMap(({ channel, direction, limit, parameters }): EventLevel[] => [
      direction === 'above' ? { channel, above: limit } : { channel, below: limit },
      ...(parameters?.low === undefined ? [] : [{ channel, below: parameters.low }]),
    ]),
  }
}

/** What is kept around a minute that holds an event. */
export const keptAround = (minute: bigint): Span => ({
  from: minute - EVENT_NS.before,
  to: minute + MINUTE_NS + EVENT_NS.after,
})
/** Where the minutes lie that keep something of a span. */
export const eventsNear = ({ from, to }: Span): Span => ({
  from: from - MINUTE_NS - EVENT_NS.after,
  to: to + EVENT_NS.before,
})

/** The parts of a span that no event keeps; `kept` in order and apart. */
export function notKept(span: Span, kept: readonly Span[]): Span[] {
  const out: Span[] = []
  let from = span.from
  for (const event of kept) {
    if (event.from > from) out.push({ from, to: event.from < span.to ? event.from : span.to })
    if (event.to > from) from = event.to
    if (from >= span.to) return out
  }
  out.push({ from, to: span.to })
  return out
}
