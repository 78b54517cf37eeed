/**
 * The readings of whole seconds of a measure (PGA, PGV), with what quality control says of the samples they were made of: a
 * doubtful sample makes its second suspect, a failed one takes no part in it, and a second of failed samples only has no value.
 */
import { FAIL, type Reading, type Reason, SUSPECT } from '../domain/reading.ts'
import { instant, NS_PER_S } from '../domain/time.ts'

type Blame = { readonly reason: Reason; readonly axis: string; failed: number; suspect: number }

/** Seconds with doubtful samples that were not told yet: those of one poll, and one that is open. */
const BLAMED_MAX = 1000

/** `settled` false: the filter of the measure still feels that samples are missing before it. */
export type MeasuredSecond = {
  readonly second: number
  readonly value: number
  readonly samples: number
  readonly whole: boolean
  readonly settled?: boolean
}

export class SecondReadings {
  readonly #channel: string
  readonly #sample_rate_hz: number
  readonly #blamed = new Map<number, Blame>()
  /** Why a second is not whole. */
  incomplete: Reason = 'edge-down'

  constructor(channel: string, sample_rate_hz: number) {
    this.#channel = channel
    this.#sample_rate_hz = sample_rate_hz
  }

  /** A sample of this second is suspect, or has failed. */
  blame(second: number, failed: boolean, reason: Reason, axis: string): void {
    let blame = this.#blamed.get(second)
    // A failure is the better reason.
    if (blame === undefined || (failed && blame.failed === 0)) {
      if (this.#blamed.size >= BLAMED_MAX) this.#blamed.delete(this.#blamed.keys().next().value!)
      blame = { reason, axis, failed: 0, suspect: blame?.suspect ?? 0 }
      this.#blamed.set(second, blame)
    }
    if (failed) blame.failed++
    else blame.suspect++
  }

  /**
   * @param done seconds with a value, complete
   * @param now_s second of the newest sample: what is before it and has no value will get none
   */
  readings(done: readonly MeasuredSecond[], now_s: number, half_width_ns: bigint): Reading[] {
    // Most polls end no second.
    if (done.length === 0 && this.#blamed.size === 0) return []
    const valued = new Set(done.map(({ second }) => second))
    const empty = [...this.#blamed].filter(
      ([second, { failed }]) => second < now_s && failed > 0 && !valued.has(second),
    )
    const common = (second: number) => ({
      channel: this.#channel,
      t_ns: instant(BigInt(second) * NS_PER_S),
      half_width_ns,
    })
    const readings = [
      ...done.map((second): Reading => ({ ...common(second.second), ...this.#judged(second) })),
      ...empty.map(
        ([second, { reason, axis }]): Reading => ({
          ...common(second),
          value: null,
          flag: FAIL,
          reason,
          detail: `no sample of this second passed the tests of axis ${axis}`,
        }),
      ),
    ]
    for (const second of this.#blamed.keys()) if (second < now_s) this.#blamed.delete(second)
    return readings.sort((a, b) => (a.t_ns < b.t_ns ? -1 : 1))
  }

  #judged(of: MeasuredSecond): Pick<Reading, 'value' | 'flag' | 'reason' | 'detail'> {
    const { second, value, samples, whole, settled = true } = of
    const blame = this.#blamed.get(second)
    if (blame !== undefined) {
      const { reason, axis, failed, suspect } = blame
      const detail =
        failed > 0
          ? `${failed} samples of axis ${axis} failed their tests and are left out`
          : `${suspect} samples of axis ${axis} are suspect`
      return { value, flag: SUSPECT, reason, detail }
    }
    if (whole && settled) return { value, flag: 1 }
    if (whole)
      return { value, flag: SUSPECT, reason: this.incomplete, detail: 'its filter settles after missing samples' }
    const detail = `of ${samples} samples of this second; it has about ${Math.round(this.#sample_rate_hz)}`
    return { value, flag: SUSPECT, reason: this.incomplete, detail }
  }

  reset(): void {
    this.#blamed.clear()
  }
}
