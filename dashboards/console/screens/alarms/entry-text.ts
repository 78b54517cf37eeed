/**
 * What a journal entry says, in the reader's language and units: the kinds that people read most. Of any other, and of what a
 * newer desk may write, `state/journal.ts` makes a short form. Pure.
 */
import type { JournalEntryJson } from '../../../../domain/alarm.ts'
import type { Format } from '../../format.ts'
import type { Words } from '../../i18n/index.ts'
import { msOf } from '../../state/instants.ts'
import { bodyText } from '../../state/journal.ts'
import type { EntryWords } from './entry-words.ts'

export type EntrySpeech = {
  readonly words: Pick<Words, 'state' | 'role' | 'listJoin' | 'partJoin'>
  readonly format: Format
  readonly own: EntryWords
  readonly groupKind: Readonly<Record<string, string>>
  readonly now_ms: number
}
type Body = Readonly<Record<string, unknown>>
type Say = (body: Body, speech: EntrySpeech, kindOfLimit: string) => ReadonlyArray<string | undefined>

/** @param kindOfLimit what the limit of the entry's alarm judges */
export function entryText(
  { kind, body, alarm }: Pick<JournalEntryJson, 'kind' | 'body' | 'alarm'>,
  speech: EntrySpeech,
  kindOfLimit = 'above',
): string {
  const short = () => bodyText(body, speech.words.state)
  const say = SAY[kind]
  if (say === undefined || typeof body !== 'object' || body === null) return short()
  const said = say(body as Body, speech, kindOfLimit).filter((part) => part !== undefined && part !== '')
  // A raised alarm always has its instant; an entry that none of its words fit stands as it came.
  return said.length === 0 && alarm === null
    ? short()
    : said.join(speech.words.listJoin).replace(`${speech.words.listJoin}\n`, '\n')
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
const hash = (value: unknown): string => String(value ?? '').slice(0, 12)
const instant = (value: unknown, { format, now_ms }: EntrySpeech): string | undefined =>
  typeof value === 'string' && /^\d+$/.test(value) ? format.instant(msOf(value), now_ms) : undefined
const what = (kind: string, { what: name }: Body, { own }: EntrySpeech): string | undefined =>
  text(name) && (own.what[kind]?.[String(name)] ?? String(name))
const role = ({ role: name }: Body, { words }: EntrySpeech): string | undefined =>
  text(name) && (words.role[name as keyof typeof words.role] ?? String(name))
const maybe = (value: string | undefined, say: (value: string) => string): string | undefined =>
  value === undefined ? undefined : say(value)

/** A condition of the line has no amount: that it holds is all. */
function amount(body: Body, of: unknown, { format }: EntrySpeech, kind: string): string | undefined {
  const { unit } = body
  return typeof of === 'number' && typeof unit === 'string' && unit !== '1' ? format.inUnit(of, unit, kind) : undefined
}

const raised: Say = (body, speech, kind) => {
  const { own } = speech
  const [value, limit] = [amount(body, body.value, speech, kind), amount(body, body.limit, speech, kind)]
  return [
    value !== undefined && limit !== undefined ? own.valueLimit(value, limit) : value,
    maybe(instant(body.onset_ns, speech), own.since),
    body.late === true ? own.late : undefined,
    maybe(instant(body.overdue_since_ns, speech), own.overdue),
  ]
}
const returned: Say = (body, speech, kind) => [
  maybe(amount(body, body.peak, speech, kind), speech.own.peak),
  maybe(instant(body.returned_ns, speech), speech.own.at),
  maybe(instant(body.overdue_since_ns, speech), speech.own.overdue),
]
/** The desk's own words are English. */
const told: Say = (body, speech, kind) => {
  if (speech.format.language === 'en' && typeof body.text === 'string') return [body.text]
  const rule = (body.rule as Record<string, string> | undefined)?.[speech.format.language]
  return [text(body.name), rule, ...raised(body, speech, kind)]
}
const aside: Say = (body, speech) => [text(body.reason), maybe(instant(body.until_ns, speech), speech.own.until)]
const ended: Say = (body, { own }) => [maybe(text(body.because), (why) => own.because[why] ?? why), text(body.reason)]
const named =
  (kind: string): Say =>
  (body, speech) => [what(kind, body, speech), text(body.name), role(body, speech), text(body.why)]

const SAY: Readonly<Partial<Record<JournalEntryJson['kind'], Say>>> = {
  onset: raised,
  return: returned,
  notice: told,
  're-alarm': told,
  acknowledge: ({ comment, late }, { own, format }) => [
    text(comment),
    Array.isArray(late) && late.length > 0 ? own.coversLate(format.number(late.length, 0)) : undefined,
  ],
  shelve: aside,
  'out-of-service': aside,
  unshelve: ended,
  unsuppress: ended,
  'return-to-service': ended,
  session: (body, speech) => [
    what('session', body, speech) ?? text(body.text),
    text(body.name),
    role(body, speech),
    maybe(text(body.address), speech.own.from),
  ],
  user: named('user'),
  token: named('token'),
  drill: named('drill'),
  start: ({ software, site_hash }, { own }) => [
    site_hash === undefined ? text(software) : own.started(String(software), hash(site_hash)),
  ],
  config: ({ from, to }, { own }) => [own.siteChanged(hash(from), hash(to))],
  node: ({ from, to, reason }, { own }) => {
    const name = (state: unknown) => own.nodeState[String(state)] ?? String(state)
    return [`${name(from)} → ${name(to)}`, text(reason)]
  },
  site: ({ agrees }, { own }) => [agrees === true ? own.siteAgrees : own.siteDiffers],
  group: (body, speech) => [
    maybe(text(body.kind), (kind) => speech.groupKind[kind] ?? kind) ?? text(body.group),
    text(body.about),
    what('group', body, speech),
  ],
  maintenance: (body, speech) => [
    what('maintenance', body, speech),
    text(body.name),
    text(body.reason),
    maybe(instant(body.until_ns, speech), speech.own.until),
    maybe(text(body.because), (why) => speech.own.because[why] ?? why),
  ],
  delivery: (body, speech) => [
    what('delivery', body, speech),
    text(body.contact) && speech.own.to(String(body.contact), String(body.channel ?? body.kind ?? '')),
    text(body.detail) ?? text(body.why),
    // What was written to people stands below, as it was written.
    maybe(text(body.text), (message) => `\n${message}`),
  ],
  command: (body, speech) => [
    what('command', body, speech),
    text(body.kind),
    text(body.channel) ?? text(body.output) ?? text(body.node),
    text(body.value),
    text(body.by),
    text(body.detail),
  ],
  cap: (body, speech) => [what('cap', body, speech), text(body.comment), text(body.why)],
  chain: (body, speech) => [
    what('chain', body, speech),
    text(body.date),
    maybe(text(body.seq) ?? text(body.removed_to), speech.own.row),
  ],
  'second-path': ({ agrees, disagreements }, { own }) => [
    agrees === true ? own.pathAgrees : own.pathDisagrees((disagreements as string[] | undefined)?.join('; ') ?? ''),
  ],
}
