/** A whole store in pieces of bounded size, in order of time: what migrating and verifying both go through. */
import type { LatestReading, SeriesReader, StoredBlock, StoredGap } from '../../../domain/ports.ts'
import { type Instant, instant } from '../../../domain/time.ts'
import { DAY_NS } from '../checks.ts'
import type { GroupKey } from '../queries.ts'
import type { EmbeddedContents } from './embedded-contents.ts'

export const BEGINNING = instant(-(2n ** 63n) + 4n)
const END = instant(2n ** 63n - 4n)
const READINGS = 10_000
/** A minute of 200 Hz and three axes are 36,000 samples. */
const WINDOW_NS = 60_000_000_000n

/** `next` is where to go on after this page. */
export type Page<T> = { readonly items: readonly T[]; readonly next: Instant }

export async function* readingPages(
  reader: SeriesReader,
  channel: string,
  from: Instant = BEGINNING,
): AsyncGenerator<Page<LatestReading>> {
  for (let at = from; ; ) {
    const found = await reader.readings(channel, at, END, READINGS)
    const last = found.at(-1)
    if (last === undefined) return
    // The real and the exercise one of one instant belong together; a page of nothing but one instant cannot be.
    const whole = found.length < READINGS ? found : found.filter((reading) => reading.t_ns < last.t_ns)
    const next = whole.length === found.length ? instant(last.t_ns + 1n) : last.t_ns
    yield { items: whole, next }
    if (found.length < READINGS) return
    at = next
  }
}

export function windowEnd(from: Instant): Instant {
  const midnight = from - (((from % DAY_NS) + DAY_NS) % DAY_NS) + DAY_NS
  return instant(from + WINDOW_NS < midnight ? from + WINDOW_NS : midnight)
}

type Window = readonly [from: Instant, to: Instant]
/** Windows that hold the beginning of anything; none reaches over midnight. */
function* windows(first: (from: Instant) => Instant | undefined, from: Instant): Generator<Window> {
  for (let at = first(from); at !== undefined; ) {
    const to = windowEnd(at)
    yield [at, to]
    at = first(to)
  }
}

/** Blocks that begin in each window. */
export async function* blockPages(
  reader: SeriesReader,
  contents: EmbeddedContents,
  group: GroupKey,
  from: Instant = BEGINNING,
): AsyncGenerator<Page<StoredBlock>> {
  for (const window of windows((at) => contents.nextBlock(group, at), from)) {
    const found = await reader.blocks(group.device, group.group, ...window)
    yield { items: found.filter(({ t0_ns }) => t0_ns >= window[0]), next: window[1] }
  }
}

/** Gaps that begin in each window; those that only reach into it stand in another. */
export async function* gapPages(
  reader: SeriesReader,
  contents: EmbeddedContents,
  from: Instant = BEGINNING,
): AsyncGenerator<Page<StoredGap>> {
  for (const [start, to] of windows((at) => contents.nextGap(at), from)) {
    const found = await reader.gaps(start, to)
    yield { items: found.filter(({ from_ns }) => from_ns >= start), next: to }
  }
}
