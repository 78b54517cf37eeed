/**
 * A drill is going on when the river really rises, and goes on while it stands: the real alarm is told at once, to those whom it
 * concerns, unmarked; everything of the drill says that it is an exercise and reaches its own people only. Then the other way
 * round: a drill that begins while a real alarm stands.
 */
import type { DrillJson } from '../../domain/api.ts'
import { EVER } from '../truth.ts'
import { messagesOf } from './messages.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { gaugeOf, POLL_S, riverSite } from './waters.ts'

const BEGUN = new Date('2026-10-10T06:00:00Z')
const MIN = 60
/** Minutes of the story: two drills, and one real rise that begins in the first and ends after the second. */
const DRILLS = [
  { from: 5, to: 30 },
  { from: 40, to: 60 },
]
const REAL = { from: 12, to: 70 }
const UNTIL_MIN = 80
const REAL_M = 2.6
const DRILL_M = 3.1
/** A poll, the gathering of what comes together, and the second in which the desk looks. */
const AT_ONCE_S = POLL_S + 3 + 2

const real = (at_s: number): number => (at_s >= REAL.from * MIN && at_s < REAL.to * MIN ? REAL_M : 1.2)

export async function drillInEarnest(): Promise<Row> {
  const line = await SimulatedLine.of({
    begun: BEGUN,
    store: true,
    file: riverSite([{ id: 'quay', node: 'n1', limit_m: 2, deadband_m: 0.1 }], RULES),
    devices: { quay: gaugeOf(BEGUN, real) },
    shadows: { quay: gaugeOf(BEGUN, () => DRILL_M) },
  })
  try {
    const drills: string[] = []
    for (const { from, to } of DRILLS) {
      await line.until(from * MIN)
      const { id } = await line.meanwhile(line.post<DrillJson>('/drills', ASKED), 5)
      drills.push(id)
      await line.until(to * MIN)
      await line.meanwhile(line.post(`/drills/${id}/end`, {}), 5)
    }
    await line.until(UNTIL_MIN * MIN)

    const journal = await line.journal()
    const messages = messagesOf(journal, line.begun)
    const ofDrill = (alarm: string | null): boolean => alarm?.startsWith('n1:drill.') === true
    const alarms = messages.filter(({ action }) => action === 'alarm')
    const [inReal, inDrill] = [
      alarms.filter((one) => one.drill === undefined),
      alarms.filter((one) => one.drill !== undefined),
    ]
    const late_s = inReal.map(({ at_s }) => at_s - REAL.from * MIN)
    // A trainee hears of exercises of the site, but a drill has its own people.
    const toldRight =
      inReal
        .map((one) => one.contact)
        .toSorted()
        .join() === 'officer,trainee' &&
      late_s.every((s) => s >= 0 && s <= AT_ONCE_S) &&
      DRILLS.every(({ from }, i) => inDrill.some((one) => one.drill === drills[i] && one.at_s >= from * MIN)) &&
      messages.every(({ drill, contact }) => (contact === 'coach') === (drill !== undefined))
    const marked = messages.filter(({ drill, exercise, subject, text }) => {
      const says = /EXERCISE/.test(subject) && /EXERCISE/.test(text)
      return drill === undefined ? exercise || /EXERCISE/.test(subject + text) : !exercise || !says
    })
    // Each occurrence of the journal: what is of the drill says so, the real one does not.
    const entries = journal.filter(({ kind }) => kind === 'onset' || kind === 'return' || kind === 'notice')
    const wrong = entries.filter(({ alarm, body }) => {
      const { exercise, drill } = body as { exercise?: boolean; drill?: unknown }
      return ofDrill(alarm) ? exercise !== true : exercise === true || (drill ?? null) !== null
    })
    const onsets = (of: (alarm: string | null) => boolean) =>
      entries.filter(({ kind, alarm }) => kind === 'onset' && of(alarm)).length
    const [own, shadows] = await line.store(async (reader) => [
      await reader.readings('quay/stage', ...EVER, 10_000),
      (await Promise.all(drills.map((id) => reader.readings(`drill.${id}.quay/stage`, ...EVER, 10_000)))).flat(),
    ])
    const mixed =
      own!.filter(({ exercise, value }) => exercise || value === Math.fround(DRILL_M)).length +
      shadows!.filter(({ exercise, value }) => !exercise || (value !== null && value !== Math.fround(DRILL_M))).length
    const unpolled = Math.floor((UNTIL_MIN * MIN) / POLL_S) - own!.length
    return {
      promised:
        'a real alarm in a drill and a drill in a real alarm: kept apart, the real one told at once, every exercise marked',
      counted: `real: ${onsets((alarm) => alarm === 'n1:quay-high')} onset, told after ${late_s.map((s) => s.toFixed(0)).join(', ')} s; drills: ${onsets(ofDrill)} onsets, ${inDrill.length} messages; ${marked.length} messages and ${wrong.length} entries with a wrong mark; readings ${own!.length} real (${unpolled} missing), ${shadows!.length} of shadows, ${mixed} mixed up`,
      holds:
        toldRight &&
        marked.length + wrong.length + mixed === 0 &&
        unpolled <= 0 &&
        shadows!.length > 0 &&
        onsets((alarm) => alarm === 'n1:quay-high') === 1 &&
        onsets(ofDrill) === DRILLS.length,
    }
  } finally {
    await line.end()
  }
}

const ASKED = {
  name: 'Autumn flood',
  owner: 'Chen',
  recipients: ['coach'],
  scenario: { name: 'flash-flood' },
  shadows: ['quay'],
  max_minutes: 60,
}
const contact = (id: string, more: object = {}) => ({
  id,
  name: id,
  channels: [{ id: 'phone', mqtt: { topic: id } }],
  ...more,
})
const RULES = {
  notices: {
    contacts: [contact('officer'), contact('coach', { exercise: true }), contact('trainee', { exercise: true })],
    policies: [{ id: 'all', steps: [{ to: ['officer', 'trainee'], acknowledge_within_min: 600 }], start_over_min: 0 }],
  },
}
