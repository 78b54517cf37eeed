/**
 * What is to be done about CAP messages now, from the alarms as they are and the messages as they stand: drafts, withdrawals of
 * drafts that no longer fit, Updates before a message expires, and releases where the site file lets a level go out by itself. Pure: the same alarms and the same
 * messages give the same entries, so that a restart in the middle changes nothing.
 */
import type { AlarmJson } from '../../domain/alarm.ts'
import type { Site } from '../../domain/channel.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import type { Json, NewEntry } from '../alarm.ts'
import {
  type CapBody,
  type CapBook,
  DESK,
  type DraftedBody,
  type Kept,
  type KeptReference,
  renewalOf,
} from './cap-book.ts'
import { type CapTarget, chainOf, targetOf } from './cap-target.ts'
import { CAP_LANGUAGES, cancelInfo, isSuspect, type Raised, raisedInfo } from './cap-words.ts'

export type Situation = {
  readonly alarms: Iterable<AlarmJson>
  readonly book: CapBook
  readonly site: Pick<Site, 'file'>
  readonly now: Instant
}
type Standing = { readonly target: CapTarget; readonly alarm: Raised }

export function planOf({ alarms, book, site, now }: Situation): NewEntry[] {
  const { cap } = site.file
  if (cap === undefined) return []
  const byId = new Map<string, AlarmJson>()
  const standing = new Map<string, Standing[]>()
  for (const alarm of alarms) {
    const target = targetOf(site, alarm.limit_id)
    if (target === undefined) continue
    byId.set(alarm.id, alarm)
    const { onset_ns } = alarm
    if (onset_ns === null || alarm.returned_ns !== null) continue
    const chain = chainOf(target, alarm)
    standing.set(chain, [...(standing.get(chain) ?? []), { target, alarm: { ...alarm, onset_ns } }])
  }
  return [...new Set([...standing.keys(), ...book.open()])].flatMap((chain) =>
    planChain(chain, standing.get(chain) ?? [], byId, { alarms: [], book, site, now }),
  )
}

/** A message about the level that stands, and not about more than is known. */
const fits = (message: Kept, { target, alarm }: Standing): boolean =>
  message.msg_type !== 'Cancel' && message.rank === target.rank && (!message.unconfirmed || isSuspect(alarm))

function planChain(
  chain: string,
  standing: readonly Standing[],
  alarms: ReadonlyMap<string, AlarmJson>,
  { book, site, now }: Situation,
): NewEntry[] {
  const out = book.standing(chain)
  const last = out.at(-1)
  const draft = book.draft(chain)
  // What somebody put aside makes no message; it does not take one back either.
  const counted = standing.filter(({ alarm }) => alarm.aside === null || [last?.alarm, draft?.alarm].includes(alarm.id))
  const top = counted.reduce<Standing | undefined>(
    (worst, one) => (worst === undefined || one.target.rank > worst.target.rank ? one : worst),
    undefined,
  )
  const refused = book.of(chain).filter(({ withdrawn }) => withdrawn !== null && withdrawn.by !== DESK)
  const wanted = wantedOf(top, last, refused, now)
  const type = wanted === 'cancel' ? 'Cancel' : last === undefined ? 'Alert' : 'Update'
  const good =
    draft !== undefined &&
    draft.msg_type === type &&
    (wanted === 'cancel' || (wanted === 'raise' && top !== undefined && fits(draft, top)))
  const entries: NewEntry[] = []
  if (draft !== undefined && !good) entries.push(withdrawal(draft, DESK, now, 'it no longer fits what is measured'))
  if (wanted === undefined || good) return entries
  const references = out.map(referenceOf)
  if (wanted === 'cancel') {
    const gone = alarms.get(last!.alarm)
    // A level that went out by itself is taken back by itself, but not on a value that is suspect or missing.
    const automatic = last!.automatic && gone !== undefined && gone.returned_ns !== null && !isSuspect(gone)
    const body = cancelBody(last!, 'returned', newId(last!.chain, site, book, now))
    return [...entries, ...drafted(body, last!, now, automatic ? references : undefined)]
  }
  const { target, alarm } = top!
  const overruled = refused.some(({ withdrawn }) => BigInt(withdrawn!.at_ns) >= BigInt(alarm.onset_ns))
  const automatic = target.automatic && !isSuspect(alarm) && !overruled
  const body = raisedBody(type, chain, top!, newId(chain, site, book, now), site)
  return [
    ...entries,
    ...drafted(body, { alarm: alarm.id, occurrence: alarm.occurrence }, now, automatic ? references : undefined),
  ]
}

/** What a person withdrew is not brought up again for the same occurrence. */
function wantedOf(
  top: Standing | undefined,
  last: Kept | undefined,
  refused: readonly Kept[],
  now: Instant,
): 'raise' | 'cancel' | undefined {
  if (top === undefined) {
    if (last === undefined) return undefined
    const sent_ns = BigInt(last.released!.sent_ns)
    const kept = refused.some((one) => one.msg_type === 'Cancel' && BigInt(one.drafted_ns) >= sent_ns)
    return kept ? undefined : 'cancel'
  }
  if (last !== undefined && fits(last, top) && now < (renewalOf(last) ?? now + 1n)) return undefined
  const { alarm } = top
  const again = refused.some(
    (one) => one.msg_type !== 'Cancel' && one.alarm === alarm.id && one.onset_ns === alarm.onset_ns,
  )
  return again ? undefined : 'raise'
}

