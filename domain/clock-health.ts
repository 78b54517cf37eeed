/**
 * What the state of a clock means for the people who go by its times: one judgement for the doctor, the desk and whoever else asks.
 * Pure: what a time service or an edge node says is handed in.
 */

export type ClockFacts = {
  /** Whether the service itself goes by its clock yet; `undefined` where it does not say. */
  readonly trusted?: boolean
  /** What the machine's time service says; `undefined` where none can be asked. */
  readonly synchronised?: boolean
  /** This clock less another that is believed [s]. */
  readonly offset_s?: number
  /** Since the last step [s], and by how much it moved the clock. */
  readonly step?: { readonly age_s: number; readonly by_s: number }
}
export type ClockHealth = { readonly state: 'good' | 'unknown' | 'doubtful' | 'bad'; readonly why?: string }

/** Waveforms of several nodes are laid over one another: a sample at 200 Hz is 5 ms, and P waves cross a city in 10 s. */
export const OFFSET_DOUBTFUL_S = 0.1
/** Beyond it the order of events of different nodes is not to be believed. */
export const OFFSET_BAD_S = 1
const STEP_REMEMBERED_S = 3600

export function judgeClock({ trusted, synchronised, offset_s, step }: ClockFacts): ClockHealth {
  if (trusted === false) return { state: 'bad', why: 'the time is not known: readings wait in the outbox' }
  const offset = Math.abs(offset_s ?? 0)
  if (offset > OFFSET_BAD_S) return { state: 'bad', why: `${offset.toFixed(1)} s off` }
  if (step !== undefined && step.age_s < STEP_REMEMBERED_S)
    return { state: 'doubtful', why: `stepped by ${step.by_s.toFixed(1)} s, ${Math.round(step.age_s / 60)} min ago` }
  if (synchronised === false) return { state: 'doubtful', why: 'not synchronised with a time service' }
  if (offset > OFFSET_DOUBTFUL_S) return { state: 'doubtful', why: `${(offset * 1000).toFixed(0)} ms off` }
  return synchronised === undefined && trusted === undefined && offset_s === undefined
    ? { state: 'unknown', why: 'nothing here says whether it is synchronised' }
    : { state: 'good' }
}
