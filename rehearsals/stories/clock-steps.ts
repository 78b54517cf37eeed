/**
 * The clock of the machine is set forward by an hour, later back by two, while the river goes through its level: no reading is
 * lost, none takes the place of another with the same instant (the newcomer is put aside), every rise is told once, and the
 * journal stays in the order in which things happened.
 */
import { NS_PER_S } from '../../domain/time.ts'
import { FakeGauge } from '../../edge/testing.ts'
import { EVER } from '../truth.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { POLL_S, riverSite } from './waters.ts'

const BEGUN = new Date('2026-05-05T05:00:00Z')
const FORWARD_S = 2 * 3600
const BACK_S = 4 * 3600
const HOURS = 8
/** Above its limit for ten minutes of every forty; never the same value at two polls that the clock gives one instant: one would be no news. */
const stage = (at_s: number): number =>
  (at_s % 2400 >= 900 && at_s % 2400 < 1500 ? 2.4 : 1.2) + 0.1 * Math.sin(at_s / 60)

export async function clockSteps(): Promise<Row> {
  let line: SimulatedLine | undefined
  const gauge = new FakeGauge(() => stage(elapsed_s()))
  const elapsed_s = (): number => Number(line?.clock.monotonic() ?? 0n) / Number(NS_PER_S)
  line = await SimulatedLine.of({
    begun: BEGUN,
    store: true,
    file: riverSite([{ id: 'quay', node: 'n1', limit_m: 2, deadband_m: 0.1 }]),
    devices: { quay: gauge },
  })
  try {
    await line.seconds(FORWARD_S)
    line.clock.stepWall(3600n * NS_PER_S)
    await line.seconds(BACK_S - FORWARD_S)
    line.clock.stepWall(-7200n * NS_PER_S)
    await line.seconds(HOURS * 3600 - BACK_S)
    const asked = Math.floor(elapsed_s() / POLL_S)
    const stored = await line.store((reader) => reader.readings('quay/stage', ...EVER, 100_000))
    const distinct = new Set(stored.map(({ t_ns }) => t_ns)).size
    const journal = await line.journal()
    const of = (kind: string) => journal.filter((entry) => entry.kind === kind && entry.alarm === 'n1:quay-high')
    const rises = Math.floor((HOURS * 3600 - 900) / 2400) + 1
    const order = journal.every(({ seq }, i) => seq === journal[0]!.seq + i)
    const aside = await line.quarantined('quay/stage')
    const missing = asked - distinct - aside
    return {
      promised: 'the clock goes an hour forward, then two back: nothing lost or overwritten, each rise told once',
      counted: `${asked} polls, ${distinct} readings stored, ${aside} put aside, ${missing} missing; ${rises} rises, ${of('onset').length} onsets, ${of('notice').length} told; journal ${order ? 'in order' : 'OUT OF ORDER'}`,
      holds:
        aside > 0 &&
        stored.length === distinct &&
        missing >= 0 &&
        missing <= STEPS * LOST_AT_A_STEP &&
        of('onset').length === rises &&
        of('notice').length === rises &&
        order,
    }
  } finally {
    await line.end()
  }
}
/** A poll that is under way while the clock is set has no instant: it is given up and asked again. */
const STEPS = 2
const LOST_AT_A_STEP = 1
