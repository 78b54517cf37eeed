/**
 * A synthetic three-axis ground motion for a magnitude and a distance, for exercises: it looks and lasts like an earthquake
 * of that size, but it never happened. Recorded motions are `recordings/`; what a building does with it is `whole-record.ts`.
 *
 * Stochastic method (Boore, Pure Appl. Geophys. 160 (2003) 635 [K]): noise with the spectrum of Brune's source, damped along
 * the path, under the envelope of Saragoni and Hart, scaled to a peak. The P part before it is schematic. The noise is a
 * sum of cosines with seeded phases (Shinozuka & Deodatis, Appl. Mech. Rev. 44 (1991) 191 [K]).
 */
import { type Instant, instant } from '../../domain/time.ts'
import { G_M_S2 } from '../../domain/units.ts'
import type { Waveform } from '../../recordings/recording.ts'
import { streamSeed, uniformAt } from './hash-noise.ts'
import { cosTurns, exp, power, sinTurns } from './portable-math.ts'
import { positive, refuse, whole, within } from './refuse.ts'
import { peakOf } from './whole-record.ts'

export type SiteGroundOptions = {
  readonly name: string
  /** Moment magnitude, 4 to 8. */
  readonly magnitude: number
  /** Closest distance to the rupture, 1 to 200 km. */
  readonly distance_km: number
  readonly seed: number
  readonly sample_rate_hz: number
  readonly start: Instant
  /** Peak of the stronger horizontal axis; default `peakGroundAcceleration_m_s2`. */
  readonly pga_m_s2?: number
  /** Stillness before the P wave; default 5 s. */
  readonly pre_event_s?: number
}

/**
 * Median peak horizontal acceleration, Campbell, Bull. Seism. Soc. Am. 71 (1981) 2039 [K], as Kramer (1996) quotes it:
 * ln PGA[g] = −4.141 + 0.868 M − 1.09 ln(R + 0.0606 e^(0.7 M)). From data of M 5.0–7.7 within 50 km; beyond, an extrapolation
 * that serves exercises only. Single earthquakes lie a factor 1.5 either side.
 */
export function peakGroundAcceleration_m_s2(magnitude: number, distance_km: number): number {
  within('magnitude', magnitude, 4, 8)
  within('distance_km', distance_km, 1, 200)
  return G_M_S2 * exp(-4.141 + 0.868 * magnitude) * power(distance_km + 0.0606 * exp(0.7 * magnitude), -1.09)
}

/** Crustal shear and compressional wave speeds [km/s], stress drop [bar], and κ of a firm site [s] [K]. */
const BETA_KM_S = 3.5
const ALPHA_KM_S = 6.06
const STRESS_BAR = 100
const KAPPA_S = 0.04

/** Corner frequency of Brune's source [Hz]: 4.9e6 β (Δσ / M0)^⅓, M0 [dyn cm] = 10^(1.5 M + 16.05) [K]. */
export const cornerFrequency_hz = (magnitude: number): number =>
  4.9e6 * BETA_KM_S * power(STRESS_BAR / power(10, 1.5 * magnitude + 16.05), 1 / 3)

/** f² / (1 + (f/fc)²) · exp(−π f (κ + R / (Q β))) with Q = 180 f^0.45 [K]; only its shape is used. */
function spectrum(f_hz: number, corner_hz: number, distance_km: number): number {
  const q = 180 * power(f_hz, 0.45)
  const source = (f_hz * f_hz) / (1 + (f_hz / corner_hz) * (f_hz / corner_hz))
  return source * exp(-Math.PI * f_hz * (KAPPA_S + distance_km / (q * BETA_KM_S)))
}

/** Envelope of Saragoni & Hart with Boore's ε = 0.2 and η = 0.05: 1 at 0.2 of the length, 0.05 at its end. */
function envelope(tOverLength: number): number {
  const [epsilon, lnEta, lnEpsilon] = [0.2, -2.995732273553991, -1.6094379124341003]
  const b = (-epsilon * lnEta) / (1 + epsilon * (lnEpsilon - 1))
  const t = tOverLength / epsilon
  return t <= 0 ? 0 : power(t, b) * exp(b * (1 - t))
}

/** Strength of each axis's S and P part; the vertical peak is two thirds of the horizontal one (Newmark & Hall [K]). */
const AXES = [
  { axis: 'ns', p: 0.08 },
  { axis: 'ew', p: 0.08 },
  { axis: 'ud', p: 0.3 },
] as const
const VERTICAL_SHARE = 2 / 3

