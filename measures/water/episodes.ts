/**
 * Threshold episodes of a recorded series: raised at the limit, cleared a deadband on the safe side. The same rule as the
 * edge's conditions without delays; what people do about them is the desk's.
 */
import { requireFinite, requireSeries } from './checks.ts'

/**
 * How values are rounded before they are compared: as float32 (what registers carry), to the step of the record (0.01 ft
 * = 0.003048 m), or not at all. Value, limit and clear level are always rounded alike: with double limits against float32
 * registers 30 of 111 limits gave other episodes than the record (contracts 5).
 */
export type Rounding = 'float32' | 'none' | { readonly step: number }

export type EpisodeLimit = {
  readonly limit: number
  /** Clears at value < limit − deadband (above) or value > limit + deadband (below); default 0. */
  readonly deadband?: number
  /** Default `above`: raises at value >= limit. */
  readonly direction?: 'above' | 'below'
  /** Default `float32`. */
  readonly rounding?: Rounding
}

export type Episode = {
  /** Index of the value that raised it. */
  readonly raised: number
  /** Index of the value that cleared it; null while the series ends raised. */
  readonly cleared: number | null
  /** Index of its most extreme value, the first where several are equal. */
  readonly peak: number
}

const rounder = (rounding: Rounding): ((value: number) => number) => {
  if (rounding === 'float32') return Math.fround
  if (rounding === 'none') return (value) => value
  if (!(rounding.step > 0)) throw new RangeError(`rounding.step: expected above 0, got ${rounding.step}`)
  return (value) => Math.round(value / rounding.step)
}

/**
 * Episodes in order. Missing values (NaN) neither raise nor clear, but how many lay inside is for `gap.ts` to say.
 * @throws RangeError for a deadband below 0 or a limit that is no number
 */
export function episodes(values: ArrayLike<number>, options: EpisodeLimit): Episode[] {
  const { direction = 'above', deadband = 0 } = options
  requireFinite('limit', options.limit)
  if (!(requireFinite('deadband', deadband) >= 0)) throw new RangeError(`deadband: expected 0 or more, got ${deadband}`)
  const round = rounder(options.rounding ?? 'float32')
  // Mirrored for `below`, so that one comparison serves both; rounding is symmetric for float32, and near enough for steps.
  const sign = direction === 'above' ? 1 : -1
  const raise = sign * round(options.limit)
  const clear = sign * round(options.limit - sign * deadband)
  const out: Episode[] = []
  let open: { raised: number; peak: number } | undefined
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue
    const value = sign * round(values[i]!)
    if (open === undefined) {
      if (value >= raise) open = { raised: i, peak: i }
    } else if (value < clear) {
      out.push({ ...open, cleared: i })
      open = undefined
    } else if (sign * values[i]! > sign * values[open.peak]!) open.peak = i
  }
  if (open !== undefined) out.push({ ...open, cleared: null })
  return out
}

export type TimedEpisode = Episode & { readonly raised_s: number; readonly cleared_s: number | null }

/** Episodes with their instants [s]. @throws RangeError for instants that do not rise */
export function timedEpisodes(
  t_s: ArrayLike<number>,
  values: ArrayLike<number>,
  options: EpisodeLimit,
): TimedEpisode[] {
  requireSeries(t_s, values)
  return episodes(values, options).map((e) => ({
    ...e,
    raised_s: t_s[e.raised]!,
    cleared_s: e.cleared === null ? null : t_s[e.cleared]!,
  }))
}
