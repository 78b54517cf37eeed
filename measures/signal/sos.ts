/**
 * A digital filter as a cascade of second-order sections, and what it does to a frequency or to a constant.
 * How the coefficients come about (`butterworth.ts`) and running samples through them (`sos-filter.ts`) are left to others.
 *
 *   H(z) = Π (b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²)
 */

export type Section = {
  readonly b0: number
  readonly b1: number
  readonly b2: number
  readonly a1: number
  readonly a2: number
}
export type Sos = readonly Section[]

/** Gain and phase at one frequency: H(e^{jω}), ω = 2π f / f_s, with f in [0, f_s/2]. */
export function response(sos: Sos, frequency_hz: number, sample_rate_hz: number): { gain: number; phase_rad: number } {
  const w = (2 * Math.PI * frequency_hz) / sample_rate_hz
  const [c1, s1, c2, s2] = [Math.cos(w), -Math.sin(w), Math.cos(2 * w), -Math.sin(2 * w)]
  let gain = 1
  let phase_rad = 0
  for (const { b0, b1, b2, a1, a2 } of sos) {
    const [nr, ni] = [b0 + b1 * c1 + b2 * c2, b1 * s1 + b2 * s2]
    const [dr, di] = [1 + a1 * c1 + a2 * c2, a1 * s1 + a2 * s2]
    gain *= Math.hypot(nr, ni) / Math.hypot(dr, di)
    phase_rad += Math.atan2(ni, nr) - Math.atan2(di, dr)
  }
  return { gain, phase_rad }
}

/**
 * The sections' memories (two each) after the constant input 1 has stood for ever: a filter that starts here with the first
 * sample as factor has no start-up transient of the offset.
 */
export function steadyState(sos: Sos): Float64Array {
  const z = new Float64Array(2 * sos.length)
  let input = 1
  for (const [k, { b0, b1, b2, a1, a2 }] of sos.entries()) {
    const output = (input * (b0 + b1 + b2)) / (1 + a1 + a2)
    z[2 * k + 1] = b2 * input - a2 * output
    z[2 * k] = b1 * input - a1 * output + z[2 * k + 1]!
    input = output
  }
  return z
}
