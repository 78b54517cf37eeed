/**
 * Nights on which the clock on the wall jumps, both ways, and the last day of February in a leap year. Duty, quiet hours and the
 * daily mail go by the wall; time-outs, shelving and readings by the time that passes: nothing twice, nothing left out. What the
 * wall shows is reckoned here from the published instants of the change, who is told from the rules as they are documented.
 */
import { EVER } from '../truth.ts'
import { against, listed, type Message, messagesOf } from './messages.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { gaugeOf, riverSite } from './waters.ts'

type Night = {
  readonly name: string
  readonly begun: string
  readonly hours: number
  /** Readings go by UTC: of two nights they are counted. */
  readonly store: boolean
  /** Minutes that the wall of London is before UTC [min], by directive 2000/84/EC: it changes at 01:00 UTC. */
  readonly offset_min: (at_ms: number) => number
}
const before = (jump: string, from_min: number, to_min: number) => (at_ms: number) =>
  at_ms < Date.parse(jump) ? from_min : to_min
const NIGHTS: readonly Night[] = [
  {
    name: '23 h',
    begun: '2027-03-27T23:00:00Z',
    hours: 3,
    store: true,
    offset_min: before('2027-03-28T01:00:00Z', 0, 60),
  },
  {
    name: '25 h',
    begun: '2026-10-24T22:30:00Z',
    hours: 3.5,
    store: true,
    offset_min: before('2026-10-25T01:00:00Z', 60, 0),
  },
  { name: '29 Feb', begun: '2028-02-28T23:45:00Z', hours: 2.25, store: false, offset_min: () => 0 },
  { name: '1 Mar', begun: '2028-02-29T23:45:00Z', hours: 2.25, store: false, offset_min: () => 0 },
]
const [DUTY_MIN, NIGHT_MIN, QUIET_MIN, QUIET_END_MIN, MAIL_MIN] = [90, 1200, 1320, 100, 70]
const HOLIDAY = '2028-02-29'
const POLL_S = 60
const WAIT_S = 3
/** Messages that quiet hours hold back are looked at every 30 s, the daily mail every 20 s. */
const LOOK_S = 30
const MINUTE_MS = 60_000

/** The quay rises for six minutes of every twenty and is answered after four. */
const [EVERY_S, RISE_S, UP_S, ANSWER_S] = [1200, 420, 360, 240]
const quay = (at_s: number): number => (at_s % EVERY_S >= RISE_S && at_s % EVERY_S < RISE_S + UP_S ? 2.4 : 1.2)
/** By UTC: `brook` rises at 23:50 and `burn` at 01:10, both of low priority; `mill` is put aside at 00:35 for an hour. */
const [BROOK_MIN, BURN_MIN, SHELVE_MIN] = [-10, 70, 35]
const SHELVED_MIN = 60

export async function oddDays(): Promise<Row> {
  const told = await Promise.all(NIGHTS.map(nightOf))
  return {
    promised:
      'nights of 23 and 25 hours and of 29 February: duty, quiet hours, daily mail and shelving, nothing twice or left out',
    counted: told.map(({ counted }) => counted).join('; '),
    holds: told.every(({ holds }) => holds),
  }
}