/** @throws PlumblineError USAGE naming what cannot be */
export function syntheticGround(options: SiteGroundOptions): Waveform {
  const { magnitude, distance_km, seed, pre_event_s = 5 } = options
  const pga = positive('pga_m_s2', options.pga_m_s2 ?? peakGroundAcceleration_m_s2(magnitude, distance_km))
  within('magnitude', magnitude, 4, 8)
  within('distance_km', distance_km, 1, 200)
  within('pre_event_s', pre_event_s, 0, 600)
  within('sample_rate_hz', options.sample_rate_hz, 20, 1000)
  whole('seed', seed, -(2 ** 31), 2 ** 32 - 1)
  const shares = axisShares(seed)
  return {
    kind: 'waveform',
    name: options.name,
    start: instant(options.start),
    sample_rate_hz: options.sample_rate_hz,
    unit: 'm/s²',
    axes: AXES.map(({ axis, p }) => {
      const samples = motion({ ...options, pre_event_s }, streamSeed(seed, axis), p)
      const gain = (pga * shares[axis]) / peakOf(samples)
      return { axis, samples: samples.map((x) => x * gain) }
    }),
    source: `synthetic: M ${magnitude} at ${distance_km} km, seed ${seed}; no real earthquake`,
  }
}

/** One horizontal axis has the peak itself, the other 70 to 100 % of it; which one, the seed decides. */
function axisShares(seed: number): Record<(typeof AXES)[number]['axis'], number> {
  const draw = streamSeed(seed, 'axes')
  const weaker = 0.7 + 0.3 * uniformAt(draw, 0)
  return uniformAt(draw, 1) < 0.5
    ? { ns: 1, ew: weaker, ud: VERTICAL_SHARE }
    : { ns: weaker, ew: 1, ud: VERTICAL_SHARE }
}

/** P part, then S part, each noise under its envelope; the scale is the caller's. */
function motion(options: SiteGroundOptions & { pre_event_s: number }, seed: number, p_share: number): Float64Array {
  const { magnitude, distance_km, sample_rate_hz, pre_event_s } = options
  const corner_hz = cornerFrequency_hz(magnitude)
  // Boore: the motion lasts 1/fc at the source and 0.05 s more per km; the envelope is twice that, its tail twice again.
  const length_s = 2 * (1 / corner_hz + 0.05 * distance_km)
  const sMinusP_s = distance_km / BETA_KM_S - distance_km / ALPHA_KM_S
  const count = Math.ceil((pre_event_s + sMinusP_s + 2 * length_s) * sample_rate_hz)
  const out = new Float64Array(count)
  const under = (at_s: number, k: number) => envelope((k / sample_rate_hz - at_s) / length_s)
  const add = (name: string, at_s: number, corner: number, share: number): void => {
    const first = Math.ceil(at_s * sample_rate_hz)
    const noise = shapedNoise(streamSeed(seed, name), count - first, sample_rate_hz, corner, distance_km)
    for (let k = 0; k < noise.length; k++) out[first + k]! += share * noise[k]! * under(at_s, first + k)
  }
  // The corner of P waves lies at α/β of that of S waves (Hanks & Wyss 1972 [K]).
  add('p', pre_event_s, (corner_hz * ALPHA_KM_S) / BETA_KM_S, p_share)
  const s_s = pre_event_s + sMinusP_s
  add('s', s_s, corner_hz, 1)
  return stopped(
    out,
    Float64Array.from(out, (_, k) => under(s_s, k)),
  )
}

/** The ground stands still afterwards: what is left of its velocity is taken off under the envelope. */
function stopped(samples: Float64Array, weight: Float64Array): Float64Array {
  const total = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0)
  const excess = total(samples) / total(weight)
  return samples.map((x, k) => x - excess * weight[k]!)
}

const LOW_HZ = 0.05
const HIGH_HZ = 25
const COSINES_MAX = 2048

/** Σ A(f) cos(2π f t + φ) with variance 1, one frequency drawn within each of equal bins so that nothing repeats. */
function shapedNoise(
  seed: number,
  count: number,
  rate_hz: number,
  corner_hz: number,
  distance_km: number,
): Float64Array {
  const high_hz = Math.min(HIGH_HZ, 0.45 * rate_hz)
  const bins = Math.min(COSINES_MAX, Math.max(256, Math.ceil(((high_hz - LOW_HZ) * count) / rate_hz)))
  const out = new Float64Array(count)
  let power2 = 0
  for (let j = 0; j < bins; j++) {
    const f_hz = LOW_HZ + ((high_hz - LOW_HZ) * (j + uniformAt(seed, 2 * j))) / bins
    const amplitude = spectrum(f_hz, corner_hz, distance_km)
    power2 += (amplitude * amplitude) / 2
    addCosine(out, amplitude, f_hz / rate_hz, uniformAt(seed, 2 * j + 1))
  }
  if (!(power2 > 0)) refuse('distance_km', 'a distance at which something arrives', distance_km)
  const scale = 1 / Math.sqrt(power2)
  return out.map((x) => x * scale)
}

/** A cosine by turning a pointer on: two sines in all, and a drift of some 1e-12 over an hour of samples. */
function addCosine(out: Float64Array, amplitude: number, turnsPerSample: number, phase: number): void {
  const [c, s] = [cosTurns(turnsPerSample), sinTurns(turnsPerSample)]
  let x = amplitude * cosTurns(phase)
  let y = amplitude * sinTurns(phase)
  for (let k = 0; k < out.length; k++) {
    out[k]! += x
    const turned = c * x - s * y
    y = s * x + c * y
    x = turned
  }
}
