/**
 * QARTOD attenuated signal: a signal that still moves, but less than it ever does: a silted intake, a cable half through, a
 * damped sensor. Range or standard deviation over a period must not fall below a threshold.
 */
import { type Flag, MISSING, NOT_EVALUATED } from '../../domain/reading.ts'
import { requireSeries } from '../water/checks.ts'
import { flagBelow, requireThresholds, type Thresholds } from './flags.ts'

/** Thresholds in the unit of the values: below them is suspect, or failed. */
export type AttenuatedSignal = Thresholds & {
  /** Default `std`. */
  readonly check?: 'std' | 'range'
  /** Period looked back over [s]: the window (t − period, t]. */
  readonly period_s: number
  /** Fewer values than this in the window are not evaluated; default 2. */
  readonly count_min?: number
  /** The values must span this long [s], else not evaluated; default 0. */
  readonly span_min_s?: number
}

/**
 * The window is kept as this many parts, so that a day of 1 s values needs no more memory than 64: values leave it in parts,
 * and its start lies up to a 64th of the period late.
 */
const PARTS = 64

/** Part number and what its values amount to; m2 = sum of squared deviations from their mean. */
type Part = [
  index: number,
  count: number,
  mean: number,
  m2: number,
  least: number,
  greatest: number,
  first_s: number,
  last_s: number,
]
export type AttenuatedSignalState = { readonly parts: Part[] }

export function requireAttenuatedSignal(test: AttenuatedSignal): void {
  requireThresholds('attenuatedSignal', test)
  if (!(Number.isFinite(test.period_s) && test.period_s > 0))
    throw new RangeError(`attenuatedSignal.period_s: expected above 0, got ${test.period_s}`)
}

export class AttenuatedSignalTest {
  readonly #test: AttenuatedSignal
  readonly #part_s: number
  #parts: Part[]

  constructor(test: AttenuatedSignal, state?: AttenuatedSignalState) {
    requireAttenuatedSignal(test)
    this.#test = test
    this.#part_s = test.period_s / PARTS
    this.#parts = state?.parts.map((part) => [...part]) ?? []
  }

  push(t_s: number, x: number): Flag {
    if (!Number.isFinite(x)) return MISSING
    const index = Math.floor(t_s / this.#part_s)
    while ((this.#parts[0]?.[0] ?? index) <= index - PARTS) this.#parts.shift()
    const last = this.#parts.at(-1)
    if (last?.[0] === index) add(last, t_s, x)
    else this.#parts.push([index, 1, x, 0, x, x, t_s, t_s])
    const { count_min = 2, span_min_s = 0, check = 'std' } = this.#test
    const whole = this.#parts.reduce(merge)
    if (whole[1] < count_min || whole[7] - whole[6] < span_min_s) return NOT_EVALUATED
    if (check === 'range') return flagBelow(whole[5] - whole[4], this.#test)
    return whole[1] < 2 ? NOT_EVALUATED : flagBelow(Math.sqrt(whole[3] / (whole[1] - 1)), this.#test)
  }

  state(): AttenuatedSignalState {
    return { parts: this.#parts.map((part) => [...part]) }
  }
}

/** One more value (Welford): no sum of squares, which would lose the small motion on top of a large stage. */
function add(part: Part, t_s: number, x: number): void {
  part[1]++
  const from = x - part[2]
  part[2] += from / part[1]
  part[3] += from * (x - part[2])
  part[4] = Math.min(part[4], x)
  part[5] = Math.max(part[5], x)
  part[7] = t_s
}

/** Two parts as one (Chan, Golub, LeVeque 1983). */
function merge(a: Part, b: Part): Part {
  const count = a[1] + b[1]
  const apart = b[2] - a[2]
  const mean = a[2] + (apart * b[1]) / count
  const m2 = a[3] + b[3] + (apart * apart * a[1] * b[1]) / count
  return [b[0], count, mean, m2, Math.min(a[4], b[4]), Math.max(a[5], b[5]), a[6], b[7]]
}

/** @throws RangeError for instants that do not rise */
export function attenuatedSignal(t_s: ArrayLike<number>, values: ArrayLike<number>, test: AttenuatedSignal): Flag[] {
  requireSeries(t_s, values)
  const machine = new AttenuatedSignalTest(test)
  return Array.from(values, (x, i) => machine.push(t_s[i]!, x))
}

/**
 * The whole record at once, as ioos_qc without a period: one flag for all values, 9 where missing, 2 where there are none.
 * The standard deviation is that of the record (n), not of a sample (n − 1) as in a window.
 */
export function attenuatedRecord(
  values: ArrayLike<number>,
  test: Thresholds & { readonly check?: 'std' | 'range' },
): Flag[] {
  requireThresholds('attenuatedSignal', test)
  let whole: Part | undefined
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!
    if (!Number.isFinite(x)) continue
    if (whole === undefined) whole = [0, 1, x, 0, x, x, 0, 0]
    else add(whole, 0, x)
  }
  const flag = (): Flag => {
    if (whole === undefined) return NOT_EVALUATED
    return flagBelow(test.check === 'range' ? whole[5] - whole[4] : Math.sqrt(whole[3] / whole[1]), test)
  }
  const all = flag()
  return Array.from(values, (x) => (Number.isFinite(x) ? all : MISSING))
}
