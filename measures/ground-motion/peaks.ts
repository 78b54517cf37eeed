/**
 * Peaks, RMS and crest factor of a record as it stands. Removing an offset and filtering are left to the caller: a raw
 * K-NET record carries up to 37 gal of offset, and its peak is then no PGA.
 */
import { requireAxes, requireFinite } from '../signal/finite.ts'

export type Peak = {
  /** Largest absolute value, unit of the samples. */
  readonly value: number
  /** First sample that reaches it; its instant is index / sampling rate. */
  readonly index: number
}

/** Largest |x|: PGA, PGV or PGD of one component. `signed` is the sample itself. @throws RangeError naming a sample that is no number */
export function peakAbs(x: Float64Array): Peak & { readonly signed: number } {
  requireFinite(x)
  let value = -1
  let index = 0
  for (let i = 0; i < x.length; i++) {
    const magnitude = Math.abs(x[i]!)
    if (magnitude > value) {
      value = magnitude
      index = i
    }
  }
  return { value, index, signed: x[index]! }
}

/** Largest √(Σ x_axis²) at one instant: the resultant of two or three components. @throws RangeError as `requireAxes` does */
export function vectorPeak(axes: readonly Float64Array[]): Peak {
  requireAxes(axes)
  const squares = squaredMagnitude(axes)
  const { value, index } = peakAbs(squares)
  return { value: Math.sqrt(value), index }
}

/** Σ x_axis² of every sample; all axes of one length. */
export function squaredMagnitude(axes: readonly Float64Array[]): Float64Array {
  const squares = new Float64Array(axes[0]!.length)
  for (const axis of axes) for (let i = 0; i < squares.length; i++) squares[i]! += axis[i]! * axis[i]!
  return squares
}

/** √(mean x²), unit of the samples: 0.7071 A for a sine of amplitude A. */
export function rms(x: Float64Array): number {
  requireFinite(x)
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!
  return Math.sqrt(sum / x.length)
}

/** Peak over RMS: 1.4142 for a sine, 1 for a square wave; undefined where all samples are zero. */
export function crestFactor(x: Float64Array): number | undefined {
  const effective = rms(x)
  return effective === 0 ? undefined : peakAbs(x).value / effective
}
