/**
 * The Yonago record as main shock and as three weaker aftershocks, on four floors that each make more of it. Each shock beyond
 * the limit is one occurrence on each floor, with the instant at which the samples themselves crossed it, and a shock below the
 * limit raises nothing. Samples are counts of the sensor, as registers carry them.
 */

import { instantFromMs } from '../../domain/time.ts'
import { FakeRing } from '../../edge/testing.ts'
import { loadModels } from '../../models/load.ts'
import { loadRecording } from '../../recordings/load.ts'
import { inWords, isExact, reckon, type Span, together } from './ledger.ts'
import type { Row } from './row.ts'
import { SimulatedLine } from './simulated-line.ts'

const BEGUN = new Date('2026-04-03T23:50:00Z')
const RATE_HZ = 100
const COUNT_M_S2 = (2 * 9.80665) / 32_768
const LIMIT_M_S2 = 0.25
const CLEAR_M_S2 = 0.2
const OFF_DELAY_S = 60
/** Seconds at which each shock begins, and its size beside the record's. */
const SHOCKS = [
  { at_s: 120, share: 1 },
  { at_s: 520, share: 0.3 },
  { at_s: 920, share: 0.11 },
  { at_s: 1320, share: 0.02 },
]
const FLOORS = [
  { id: 'f1', amplification: 0.5 },
  { id: 'f4', amplification: 0.8 },
  { id: 'f8', amplification: 1.2 },
  { id: 'roof', amplification: 1.7 },
]
const UNTIL_S = 1720

export async function earthquake(): Promise<Row> {
  const model = (await loadModels(['sim-accelerometer-3axis'])).get('sim-accelerometer-3axis')!
  const record = await loadRecording('jma-yonago-2000')
  if (record.kind !== 'waveform') throw new Error('Yonago is a waveform')
  const axes = record.axes.map(({ samples }) => samples)
  const length = axes[0]!.length
  /** Counts at a counter: the latest shock that plays, and silence between. */
  const countsOn = (amplification: number) => (counter: number, axis: number) => {
    const shock = SHOCKS.findLast(({ at_s }) => counter >= at_s * RATE_HZ)
    const k = shock === undefined ? -1 : counter - shock.at_s * RATE_HZ
    if (shock === undefined || k >= length) return 0
    return Math.round((axes[axis]![k]! * shock.share * amplification) / COUNT_M_S2)
  }
  const begun_ns = instantFromMs(BEGUN.getTime())
  const line = await SimulatedLine.of({
    begun: BEGUN,
    file: towerSite(),
    devices: Object.fromEntries(
      FLOORS.map(({ id, amplification }) => [id, new FakeRing(model.ring!, begun_ns, countsOn(amplification))]),
    ),
  })
  try {
    await line.seconds(UNTIL_S)
    const journal = await line.journal()
    const all = FLOORS.map(({ id, amplification }) =>
      reckon(journal, {
        alarm: `n1:${id}-pga`,
        begun_ns: line.begun,
        spans: shocksFelt(countsOn(amplification)),
        // The running mean that is taken off each axis moves a crossing by some samples, the last of a fading shock by a cycle.
        tolerance_s: 2,
      }),
    )
    const told = together(all)
    return {
      promised: 'an earthquake and three aftershocks on four floors: one occurrence for each shock beyond the limit',
      counted: `${inWords(told)}; by floor ${all.map(({ expected }) => expected).join(', ')}`,
      holds: isExact(told) && all[0]!.expected < all.at(-1)!.expected,
    }
  } finally {
    await line.end()
  }
}

/** From the first sample beyond the limit to `OFF_DELAY_S` after the last one that keeps it up. */
function shocksFelt(counts: (counter: number, axis: number) => number): Span[] {
  const spans: Array<{ from_s: number; last_s: number }> = []
  for (let counter = 0; counter < UNTIL_S * RATE_HZ; counter++) {
    const magnitude = Math.hypot(...[0, 1, 2].map((axis) => counts(counter, axis) * COUNT_M_S2))
    const at_s = counter / RATE_HZ
    const open = spans.at(-1)
    const goesOn = open !== undefined && at_s - open.last_s <= OFF_DELAY_S
    if (goesOn && magnitude >= CLEAR_M_S2) open.last_s = at_s
    else if (!goesOn && magnitude >= LIMIT_M_S2) spans.push({ from_s: at_s, last_s: at_s })
  }
  return spans.map(({ from_s, last_s }) => ({
    from_s,
    to_s: last_s + OFF_DELAY_S < UNTIL_S ? last_s + OFF_DELAY_S : undefined,
  }))
}

const towerSite = () => ({
  site: 'story',
  name: 'Story',
  structures: [
    {
      id: 'tower',
      name: 'Tower',
      kind: 'building',
      floors: FLOORS.map(({ id }, i) => ({ id, name: id, height_m: i * 12 })),
    },
  ],
  nodes: [
    {
      id: 'n1',
      name: 'Node',
      links: FLOORS.map(({ id }, i) => ({
        id: `link-${id}`,
        tcp: { host: '127.0.0.1', port: 5020 + i },
        devices: [{ id, name: id, model: 'sim-accelerometer-3axis', unit_id: 1, floor: `tower/${id}` }],
      })),
    },
  ],
  limits: FLOORS.map(({ id }) => ({
    id: `${id}-pga`,
    name: `${id} shaken`,
    channel: `${id}/pga`,
    above: LIMIT_M_S2,
    unit: 'm/s²',
    deadband: LIMIT_M_S2 - CLEAR_M_S2,
    off_delay_s: OFF_DELAY_S,
    latch: false,
    priority: 'critical',
  })),
})
