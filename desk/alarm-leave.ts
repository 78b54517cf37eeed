/**
 * How an alarm is put aside and comes back: shelve, suppress, out of service and their ends, with what is told when the
 * last of them is over. What the state is then stands in `alarm-table.ts`.
 */
import type { JournalKind } from '../domain/alarm.ts'
import type { Instant } from '../domain/time.ts'
import { type Alarm, evolve, hasLate, type NewEntry, type Occurrence, shownState } from './alarm.ts'
import { type EndedBecause, isAside, type SuppressionCause } from './alarm-aside.ts'
import type { Draft } from './alarm-draft.ts'
import { type AlarmTableEvent, conditionIsTrue, nextState } from './alarm-table.ts'

export type AsideEvent =
  | {
      readonly kind: 'shelve'
      readonly etag: string
      readonly until_ns: Instant
      readonly one_shot: boolean
      readonly reason: string
      readonly by: string
    }
  | { readonly kind: 'unshelve'; readonly etag: string; readonly by: string }
  | {
      readonly kind: 'out-of-service'
      readonly etag: string
      readonly until_ns: Instant | null
      readonly reason: string
      readonly by: string
    }
  | { readonly kind: 'return-to-service'; readonly etag: string; readonly by: string }

/** What the desk does by itself: not by a person, and never refused aloud. */
export type LogicEvent =
  | { readonly kind: 'suppress'; readonly key: string; readonly cause: SuppressionCause; readonly reason: string }
  | { readonly kind: 'unsuppress'; readonly key: string; readonly late_since_ns?: Instant }
  /** A time has come; `due_ns` is when it was due. */
  | { readonly kind: 'due'; readonly what: 'shelved' | 'out-of-service' | 're-alarm'; readonly due_ns: Instant }

/** Carried out later than this after it was due: the desk was away. */
export const LATE_NS = 10_000_000_000n
export const dueParticulars = (due_ns: Instant, at: Instant) => ({
  due_ns: String(due_ns),
  late: at - due_ns >= LATE_NS,
})

export function putAside(draft: Draft, event: AsideEvent & { kind: 'shelve' | 'out-of-service' }): void {
  const { until_ns, reason, by } = event
  const until = until_ns === null ? null : String(until_ns)
  const body = { until_ns: until, reason, ...(event.kind === 'shelve' && { one_shot: event.one_shot }) }
  lay(draft, event.kind, by, body)
}

export function suppress(draft: Draft, { key, cause, reason }: LogicEvent & { kind: 'suppress' }): void {
  if (draft.alarm.aside.suppressed.some((one) => one.key === key)) return
  lay(draft, 'suppress', 'desk', { key, cause, reason })
}

export function unsuppress(draft: Draft, { key, late_since_ns }: LogicEvent & { kind: 'unsuppress' }): void {
  const known = draft.alarm.aside.suppressed.find((one) => one.key === key)
  if (known === undefined) return
  const { cause, reason } = known
  lift(draft, 'unsuppress', 'desk', 'logic', { key, cause, reason }, late_since_ns)
}

/** The end of one that was put aside by a person; false where it is not. */
export function end(
  draft: Draft,
  what: 'unshelve' | 'return-to-service',
  by: string,
  because: EndedBecause,
  due_ns?: Instant,
): boolean {
  const { shelved, out_of_service } = draft.alarm.aside
  if ((what === 'unshelve' ? shelved : out_of_service) === null) return false
  lift(draft, what, by, because, {}, due_ns)
  return true
}

const entryOf = (draft: Draft, kind: JournalKind, actor: string, body: object) =>
  ({ kind, actor, body, occurrence: draft.occurrence }) as const

/** As the alarm will be after an entry of this kind, before the entry is whole. */
const foreseen = (draft: Draft, kind: JournalKind, actor: string, body: object): Alarm => {
  const entry = {
    ...entryOf(draft, kind, actor, { ...body, to: draft.alarm.state }),
    at_ns: String(draft.at),
    alarm: null,
    dedupe: null,
  }
  return evolve(draft.alarm, entry as unknown as NewEntry)
}

function lay(draft: Draft, kind: JournalKind, actor: string, body: object): void {
  const [from, to] = [shownState(draft.alarm), shownState(foreseen(draft, kind, actor, body))]
  draft.write(entryOf(draft, kind, actor, { from, to, ...body }))
}

function lift(
  draft: Draft,
  kind: JournalKind,
  actor: string,
  because: EndedBecause,
  body: object,
  due_ns?: Instant,
): void {
  const before = draft.alarm
  const from = shownState(before)
  const after = foreseen(draft, kind, actor, body)
  const whole = { ...body, because, ...(due_ns !== undefined && dueParticulars(due_ns, draft.at)) }
  if (isAside(after.aside)) {
    draft.write(entryOf(draft, kind, actor, { from, to: shownState(after), ...whole }))
    return
  }
  draft.write(
    entryOf(draft, kind, actor, {
      from,
      to: nextState(before.state, leaving(before), draft.context.limit.latch),
      ...whole,
    }),
  )
  tell(draft, before, kind)
}

/** Who shelved it has seen what stood then; what began since then, or is listed as late, nobody has. */
function leaving(alarm: Alarm): AlarmTableEvent {
  const { withheld, seen } = alarm.aside
  return withheld !== null || !seen || hasLate(alarm) ? 'leave-unseen' : 'leave'
}

/** Of what began meanwhile one notice, about the newest; of what is true and was told before, that it is true still. */
function tell(draft: Draft, before: Alarm, because: JournalKind): void {
  const { withheld } = before.aside
  const { present } = before
  const isTrue = conditionIsTrue(draft.alarm.state)
  const newIsPresent = withheld !== null && present !== null && same(withheld.newest, present)
  if (withheld !== null) {
    const { newest, count, first_onset_ns } = withheld
    const particulars = newIsPresent ? present : newest
    const onset_ns = BigInt(newest.onset_ns) as Instant
    draft.notice({
      name: newest,
      onset_ns,
      particulars,
      late: !(isTrue && newIsPresent),
      drill: draft.context.drillAt?.(onset_ns) ?? null,
      meanwhile: { state: shownState(before), count, first_onset_ns },
    })
  }
  if (isTrue && !newIsPresent) draft.again({ because })
}

const same = (a: Pick<Occurrence, 'outbox' | 'n'>, b: Pick<Occurrence, 'outbox' | 'n'>): boolean =>
  a.outbox === b.outbox && a.n === b.n
