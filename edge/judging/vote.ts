/**
 * k of n: how many of some other limits are true, each counting for a while after it has returned. The condition of the vote
 * itself is a limit like any other, with its own delays and occurrences.
 */
import type { ConditionRecord } from '../../domain/condition.ts'
import { type Flag, GOOD, SUSPECT } from '../../domain/reading.ts'
import { addNs, type Instant, instant } from '../../domain/time.ts'

type Member = { raised: boolean; unconfirmed: boolean; until_ns: Instant }
type Judge = { judge(value: number, flag: Flag, t_ns: Instant): void; save(): void }

const LONG_AGO = instant(-1n)

export class Vote {
  readonly #limit: Judge
  readonly #within_ns: bigint
  readonly #members: ReadonlyMap<string, Member>
  #now: Instant = LONG_AGO

  constructor(limit: Judge, members: readonly string[], within_ns: bigint) {
    this.#limit = limit
    this.#within_ns = within_ns
    this.#members = new Map(members.map((id) => [id, { raised: false, unconfirmed: false, until_ns: LONG_AGO }]))
  }

  /** What the members were before this start. */
  restore(last: (limitId: string) => ConditionRecord | undefined): void {
    for (const id of this.#members.keys()) {
      const record = last(id)
      if (record !== undefined) this.#note(record)
    }
  }

  changed(record: ConditionRecord): void {
    if (!this.#note(record)) return
    this.tick(record.at_ns)
  }

  tick(t_ns: Instant): void {
    if (t_ns > this.#now) this.#now = t_ns
    const counted = [...this.#members.values()].filter((m) => m.raised || this.#now < m.until_ns)
    // One doubtful member makes the count doubtful.
    this.#limit.judge(counted.length, counted.some((m) => m.unconfirmed) ? SUSPECT : GOOD, this.#now)
    this.#limit.save()
  }

  #note({ limit_id, state, unconfirmed, at_ns }: ConditionRecord): boolean {
    const member = this.#members.get(limit_id)
    if (member === undefined) return false
    member.raised = state
    member.unconfirmed = unconfirmed
    member.until_ns = state ? LONG_AGO : addNs(at_ns, this.#within_ns)
    return true
  }
}
