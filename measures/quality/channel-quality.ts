/**
 * All quality tests of one channel: as a stream, one sample at a time with a state that survives restarts, and as a batch
 * over a record. Both give the same flags. What is done with a flag (show, store, alarm "unconfirmed") is the caller's.
 *
 * A value that the gross range fails is hidden from the other tests, as if it were missing: the good value after a false
 * 1000 m must not be blamed for the fall.
 */
import { FAIL, type Flag, MISSING, NOT_EVALUATED } from '../../domain/reading.ts'
import type { Instant } from '../../domain/time.ts'
import { requireSeries } from '../water/checks.ts'
import {
  type AttenuatedSignal,
  type AttenuatedSignalState,
  AttenuatedSignalTest,
  attenuatedSignal,
} from './attenuated-signal.ts'
import { type Climatology, climatology, climatologyFlag, requireClimatology } from './climatology.ts'
import { combineFlags } from './combine.ts'
import { isMissing, withoutCodes } from './flags.ts'
import { type FlatLine, type FlatLineState, FlatLineTest, flatLine } from './flat-line.ts'
import { type GrossRange, grossRange, grossRangeFlag, requireGrossRange } from './gross-range.ts'
import { type RateOfChange, type RateOfChangeState, RateOfChangeTest, rateOfChange } from './rate-of-change.ts'
import { type Spike, type SpikeState, SpikeTest, spike } from './spike.ts'

/** The tests of a channel, in the unit of its values; those left out are not made. */
export type ChannelTests = {
  readonly grossRange?: GrossRange
  readonly climatology?: Climatology
  readonly rateOfChange?: RateOfChange
  readonly flatLine?: FlatLine
  readonly attenuatedSignal?: AttenuatedSignal
  readonly spike?: Spike
  /** Values that the source writes for "no data", e.g. −999999 (USGS). */
  readonly missingCodes?: readonly number[]
}

/** In the order in which they are blamed: the plainest reason first. */
export const TEST_NAMES = [
  'grossRange',
  'spike',
  'rateOfChange',
  'flatLine',
  'attenuatedSignal',
  'climatology',
] as const
export type TestName = (typeof TEST_NAMES)[number]
export type TestFlags = Partial<Record<TestName, Flag>>

export type Judged = {
  readonly t_ns: Instant
  readonly flag: Flag
  /** The test that gave the flag, where it is 3 or 4; null otherwise. */
  readonly test: TestName | null
  readonly flags: TestFlags
  /** The spike test still waits for the next sample: the flag may become 3 or 4, or 1 instead of 2, never better than it is. */
  readonly provisional: boolean
}

export type Pushed = {
  readonly now: Judged
  /** The sample before with its final flag, where the spike test has now judged it and any of its flags changed. */
  readonly revised: Judged | null
  /** The instant did not lie after the last one: the channel was begun anew, all history forgotten. */
  readonly restarted: boolean
}

/** Plain JSON. */
export type ChannelQualityState = {
  readonly last_ns: string | null
  readonly pending: TestFlags | null
  readonly spike: SpikeState | null
  readonly rateOfChange: RateOfChangeState | null
  readonly flatLine: FlatLineState | null
  readonly attenuatedSignal: AttenuatedSignalState | null
}

function judge(t_ns: Instant, flags: TestFlags, missing: boolean, provisional: boolean): Judged {
  const all = TEST_NAMES.flatMap((name) => flags[name] ?? [])
  const flag = missing ? MISSING : all.length === 0 ? NOT_EVALUATED : combineFlags(all)
  const test = flag === 3 || flag === 4 ? TEST_NAMES.find((name) => flags[name] === flag)! : null
  return { t_ns, flag, test, flags, provisional }
}

/** Seconds since 1970 as the tests count them; a double holds them to 0.25 µs, far below any sampling of a slow channel. */
const seconds = (t_ns: Instant): number => Number(t_ns) / 1e9

export class ChannelQuality {
  readonly #tests: ChannelTests
  #last_ns: Instant | null = null
  /** Flags of the last sample while its spike test waits. */
  #pending: TestFlags | null = null
  #spike: SpikeTest | undefined
  #rateOfChange: RateOfChangeTest | undefined
  #flatLine: FlatLineTest | undefined
  #attenuatedSignal: AttenuatedSignalTest | undefined

  /**
   * @param state from `state()` of a channel with the same tests; a test that is new begins without history
   * @throws RangeError naming the setting that makes no sense
   */
  constructor(tests: ChannelTests, state?: ChannelQualityState) {
    if (tests.grossRange) requireGrossRange(tests.grossRange)
    if (tests.climatology) requireClimatology(tests.climatology)
    this.#tests = tests
    this.#begin(state)
  }

