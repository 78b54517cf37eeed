/**
 * What a shear building is: floors that stay level on storeys that shear (Chopra, sec. 9.2.2), its damping, and a quick way
 * to a plausible one. Moving it in time is left to `shear-building.ts`.
 */
import { type Mode, modesOf } from './modes.ts'
import { sinTurns } from './portable-math.ts'
import { positive, refuse, whole, within } from './refuse.ts'

export type Storey = {
  /** Mass of the floor that the storey carries. */
  readonly mass_kg: number
  /** Lateral stiffness. */
  readonly stiffness_N_m: number
  readonly height_m: number
  /** Without it the storey stays elastic. */
  readonly yield?: {
    /** Shear at which it yields first. */
    readonly shear_N: number
    /** Stiffness after yielding as a share of the elastic one, 0 to 0.9; default 0.03. */
    readonly hardening?: number
  }
}

export type Damping = {
  /** Share of critical at the two modes, e.g. 0.05, or one for each. */
  readonly ratio: number | readonly [number, number]
  /** Counted from 1; default the first and the third (or the last there is). */
  readonly modes?: readonly [number, number]
}

export type Building = {
  /** From the ground up. */
  readonly storeys: readonly Storey[]
  readonly damping: Damping
}

/** Taller than any building there is; a response of them is still computed in well under a minute. */
export const STOREYS_MAX = 200

export const HARDENING = 0.03

/** @throws PlumblineError USAGE naming the first entry that cannot be */
export function checkBuilding({ storeys, damping }: Building): void {
  whole('building.storeys.length', storeys.length, 1, STOREYS_MAX)
  storeys.forEach((storey, i) => {
    const at = `building.storeys[${i}]`
    positive(`${at}.mass_kg`, storey.mass_kg)
    positive(`${at}.stiffness_N_m`, storey.stiffness_N_m)
    positive(`${at}.height_m`, storey.height_m)
    if (storey.yield === undefined) return
    positive(`${at}.yield.shear_N`, storey.yield.shear_N)
    within(`${at}.yield.hardening`, storey.yield.hardening ?? HARDENING, 0, 0.9)
  })
  const ratios = typeof damping.ratio === 'number' ? [damping.ratio] : damping.ratio
  for (const ratio of ratios) within('building.damping.ratio', ratio, 0, 0.5)
  if (damping.modes === undefined) return
  const [i, j] = damping.modes
  const n = storeys.length
  whole('building.damping.modes[0]', i, 1, n)
  whole('building.damping.modes[1]', j, 1, n)
  if (n > 1 && i >= j) refuse('building.damping.modes', 'two modes, the lower first', damping.modes)
}

/** Modes of the sound building. */
export const buildingModes = ({ storeys }: Pick<Building, 'storeys'>): Mode[] =>
  modesOf(
    storeys.map((s) => s.mass_kg),
    storeys.map((s) => s.stiffness_N_m),
  )

/** C = a0 M + a1 K. */
export type Rayleigh = { readonly a0_per_s: number; readonly a1_s: number }

/**
 * Rayleigh damping that has the given ratios at two modes: ζ = a0 / 2ω + a1 ω / 2 (Chopra, eq. 11.4.10). One storey has one
 * mode and is damped by its mass alone.
 * @throws PlumblineError USAGE where another mode would be driven instead of damped
 */
export function rayleigh(modes: readonly Mode[], damping: Damping): Rayleigh {
  const [zetaI, zetaJ] = typeof damping.ratio === 'number' ? [damping.ratio, damping.ratio] : damping.ratio
  const [i, j] = damping.modes ?? [1, Math.min(3, modes.length)]
  const wi = modes[i - 1]!.omega
  const wj = modes[j - 1]!.omega
  if (i === j) return { a0_per_s: 2 * zetaI * wi, a1_s: 0 }
  const square = wj * wj - wi * wi
  const a0_per_s = (2 * wi * wj * (zetaI * wj - zetaJ * wi)) / square
  const a1_s = (2 * (zetaJ * wj - zetaI * wi)) / square
  if (a0_per_s < 0 || a1_s < 0)
    refuse('building.damping.ratio', 'two ratios near enough to one another to damp every mode', damping.ratio)
  return { a0_per_s, a1_s }
}

/** Damping ratio of a mode under Rayleigh damping. */
export const dampingRatio = ({ a0_per_s, a1_s }: Rayleigh, omega: number): number =>
  a0_per_s / (2 * omega) + (a1_s * omega) / 2

export type UniformBuilding = {
  readonly storeys: number
  readonly mass_kg: number
  readonly height_m: number
  /** First natural frequency; a usual building of N storeys has about 10 / N Hz [K]. */
  readonly frequency_hz: number
  /** Drift ratio at which every storey yields; without it all stay elastic. */
  readonly yield_drift_ratio?: number
  readonly hardening?: number
}

/** Equal storeys of a stiffness that gives the frequency asked for: ω1 = 2 √(k/m) sin(π / (2 (2N + 1))). */
export function uniformStoreys(options: UniformBuilding): Storey[] {
  const { mass_kg, height_m } = options
  const count = whole('storeys', options.storeys, 1, STOREYS_MAX)
  const omega = 2 * Math.PI * positive('frequency_hz', options.frequency_hz)
  const factor = 2 * sinTurns(1 / (4 * (2 * count + 1)))
  const stiffness_N_m = (positive('mass_kg', mass_kg) * omega * omega) / (factor * factor)
  const drift = options.yield_drift_ratio
  const storey: Storey = {
    mass_kg,
    stiffness_N_m,
    height_m: positive('height_m', height_m),
    ...(drift !== undefined && {
      yield: {
        shear_N: stiffness_N_m * height_m * positive('yield_drift_ratio', drift),
        hardening: options.hardening ?? HARDENING,
      },
    }),
  }
  return Array.from({ length: count }, () => storey)
}