async function nightOf({
  name,
  begun: text,
  hours,
  store,
  offset_min,
}: Night): Promise<{ counted: string; holds: boolean }> {
  const begun = new Date(text)
  const wall = (at_s: number) => {
    const at_ms = begun.getTime() + at_s * 1000
    const shown = new Date(at_ms + offset_min(at_ms) * MINUTE_MS)
    return { date: shown.toISOString().slice(0, 10), minute: shown.getUTCHours() * 60 + shown.getUTCMinutes() }
  }
  /** Seconds of the story at so many minutes after midnight UTC. */
  const midnight_s = (Math.ceil(begun.getTime() / 86_400_000) * 86_400_000 - begun.getTime()) / 1000
  const utc_s = (minute: number): number => midnight_s + minute * 60
  const from = (minute: number) => (at_s: number) => (at_s >= utc_s(minute) ? 2.4 : 1.2)
  const gauge = { node: 'n1', limit_m: 2, deadband_m: 0.1, poll_s: POLL_S }
  const line = await SimulatedLine.of({
    begun,
    store,
    file: riverSite(
      [
        { id: 'quay', ...gauge },
        { id: 'mill', ...gauge },
        { id: 'brook', ...gauge, priority: 'low' },
        { id: 'burn', ...gauge, priority: 'low' },
      ],
      RULES,
    ),
    devices: {
      quay: gaugeOf(begun, quay),
      mill: gaugeOf(begun, () => 1.2),
      brook: gaugeOf(begun, from(BROOK_MIN)),
      burn: gaugeOf(begun, from(BURN_MIN)),
    },
  })
  try {
    const end_s = hours * 3600
    const rises = Array.from({ length: Math.floor((end_s - RISE_S) / EVERY_S) + 1 }, (_, i) => i * EVERY_S + RISE_S)
    let shelved = false
    for (const rise_s of rises) {
      if (!shelved && rise_s + ANSWER_S > utc_s(SHELVE_MIN)) {
        await line.until(utc_s(SHELVE_MIN))
        await line.shelve('n1:mill-high', SHELVED_MIN)
        shelved = true
      }
      await line.until(rise_s + ANSWER_S)
      await line.acknowledge('n1:quay-high')
    }
    await line.until(end_s)
    const journal = await line.journal()
    const messages = messagesOf(journal, line.begun)
    const of = (alarm: string) => messages.filter((one) => one.action === 'alarm' && one.alarms.includes(alarm))
    const asked = (contact: string, at_s: number) => ({ action: 'alarm', contact, at_s })
    // A value is read up to a poll after it changed; then alarms that come together are gathered.
    const high = against(
      of('n1:quay-high'),
      rises.map((at_s) => asked(dutyAt(wall(at_s + WAIT_S)), at_s)),
      POLL_S + 2 * WAIT_S,
    )
    const low = [
      { alarm: 'n1:brook-high', at_s: utc_s(BROOK_MIN) },
      { alarm: 'n1:burn-high', at_s: utc_s(BURN_MIN) },
    ].map(({ alarm, at_s }) =>
      against(
        of(alarm),
        [
          asked(
            'clerk',
            firstLoud(at_s, (at) => wall(at).minute),
          ),
        ],
        POLL_S + 2 * WAIT_S + LOOK_S,
      ),
    )
    const missing = [high, ...low].flatMap((one) => one.missing)
    const unasked = [high, ...low].flatMap((one): readonly Message[] => one.unasked)

    const mails = journal.flatMap(({ kind, at_ns, body }) => {
      const { what, date, late } = body as { what?: string; date?: string; late?: boolean }
      return kind === 'chain' && what === 'daily mail'
        ? [{ date, late, at_s: Number(BigInt(at_ns) - line.begun) / 1e9 }]
        : []
    })
    const due_s = firstAt(0, end_s, (at) => wall(at).date !== wall(0).date && wall(at).minute >= MAIL_MIN)
    // The mail of the day on which the desk was started is late; that of the next is there when the wall says so, once.
    const [late, mail] = mails
    const mailsRight =
      mails.length === 2 &&
      late!.late === true &&
      late!.date === wall(0).date &&
      mail!.late === false &&
      mail!.date === wall(due_s).date &&
      mail!.at_s >= due_s &&
      mail!.at_s <= due_s + LOOK_S

    const back = journal.filter(({ kind, alarm }) => kind === 'unshelve' && alarm === 'n1:mill-high')
    const aside_min = back.map(({ at_ns }) => (Number(BigInt(at_ns) - line.begun) / 1e9 - utc_s(SHELVE_MIN)) / 60)
    const shelvedRight = aside_min.length === 1 && Math.abs(aside_min[0]! - SHELVED_MIN) < 0.1

    const times = store ? await storedAt(line) : []
    const steps = times.slice(1).filter((t_ns, i) => Math.abs(Number(t_ns - times[i]!) / 1e9 - POLL_S) > 1)
    const readingsRight = !store || (times.length >= Math.floor(end_s / POLL_S) && steps.length === 0)
    return {
      counted: `${name}: ${rises.length} rises, not told as the rules say: ${listed(missing)}, told beside the rules: ${listed(unasked)}; mails ${mails.map((one) => `${one.date}${one.late ? ' late' : ''}`).join(', ')}; shelved ${aside_min.map((min) => min.toFixed(1)).join(', ')} min${store ? `; ${times.length} readings, ${steps.length} uneven` : ''}`,
      holds: missing.length + unasked.length === 0 && mailsRight && shelvedRight && readingsRight,
    }
  } finally {
    await line.end()
  }
}

