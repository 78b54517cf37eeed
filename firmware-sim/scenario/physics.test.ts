/** That a scenario reaches the physics: what yields, breaks, ebbs and is pumped shows in what the devices play. */
import { describe, expect, test } from 'vitest'
import { M_S2_PER_GAL } from '../../domain/units.ts'
import type { Series, Waveform } from '../../recordings/recording.ts'
import { peakOf } from '../physics/whole-record.ts'
import { buildingLine } from './building-answer.ts'
import { appliedText, testSite } from './scenario.fixture.ts'

const site = testSite()
const apply = (text: string) => appliedText(`name: mine\ndescription: Mine.\n${text}`, site)
type Applied = Awaited<ReturnType<typeof apply>>
const northOf = async (a: Applied, id: string) =>
  ((await a.loadRecording(`scenario-${id}`)) as Waveform).axes[0]!.samples
const stagesOf = async (a: Applied, id: string) => ((await a.loadRecording(`scenario-${id}`)) as Series).values

describe('a building', () => {
  const building = (more = '') =>
    `buildings: [{ structure: tower-a, storeys: 5, frequency_hz: 2, damping: 0.02${more} }]\n`

  test('that loses stiffness in a storey sways more slowly from then on', async () => {
    const a = await apply(
      `duration_s: 300\n${building()}timeline:\n  - { at_s: 150, structure: tower-a, damage: { storey: 1, share: 0.4, axis: ns } }\n`,
    )
    const [ns, ew] = a.buildings[0]!.axes
    expect(ns!.before_hz).toBeCloseTo(2, 6)
    expect(ns!.after_hz).toBeLessThan(1.8)
    expect(ew!.after_hz).toBeCloseTo(2, 6)
    // Ambient motion alone, 145 s each: what a spectrum of the roof shows is the first mode.
    const roof = await northOf(a, 'tower-a-roof')
    expect(strongest_hz(roof.subarray(0, 14_500))).toBeCloseTo(2, 0)
    expect(Math.abs(strongest_hz(roof.subarray(0, 14_500)) - 2)).toBeLessThan(0.1)
    expect(Math.abs(strongest_hz(roof.subarray(15_500)) - ns!.after_hz)).toBeLessThan(0.1)
    expect(buildingLine(a.buildings[0]!)).toContain(`first frequency 2.00 -> ${ns!.after_hz.toFixed(2)} Hz`)
  })

  const quake =
    'duration_s: 100\ntimeline:\n  - { at_s: 5, earthquake: { recording: jma-yonago-2000, to: 2000-10-06T04:31:20Z } }\n'

  test('that stays elastic keeps no drift; one that yields does, and carries less to its roof', async () => {
    const [elastic, yielding] = [
      await apply(building() + quake),
      await apply(building(', yield_drift_ratio: 0.002') + quake),
    ]
    const residual_m = (a: Applied) =>
      Math.max(...a.buildings[0]!.axes.flatMap((x) => x.residual_drift_m.map(Math.abs)))
    const drift = (a: Applied) => Math.max(...a.buildings[0]!.axes.flatMap((x) => x.drift_ratio))
    expect(residual_m(elastic)).toBe(0)
    expect(drift(elastic)).toBeGreaterThan(0.002)
    expect(residual_m(yielding)).toBeGreaterThan(0.001)
    expect(buildingLine(yielding.buildings[0]!)).toMatch(/of which up to \d+\.\d mm stay/)
    const roof = async (a: Applied) => peakOf(await northOf(a, 'tower-a-roof'))
    expect(await roof(yielding)).toBeLessThan((await roof(elastic)) * 0.95)
  })

  test('is told floor by floor as its devices then show it', async () => {
    const a = await apply(building() + quake)
    const { floors } = a.buildings[0]!
    expect(floors.map((f) => f.floor)).toEqual(['ground', 'roof'])
    // The record's NS axis peaks at 280.24 gal (README of the record); the ground has the street's own motion on top.
    expect(Math.abs(floors[0]!.pga_m_s2 / M_S2_PER_GAL - 280.24)).toBeLessThan(0.5)
    const wave = (await a.loadRecording('scenario-tower-a-roof')) as Waveform
    expect(floors[1]!.pga_m_s2).toBe(Math.max(...wave.axes.slice(0, 2).map((x) => peakOf(x.samples))))
  })

  test('to which nothing happens is not told', async () => {
    expect((await apply('duration_s: 20\n')).buildings).toEqual([])
  })
})

/** Frequency [Hz] at which a row sampled at 100 Hz is strongest, from 0.5 to 4 Hz, to 0.02 Hz. */
function strongest_hz(values: Float64Array): number {
  let best = { hz: 0, power: 0 }
  for (let hz = 0.5; hz < 4; hz += 0.02) {
    let [re, im] = [0, 0]
    for (let k = 0; k < values.length; k++) {
      const angle = (2 * Math.PI * hz * k) / 100
      re += values[k]! * Math.cos(angle)
      im += values[k]! * Math.sin(angle)
    }
    const power = re * re + im * im
    if (power > best.power) best = { hz, power }
  }
  return best.hz
}

