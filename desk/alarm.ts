/**
 * What the desk knows of one alarm, as a function of its journal: `evolve` applies one journal entry. Which entries an
 * event makes is decided in `alarm-machine.ts`; instants in entries are decimal strings, as the journal keeps them.
 */
import type { AlarmState, DrillMark, JournalKind } from '../domain/alarm.ts'
import type { ConditionRecord, Priority } from '../domain/condition.ts'
import { addRange, inRanges } from '../domain/ranges.ts'
import type { Flag } from '../domain/reading.ts'
import type { Ranges } from '../domain/record.ts'
import { type Aside, asideAfter, isAside, NOT_ASIDE, shownOver, withheldAfter } from './alarm-aside.ts'
import { conditionIsTrue, needsAcknowledgement, type Underlying } from './alarm-table.ts'

/** What can stand in the body of a journal entry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** An entry before the journal has given it a place and a hash. */
export type NewEntry = {
  readonly at_ns: string
  readonly kind: JournalKind
  readonly alarm: string | null
  readonly occurrence: number | null
  readonly actor: string
  readonly body: Json
  /** An entry whose key is already in the journal is not written again. */
  readonly dedupe: string | null
}

/** Particulars of an occurrence as its newest record tells them. */
export type Particulars = {
  readonly value: number | null
  readonly peak: number | null
  readonly limit: number
  readonly unit: string
  readonly flag: Flag
  readonly unconfirmed: boolean
  readonly exercise: boolean
  readonly time_unknown: boolean
}
export const particularsOf = (record: ConditionRecord): Particulars => ({
  value: record.value,
  peak: record.peak,
  limit: record.limit,
  unit: record.unit,
  flag: record.flag,
  unconfirmed: record.unconfirmed,
  exercise: record.exercise,
  time_unknown: record.time_unknown,
})

/** A wiped outbox restarts the counters: an occurrence is named by the outbox and its number. */
export type OccurrenceName = { readonly outbox: string; readonly n: number }
export type Occurrence = OccurrenceName &
  Particulars & {
    readonly onset_ns: string
    readonly returned_ns: string | null
    readonly learned_ns: string
    /** Left out where it belongs to none. */
    readonly drill?: DrillMark
  }
export type LateOccurrence = OccurrenceName & {
  readonly onset_ns: string
  readonly returned_ns: string | null
  readonly learned_ns: string
}

/** Occurrences of one outbox of which people were told, and of which the return is known. */
export type Knowledge = { readonly outbox: string; readonly told: Ranges; readonly ended: Ranges }

export type Alarm = {
  readonly id: string
  /** A to F. What is shown may lie over it: `shownState`. */
  readonly state: Underlying
  readonly aside: Aside
  /** The newest occurrence; null = never raised. */
  readonly present: Occurrence | null
  readonly late: readonly LateOccurrence[]
  /** Late ones that are no longer listed because there were too many; each was told and journalled. */
  readonly late_unlisted: number
  /** In the order in which the desk first met them: the last one is the node's present outbox. */
  readonly outboxes: readonly Knowledge[]
  readonly acknowledged: { readonly by: string; readonly at_ns: string } | null
  /** The present occurrence has become more severe than its limit says. */
  readonly stepped_up: { readonly priority: Priority; readonly at_ns: string; readonly why: string } | null
  /** A birth said "still true" after this return had been told; only a later return ends it again. */
  readonly reopened_after_ns: string | null
  readonly comments: ReadonlyArray<{ readonly at_ns: string; readonly by: string; readonly text: string }>
  /** Counts the entries that changed more than comments. */
  readonly revision: number
}

/** A gauge that crosses once a minute through an outage of 16 h; what is beyond is counted in `late_unlisted`. */
export const LATE_LISTED_MAX = 1000
/** The newest ones; the journal keeps all. */
export const COMMENTS_SHOWN_MAX = 100
/** One more with each replaced disk or wiped outbox of a node. */
export const OUTBOXES_KNOWN_MAX = 100

export const newAlarm = (id: string): Alarm => ({
  id,
  state: 'normal',
  aside: NOT_ASIDE,
  present: null,
  late: [],
  late_unlisted: 0,
  outboxes: [],
  acknowledged: null,
  stepped_up: null,
  reopened_after_ns: null,
  comments: [],
  revision: 0,
})

