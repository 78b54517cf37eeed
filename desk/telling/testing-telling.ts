/** A book with its journal on a clock of minutes: what the tests of telling people read like. */

import type { JournalKind } from '../../domain/alarm.ts'
import type { Site } from '../../domain/channel.ts'
import { channelsOf } from '../../domain/channel.ts'
import { loadSite } from '../../domain/site-load.ts'
import type { SiteNotices } from '../../domain/site-notices.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { testModels } from '../testing-site.ts'
import type { PlannedBody } from './incident.ts'
import { type Entry, TellingBook } from './telling-book.ts'

export const NOTICES = `
notices:
  contacts:
    - { id: mei, name: Mei Lin, language: zh-TW, channels: [{ id: phone, mqtt: { topic: mei } }] }
    - { id: lin, name: Lin Bo, channels: [{ id: phone, mqtt: { topic: lin } }, { id: pager, mqtt: { topic: pager } }] }
    - { id: chief, name: Chief, channels: [{ id: phone, mqtt: { topic: chief } }] }
    - { id: trainee, name: Trainee, exercise: true, channels: [{ id: phone, mqtt: { topic: trainee } }] }
  teams:
    - { id: duty, name: Duty, members: [mei, trainee] }
  policies:
    - id: urgent
      priorities: [critical, high]
      steps:
        - { to: [duty], acknowledge_within_min: 10, repeat: 1 }
        - { to: [lin], acknowledge_within_min: 20 }
        - { to: [chief], acknowledge_within_min: 30 }
      start_over_min: 120
    - { id: rest, steps: [{ to: [lin] }], start_over_min: 0 }
  quiet_hours:
    - { from: "22:00", to: "06:00", priorities: [low, medium] }
`
/** 2026-03-02, a Monday, 10:00 in Taipei. */
export const START_MS = Date.UTC(2026, 2, 2, 2)
export const MINUTE = 60_000

export function siteWith(notices = NOTICES, structures = ''): Site {
  const text = `
site: yard
name: The yard
time_zone: Asia/Taipei
structures:
  - { id: tower, name: Tower, kind: tower, floors: [{ id: roof, name: Roof, height_m: 30 }] }
${structures}
waters:
  - { id: creek, name: Creek, kind: river, datum: gauge zero, unit: m, gauge: creek/stage, levels: [
      { id: amber, name: Amber, stage: 1.5, severity: minor, meaning: watch }, { id: red, name: Red, stage: 2, severity: major, meaning: leave } ] }
nodes:
  - id: north
    name: Gateway north
    links:
      - id: bus
        tcp: { host: 127.0.0.1, port: 5020 }
        devices:
          - { id: creek, name: Creek gauge, model: gauge }
          - { id: roof, name: Roof, model: accelerometer, unit_id: 2, floor: tower/roof }
limits:
  - { id: creek-amber, name: Creek above amber, channel: creek/stage, level: creek/amber, priority: medium }
  - { id: creek-red, name: Creek above red, channel: creek/stage, level: creek/red, priority: high }
  - { id: roof-shaking, name: Roof shaking, channel: roof/pga, above: 80, unit: gal, priority: critical }
${notices}`
  const loaded = loadSite(text, 'test.yaml', { models: testModels, recordings: new Set() }, () => undefined)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes, undefined, 1))
  return loaded.site
}

export type Sent = { readonly t_min: number; readonly body: PlannedBody; readonly to: string }

/** Alarm, its limit's channel, its priority. */
const ALARMS = {
  'creek-amber': ['creek/stage', 'medium'],
  'creek-red': ['creek/stage', 'high'],
  'roof-shaking': ['roof/pga', 'critical'],
} as const
export type AlarmName = keyof typeof ALARMS | `extra-${number}`

export class Telling {
  readonly site: Site
  readonly notices: SiteNotices
  readonly journal: Array<{ entry: Entry; t: number }> = []
  readonly sent: Sent[] = []
  book: TellingBook
  t = START_MS
  /** Wall minus the clock that never steps. */
  stepped_ms = 0
  /** What becomes of a message. */
  outcome: 'sent' | 'failed' | 'waiting' = 'sent'

  constructor(site = siteWith()) {
    this.site = site
    this.notices = site.file.notices!
    this.book = new TellingBook(site.file, this.notices)
    void channelsOf
  }

