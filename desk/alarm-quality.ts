/**
 * Figures of ISA-18.2 / IEC 62682 over a span of the journal, entry by entry in bounded memory: how many alarms people were
 * told of and when, floods, alarms that chatter or are gone before anybody can act, and how long answers took. What stands
 * now (stale, shelved) is the alarm book's. Pure.
 */
import type { JournalEntryJson } from '../domain/alarm.ts'
import type { AlarmQualityJson } from '../domain/api-desk.ts'
import type { Priority } from '../domain/condition.ts'
import { FLOOD_BEGINS, FLOOD_ENDS_BELOW, FLOOD_WINDOW_NS } from './groups.ts'

const MINUTE_NS = 60_000_000_000n
const SPAN_NS = 600_000_000_000n
/** Changes of one alarm within a minute from which on it chatters. */
const CHATTERS = 3
/** Gone within this, unanswered: nobody could have acted. */
const FLEETING_NS = MINUTE_NS
const TOP = 10
/** Answers whose time is kept; a longer span is judged by its first ones. */
const ANSWERS_MAX = 200_000
const PENDING_MAX = 1000

type Entry = Pick<JournalEntryJson, 'at_ns' | 'kind' | 'alarm' | 'occurrence' | 'body'>
type OfAlarm = {
  told: number
  transitions: number
  recent: bigint[]
  most: number
  onset: bigint | undefined
  fleeting: number
  pending: bigint[]
}
type Standing = Pick<AlarmQualityJson, 'stale' | 'shelved' | 'targets'>

export class QualityTally {
  readonly #alarms = new Map<string, OfAlarm>()
  readonly #spans = new Map<bigint, number>()
  readonly #priorities: Record<Priority, number> = { critical: 0, high: 0, medium: 0, low: 0 }
  readonly #answers: number[] = []
  readonly #floods: Array<{ from: bigint; to: bigint | undefined; alarms: number }> = []
  #window: bigint[] = []
  #told = 0

  /** In the order of the journal. What belongs to a drill tells nothing of the alarms of every day. */
  take({ at_ns, kind, alarm, body }: Entry): void {
    if (alarm === null || (body as { drill?: unknown }).drill !== undefined) return
    const at = BigInt(at_ns)
    const of = this.#of(alarm)
    if (kind === 'notice' || kind === 're-alarm') this.#annunciated(of, at, (body as { priority: Priority }).priority)
    else if (kind === 'onset') this.#onset(of, at, body as { onset_ns: string; late?: boolean })
    else if (kind === 'return') this.#returned(of, at)
    else if (kind === 'acknowledge') this.#acknowledged(of, at)
  }

  #of(alarm: string): OfAlarm {
    const of = this.#alarms.get(alarm) ?? {
      told: 0,
      transitions: 0,
      recent: [],
      most: 0,
      onset: undefined,
      fleeting: 0,
      pending: [],
    }
    this.#alarms.set(alarm, of)
    return of
  }

  #annunciated(of: OfAlarm, at: bigint, priority: Priority): void {
    this.#told++
    of.told++
    if (of.pending.length < PENDING_MAX) of.pending.push(at)
    this.#priorities[priority]++
    const span = at - (at % SPAN_NS)
    this.#spans.set(span, (this.#spans.get(span) ?? 0) + 1)
    this.#flood(at)
  }

  #flood(at: bigint): void {
    this.#passed(at)
    this.#window.push(at)
    const open = this.#floods.at(-1)
    if (open !== undefined && open.to === undefined) open.alarms++
    else if (this.#window.length >= FLOOD_BEGINS)
      this.#floods.push({ from: this.#window[0]!, to: undefined, alarms: this.#window.length })
  }

  /** An alarm flood is over at the instant at which fewer than five are left in the window. */
  #passed(at: bigint): void {
    const open = this.#floods.at(-1)
    while (this.#window.length > 0 && this.#window[0]! <= at - FLOOD_WINDOW_NS) {
      const left = this.#window.shift()!
      if (open !== undefined && open.to === undefined && this.#window.length < FLOOD_ENDS_BELOW)
        open.to = left + FLOOD_WINDOW_NS
    }
  }

  #changed(of: OfAlarm, at: bigint): void {
    of.transitions++
    of.recent = [...of.recent.filter((one) => one > at - MINUTE_NS), at].slice(-PENDING_MAX)
    of.most = Math.max(of.most, of.recent.length)
  }

  #onset(of: OfAlarm, at: bigint, { late }: { late?: boolean }): void {
    if (late === true) return
    this.#changed(of, at)
    of.onset = at
  }

  #returned(of: OfAlarm, at: bigint): void {
    if (of.onset === undefined) return
    this.#changed(of, at)
    if (at - of.onset < FLEETING_NS && of.pending.length > 0) of.fleeting++
    of.onset = undefined
  }

  #acknowledged(of: OfAlarm, at: bigint): void {
    for (const told of of.pending)
      if (this.#answers.length < ANSWERS_MAX) this.#answers.push(Math.max(0, Number(at - told) / 1e9))
    of.pending = []
  }

  json(from: bigint, to: bigint, standing: Standing): AlarmQualityJson {
    this.#passed(to)
    const spans = Math.max(1, Number(to - from) / Number(SPAN_NS))
    const answers = this.#answers.toSorted((a, b) => a - b)
    const alarms = [...this.#alarms]
    const floods = this.#floods.map((flood) => ({ ...flood, to: flood.to ?? to }))
    const flooded = floods.reduce((sum, flood) => sum + Number(flood.to - flood.from), 0)
    return {
      from_ns: String(from),
      to_ns: String(to),
      per_10_min: [...this.#spans].map(([at, count]) => [String(at), count]),
      annunciated: this.#told,
      average_per_10_min: this.#told / spans,
      most_per_10_min: Math.max(0, ...this.#spans.values()),
      floods: floods.map((flood) => ({ from_ns: String(flood.from), to_ns: String(flood.to), alarms: flood.alarms })),
      flood_share: to > from ? Math.min(1, flooded / Number(to - from)) : 0,
      chattering: alarms
        .filter(([, { most }]) => most >= CHATTERS)
        .map(([alarm, { transitions, most }]) => ({ alarm, transitions, most_per_min: most })),
      fleeting: alarms.filter(([, of]) => of.fleeting > 0).map(([alarm, of]) => ({ alarm, count: of.fleeting })),
      top: alarms
        .filter(([, { told }]) => told > 0)
        .sort(([, a], [, b]) => b.told - a.told)
        .slice(0, TOP)
        .map(([alarm, { told }]) => ({ alarm, count: told, share: told / this.#told })),
      priorities: { ...this.#priorities },
      acknowledge: { count: answers.length, median_s: quantile(answers, 0.5), p95_s: quantile(answers, 0.95) },
      ...standing,
    }
  }
}

/** The smallest value that so large a share does not exceed. */
const quantile = (sorted: readonly number[], share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
