/**
 * A message in one language: what is so, since when, what the level means, where it is going, and every doubt and mark that
 * belongs to it. Pure: what is known now is handed in. The links are put below it when it is sent.
 */
import { levelStage_m, type Site } from '../../domain/channel.ts'
import type { Priority } from '../../domain/condition.ts'
import { splitShadow } from '../../domain/drill.ts'
import { channelId, splitChannel } from '../../domain/ids.ts'
import { amountOf, hasAmount, RULE_WORDS, spanText } from '../../domain/limit-words.ts'
import type { Language } from '../../domain/site-notices.ts'
import { type Instant, instantToMs } from '../../domain/time.ts'
import type { Incident, Member } from './incident.ts'
import { LATE_MS } from './planner.ts'
import { MESSAGE_WORDS, type MessageWords } from './words.ts'

/** The newest value of a channel, and its rates of rise over the last minutes where it has any. */
export type Known = {
  readonly value: number
  readonly t_ns: string
  readonly unit: string
  /** Least and greatest [m/s], of the last ten minutes. */
  readonly rate: { readonly least: number; readonly greatest: number; readonly newest: number } | null
  readonly time_scale: number
}
export type KnownNow = (channel: string) => Known | undefined

export type MessageInput = {
  readonly action: 'alarm' | 'update' | 'returned'
  readonly incident: Pick<Incident, 'drill' | 'reality' | 'flood' | 'about' | 'unlisted'>
  readonly members: readonly Member[]
  readonly priority: Priority
  readonly step: number
  readonly steps: number
  readonly round: number
  readonly late_ms: number
  readonly now: Instant
}
export type Message = { readonly subject: string; readonly text: string; readonly short: string }

/** Occurrences that are described; the others are counted. */
const DESCRIBED_MAX = 8
/** Slack takes 3,000 letters in one block, Telegram 4,096, LINE 5,000. */
const TEXT_MAX = 2400
const SUBJECT_MAX = 150
/** One text message by phone: 160 letters of its own alphabet, 70 of any other. */
const SHORT_MAX: Readonly<Record<Language, number>> = { en: 160, 'zh-TW': 70 }
const LEARNED_LATE_NS = 60_000_000_000n

export function messageOf(input: MessageInput, site: Site, known: KnownNow, language: Language): Message {
  const words = MESSAGE_WORDS[language]
  const say = new Speech(site, words, language)
  const { incident, members, action, priority } = input
  const what = subjectOf(input, site, words)
  const marks = [
    incident.reality === 'real' ? '' : words.exercise,
    action === 'returned'
      ? ''
      : action === 'update'
        ? `${words.update} ${words.priority[priority]}`
        : words.priority[priority],
  ].filter((mark) => mark !== '')
  const head = `${marks.join(' ')}${marks.length > 0 ? ': ' : ''}${action === 'returned' ? words.returnedSubject(what) : what}`
  const lines = [
    ...exerciseLines(input, words),
    ...(input.late_ms >= LATE_MS ? [words.lateLine(spanText(input.late_ms / 1000, RULE_WORDS[language].span))] : []),
    ...(incident.flood && action !== 'returned' ? [words.floodLine] : []),
    ...(action === 'returned' ? [words.returnedLine] : []),
    ...members.slice(0, DESCRIBED_MAX).flatMap((member) => say.member(member, action, known)),
    ...(members.length + incident.unlisted > DESCRIBED_MAX
      ? [words.more(members.length + incident.unlisted - DESCRIBED_MAX)]
      : []),
    ...(action === 'alarm' && (input.step > 0 || input.round > 0)
      ? [words.unanswered(input.step + 1, input.steps)]
      : []),
    site.file.name,
  ]
  const subject = cut(head.replace(/\s+/g, ' '), SUBJECT_MAX)
  return { subject, text: cut(lines.join('\n'), TEXT_MAX), short: cut(subject, SHORT_MAX[language]) }
}

function exerciseLines({ incident }: MessageInput, words: MessageWords): string[] {
  if (incident.drill !== null) return [words.drillLine(incident.drill.name)]
  return incident.reality === 'real' ? [] : [words.exerciseLine]
}

function subjectOf({ incident, members }: MessageInput, site: Site, words: MessageWords): string {
  const count = members.length + incident.unlisted
  if (incident.flood) return words.flood(count)
  const first = worst(members)
  if (first === undefined) return site.file.name
  const place = [...site.file.structures, ...site.file.waters].find(({ id }) => id === incident.about)
  return count === 1 || place === undefined
    ? first.name
    : `${words.several(count, place.name)}${words.separator}${first.name}`
}

const PRIORITY_ORDER: readonly Priority[] = ['critical', 'high', 'medium', 'low']
const worst = (members: readonly Member[]): Member | undefined =>
  PRIORITY_ORDER.map((priority) => members.find((member) => member.priority === priority)).find((m) => m !== undefined)

