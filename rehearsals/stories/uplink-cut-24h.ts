/**
 * A day without uplink while a flood goes through its level again and again: every alarm that came and went unseen is told
 * afterwards, late and once, with its true times, and the one that stands annunciates as now.
 */
import { inWords, isExact, reckon, spansAbove } from './ledger.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { gaugeOf, POLL_S, riverSite } from './waters.ts'

const BEGUN = new Date('2026-06-21T00:00:00Z')
const LIMIT = { limit: 2, deadband: 0.1 } as const
const CUT_S = 3600
const MENDED_S = CUT_S + 24 * 3600
const UNTIL_S = MENDED_S + 1800

/** A tide of seven hours and a swell of forty minutes on top: crossings of every length, also one while the line is mended. */
export const tideAndSwell = (at_s: number): number =>
  1.7 + 0.5 * Math.sin((2 * Math.PI * at_s) / 25_200) + 0.2 * Math.sin((2 * Math.PI * at_s) / 2400)

export async function uplinkCut24h(): Promise<Row> {
  const line = await SimulatedLine.of({
    begun: BEGUN,
    file: riverSite([{ id: 'quay', node: 'n1', limit_m: LIMIT.limit, deadband_m: LIMIT.deadband }]),
    devices: { quay: gaugeOf(BEGUN, tideAndSwell) },
  })
  try {
    await line.seconds(CUT_S)
    line.cut('n1')
    await line.seconds(MENDED_S - CUT_S)
    line.heal('n1')
    await line.seconds(UNTIL_S - MENDED_S)
    const spans = spansAbove({ value: tideAndSwell, ...LIMIT, every_s: POLL_S, until_s: UNTIL_S })
    const told = reckon(await line.journal(), {
      alarm: 'n1:quay-high',
      begun_ns: line.begun,
      spans,
      tolerance_s: POLL_S,
    })
    const unseen = spans.filter(({ from_s, to_s }) => from_s > CUT_S && to_s !== undefined && to_s < MENDED_S).length
    return {
      promised: 'a day without uplink: every alarm that came and went is told late, once, with its true times',
      counted: `${inWords(told)} (${unseen} began and ended unseen)`,
      holds: isExact(told) && told.late === unseen && unseen > 0,
    }
  } finally {
    await line.end()
  }
}
