/** The Atom feed (RFC 4287) of the CAP messages that went out; drafts are never in it. Pure. */
import { type Instant, instant, instantToMs } from '../../domain/time.ts'
import type { CapBook, Kept } from './cap-book.ts'
import { escapeXml } from './cap-xml.ts'

/** The newest; the API and the journal know the others. */
const ENTRIES_MAX = 100

export type FeedAbout = {
  readonly site: string
  readonly name: string
  readonly sender: string
  /** How people reach the desk; default links relative to the feed. */
  readonly public_url: string | undefined
  readonly now: Instant
}

export function capFeed(book: CapBook, { site, name, sender, public_url = '', now }: FeedAbout): string {
  const out = book
    .list()
    .filter(({ released }) => released !== null)
    .sort((a, b) => Number(BigInt(b.released!.sent_ns) - BigInt(a.released!.sent_ns)))
    .slice(0, ENTRIES_MAX)
  const [newest] = out
  const link = (path: string) => escapeXml(`${public_url}${path}`)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n',
    `  <id>${escapeXml(`tag:${sender},2026:cap/${site}`)}</id>\n`,
    `  <title>${escapeXml(`${name}: CAP 1.2`)}</title>\n`,
    `  <updated>${when(newest === undefined ? now : sent(newest))}</updated>\n`,
    `  <author><name>${escapeXml(name)}</name></author>\n`,
    `  <link rel="self" type="application/atom+xml" href="${link('/cap/feed.atom')}"/>\n`,
    ...out.map((message) => entryXml(message, link)),
    '</feed>\n',
  ].join('')
}

const sent = ({ released }: Kept): Instant => instant(BigInt(released!.sent_ns))
const when = (at: Instant): string => new Date(instantToMs(at)).toISOString()

function entryXml(message: Kept, link: (path: string) => string): string {
  const [info, other] = message.info
  return [
    '  <entry>\n',
    `    <id>${escapeXml(`tag:${message.sender},2026:${message.id}`)}</id>\n`,
    `    <title>${escapeXml([info, other].flatMap((one) => one?.headline ?? []).join(' / '))}</title>\n`,
    `    <updated>${when(sent(message))}</updated>\n`,
    `    <category term="${message.status}"/>\n    <category term="${message.msg_type}"/>\n`,
    `    <link type="application/cap+xml" href="${link(`/cap/${message.id}.xml`)}"/>\n`,
    `    <summary>${escapeXml([info, other].flatMap((one) => one?.description ?? []).join(' / '))}</summary>\n`,
    '  </entry>\n',
  ].join('')
}