/** Whole letters; what is cut off says so. */
function cut(text: string, most: number): string {
  const letters = [...text.toWellFormed()]
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`
}

class Speech {
  readonly #site: Site
  readonly #words: MessageWords
  readonly #language: Language

  constructor(site: Site, words: MessageWords, language: Language) {
    this.#site = site
    this.#words = words
    this.#language = language
  }

  member(member: Member, action: MessageInput['action'], known: KnownNow): string[] {
    const words = this.#words
    if (action === 'returned') return [`- ${words.returnedOne(member.name)}`]
    const rule = member.rule?.[this.#language] ?? ''
    const extreme = member.late ? (member.peak ?? member.value) : member.value
    const amount = extreme === null || !hasAmount(member.kind) ? '' : this.#amount(extreme, member.unit, member.kind)
    const what = [member.name, rule, amount].filter((part) => part !== '').join(': ')
    return [
      `- ${words.priority[member.priority]} ${what}, ${this.#when(member)}`,
      ...(member.again !== null ? [`  ${words.again}`] : []),
      ...(member.overdue_since_ns === undefined
        ? []
        : [`  ${words.overdue(this.#time(BigInt(member.overdue_since_ns) as Instant))}`]),
      ...(member.unconfirmed ? [`  ${words.unconfirmed}`] : []),
      ...(member.time_unknown ? [`  ${words.timeUnknown}`] : []),
      ...this.#level(member),
      ...this.#present(member, known),
    ].map((line) => line.trimEnd())
  }

  #when({ onset_ns, learned_ns, late }: Member): string {
    const [onset, learned] = [BigInt(onset_ns) as Instant, BigInt(learned_ns) as Instant]
    if (late) return this.#words.late(this.#time(onset), this.#time(learned))
    const told = this.#words.at(this.#time(onset))
    return learned - onset < LEARNED_LATE_NS ? told : `${told}, ${this.#words.learned(this.#time(learned))}`
  }

  /** Local time with its offset: nobody has to know whose clock is meant. */
  #time(at: Instant): string {
    const zone = this.#site.file.time_zone
    const text = new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
      timeZoneName: 'longOffset',
    }).format(instantToMs(at))
    return text.replace('GMT−', 'UTC-').replace('GMT-', 'UTC-').replace('GMT+', 'UTC+').replace(/GMT$/, 'UTC')
  }

  #amount(value: number, unit: string, kind = 'above'): string {
    const amount = amountOf(value, unit, kind)
    if (amount === undefined)
      return unit === 's' ? spanText(value, RULE_WORDS[this.#language].span) : `${value} ${unit}`.trim()
    return `${amount.value.toFixed(amount.digits)}${amount.unit === '1' ? '' : ` ${amount.unit}`}`
  }

  #levels(channel: string) {
    const real = realChannel(channel)
    const water = this.#site.file.waters.find(({ gauge }) => gauge === real)
    return (water?.levels ?? [])
      .map((level) => ({ ...level, stage_m: levelStage_m(water!, level.stage) }))
      .sort((a, b) => a.stage_m - b.stage_m)
  }

  /** The named level that the limit stands for, with what it means nearby. */
  #level({ channel, limit, kind }: Member): string[] {
    if (kind !== 'above') return []
    const level = this.#levels(channel).find(({ stage_m }) => Math.fround(stage_m) === Math.fround(limit))
    return level === undefined ? [] : [`  ${this.#words.meaning(level.name, level.meaning)}`]
  }

  #present({ channel, late }: Member, known: KnownNow): string[] {
    if (late || channel === '') return []
    const now = known(channel)
    if (now === undefined) return [`  ${this.#words.noNow}`]
    const trend = now.rate === null ? [] : [this.#trend(now.rate.newest)]
    const value = this.#words.now(this.#amount(now.value, now.unit), this.#time(BigInt(now.t_ns) as Instant))
    return [`  ${[value, ...trend].join(this.#words.separator)}`, ...this.#next(channel, now)]
  }

  #trend(rate: number): string {
    const perHour = (r: number) => `${(Math.abs(r) * 3600).toFixed(2)} m/h`
    if (Math.abs(rate) * 3600 < 0.005) return this.#words.steady
    return rate > 0 ? this.#words.rising(perHour(rate)) : this.#words.falling(perHour(rate))
  }

  /** A range from the slowest to the fastest rise of the last ten minutes; nothing where it does not rise throughout. */
  #next(channel: string, { value, rate, time_scale }: Known): string[] {
    if (rate === null || rate.least <= 0) return []
    const next = this.#levels(channel).find(({ stage_m }) => stage_m > value)
    if (next === undefined) return []
    const gap_m = next.stage_m - value
    const span = { soonest_s: gap_m / rate.greatest, latest_s: gap_m / rate.least }
    if (span.latest_s > HORIZON_S) return []
    const names = RULE_WORDS[this.#language].span
    const [from, to] = [spanText(Math.round(span.soonest_s), names), spanText(Math.round(span.latest_s), names)]
    const range = from === to ? from : `${from} – ${to}`
    const simulated = time_scale === 1 ? '' : ` (${this.#words.simulatedTime} ×${time_scale})`
    return [`  ${this.#words.next(next.name, range)}${simulated}`]
  }
}

/** Beyond a day a straight line says nothing. */
const HORIZON_S = 86_400

/** A shadow stands for its real device. */
function realChannel(channel: string): string {
  const { device, metric } = splitChannel(channel)
  return channelId(splitShadow(device)?.id ?? device, metric)
}

/** Of a channel that somebody tries. */
export function testMessage(by: string, site: Site, language: Language): Message {
  const words = MESSAGE_WORDS[language]
  const subject = `${words.test}: ${site.file.name}`
  return { subject, text: `${words.testLine(by)}\n${site.file.name}`, short: subject }
}

/** As it goes out: marked where it may be a repeat, with its links. */
export function withLinks(
  message: Message,
  language: Language,
  more: { readonly repeat: boolean; readonly answer?: string | undefined; readonly console?: string | undefined },
): Message {
  const words = MESSAGE_WORDS[language]
  const lines = [
    ...(more.repeat ? [words.repeatLine] : []),
    message.text,
    ...(more.answer === undefined ? [] : [`${words.answer}: ${more.answer}`]),
    ...(more.console === undefined ? [] : [`${words.console}: ${more.console}`]),
  ]
  const mark = more.repeat ? `${words.repeat} ` : ''
  return { subject: `${mark}${message.subject}`, text: lines.join('\n'), short: `${mark}${message.short}` }
}
