/**
 * Grains of the rollups and arithmetic on their windows. Minutes and hours are kept as rows; the finest grain of an axis, one
 * block of about 1 s, has its figures beside its samples. A rollup is always made anew of the stored rows of a whole hour.
 */
import { NS_PER_S } from '../domain/time.ts'

export const MINUTE_NS = 60n * NS_PER_S
export const HOUR_NS = 3600n * NS_PER_S
export type Grain = '1s' | '1m' | '1h'
export const GRAIN_NS: Readonly<Record<Grain, bigint>> = { '1s': NS_PER_S, '1m': MINUTE_NS, '1h': HOUR_NS }
/** As stored in `rollup.grain_s`. */
export const GRAIN_S = { minute: 60, hour: 3600 } as const
/** Columns narrower than this gain nothing from minutes: most would straddle an edge. */
export const MINUTES_FROM_NS = 2n * MINUTE_NS
export const HOURS_FROM_NS = 2n * HOUR_NS

/** Number of the hour since 1970 that holds an instant; below zero before. */
export const hourOf = (t_ns: bigint): number => {
  const hour = t_ns / HOUR_NS
  return Number(t_ns < 0n && hour * HOUR_NS !== t_ns ? hour - 1n : hour)
}
export const hourStart = (hour: number): bigint => BigInt(hour) * HOUR_NS

/** What rollups are made of: a channel of readings, or a group of blocks with all its axes. */
export const SOURCE = { readings: 0, blocks: 1 } as const
export type Source = (typeof SOURCE)[keyof typeof SOURCE]

/** [from, to) */
export type Span = { readonly from: bigint; readonly to: bigint }

/** Spans in order, joined where they touch or overlap. */
export function joined(spans: readonly Span[]): Span[] {
  const out: Array<{ from: bigint; to: bigint }> = []
  for (const { from, to } of [...spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = out.at(-1)
    if (last !== undefined && from <= last.to) {
      if (to > last.to) last.to = to
    } else if (to > from) out.push({ from, to })
  }
  return out
}

export const clipped = (span: Span, bounds: Span): Span => ({
  from: span.from < bounds.from ? bounds.from : span.from,
  to: span.to > bounds.to ? bounds.to : span.to,
})