function raisedBody(
  msg_type: 'Alert' | 'Update' | 'Cancel',
  chain: string,
  { target, alarm }: Standing,
  id: string,
  { file }: Pick<Site, 'file'>,
): DraftedBody {
  const cap = file.cap!
  const site = { name: cap.sender_name ?? file.name, time_zone: file.time_zone }
  return {
    ...{ what: 'drafted', id, chain, msg_type, rank: target.rank, automatic: target.automatic },
    ...{ unconfirmed: isSuspect(alarm), exercise: alarm.exercise, drill: alarm.drill?.name ?? null },
    ...(target.expires_s !== null && { expires_s: target.expires_s }),
    ...{ onset_ns: alarm.onset_ns, sender: cap.sender, scope: cap.scope as DraftedBody['scope'] },
    ...{
      restriction: cap.scope === 'Restricted' ? (cap.restriction ?? null) : null,
      addresses: cap.scope === 'Private' ? (cap.addresses ?? null) : null,
    },
    status: alarm.exercise ? 'Exercise' : cap.test ? 'Test' : 'Actual',
    info: CAP_LANGUAGES.map((language) => raisedInfo(target, alarm, language, site)),
  }
}

function cancelBody(last: Kept, why: 'returned' | 'withdrawn', id: string): DraftedBody {
  const { alarm: _, occurrence: __, drafted_ns: ___, released: ____, withdrawn: _____, ...message } = last
  const info = last.info.map((one) => cancelInfo(one, last.exercise, last.drill ?? undefined, why))
  return { ...message, what: 'drafted', id, msg_type: 'Cancel', info }
}

type About = { readonly alarm: string; readonly occurrence: number }
/** `references`: it goes out at once. */
function drafted(
  body: DraftedBody,
  about: About,
  now: Instant,
  references: readonly KeptReference[] | undefined,
  actor = DESK,
): NewEntry[] {
  return [
    entry(body, about, actor, now),
    ...(references === undefined ? [] : [releasal(body.id, about, references, actor, now)]),
  ]
}

const releasal = (
  id: string,
  about: About,
  references: readonly KeptReference[],
  actor: string,
  now: Instant,
  comment?: string,
) =>
  entry(
    { what: 'released', id, sent_ns: String(now), references, ...(comment !== undefined && { comment }) },
    about,
    actor,
    now,
  )

const withdrawal = (message: Kept, actor: string, now: Instant, why: string, comment?: string) =>
  entry({ what: 'withdrawn', id: message.id, why, ...(comment !== undefined && { comment }) }, message, actor, now)

const entry = (body: CapBody, { alarm, occurrence }: About, actor: string, now: Instant): NewEntry => ({
  ...{ at_ns: String(now), kind: 'cap', alarm, occurrence, actor, body: body as unknown as Json },
  dedupe: `cap|${body.what}|${body.id}`,
})

export const referenceOf = ({ sender, id, released }: Kept): KeptReference => ({
  sender,
  identifier: id,
  sent_ns: released!.sent_ns,
})

/** What a message refers to; a draft, to what stands now. */
export const referencesOf = (message: Kept, book: CapBook): readonly KeptReference[] =>
  message.released?.references ?? (message.withdrawn === null ? book.standing(message.chain).map(referenceOf) : [])

export const releaseOf = (message: Kept, book: CapBook, by: string, now: Instant, comment?: string): NewEntry[] => [
  releasal(message.id, message, referencesOf(message, book), by, now, comment),
]

/** A draft is put away; what went out is cancelled, at once and under the person's name. */
export function withdrawOf(
  message: Kept,
  book: CapBook,
  site: Pick<Site, 'file'>,
  by: string,
  now: Instant,
  comment?: string,
): NewEntry[] {
  const away = withdrawal(
    message,
    by,
    now,
    message.released === null ? 'before it went out' : 'after it went out',
    comment,
  )
  if (message.released === null) return [away]
  const body = cancelBody(message, 'withdrawn', newId(message.chain, site, book, now))
  return [...drafted(body, message, now, book.standing(message.chain).map(referenceOf), by), away]
}

/** Unique for its sender: site, place and second; a second message of that second is counted. */
function newId(chain: string, { file }: Pick<Site, 'file'>, book: CapBook, now: Instant): string {
  const place = chain.slice(0, chain.indexOf('|')).replace('/', '-')
  const kind = chain.endsWith('|real') ? '' : chain.endsWith('|exercise') ? '-exercise' : '-drill'
  const second = toIso(now).slice(0, 19).replace(/[-:]/g, '').toLowerCase()
  const base = `${file.site}-${place}${kind}-${second}z`
  let n = 1
  while (book.has(`${base}-${n}`)) n++
  return `${base}-${n}`
}

/** When the next message that stands has to be renewed; undefined while none has to be. */
export function nextRenewal(book: CapBook): Instant | undefined {
  const due = book.open().flatMap((chain) => {
    const last = book.standing(chain).at(-1)
    return (last && renewalOf(last)) ?? []
  })
  return due.reduce<Instant | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined)
}
