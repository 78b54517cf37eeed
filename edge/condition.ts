/**
 * When a limit's condition becomes true and false: limit, deadband, delays. Pure; which samples are seen and where records
 * go is `limit-watch.ts`, what people do about it is the desk's.
 */
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import { FAIL, type Flag, MISSING, SUSPECT } from '../domain/reading.ts'
import { addNs, type Instant, secondsToNs } from '../domain/time.ts'

/** A limit made ready: thresholds as float32, delays in the node's time. */
export type Condition = {
  readonly limit: Limit
  readonly above: boolean
  readonly raise: number
  readonly clear: number
  /** Of `outside`: the other bound, and the level at which it clears. */
  readonly low?: { readonly raise: number; readonly clear: number }
  readonly on_delay_ns: bigint
  readonly off_delay_ns: bigint
  readonly exercise: boolean
}

export type ConditionState = {
  readonly raised: boolean
  readonly occurrence: number
  /** Numbers passed over by the next occurrence: 1 after an unclean stop, whose last record may have been lost. */
  readonly skip: 0 | 1
  readonly onset_ns: Instant | null
  /** Most extreme value of the occurrence, or of the crossing that waits for its on-delay. */
  readonly peak: number | null
  readonly unconfirmed: boolean
  /** First sample of a crossing (when not raised) or of a clearing (when raised) that waits for its delay. */
  readonly since_ns: Instant | null
}

export type Sample = { readonly value: number; readonly t_ns: Instant; readonly flag: Flag }
export type Step = { readonly state: ConditionState; readonly records: readonly ConditionRecord[] }

export const NEVER_RAISED: ConditionState = {
  raised: false,
  occurrence: 0,
  skip: 0,
  onset_ns: null,
  peak: null,
  unconfirmed: false,
  since_ns: null,
}

/**
 * Raise at value >= limit, clear at value < limit - deadband, mirrored for `below`. Limit and clear level are rounded to
 * float32 like the value: with double limits against float32 registers 30 of 111 limits gave other episodes (contracts 5).
 * @param time_scale device seconds per second of the node: delays are in device time
 */
export function conditionOf(limit: Limit, exercise: boolean, time_scale: number): Condition {
  const above = limit.direction === 'above'
  const low = limit.kind === 'outside' ? limit.parameters?.low : undefined
  return {
    limit,
    above,
    raise: Math.fround(limit.limit),
    clear: Math.fround(above ? limit.limit - limit.deadband : limit.limit + limit.deadband),
    ...(low !== undefined && { low: { raise: Math.fround(low), clear: Math.fround(low + limit.deadband) } }),
    on_delay_ns: secondsToNs(limit.on_delay_s / time_scale),
    off_delay_ns: secondsToNs(limit.off_delay_s / time_scale),
    exercise,
  }
}

/** The state that a durable record tells: what was raised stays raised, as the same occurrence. */
export const stateOf = (record: ConditionRecord | undefined, cleanStart: boolean): ConditionState => ({
  ...NEVER_RAISED,
  skip: cleanStart ? 0 : 1,
  ...(record && {
    raised: record.state,
    occurrence: record.occurrence,
    onset_ns: record.onset_ns,
    peak: record.peak,
    unconfirmed: record.unconfirmed,
  }),
})

const crosses = (c: Condition, value: number): boolean =>
  (c.above ? value >= c.raise : value <= c.raise) || (c.low !== undefined && value <= c.low.raise)
const clears = (c: Condition, value: number): boolean =>
  (c.above ? value < c.clear : value > c.clear) && (c.low === undefined || value > c.low.clear)

/** The more extreme of two; of a span the one further from its middle. */
function more(c: Condition, a: number | null, b: number): number {
  if (a === null) return b
  if (c.low !== undefined) {
    const middle = (c.raise + c.low.raise) / 2
    return Math.abs(b - middle) > Math.abs(a - middle) ? b : a
  }
  return c.above ? Math.max(a, b) : Math.min(a, b)
}

