/**
 * The desk's own conditions with their delays: a judgement has to hold for a time before it raises an alarm, and not to
 * hold for a time before it ends. What is not to be told changes nothing and begins both times anew. A restart of the desk
 * begins nothing anew: what pended goes on from when it began, and is overdue where its time came meanwhile. Pure.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Instant, Monotonic } from '../domain/time.ts'
import type { Occurrence } from './alarm.ts'
import type { OwnDefinition } from './own-alarms.ts'
import { isEvent, type Judgement } from './site-conditions.ts'

/** Names the counter of occurrences where an edge node names its outbox. */
export const OWN_OUTBOX = 'desk'

type Known = {
  isTrue: boolean
  /** Since when the opposite is judged. */
  since: { readonly mono: Monotonic; readonly at: Instant } | undefined
  /** Since when it is not to be told. */
  unknown_ns: Instant | undefined
  /** From before a restart, and not judged since. */
  takenUp: boolean
}
/** What is judged and has not held for its time yet: `is` since `since_ns`. */
export type Pending = { readonly id: string; readonly is: boolean; readonly since_ns: string }
export type OwnChange = {
  readonly definition: OwnDefinition
  readonly isTrue: boolean
  readonly since_ns: Instant
  readonly detail: string
  /** When its time had come: earlier than it is carried out where the desk was away. */
  readonly due_ns: Instant
}

const fresh = (isTrue: boolean, takenUp: boolean): Known => ({
  ...{ isTrue, since: undefined, unknown_ns: undefined, takenUp },
})

export class OwnTracker {
  readonly #known = new Map<string, Known>()

  /** As it was before a restart. */
  restore(id: string, isTrue: boolean): void {
    this.#known.set(id, fresh(isTrue, true))
  }

  /** What pended when the desk was last there, after `restore`: the time it was away counts. */
  resume({ id, is, since_ns }: Pending, at: Instant, mono: Monotonic): void {
    const known = this.#known.get(id) ?? fresh(false, true)
    if (known.isTrue === is) return
    this.#known.set(id, known)
    const since = BigInt(since_ns) as Instant
    const passed = at > since ? at - since : 0n
    known.since = { mono: (mono - passed) as Monotonic, at: since }
  }

  pending(): Pending[] {
    return [...this.#known].flatMap(([id, { isTrue, since }]) =>
      since === undefined ? [] : [{ id, is: !isTrue, since_ns: String(since.at) }],
    )
  }

  isTrue(id: string): boolean {
    return this.#known.get(id)?.isTrue ?? false
  }

  /** Since when it is not to be told; undefined where it is. */
  unknownSince(id: string): Instant | undefined {
    return this.#known.get(id)?.unknown_ns
  }

  /** @param settled false while the line has not had time to answer a desk that has just started */
  judge(
    definition: OwnDefinition,
    { is, detail, since_ns }: Judgement,
    at: Instant,
    mono: Monotonic,
    settled = true,
  ): OwnChange | undefined {
    const known = this.#known.get(definition.id) ?? fresh(false, false)
    this.#known.set(definition.id, known)
    if (known.takenUp && !settled && !isEvent(definition)) return undefined
    known.takenUp = false
    if (is === undefined) known.unknown_ns ??= at
    else known.unknown_ns = undefined
    if (is === undefined || is === known.isTrue) {
      known.since = undefined
      return undefined
    }
    known.since ??= { mono, at: since_ns ?? at }
    const delay_s = is ? definition.after_s : definition.clear_after_s
    const over_ns = mono - known.since.mono - BigInt(Math.round(delay_s * 1e9))
    if (over_ns < 0n) return undefined
    const change: OwnChange = {
      ...{ definition, isTrue: is, since_ns: known.since.at, detail },
      due_ns: (at - over_ns) as Instant,
    }
    known.isTrue = is
    known.since = undefined
    return change
  }
}

/** As an edge node would tell it. `present`: the newest occurrence that is known. */
export function ownRecord(
  { definition, isTrue, since_ns }: Pick<OwnChange, 'definition' | 'isTrue' | 'since_ns'>,
  present: Occurrence | null,
  at: Instant,
): ConditionRecord {
  const { limit, exercise } = definition
  const n = present?.n ?? 0
  return {
    limit_id: limit.id,
    state: isTrue,
    occurrence: isTrue ? n + 1 : n,
    at_ns: at,
    onset_ns: isTrue ? since_ns : (BigInt(present?.onset_ns ?? since_ns) as Instant),
    returned_ns: isTrue ? null : since_ns,
    value: isTrue ? 1 : 0,
    peak: 1,
    limit: limit.limit,
    unit: limit.unit,
    flag: 1,
    unconfirmed: false,
    exercise,
    time_unknown: false,
  }
}
