/**
 * The sea at a coast: mean level plus harmonic constituents. Amplitudes and phases of a place come from its tide tables;
 * nodal corrections (a few percent over 18.6 years) are left out.
 */
import { type Instant, secondsBetween } from '../../domain/time.ts'
import { cosTurns } from './portable-math.ts'
import { refuse } from './refuse.ts'

/** Speeds [°/h] of the eight largest constituents (Doodson; Schureman 1958, table 2 [K]). */
export const CONSTITUENTS = {
  M2: 28.9841042,
  S2: 30,
  N2: 28.4397295,
  K2: 30.0821373,
  K1: 15.0410686,
  O1: 13.9430356,
  P1: 14.9589314,
  Q1: 13.3986609,
} as const
export type Constituent = keyof typeof CONSTITUENTS

export type Tide = {
  readonly mean_level_m: number
  /** At which the phases below hold. */
  readonly epoch: Instant
  readonly constituents: ReadonlyArray<{
    readonly name: Constituent
    readonly amplitude_m: number
    /** Lag of the high water behind the epoch [°]. */
    readonly phase_deg: number
  }>
}

/** h(t) = z0 + Σ A cos(ω (t − epoch) − g) [m]. @throws PlumblineError USAGE for a constituent that is not known */
export function tide_m({ mean_level_m, epoch, constituents }: Tide, at: Instant): number {
  const hours = secondsBetween(at, epoch) / 3600
  let level = mean_level_m
  constituents.forEach(({ name, amplitude_m, phase_deg }, i) => {
    const speed =
      CONSTITUENTS[name] ?? refuse(`tide.constituents[${i}].name`, Object.keys(CONSTITUENTS).join(', '), name)
    level += amplitude_m * cosTurns((speed * hours - phase_deg) / 360)
  })
  return level
}
