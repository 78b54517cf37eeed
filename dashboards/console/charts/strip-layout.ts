/**
 * From blocks of samples to what each pixel column of the live strip shows: lowest and highest value, clipped or not, and
 * nothing where there was no sample. Pure; `strip-canvas.ts` draws it.
 */
import type { SampleArray } from '../../../domain/reading.ts'

export type StripBlock = {
  readonly t0_ms: number
  readonly step_ms: number
  /** SI per count. */
  readonly scale: number
  readonly first_counter: number
  /** Counts of full scale: the lowest is its negative, the highest one less. Default those of 16 bits. */
  readonly full_steps?: number
  /** Counts; SI already, with a scale of 1, where a filter has made them. NaN: no sample. */
  readonly axes: ReadonlyArray<SampleArray | Float64Array>
}

/** A sensor of 16 bits; at either end it is at its full scale, the true value is beyond. */
const FULL_STEPS = 32_768

export const endOf_ms = (block: StripBlock): number => block.t0_ms + (block.axes[0]?.length ?? 0) * block.step_ms

/** The stored and the live copy of a block may differ a little in t0; the same counter after a restart lies further away. */
const SAME_MS = 1000

/** In order of time, each counter once, nothing that ended before `from_ms`. */
export function addBlock(blocks: readonly StripBlock[], block: StripBlock, from_ms: number): StripBlock[] {
  const kept = blocks.filter((b) => endOf_ms(b) >= from_ms)
  if (kept.some((b) => b.first_counter === block.first_counter && Math.abs(b.t0_ms - block.t0_ms) < SAME_MS))
    return kept
  let at = kept.length
  while (at > 0 && kept[at - 1]!.t0_ms > block.t0_ms) at -= 1
  kept.splice(at, 0, block)
  return kept
}

export type AxisStats = {
  readonly count: number
  /** SI, over the window. */
  readonly mean: number
  /** Largest deviation from the mean. */
  readonly peak: number
  readonly clipped: boolean
}

export function axisStats(blocks: readonly StripBlock[], axis: number, from_ms: number, to_ms: number): AxisStats {
  let count = 0
  let sum = 0
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let clipped = false
  eachSample(blocks, axis, from_ms, to_ms, (_t, value, atFull) => {
    count += 1
    sum += value
    low = Math.min(low, value)
    high = Math.max(high, value)
    clipped ||= atFull
  })
  if (count === 0) return { count, mean: 0, peak: 0, clipped }
  const mean = sum / count
  return { count, mean, peak: Math.max(high - mean, mean - low), clipped }
}

export type StripColumns = {
  /** SI, mean taken off; NaN where the column holds no sample. */
  readonly low: Float64Array
  readonly high: Float64Array
  /** 1 where a sample stood at the sensor's full scale. */
  readonly clipped: Uint8Array
}

/**
 * Lowest and highest value for each of `width` columns of [from_ms, to_ms). Successive samples are joined, also across
 * columns between them; a pause of more than one and a half sample steps is left open.
 */
export function stripColumns(
  blocks: readonly StripBlock[],
  axis: number,
  from_ms: number,
  to_ms: number,
  width: number,
  mean: number,
): StripColumns {
  const low = new Float64Array(width).fill(Number.NaN)
  const high = new Float64Array(width).fill(Number.NaN)
  const clipped = new Uint8Array(width)
  const perColumn_ms = (to_ms - from_ms) / width
  const widen = (column: number, value: number) => {
    if (!(value >= low[column]!)) low[column] = value
    if (!(value <= high[column]!)) high[column] = value
  }
  let last_ms = Number.NEGATIVE_INFINITY
  let last = 0
  eachSample(blocks, axis, from_ms, to_ms, (t_ms, sample, atFull, step_ms) => {
    const value = sample - mean
    const column = Math.min(width - 1, Math.floor((t_ms - from_ms) / perColumn_ms))
    if (t_ms - last_ms <= 1.5 * step_ms) {
      const before = Math.min(width - 1, Math.floor((last_ms - from_ms) / perColumn_ms))
      for (let c = before + 1; c <= column; c += 1) {
        const share = Math.min(1, Math.max(0, (from_ms + c * perColumn_ms - last_ms) / (t_ms - last_ms)))
        widen(c, last + (value - last) * share)
      }
    }
    widen(column, value)
    if (atFull) clipped[column] = 1
    last_ms = t_ms
    last = value
  })
  return { low, high, clipped }
}

/** The sample nearest to an instant [SI]; null where none lies within one step. */
export function sampleAt(blocks: readonly StripBlock[], axis: number, at_ms: number): number | null {
  for (const { t0_ms, step_ms, scale, axes } of blocks) {
    const raw = axes[axis]?.[Math.round((at_ms - t0_ms) / step_ms)]
    if (raw !== undefined && !Number.isNaN(raw)) return raw * scale
  }
  return null
}

/** Least half-range of the strip: 2 gal, so that a quiet sensor's noise stays a thin line. */
export const LEAST_SCALE_M_S2 = 0.02

/** The next of 1, 2, 3, 5 times a power of ten that is not below `peak`: nothing is ever drawn beyond the lane. */
export function niceScale(peak: number): number {
  const wanted = Math.max(peak, LEAST_SCALE_M_S2)
  const decade = 10 ** Math.floor(Math.log10(wanted) + 1e-12)
  for (const step of [1, 2, 3, 5, 10])
    if (step * decade >= wanted * (1 - 1e-9)) return Number((step * decade).toPrecision(1))
  return 10 * decade
}

function eachSample(
  blocks: readonly StripBlock[],
  axis: number,
  from_ms: number,
  to_ms: number,
  visit: (t_ms: number, value: number, atFull: boolean, step_ms: number) => void,
): void {
  for (const { t0_ms, step_ms, scale, full_steps = FULL_STEPS, axes } of blocks) {
    const samples = axes[axis]
    if (samples === undefined) continue
    const first = Math.max(0, Math.ceil((from_ms - t0_ms) / step_ms))
    for (let i = first; i < samples.length; i += 1) {
      const t_ms = t0_ms + i * step_ms
      if (t_ms >= to_ms) break
      const raw = samples[i]!
      if (Number.isNaN(raw)) continue
      visit(t_ms, raw * scale, raw <= -full_steps || raw >= full_steps - 1, step_ms)
    }
  }
}