export const shownState = ({ aside, state }: Pick<Alarm, 'aside' | 'state'>): AlarmState => shownOver(aside, state)

const knowledgeOf = (alarm: Alarm, outbox: string): Knowledge | undefined =>
  alarm.outboxes.find((known) => known.outbox === outbox)

export const isTold = (alarm: Alarm, { outbox, n }: OccurrenceName): boolean =>
  inRanges(knowledgeOf(alarm, outbox)?.told ?? [], n)

export const hasEnded = (alarm: Alarm, { outbox, n }: OccurrenceName): boolean =>
  inRanges(knowledgeOf(alarm, outbox)?.ended ?? [], n)

const same = (a: OccurrenceName, b: OccurrenceName): boolean => a.outbox === b.outbox && a.n === b.n

export const isPresent = (alarm: Alarm, name: OccurrenceName): boolean =>
  alarm.present !== null && same(alarm.present, name)

/** Whether `name` is newer than the present occurrence: a later outbox, or a higher number of the same one. */
export function isNewer(alarm: Alarm, name: OccurrenceName): boolean {
  const { present } = alarm
  if (present === null) return true
  if (present.outbox === name.outbox) return name.n > present.n
  const place = (outbox: string) => alarm.outboxes.findIndex((known) => known.outbox === outbox)
  const at = place(name.outbox)
  return at < 0 || at > place(present.outbox)
}

export const hasLate = (alarm: Alarm): boolean => alarm.late.length + alarm.late_unlisted > 0

/** Bodies of the entries that `evolve` reads; all written by `alarm-machine.ts`. */
export type OnsetBody = Particulars & {
  readonly outbox: string
  readonly onset_ns: string
  readonly late: boolean
  readonly drill?: DrillMark
  /** What lay over the alarm, so that nobody was told. */
  readonly withheld?: AlarmState
  readonly overdue_since_ns?: string
}
export type ReturnBody = Particulars & {
  readonly outbox: string
  readonly returned_ns: string | null
  readonly overdue_since_ns?: string
}
export type NoticeBody = { readonly outbox: string; readonly late: boolean; readonly text: string }
export type StateBody = { readonly from: Underlying; readonly to: Underlying; readonly because: string }
export type AcknowledgeBody = { readonly late: readonly number[]; readonly comment?: string }

/** `because` of the state entry that ends an alarm together with the shadow device it was about. */
export const DRILL_ENDED = 'drill ended'

/** The alarm after one entry of its journal. */
export function evolve(alarm: Alarm, entry: NewEntry): Alarm {
  const next = apply(alarm, entry)
  return entry.kind === 'comment' || entry.kind === 'notice' ? next : { ...next, revision: alarm.revision + 1 }
}

function apply(alarm: Alarm, entry: NewEntry): Alarm {
  const n = entry.occurrence ?? 0
  switch (entry.kind) {
    case 'onset':
      return onset(alarm, n, entry.body as unknown as OnsetBody, entry.at_ns)
    case 'return':
      return returned(alarm, n, entry.body as unknown as ReturnBody)
    case 'notice':
      return know(alarm, { outbox: (entry.body as unknown as NoticeBody).outbox, n }, 'told')
    case 'state':
      return enter(alarm, entry.body as unknown as StateBody)
    case 'acknowledge':
      return acknowledged(alarm, entry)
    case 'comment':
      return commented(alarm, entry, (entry.body as { text: string }).text)
    case 're-alarm':
      return stepped(alarm, entry)
    default:
      return left({ ...alarm, aside: asideAfter(alarm.aside, entry) }, entry)
  }
}

/** When nothing lies over it any more, `to` of the entry that took the last away is the state. */
function left(alarm: Alarm, { kind, body }: NewEntry): Alarm {
  if (!LEAVES.has(kind) || isAside(alarm.aside)) return alarm
  return enter(alarm, { from: alarm.state, to: (body as unknown as StateBody).to, because: kind })
}
const LEAVES: ReadonlySet<JournalKind> = new Set(['unshelve', 'unsuppress', 'return-to-service'])

function stepped(alarm: Alarm, { body, at_ns }: NewEntry): Alarm {
  const { because, priority, why } = body as { because: string; priority: Priority; why?: string }
  return because === 'step-up' ? { ...alarm, stepped_up: { priority, at_ns, why: why ?? '' } } : alarm
}

