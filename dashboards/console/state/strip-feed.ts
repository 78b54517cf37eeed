/** The blocks of one live strip and how late they come, so that its right edge stands where samples already are. */
import { addBlock, type StripBlock } from '../charts/strip-layout.ts'

export type StripFeed = {
  readonly blocks: readonly StripBlock[]
  /** Age of the first sample of each of the last blocks when it came [ms]. */
  readonly ages_ms: readonly number[]
}
export const emptyFeed: StripFeed = { blocks: [], ages_ms: [] }

/** Blocks remembered for the delay: more would keep an old delay on the screen. */
const AGES_MAX = 10
/** A block older than this is a resent one and says nothing of the live delay. */
const LIVE_MS = 5000
/** Blocks are kept a little longer than the window, for the delay. */
const SPARE_MS = 6000

export function receive(feed: StripFeed, block: StripBlock, now_ms: number, window_ms: number): StripFeed {
  const age_ms = now_ms - block.t0_ms
  const live = age_ms >= 0 && age_ms <= LIVE_MS
  return {
    blocks: addBlock(feed.blocks, block, now_ms - window_ms - SPARE_MS),
    ages_ms: live ? [...feed.ages_ms.slice(1 - AGES_MAX), age_ms] : feed.ages_ms,
  }
}

/** How far behind the desk's clock the strip shows [ms]: the latest of the last blocks just fits, in steps of a tenth. */
export const displayDelay_ms = (feed: StripFeed): number => Math.ceil(Math.max(300, ...feed.ages_ms) / 100) * 100

/** Adds blocks of the record, which say nothing of how late the live ones come. */
export const refill = (feed: StripFeed, blocks: readonly StripBlock[], from_ms: number): StripFeed => ({
  ...feed,
  blocks: blocks.reduce<readonly StripBlock[]>((all, block) => addBlock(all, block, from_ms), feed.blocks),
})
