/**
 * Measures that take long to have a value: how often one can come, and so how old it may be. A device that is well may have none
 * at all (no quiet, no clear peak), so their age says nothing of the device.
 */
const EVERY_S: ReadonlyMap<string, number> = new Map([['natural_frequency', 600]])
/** Values that may fail to come before the last is too old to go by. */
const MISSED = 6

/** Undefined for a measure that comes with every poll or second. */
export const slowEvery_s = (metric: string): number | undefined => EVERY_S.get(metric)

/** How old a value of the metric may be: of most as the device says, for slow ones seven windows. */
export function staleAfter_ms(metric: string, device: { readonly stale_after_ms: number }): number {
  const every_s = slowEvery_s(metric)
  return every_s === undefined ? device.stale_after_ms : (MISSED + 1) * every_s * 1000
}
