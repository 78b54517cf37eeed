/**
 * Runs a whole record through second-order sections: forwards from rest (causal, as an instrument does) or forwards and
 * backwards (no phase shift, gain squared). The design of the sections and streams are left to others.
 */
import { requireFinite } from './finite.ts'
import { type Sos, steadyState } from './sos.ts'

/** Memories below this are rest: subnormal numbers would slow every later sample some fifty times. */
export const TINY = 1e-200
/** Samples between looks at the memories. */
const FLUSH_EVERY = 4096

/**
 * Runs samples through the sections in place, transposed direct form II; `z` (two per section) carries the memory.
 *   y = b0 x + z1;  z1 = b1 x − a1 y + z2;  z2 = b2 x − a2 y
 */
export function runSections(sos: Sos, z: Float64Array, x: Float64Array): void {
  for (let from = 0; from < x.length; from += FLUSH_EVERY) {
    const to = Math.min(from + FLUSH_EVERY, x.length)
    for (let k = 0; k < sos.length; k++) runSection(sos, k, z, x, from, to)
  }
}

function runSection(sos: Sos, k: number, z: Float64Array, x: Float64Array, from: number, to: number): void {
  const { b0, b1, b2, a1, a2 } = sos[k]!
  let z1 = z[2 * k]!
  let z2 = z[2 * k + 1]!
  for (let i = from; i < to; i++) {
    const v = x[i]!
    const y = b0 * v + z1
    z1 = b1 * v - a1 * y + z2
    z2 = b2 * v - a2 * y
    x[i] = y
  }
  z[2 * k] = Math.abs(z1) < TINY ? 0 : z1
  z[2 * k + 1] = Math.abs(z2) < TINY ? 0 : z2
}

/**
 * The record filtered once, forwards, from rest (zero memory): a record that begins with an offset or in the middle of a
 * motion shows the filter's start-up transient.
 * @throws RangeError for no samples, or naming the index of one that is no number
 */
export function filterCausal(sos: Sos, x: Float64Array): Float64Array {
  requireFinite(x)
  const y = x.slice()
  runSections(sos, new Float64Array(2 * sos.length), y)
  return y
}

/**
 * The record filtered forwards and backwards: no phase shift, gain |H|² (−6 dB at a Butterworth corner).
 * The ends are lengthened by odd reflection, 2 x[0] − x[k], and each pass starts in the steady state of its first value, with
 * as many samples as scipy.signal.sosfiltfilt takes by default: 3 (2 sections + 1 − first-order sections), but at most n − 1.
 * @throws RangeError for no samples, or naming the index of one that is no number
 */
export function filterZeroPhase(sos: Sos, x: Float64Array): Float64Array {
  requireFinite(x)
  const n = x.length
  const pad = Math.min(n - 1, paddingOf(sos))
  const wide = new Float64Array(n + 2 * pad)
  wide.set(x, pad)
  for (let k = 1; k <= pad; k++) {
    wide[pad - k] = 2 * x[0]! - x[k]!
    wide[pad + n - 1 + k] = 2 * x[n - 1]! - x[n - 1 - k]!
  }
  const steady = steadyState(sos)
  for (let pass = 0; pass < 2; pass++) {
    const first = wide[0]!
    runSections(
      sos,
      steady.map((z) => z * first),
      wide,
    )
    wide.reverse()
  }
  return wide.slice(pad, pad + n)
}

function paddingOf(sos: Sos): number {
  const zerosAtOrigin = Math.min(sos.filter((s) => s.b2 === 0).length, sos.filter((s) => s.a2 === 0).length)
  return 3 * (2 * sos.length + 1 - zerosAtOrigin)
}
