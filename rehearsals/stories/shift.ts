/**
 * A shift with everything that people do about alarms: answered in time, answered late, put aside until the time is over, gone
 * before anybody looked, and not answered until all begins again. Who is told when follows from the site's rules, reckoned here
 * from what the guide says of them, and nobody else is told anything.
 */
import { type Asked, against, listed, messagesOf } from './messages.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { gaugeOf, POLL_S, riverSite } from './waters.ts'

/** 19:00 in Taipei, a Monday; at 20:00 Lin takes over from Mei. */
const BEGUN = new Date('2026-03-02T11:00:00Z')
const HANDOVER_MIN = 60
const STEPS = [
  { to: ['duty'], acknowledge_within_min: 10, repeat: 1 },
  { to: ['chief'], acknowledge_within_min: 20, repeat: 0 },
]
const START_OVER_MIN = 60
/** So long after all has returned those who were told hear it; what comes together is gathered for `WAIT_S`. */
const SETTLED_S = 30
const WAIT_S = 3
const UNTIL_MIN = 400

/** Minutes of the story: a rise, its end, and when somebody answers. */
type Rise = {
  readonly up: number
  readonly down: number
  readonly answered: number
  readonly shelved?: readonly [number, number]
}
const RISES: readonly Rise[] = [
  { up: 10, down: 25, answered: 14 },
  // The shift changes between the first message and its repeat.
  { up: 52, down: 110, answered: 93 },
  { up: 125, down: 200, answered: 168, shelved: [118, 163] },
  // Gone before anybody answered: it is told on until somebody does.
  { up: 215, down: 225, answered: 240 },
  // Nobody answers through the whole ladder: it begins again.
  { up: 260, down: 365, answered: 352 },
]

const duty = (at_min: number): string => (at_min < HANDOVER_MIN ? 'mei' : 'lin')
const stage = (at_s: number): number => (RISES.some(({ up, down }) => at_s >= up * 60 && at_s < down * 60) ? 2.4 : 1.2)

/** Each step repeated, then the next, then all again, until it is answered. */
function ladder(from_min: number, answered_min: number): Asked[] {
  const told: Asked[] = []
  for (let at_min = from_min; ; at_min += START_OVER_MIN - STEPS.at(-1)!.acknowledge_within_min)
    for (const { to, acknowledge_within_min, repeat } of STEPS)
      for (let round = 0; round <= repeat; round++) {
        if (at_min >= answered_min) return told
        const contact = to[0] === 'duty' ? duty(at_min) : to[0]!
        told.push({ action: 'alarm', contact, at_s: at_min * 60 })
        at_min += acknowledge_within_min
      }
}

function askedBy({ up, down, answered, shelved }: Rise): Asked[] {
  const alarms = ladder(shelved?.[1] ?? up, answered)
  const told = new Set(alarms.filter(({ at_s }) => at_s < down * 60).map(({ contact }) => contact))
  return [...alarms, ...[...told].map((contact) => ({ action: 'returned', contact, at_s: down * 60 + SETTLED_S }))]
}

export async function shift(): Promise<Row> {
  const line = await SimulatedLine.of({
    begun: BEGUN,
    // Without a store the desk has an alarm of its own to tell of.
    store: true,
    file: riverSite([{ id: 'quay', node: 'n1', limit_m: 2, deadband_m: 0.1 }], RULES),
    devices: { quay: gaugeOf(BEGUN, stage) },
  })
  try {
    let answers = 0
    for (const { answered, shelved } of RISES) {
      if (shelved !== undefined) {
        await line.until(shelved[0] * 60)
        await line.shelve('n1:quay-high', shelved[1] - shelved[0])
      }
      await line.until(answered * 60)
      answers += await line.acknowledge('n1:quay-high')
    }
    await line.until(UNTIL_MIN * 60)
    const journal = await line.journal()
    const messages = messagesOf(journal, line.begun)
    // A value is read up to a poll after it changed.
    const told = against(messages, RISES.flatMap(askedBy), 2 * POLL_S + WAIT_S)
    const back = journal
      .filter(({ kind }) => kind === 'unshelve')
      .map(({ at_ns }) => Number(BigInt(at_ns) - line.begun) / 60e9)
    const expired = RISES.flatMap(({ shelved }) => shelved?.[1] ?? [])
    const intact = back.length === expired.length && back.every((at_min, i) => Math.abs(at_min - expired[i]!) < 0.1)
    return {
      promised:
        'a shift: answers, repeats, the next step, a handover, a shelf that expires: told are those whom the rules name, then',
      counted: `${RISES.length} rises, ${answers} answered; ${messages.length} messages, not sent: ${listed(told.missing)}, sent beside the rules: ${listed(told.unasked)}; shelving ended at ${back.map((min) => min.toFixed(1)).join(', ')} min`,
      holds: told.missing.length + told.unasked.length === 0 && answers === RISES.length && intact,
    }
  } finally {
    await line.end()
  }
}

const contact = (id: string) => ({ id, name: id, channels: [{ id: 'phone', mqtt: { topic: id } }] })
const ALL = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const RULES = {
  time_zone: 'Asia/Taipei',
  notices: {
    contacts: ['mei', 'lin', 'chief', 'mayor'].map(contact),
    teams: [
      {
        id: 'duty',
        name: 'Duty',
        members: ['mei', 'lin'],
        shifts: {
          weekly: [
            { days: ALL, from: '08:00', to: '20:00', on: ['mei'] },
            { days: ALL, from: '20:00', to: '08:00', on: ['lin'] },
          ],
        },
      },
    ],
    policies: [
      { id: 'urgent', priorities: ['critical', 'high'], steps: STEPS, start_over_min: START_OVER_MIN },
      { id: 'rest', steps: [{ to: ['mayor'] }] },
    ],
  },
}
