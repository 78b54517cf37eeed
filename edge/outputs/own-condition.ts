/**
 * A condition that no channel decides but the node itself: an output cannot be driven, somebody silenced it. Recorded, told
 * and counted like any other, so that it is durable, goes through the outbox, and stands in the journal.
 */
import type { ConditionRecord, Limit } from '../../domain/condition.ts'
import { GOOD } from '../../domain/reading.ts'
import type { Instant } from '../../domain/time.ts'
import { type ConditionState, conditionOf, judge, stateOf } from '../condition.ts'
import type { Recorder } from '../ports.ts'

export class OwnCondition {
  readonly #recorder: Recorder
  readonly #condition: ReturnType<typeof conditionOf>
  #state: ConditionState

  constructor(limit: Limit, exercise: boolean, recorder: Recorder) {
    this.#recorder = recorder
    this.#condition = conditionOf(limit, exercise, 1)
    this.#state = stateOf(recorder.lastCondition(limit.id), recorder.cleanStart)
  }

  get raised(): boolean {
    return this.#state.raised
  }

  /** @returns the record, where that is news */
  set(raised: boolean, now: Instant): ConditionRecord | undefined {
    const step = judge(this.#condition, this.#state, { value: raised ? 1 : 0, flag: GOOD, t_ns: now })
    this.#state = step.state
    for (const record of step.records) this.#recorder.condition(record)
    return step.records[0]
  }
}
