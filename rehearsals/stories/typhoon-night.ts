/**
 * A typhoon night over four gauges of two nodes: the recorded flood of Dead Run as it passes down the river, one gauge with a
 * tide under it. Each rise through a level is one occurrence with the true times, on whichever gauge, and none is lost while
 * one node loses its uplink at the crest and the desk is started again.
 */
import { inWords, isExact, reckon, spansAbove, together } from './ledger.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'
import { deadRunStage, type GaugeEntry, gaugeOf, POLL_S, riverSite } from './waters.ts'

const RECORD_FROM = '2018-06-03T12:00:00Z'
const BEGUN = new Date('2026-09-12T10:00:00Z')
const HOURS = 14
const CUT_AT_S = 9 * 3600
const CUT_FOR_S = 2 * 3600

/** Travel time to each gauge [s], how much of the wave is left there, and what the water stands at without it. */
const GAUGES: ReadonlyArray<GaugeEntry & { lag_s: number; share: number; base_m: number; tide_m: number }> = [
  { id: 'head', node: 'n1', limit_m: 0.6, deadband_m: 0.06, lag_s: 0, share: 1, base_m: 0, tide_m: 0 },
  { id: 'weir', node: 'n1', limit_m: 1.5, deadband_m: 0.1, lag_s: 1500, share: 0.8, base_m: 0.8, tide_m: 0 },
  { id: 'bridge', node: 'n2', limit_m: 1.1, deadband_m: 0.05, lag_s: 3300, share: 0.65, base_m: 0.4, tide_m: 0 },
  { id: 'mouth', node: 'n2', limit_m: 2.2, deadband_m: 0.05, lag_s: 5400, share: 0.5, base_m: 1.5, tide_m: 0.45 },
]

export async function typhoonNight(): Promise<Row> {
  const recorded = await deadRunStage(RECORD_FROM)
  const stages = new Map(
    GAUGES.map(({ id, lag_s, share, base_m, tide_m }) => [
      id,
      (at_s: number) => base_m + share * recorded(at_s - lag_s) + tide_m * Math.sin((2 * Math.PI * at_s) / 44_712),
    ]),
  )
  const line = await SimulatedLine.of({
    begun: BEGUN,
    file: riverSite(GAUGES),
    devices: Object.fromEntries([...stages].map(([id, stage]) => [id, gaugeOf(BEGUN, stage)])),
  })
  try {
    await line.seconds(CUT_AT_S)
    line.cut('n2')
    await line.stop('desk')
    await line.seconds(CUT_FOR_S / 2)
    await line.startDesk()
    await line.seconds(CUT_FOR_S / 2)
    line.heal('n2')
    await line.seconds(HOURS * 3600 - CUT_AT_S - CUT_FOR_S)
    const journal = await line.journal()
    const all = GAUGES.map(({ id, node, limit_m, deadband_m }) =>
      reckon(journal, {
        alarm: `${node}:${id}-high`,
        begun_ns: line.begun,
        spans: spansAbove({
          value: stages.get(id)!,
          limit: limit_m,
          deadband: deadband_m,
          every_s: POLL_S,
          until_s: HOURS * 3600,
        }),
        tolerance_s: POLL_S,
      }),
    )
    const told = together(all)
    return {
      promised: 'a typhoon night, four gauges, one uplink cut at the crest, the desk restarted: every rise told, once',
      counted: `${inWords(told)}; by gauge ${all.map(({ expected }) => expected).join(', ')}`,
      holds: isExact(told) && all.every(({ expected }) => expected > 0),
    }
  } finally {
    await line.end()
  }
}
