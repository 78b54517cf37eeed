/**
 * Arithmetic on runs of a device's sample counter: which part of a new block nobody has stored yet, and the figures kept
 * beside the samples so that a long view need not decode them.
 */
import { isWide, type SampleArray, sampleArray } from '../domain/reading.ts'

/** Counters [first, first + n). */
export type Run = { readonly first: number; readonly n: number }

/** The parts of `run` that none of `stored` covers; `stored` ascending and apart. */
export function uncovered(run: Run, stored: readonly Run[]): Run[] {
  const out: Run[] = []
  const end = run.first + run.n
  let from = run.first
  for (const { first, n } of stored) {
    if (first > from) out.push({ first: from, n: Math.min(first, end) - from })
    from = Math.max(from, first + n)
    if (from >= end) return out
  }
  out.push({ first: from, n: end - from })
  return out
}

/** Counters that both runs hold, or `undefined`. */
export function overlap(a: Run, b: Run): Run | undefined {
  const first = Math.max(a.first, b.first)
  const n = Math.min(a.first + a.n, b.first + b.n) - first
  return n > 0 ? { first, n } : undefined
}

/** Samples of several axes, each axis' `n` after another. */
export type Samples = { readonly data: SampleArray; readonly axes: number; readonly first: number; readonly n: number }

/** Whether both hold the same samples for the counters of `run`. */
export function sameSamples(a: Samples, b: Samples, run: Run): boolean {
  if (a.axes !== b.axes) return false
  for (let axis = 0; axis < a.axes; axis++) {
    const fromA = axis * a.n + run.first - a.first
    const fromB = axis * b.n + run.first - b.first
    for (let i = 0; i < run.n; i++) if (a.data[fromA + i] !== b.data[fromB + i]) return false
  }
  return true
}

/** The samples of `run` alone. */
export function cut(samples: Samples, run: Run): Samples {
  const data = sampleArray(isWide(samples.data), run.n * samples.axes)
  for (let axis = 0; axis < samples.axes; axis++) {
    const from = axis * samples.n + run.first - samples.first
    data.set(samples.data.subarray(from, from + run.n), axis * run.n)
  }
  return { data, axes: samples.axes, first: run.first, n: run.n }
}

/** Figures of an axis in a block, in register steps; their places in the stored array. */
export const STATS = { min: 0, max: 1, sum: 2, length: 3 } as const

/** Longest block the store takes: the sum of so many int16 still fits int32, of so many int32 a double. */
export const BLOCK_SAMPLES_MAX = 65_536

/** min, max and sum of every axis; doubles where the samples are wide, for their sums. */
export function statsOf({ data, axes, n }: Samples): Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  const wide = isWide(data)
  const stats = wide ? new Float64Array(axes * STATS.length) : new Int32Array(axes * STATS.length)
  for (let axis = 0; axis < axes; axis++) {
    let min = wide ? 2 ** 31 - 1 : 32_767
    let max = wide ? -(2 ** 31) : -32_768
    let sum = 0
    const end = (axis + 1) * n
    for (let i = axis * n; i < end; i++) {
      const v = data[i]!
      if (v < min) min = v
      if (v > max) max = v
      sum += v
    }
    stats.set([min, max, sum], axis * STATS.length)
  }
  return stats
}