  /**
   * @param value null, NaN and the missing codes are flag 9
   * @returns the flag of this sample, and the final flag of the one before if the spike test changed it
   */
  push({ t_ns, value }: { readonly t_ns: Instant; readonly value: number | null }): Pushed {
    const restarted = this.#last_ns !== null && t_ns <= this.#last_ns
    if (restarted) this.#begin(undefined)
    const { grossRange: range, climatology: climate, missingCodes } = this.#tests
    const missing = isMissing(value, missingCodes)
    const x = missing ? Number.NaN : value
    const t_s = seconds(t_ns)
    const flags: TestFlags = {}
    if (range) flags.grossRange = grossRangeFlag(x, range)
    const failed = flags.grossRange === FAIL
    const shown = failed ? Number.NaN : x
    // A test that was shown nothing has nothing to say about a value that is there.
    const say = (flag: Flag): Flag => (failed ? NOT_EVALUATED : flag)
    const spiked = this.#spike?.push(t_s, shown)
    if (spiked) flags.spike = say(spiked.now)
    if (this.#rateOfChange) flags.rateOfChange = say(this.#rateOfChange.push(t_s, shown))
    if (this.#flatLine) flags.flatLine = say(this.#flatLine.push(t_s, shown))
    if (this.#attenuatedSignal) flags.attenuatedSignal = say(this.#attenuatedSignal.push(t_s, shown))
    if (climate) flags.climatology = say(climatologyFlag(t_s, shown, climate))
    const revised = this.#revise(spiked?.before ?? null)
    const waits = this.#spike !== undefined && Number.isFinite(shown)
    this.#pending = waits ? flags : null
    this.#last_ns = t_ns
    return { now: judge(t_ns, flags, missing, waits), revised, restarted }
  }

  #revise(spikeFlag: Flag | null): Judged | null {
    if (this.#pending === null || spikeFlag === null || this.#pending.spike === spikeFlag) return null
    return judge(this.#last_ns!, { ...this.#pending, spike: spikeFlag }, false, false)
  }

  state(): ChannelQualityState {
    return {
      last_ns: this.#last_ns === null ? null : String(this.#last_ns),
      pending: this.#pending && { ...this.#pending },
      spike: this.#spike?.state() ?? null,
      rateOfChange: this.#rateOfChange?.state() ?? null,
      flatLine: this.#flatLine?.state() ?? null,
      attenuatedSignal: this.#attenuatedSignal?.state() ?? null,
    }
  }

  #begin(state: ChannelQualityState | undefined): void {
    const tests = this.#tests
    this.#last_ns = state?.last_ns ? (BigInt(state.last_ns) as Instant) : null
    this.#pending = state?.pending ? { ...state.pending } : null
    this.#spike = tests.spike && new SpikeTest(tests.spike, state?.spike ?? undefined)
    this.#rateOfChange =
      tests.rateOfChange && new RateOfChangeTest(tests.rateOfChange, state?.rateOfChange ?? undefined)
    this.#flatLine = tests.flatLine && new FlatLineTest(tests.flatLine, state?.flatLine ?? undefined)
    this.#attenuatedSignal =
      tests.attenuatedSignal && new AttenuatedSignalTest(tests.attenuatedSignal, state?.attenuatedSignal ?? undefined)
  }
}

/**
 * The same tests over a record.
 * @param t_s seconds since 1970 UTC, rising
 * @returns per value the final flag, the test that gave it, and the flag of each test
 */
export function judgeSeries(
  t_s: ArrayLike<number>,
  values: ArrayLike<number | null>,
  tests: ChannelTests,
): Array<Pick<Judged, 'flag' | 'test' | 'flags'>> {
  const x = withoutCodes(values, tests.missingCodes)
  requireSeries(t_s, x)
  const range = tests.grossRange && grossRange(x, tests.grossRange)
  const shown = x.map((value, i) => (range?.[i] === FAIL ? Number.NaN : value))
  const rows: Partial<Record<TestName, Flag[]>> = {
    ...(tests.spike && { spike: spike(t_s, shown, tests.spike) }),
    ...(tests.rateOfChange && { rateOfChange: rateOfChange(t_s, shown, tests.rateOfChange) }),
    ...(tests.flatLine && { flatLine: flatLine(t_s, shown, tests.flatLine) }),
    ...(tests.attenuatedSignal && { attenuatedSignal: attenuatedSignal(t_s, shown, tests.attenuatedSignal) }),
    ...(tests.climatology && { climatology: climatology(t_s, shown, tests.climatology) }),
  }
  return Array.from(x, (value, i) => {
    const failed = range?.[i] === FAIL
    const flags: TestFlags = range ? { grossRange: range[i]! } : {}
    for (const name of TEST_NAMES) if (rows[name]) flags[name] = failed ? NOT_EVALUATED : rows[name][i]!
    const { flag, test } = judge(0n as Instant, flags, Number.isNaN(value), false)
    return { flag, test, flags }
  })
}