const storedAt = async (line: SimulatedLine): Promise<readonly bigint[]> =>
  (await line.store((reader) => reader.readings('quay/stage', ...EVER, 10_000))).map(({ t_ns }) => t_ns)

const firstAt = (from_s: number, to_s: number, is: (at_s: number) => boolean): number => {
  let at_s = from_s
  while (at_s < to_s && !is(at_s)) at_s++
  return at_s
}
const firstLoud = (from_s: number, minuteAt: (at_s: number) => number): number =>
  firstAt(from_s, from_s + 86_400, (at) => minuteAt(at) < QUIET_MIN && minuteAt(at) >= QUIET_END_MIN)

/** Sundays, and the holiday, are the chief's; else Lin has the nights and Mei the days. A night belongs to the day it begins on. */
function dutyAt({ date, minute }: { readonly date: string; readonly minute: number }): string {
  const begun = minute < DUTY_MIN ? new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10) : date
  if (begun === HOLIDAY || new Date(begun).getUTCDay() === 0) return 'chief'
  return minute < DUTY_MIN || minute >= NIGHT_MIN ? 'lin' : 'mei'
}

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
const contact = (id: string) => ({ id, name: id, channels: [{ id: 'phone', mqtt: { topic: id } }] })
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const night = { from: clockOf(NIGHT_MIN), to: clockOf(DUTY_MIN) }
const day = { from: clockOf(DUTY_MIN), to: clockOf(NIGHT_MIN) }
const RULES = {
  time_zone: 'Europe/London',
  notices: {
    // Nobody answers there: what counts is when the mail was written, and for which day.
    smtp: { host: '127.0.0.1', port: 9, tls: 'none', from: 'desk@story.example' },
    contacts: [
      ...['mei', 'lin', 'chief', 'clerk'].map(contact),
      {
        id: 'keeper',
        name: 'keeper',
        channels: [{ id: 'mail', email: { to: 'keeper@story.example' }, give_up_min: 1 }],
      },
    ],
    teams: [
      {
        id: 'duty',
        name: 'Duty',
        members: ['mei', 'lin', 'chief'],
        shifts: {
          weekly: [
            { days: WEEK, ...night, on: ['lin'] },
            { days: WEEK, ...day, on: ['mei'] },
            { days: ['sun'], ...night, on: ['chief'] },
            { days: ['sun'], ...day, on: ['chief'] },
          ],
          holidays: [{ date: HOLIDAY, as: 'sun' }],
        },
      },
    ],
    policies: [
      {
        id: 'urgent',
        priorities: ['critical', 'high'],
        steps: [{ to: ['duty'], acknowledge_within_min: 60 }],
        start_over_min: 0,
      },
      { id: 'rest', steps: [{ to: ['clerk'], acknowledge_within_min: 600 }], start_over_min: 0 },
    ],
    quiet_hours: [{ from: clockOf(QUIET_MIN), to: clockOf(QUIET_END_MIN), priorities: ['low'] }],
    daily_mail: { at: clockOf(MAIL_MIN), to: ['keeper'] },
  },
}
