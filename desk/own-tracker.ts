/**
 * The desk's own conditions with their delays: a judgement has to hold for a time before it raises an alarm, and not to
 * hold for a time before it ends. What is not to be told changes nothing and begins both times anew. Pure.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Instant, Monotonic } from '../domain/time.ts'
import type { Occurrence } from './alarm.ts'
import type { OwnDefinition } from './own-alarms.ts'
import type { Judgement } from './site-conditions.ts'

/** Names the counter of occurrences where an edge node names its outbox. */
export const OWN_OUTBOX = 'desk'

type Known = {
  isTrue: boolean
  /** Since when the opposite is judged. */
  since: { readonly mono: Monotonic; readonly at: Instant } | undefined
  /** Since when it is not to be told. */
  unknown_ns: Instant | undefined
}
export type OwnChange = {
  readonly definition: OwnDefinition
  readonly isTrue: boolean
  readonly since_ns: Instant
  readonly detail: string
}

export class OwnTracker {
  readonly #known = new Map<string, Known>()

  /** As it was before a restart. */
  restore(id: string, isTrue: boolean): void {
    this.#known.set(id, { isTrue, since: undefined, unknown_ns: undefined })
  }

  isTrue(id: string): boolean {
    return this.#known.get(id)?.isTrue ?? false
  }

  /** Since when it is not to be told; undefined where it is. */
  unknownSince(id: string): Instant | undefined {
    return this.#known.get(id)?.unknown_ns
  }

  judge(
    definition: OwnDefinition,
    { is, detail, since_ns }: Judgement,
    at: Instant,
    mono: Monotonic,
  ): OwnChange | undefined {
    const known = this.#known.get(definition.id) ?? { isTrue: false, since: undefined, unknown_ns: undefined }
    this.#known.set(definition.id, known)
    if (is === undefined) known.unknown_ns ??= at
    else known.unknown_ns = undefined
    if (is === undefined || is === known.isTrue) {
      known.since = undefined
      return undefined
    }
    known.since ??= { mono, at: since_ns ?? at }
    const delay_s = is ? definition.after_s : definition.clear_after_s
    if (Number(mono - known.since.mono) / 1e9 < delay_s) return undefined
    const change: OwnChange = { definition, isTrue: is, since_ns: known.since.at, detail }
    known.isTrue = is
    known.since = undefined
    return change
  }
}

/** As an edge node would tell it. `present`: the newest occurrence that is known. */
export function ownRecord(
  { definition, isTrue, since_ns }: OwnChange,
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
