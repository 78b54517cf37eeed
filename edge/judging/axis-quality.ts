/**
 * Quality control of one axis of a ring or queue, on every sample: the tests of `measures/quality/`, evenly spaced in
 * device time, which is the counter over the rate. A sample that fails takes no part in measures and raises no limit. The
 * state is that at a border of blocks, from where samples are read again after a restart: each is judged once.
 */
import type { QualityTestsSi } from '../../domain/quality-tests.ts'
import { FAIL, type Flag, GOOD, type Reason, SUSPECT } from '../../domain/reading.ts'
import { FlatLineTest } from '../../measures/quality/flat-line.ts'
import { grossRangeFlag } from '../../measures/quality/gross-range.ts'
import { RateOfChangeTest } from '../../measures/quality/rate-of-change.ts'
import { LoneJump } from './lone-jump.ts'
import { channelTests } from './quality-watch.ts'

export type AxisQualityState = {
  readonly rate?: ReturnType<RateOfChangeTest['state']> | undefined
  readonly flat?: ReturnType<FlatLineTest['state']> | undefined
  readonly jump?: ReturnType<LoneJump['state']> | undefined
}

export class AxisQuality {
  readonly #gross: ReturnType<typeof channelTests>['grossRange']
  readonly #rate: RateOfChangeTest | undefined
  readonly #flat: FlatLineTest | undefined
  readonly #jump: LoneJump | undefined
  /** Of the newest sample, where it is suspect or failed: the plainest reason first. */
  reason: Reason = 'gross-range'

  constructor(tests: QualityTestsSi, sample_rate_hz: number, state?: AxisQualityState) {
    const { grossRange, rateOfChange, flatLine } = channelTests(tests)
    this.#gross = grossRange
    this.#rate = rateOfChange && new RateOfChangeTest(rateOfChange, state?.rate)
    this.#flat = flatLine && new FlatLineTest(flatLine, state?.flat)
    this.#jump = tests.spike && new LoneJump(tests.spike, 1 / sample_rate_hz, state?.jump)
  }

  /** @param t_s device time [s], later than that of the sample before */
  push(t_s: number, value: number): Flag {
    let worst: Flag = GOOD
    const told = (flag: Flag, reason: Reason): void => {
      if (flag !== FAIL && (flag !== SUSPECT || worst !== GOOD)) return
      if (worst === FAIL) return
      worst = flag
      this.reason = reason
    }
    if (this.#gross !== undefined) told(grossRangeFlag(value, this.#gross), 'gross-range')
    // What cannot be is no neighbour of the others.
    const shown = worst === FAIL ? Number.NaN : value
    if (this.#jump !== undefined) told(this.#jump.push(t_s, Number.isNaN(shown) ? null : shown), 'spike')
    if (this.#rate !== undefined) told(this.#rate.push(t_s, shown), 'rate-of-change')
    if (this.#flat !== undefined) told(this.#flat.push(t_s, shown), 'flat-line')
    return worst
  }

  /** By the gross range alone, which needs no neighbour. */
  possible(value: number): boolean {
    return this.#gross === undefined || grossRangeFlag(value, this.#gross) !== FAIL
  }

  state(): AxisQualityState {
    return { rate: this.#rate?.state(), flat: this.#flat?.state(), jump: this.#jump?.state() }
  }
}