function onset(alarm: Alarm, n: number, body: OnsetBody, learned_ns: string): Alarm {
  const { late, withheld, overdue_since_ns: _, ...rest } = body
  // Nobody will be told of it by itself: it is known, and counted until the alarm is no longer aside.
  const met = know(alarm, { outbox: body.outbox, n }, withheld === undefined ? undefined : 'told')
  const newcomer = { outbox: body.outbox, n, onset_ns: body.onset_ns, returned_ns: null, learned_ns }
  const listed = late ? listLate(met, newcomer) : met
  const counted =
    withheld === undefined
      ? listed
      : { ...listed, aside: withheldAfter(listed.aside, { ...rest, n, returned_ns: null }) }
  if (!isNewer(alarm, { outbox: body.outbox, n })) return counted
  return { ...counted, present: { ...rest, n, returned_ns: null, learned_ns }, stepped_up: null }
}

/** In the order of their onsets; they mostly come so, and the place is looked for from the end. */
function listLate(alarm: Alarm, newcomer: LateOccurrence): Alarm {
  const onset_ns = BigInt(newcomer.onset_ns)
  let place = alarm.late.length
  while (place > 0 && BigInt(alarm.late[place - 1]!.onset_ns) > onset_ns) place--
  const late = alarm.late.toSpliced(place, 0, newcomer)
  const over = Math.max(0, late.length - LATE_LISTED_MAX)
  return { ...alarm, late: over > 0 ? late.slice(over) : late, late_unlisted: alarm.late_unlisted + over }
}

function returned(alarm: Alarm, n: number, body: ReturnBody): Alarm {
  const { outbox, returned_ns, overdue_since_ns: _, ...particulars } = body
  // A birth may tell that it is over, not since when; the record of the return may still come.
  if (returned_ns === null) return alarm
  const name = { outbox, n }
  const ended = know(alarm, name, 'ended')
  const late = ended.late.map((entry) => (same(entry, name) ? { ...entry, returned_ns } : entry))
  const present =
    ended.present !== null && same(ended.present, name)
      ? { ...ended.present, ...particulars, returned_ns }
      : ended.present
  const { withheld } = ended.aside
  if (withheld === null || !same(withheld.newest, name)) return { ...ended, late, present }
  const newest = { ...withheld.newest, ...particulars, returned_ns }
  return { ...ended, late, present, aside: { ...ended.aside, withheld: { ...withheld, newest } } }
}

function know(alarm: Alarm, { outbox, n }: OccurrenceName, what: 'told' | 'ended' | undefined): Alarm {
  const known = knowledgeOf(alarm, outbox) ?? { outbox, told: [], ended: [] }
  const grown = what === undefined ? known : { ...known, [what]: addRange(known[what], n, n) }
  const outboxes = alarm.outboxes.some((k) => k.outbox === outbox)
    ? alarm.outboxes.map((k) => (k.outbox === outbox ? grown : k))
    : [...alarm.outboxes, grown].slice(-OUTBOXES_KNOWN_MAX)
  return { ...alarm, outboxes }
}

function enter(alarm: Alarm, { to, because }: StateBody): Alarm {
  const entered: Alarm = {
    ...alarm,
    state: to,
    acknowledged: needsAcknowledgement(to) ? null : alarm.acknowledged,
    reopened_after_ns: conditionIsTrue(to) ? alarm.reopened_after_ns : null,
  }
  if (because === DRILL_ENDED) return { ...entered, late: [], late_unlisted: 0, aside: NOT_ASIDE }
  if (because !== 'still-true' || alarm.present === null) return entered
  return {
    ...entered,
    present: { ...alarm.present, returned_ns: null },
    reopened_after_ns: alarm.present.returned_ns ?? alarm.present.onset_ns,
  }
}

function acknowledged(alarm: Alarm, entry: NewEntry): Alarm {
  const { comment } = entry.body as unknown as AcknowledgeBody
  const answered: Alarm = {
    ...alarm,
    late: [],
    late_unlisted: 0,
    acknowledged: { by: entry.actor, at_ns: entry.at_ns },
    aside: { ...alarm.aside, withheld: null },
  }
  return comment === undefined ? answered : commented(answered, entry, comment)
}

const commented = (alarm: Alarm, entry: NewEntry, text: string): Alarm => ({
  ...alarm,
  comments: [...alarm.comments, { at_ns: entry.at_ns, by: entry.actor, text }].slice(-COMMENTS_SHOWN_MAX),
})