/** True for a sample that changes nothing whatever its instant: lets a fast ring skip making one. */
export const isQuiet = (c: Condition, state: ConditionState, value: number): boolean =>
  !state.raised && state.since_ns === null && !crosses(c, Math.fround(value))

/** One sample. Failed and missing values (flags 4 and 9) say nothing: the state stays. */
export function evaluate(c: Condition, state: ConditionState, sample: Sample): Step {
  if (sample.flag === FAIL || sample.flag === MISSING || Number.isNaN(sample.value)) return { state, records: [] }
  return judge(c, state, sample)
}

/** The same for a quantity that is known whatever the flag of the value it was made of: how long a channel has failed. */
export function judge(c: Condition, state: ConditionState, sample: Sample): Step {
  const value = Math.fround(sample.value)
  return state.raised ? whileRaised(c, state, sample, value) : whileNormal(c, state, sample, value)
}

function whileNormal(c: Condition, state: ConditionState, sample: Sample, value: number): Step {
  if (!crosses(c, value)) return { state: state.since_ns === null ? state : rest(state), records: [] }
  const since_ns = state.since_ns ?? sample.t_ns
  const peak = more(c, state.since_ns === null ? null : state.peak, sample.value)
  if (sample.t_ns - since_ns < c.on_delay_ns) return { state: { ...state, since_ns, peak }, records: [] }
  const raised: ConditionState = {
    raised: true,
    occurrence: state.occurrence + 1 + state.skip,
    skip: 0,
    onset_ns: since_ns,
    peak,
    unconfirmed: sample.flag === SUSPECT,
    since_ns: null,
  }
  return { state: raised, records: [recordOf(c, raised, sample)] }
}

function whileRaised(c: Condition, state: ConditionState, sample: Sample, value: number): Step {
  const peak = more(c, state.peak, sample.value)
  if (!clears(c, value)) return { state: { ...state, peak, since_ns: null }, records: [] }
  const since_ns = state.since_ns ?? sample.t_ns
  if (sample.t_ns - since_ns < c.off_delay_ns) return { state: { ...state, peak, since_ns }, records: [] }
  const returned: ConditionState = { ...state, raised: false, peak, since_ns: null }
  return { state: returned, records: [recordOf(c, returned, sample)] }
}

/**
 * Time in which nothing was heard is no time in which a crossing (or a clearing) held: it begins anew with the next sample.
 * Unknown data neither raises nor clears.
 */
export const afterSilence = (state: ConditionState): ConditionState =>
  state.since_ns === null ? state : state.raised ? { ...state, since_ns: null } : rest(state)

/** Instant at which the delay that is running ends; `undefined` where none runs. */
export function deadlineOf(c: Condition, state: ConditionState): Instant | undefined {
  if (state.since_ns === null) return undefined
  return addNs(state.since_ns, state.raised ? c.off_delay_ns : c.on_delay_ns)
}

/** A crossing that did not last: the peak of the last occurrence is not its. */
const rest = (state: ConditionState): ConditionState => ({ ...state, since_ns: null, peak: null })

const recordOf = (c: Condition, state: ConditionState, sample: Sample): ConditionRecord => ({
  limit_id: c.limit.id,
  state: state.raised,
  occurrence: state.occurrence,
  at_ns: sample.t_ns,
  onset_ns: state.onset_ns,
  returned_ns: state.raised ? null : sample.t_ns,
  value: finite(sample.value),
  peak: finite(state.peak),
  limit: boundOf(c, state.peak),
  unit: c.limit.unit,
  flag: sample.flag,
  unconfirmed: state.unconfirmed,
  exercise: c.exercise,
  time_unknown: false,
})

/** No time to level is an infinite one; a record has no number for it. */
const finite = (value: number | null): number | null => (value === null || Number.isFinite(value) ? value : null)

/** The bound that was crossed. */
const boundOf = (c: Condition, peak: number | null): number =>
  c.low !== undefined && peak !== null && Math.fround(peak) <= c.low.raise ? c.limit.parameters!.low! : c.limit.limit
