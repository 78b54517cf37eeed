/**
 * One limit with its present state: samples in, transitions to the recorder, and what no record tells kept over restarts.
 * When a condition becomes true is `condition.ts`; which samples it sees is `limit-watch.ts`.
 */
import type { ConditionRecord } from '../../domain/condition.ts'
import type { Log } from '../../domain/ports.ts'
import { FAIL, type Flag, MISSING } from '../../domain/reading.ts'
import { type Instant, instant, NS_PER_S } from '../../domain/time.ts'
import {
  afterSilence,
  type Condition,
  type ConditionState,
  deadlineOf,
  evaluate,
  isQuiet,
  judge,
  type Sample,
  type Step,
  stateOf,
} from '../condition.ts'
import type { EdgeState, Recorder } from '../ports.ts'

export type LimitShell = { readonly recorder: Recorder; readonly state: EdgeState; readonly log: Log }
/** What of a state no record tells: the peak since, a delay that is running, and when the channel was last heard. */
type Saved = { occurrence: number; raised: boolean; peak: number | null; since_ns: string | null; heard_ns?: string }
const CLOCK_SET_NS = 60n * NS_PER_S
export type Timing = {
  /** After so long without a sample nothing is known. */
  readonly silent_ns?: bigint
  /** Poll period, where a value stands until the next poll and the clock may end a delay between two. */
  readonly period_ns?: bigint
}

export class WatchedLimit {
  readonly #condition: Condition
  readonly #shell: LimitShell
  readonly #timing: Timing
  readonly #told: (record: ConditionRecord) => void
  #state: ConditionState
  #saved: ConditionState
  #last: Sample | undefined
  #heard_ns: Instant | undefined
  /** Instant of the last transition from before this start: samples up to it were evaluated then. */
  readonly told_ns: Instant | undefined

  constructor(
    condition: Condition,
    shell: LimitShell,
    timing: Timing = {},
    told: (record: ConditionRecord) => void = () => {},
  ) {
    this.#condition = condition
    this.#shell = shell
    this.#timing = timing
    this.#told = told
    const last = shell.recorder.lastCondition(condition.limit.id)
    this.told_ns = last?.at_ns
    this.#state = this.#restore(stateOf(last, shell.recorder.cleanStart))
    this.#saved = this.#state
  }

  get id(): string {
    return this.#condition.limit.id
  }
  get raised(): boolean {
    return this.#state.raised
  }
  get exercise(): boolean {
    return this.#condition.exercise
  }
  get delayed(): boolean {
    return this.#condition.on_delay_ns > 0n || this.#condition.off_delay_ns > 0n
  }
  get occurrence(): number {
    return this.#state.occurrence
  }

  /** True where `value` cannot change anything, at whatever instant. */
  quiet(value: number): boolean {
    return isQuiet(this.#condition, this.#state, value)
  }

  evaluate(value: number, flag: Flag, t_ns: Instant): void {
    if (flag === FAIL || flag === MISSING || Number.isNaN(value)) return
    this.#hear({ value, flag, t_ns }, evaluate)
  }

  /**
   * A quantity that is known whatever the flag of the values it was made of. The mid-point of a request may lie before the
   * last look of the clock: time does not run back for that, only for a clock that was set.
   */
  judge(value: number, flag: Flag, t_ns: Instant): void {
    const last_ns = this.#last?.t_ns ?? t_ns
    const at = last_ns > t_ns && last_ns - t_ns < CLOCK_SET_NS ? last_ns : t_ns
    this.#hear({ value, flag, t_ns: at }, judge)
  }

  /**
   * Ends a delay by the clock. The newest value stands until the next poll; where that poll is about to come it decides, and
   * once the channel has been silent for too long nobody does.
   */
  tick(now: Instant): void {
    const deadline_ns = deadlineOf(this.#condition, this.#state)
    const { period_ns, silent_ns } = this.#timing
    if (deadline_ns === undefined || now < deadline_ns || this.#last === undefined) return
    if (period_ns === undefined || silent_ns === undefined) return
    const age_ns = now - this.#last.t_ns
    const pollIsDue = 4n * age_ns >= 3n * period_ns && 2n * age_ns < 3n * period_ns
    if (pollIsDue || age_ns > silent_ns) return
    this.#take(judge(this.#condition, this.#state, { ...this.#last, t_ns: deadline_ns }))
  }

  #hear(sample: Sample, step: typeof judge): void {
    const { silent_ns } = this.#timing
    const heard_ns = this.#last?.t_ns ?? this.#heard_ns
    if (silent_ns !== undefined && heard_ns !== undefined && sample.t_ns - heard_ns > silent_ns)
      this.#state = afterSilence(this.#state)
    this.#last = sample
    this.#take(step(this.#condition, this.#state, sample))
  }

  #take({ state, records }: Step): void {
    this.#state = state
    for (const record of records) {
      this.#shell.recorder.condition(record)
      const { limit_id, occurrence, value, limit, unit } = record
      const tell = record.state ? this.#shell.log.warn : this.#shell.log.info
      tell(record.state ? 'limit crossed' : 'limit returned', { limit_id, occurrence, value, limit, unit })
      this.#told(record)
    }
  }

  /** Once a poll: keeps what no record tells. */
  save(): void {
    if (this.#state === this.#saved) return
    this.#saved = this.#state
    const { occurrence, raised, peak, since_ns } = this.#state
    const saved: Saved = {
      occurrence,
      raised,
      peak: peak !== null && Number.isFinite(peak) ? peak : null,
      since_ns: since_ns === null ? null : String(since_ns),
      ...(this.#last && { heard_ns: String(this.#last.t_ns) }),
    }
    this.#shell.state.set(`limit/${this.id}`, saved)
  }

  #restore(state: ConditionState): ConditionState {
    const saved = this.#shell.state.get(`limit/${this.id}`) as Saved | undefined
    if (saved === undefined || saved.occurrence !== state.occurrence || saved.raised !== state.raised) return state
    if (saved.heard_ns !== undefined) this.#heard_ns = instant(BigInt(saved.heard_ns))
    return { ...state, peak: saved.peak, since_ns: saved.since_ns === null ? null : instant(BigInt(saved.since_ns)) }
  }
}
