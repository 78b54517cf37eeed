/** Blocks of one device as one run of samples on a grid: what is missing is known, and two floors share their instants. Pure. */
import type { StoredBlock } from '../domain/ports.ts'
import type { Instant } from '../domain/time.ts'

export type FloorRecord = {
  readonly sample_rate_hz: number
  /** Axes in SI, each less the mean of what is there; 0 where a sample is missing. */
  readonly axes: ReadonlyMap<string, Float64Array>
  /** Means that were taken off. */
  readonly means: ReadonlyMap<string, number>
  /** Share of the samples that are there, 0 to 1. */
  readonly complete: number
  /** The same of the part that was asked about, e.g. of the shaking alone. */
  readonly core_complete: number
  readonly unit: string
  readonly exercise: boolean
}

/** An hour at 500 Hz; a span that is longer is the caller's mistake. */
const SAMPLES_MAX = 1_800_000

/**
 * Samples of [from, to); `undefined` where none is there. Blocks of another rate than the first are left out.
 * @param core  the part whose completeness is told by itself; default all
 */
export function floorRecord(
  blocks: readonly StoredBlock[],
  from: Instant,
  to: Instant,
  core: { readonly from: Instant; readonly to: Instant } = { from, to },
): FloorRecord | undefined {
  const first = blocks[0]
  if (first === undefined) return undefined
  const { sample_rate_hz } = first
  const n = Math.min(SAMPLES_MAX, Math.round((Number(to - from) / 1e9) * sample_rate_hz))
  if (n < 1) return undefined
  const axes = new Map(first.axes.map(({ axis }) => [axis, new Float64Array(n)]))
  const there = new Uint8Array(n)
  for (const block of blocks) {
    if (block.sample_rate_hz !== sample_rate_hz) continue
    const start = Math.round((Number(block.t0_ns - from) / 1e9) * sample_rate_hz)
    for (const { axis, samples } of block.axes) {
      const out = axes.get(axis)
      if (out === undefined) continue
      for (let i = Math.max(0, -start); i < samples.length && start + i < n; i++) {
        out[start + i] = samples[i]! * block.scale
        there[start + i] = 1
      }
    }
  }
  const countOf = (part: Uint8Array) => part.reduce((sum, one) => sum + one, 0)
  const count = countOf(there)
  if (count === 0) return undefined
  const means = new Map<string, number>()
  for (const [axis, x] of axes) {
    const mean = x.reduce((sum, value) => sum + value, 0) / count
    means.set(axis, mean)
    for (let i = 0; i < n; i++) x[i] = there[i] === 1 ? x[i]! - mean : 0
  }
  const sampleAt = (at: Instant) => Math.min(n, Math.max(0, Math.round((Number(at - from) / 1e9) * sample_rate_hz)))
  const asked = there.subarray(sampleAt(core.from), sampleAt(core.to))
  const core_complete = asked.length === 0 ? 0 : countOf(asked) / asked.length
  const { unit, exercise } = first
  return { sample_rate_hz, axes, means, complete: count / n, core_complete, unit, exercise }
}