  get wall(): Instant {
    return instant(BigInt(Math.round(this.t + this.stepped_ms)) * 1_000_000n)
  }

  write(kind: JournalKind, alarm: string | null, occurrence: number | null, body: object, actor = 'desk'): void {
    const entry = { kind, alarm, occurrence, actor, at_ns: String(this.wall), body } as Entry
    this.journal.push({ entry, t: this.t })
    this.book.apply(entry, this.t)
  }

  notice(name: AlarmName, n = 1, more: object = {}): this {
    const [channel, priority] = name.startsWith('extra-') ? ['', 'high'] : ALARMS[name as keyof typeof ALARMS]
    const at = String(this.wall)
    const particulars = {
      value: 2.05,
      peak: 2.05,
      limit: 2,
      unit: 'm',
      flag: 1,
      unconfirmed: false,
      exercise: false,
      time_unknown: false,
    }
    const about = {
      outbox: 'box',
      late: false,
      text: name,
      name,
      channel,
      priority,
      kind: 'above',
      onset_ns: at,
      learned_ns: at,
    }
    this.write('notice', `north:${name}`, n, { ...about, ...particulars, ...more })
    return this
  }
  acknowledge(name: AlarmName, by = 'Mei', n = 1): this {
    this.write('acknowledge', `north:${name}`, n, { late: [] }, by)
    return this
  }
  returned(name: AlarmName, n = 1): this {
    this.write('return', `north:${name}`, n, { outbox: 'box', returned_ns: String(this.wall) })
    return this
  }

  /** Everything that is due now, as the teller would do it. */
  carryOut(): void {
    for (let count = 0; count < 1000; count++) {
      const plan = this.book.plan({ t: this.t, wall: this.wall })
      if (plan === undefined) return
      const { incident, due, members, late_ms, priority } = plan
      const named = members.map(({ alarm, n, outbox }) => ({ alarm, occurrence: n, outbox }))
      const place = { incident: incident.id, action: due.action, cycle: due.cycle, step: due.step, round: due.round }
      const rest = { update: incident.updates, late_ms, members: named }
      const [first] = members
      if (plan.targets.length === 0)
        this.write('delivery', first!.alarm, first!.n, { what: 'nobody', why: '', ...place, ...rest })
      for (const { contact, channel, kind } of plan.targets) {
        const { action, cycle, step, round } = due
        const where = action === 'alarm' ? `${cycle}.${step}.${round}` : `${action[0]}${incident.updates}`
        const id = [incident.id, where, contact.id, channel.id].join('-')
        const body = {
          ...{ what: 'planned', id, ...place, ...rest, contact: contact.id, channel: channel.id, kind, priority },
          ...{ language: contact.language, exercise: incident.reality !== 'real', subject: '', text: '', short: '' },
        } as PlannedBody
        this.sent.push({ t_min: (this.t - START_MS) / MINUTE, body, to: `${contact.id}/${channel.id}` })
        this.write('delivery', first!.alarm, first!.n, body)
        if (this.outcome !== 'waiting')
          this.write('delivery', first!.alarm, first!.n, { what: this.outcome, id, tries: 1, detail: '' })
      }
    }
    throw new Error('what is planned does not move on')
  }

  /** Until `minute` after the start, waking when the book says so. */
  until(minute: number): this {
    const end = START_MS + minute * MINUTE
    for (;;) {
      this.carryOut()
      const next = this.book.nextAt({ t: this.t, wall: this.wall })
      if (next === undefined || next > end) break
      this.t = Math.max(this.t + 1, next)
    }
    this.t = end
    return this
  }

  /** The desk is killed and comes back `minutes` later: the book is made anew from the journal. */
  restart(minutes = 0): this {
    this.t += minutes * MINUTE
    this.book = new TellingBook(this.site.file, this.notices)
    for (const { entry, t } of this.journal) this.book.apply(entry, t)
    return this
  }

  /** `minute who: action`, one line for each message. */
  lines(): string[] {
    return this.sent.map(
      ({ t_min, to, body }) =>
        `${Number(t_min.toFixed(2))} ${to}: ${body.action}${body.late_ms >= 60_000 ? ' late' : ''}`,
    )
  }
}