describe('water', () => {
  test('of the sea ebbs and flows: high at the epoch, low half an M2 period (6.21 h) later', async () => {
    const a = await apply(
      'duration_s: 200\nwater_time_scale: 360\ntimeline:\n  - { at_s: 20, device: mill, tide: { mean_level_m: 3, constituents: [{ name: M2, amplitude_m: 1.5 }] } }\n',
    )
    const stages = await stagesOf(a, 'mill')
    // 360 / 28.9841042 °/h = 12.4206 h, at 360 device seconds a second 124.2 s.
    expect(stages[20]).toBeCloseTo(4.5, 2)
    expect(stages[82]).toBeCloseTo(1.5, 2)
    expect(stages[144]).toBeCloseTo(4.5, 2)
    expect(stages[51]).toBeCloseTo(3, 1)
  })

  const pond = (more: string) =>
    `duration_s: 200\nwater_time_scale: 60\ntimeline:\n  - { at_s: 20, device: mill, pond: { area_m2: 3600, bottom_m: 0, start_m: 1, baseflow_m3_s: 1, ${more} } }\n`

  test('of a pond without a way out rises by what flows in: 1 m³/s on 3,600 m² is a metre an hour', async () => {
    const stages = await stagesOf(await apply(pond('pumps: []')), 'mill')
    expect(stages[20]).toBeCloseTo(1, 2)
    expect(stages[80]).toBeCloseTo(2, 2)
    expect(stages[140]).toBeCloseTo(3, 2)
  })

  test('of a pond is held by its pump, and rises while the pump has failed', async () => {
    const pumps = 'pumps: [{ capacity_m3_s: 2, on_m: 1.5, off_m: 1.2 }]'
    const held = await stagesOf(await apply(pond(pumps)), 'mill')
    expect(Math.max(...held)).toBeLessThan(1.6)
    const failing = await stagesOf(await apply(pond(`${pumps}, failures: [{ pump: 1, from_h: 1, to_h: 2 }]`)), 'mill')
    // From 80 to 140 s it stands still: a metre more than at its beginning; then it catches up.
    expect(failing[140]! - failing[80]!).toBeCloseTo(1, 1)
    expect(failing[199]).toBeLessThan(failing[140]!)
  })

  test('of a pond leaves through the gate at low tide only, and not while the gate is stuck', async () => {
    const gate = 'pumps: [], gate: { width_m: 2, height_m: 1, sill_m: 0.5, open_at_m: 0.1, shut_at_m: 0.02 }'
    const tide = 'tide: { mean_level_m: 1.5, constituents: [{ name: M2, amplitude_m: 1.5, phase_deg: 0 }] }'
    const scaled = (more: string) => pond(more).replace('water_time_scale: 60', 'water_time_scale: 300')
    const free = await stagesOf(await apply(scaled(`${gate}, ${tide}`)), 'mill')
    const stuck = await stagesOf(
      await apply(scaled(`${gate}, ${tide}, failures: [{ gate: true, from_h: 0, to_h: 99 }]`)),
      'mill',
    )
    // Low water stands 6.2 h after the epoch: 94.5 s into the round.
    expect(free[94]).toBeLessThan(1.5)
    expect(stuck[94]! - stuck[20]!).toBeCloseTo((74 * 300) / 3600, 1)
  })

  const flood = (more: string) =>
    `duration_s: 300\nwater_time_scale: 180\ntimeline:\n  - { at_s: 30, flood: { gauges: [mill], rain: [{ total_mm: 60, duration_h: 1 }], area_km2: 14, curve_number: 90, ${more} } }\n`

  test('of a flood follows a rating curve of its own: Q = 2 (h − 1)^1.5 gives 2 m at 2 m³/s', async () => {
    const rating = 'rating: [{ from_m: 1, C: 2, h0_m: 1, b: 1.5 }]'
    const stages = await stagesOf(await apply(flood(`baseflow_m3_s: 2, ${rating}`)), 'mill')
    expect(stages[10]).toBeCloseTo(2, 2)
    expect(Math.max(...stages)).toBeGreaterThan(5)
  })

  test('behind a linear reservoir (S = k Q) falls to 1/e in the time k', async () => {
    const rating = 'rating: [{ from_m: 0, C: 10, h0_m: 0, b: 1 }]'
    const stages = await stagesOf(
      await apply(flood(`baseflow_m3_s: 0.001, reservoir: { k: 7200, m: 1 }, ${rating}`)),
      'mill',
    )
    // 7,200 s are 40 s of the round; the rain has ended after 20 s.
    expect(stages[140]! / stages[100]!).toBeCloseTo(Math.exp(-1), 2)
  })
})
