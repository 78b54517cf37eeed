/** The guides, run as they stand: their YAML on the simulated clock, their commands and messages held against the code. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NS_PER_S } from '../../domain/time.ts'
import { M_PER_FT, M_S2_PER_GAL } from '../../domain/units.ts'
import { loadRecording } from '../../recordings/load.ts'
import type { Series, Waveform } from '../../recordings/recording.ts'
import { peakOf } from '../physics/whole-record.ts'
import { applyScenario } from './apply.ts'
import { buildingLine } from './building-answer.ts'
import { loadScenario, scenarioNames } from './load.ts'
import { appliedText, exampleSite, running, scenarioOf, siteOfText, type UplinkLog } from './scenario.fixture.ts'
import { ACTIONS, ScenarioSchema } from './schema.ts'

const guides = join(import.meta.dirname, '../../docs/guides')
const guide = (name: string) => readFile(join(guides, name), 'utf8')
/** The YAML blocks of a guide, in order. */
const blocksOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block!)
type Applied = Awaited<ReturnType<typeof appliedText>>
const waveOf = async (a: Applied, id: string) => (await a.loadRecording(`scenario-${id}`)) as Waveform

describe('write a scenario', async () => {
  const text = await guide('scenarios.md')
  const [first, second] = blocksOf(text)
  const own = exampleSite()

  test('shows the example file as it is', async () => {
    expect(first).toBe(await guide('scenario.example.yaml'))
  })

  test('and the example runs as it says', async () => {
    const scenario = await loadScenario(join(guides, 'scenario.example.yaml'), own)
    const a = await applyScenario(scenario, own, { loadRecording })
    const ground = (await waveOf(a, 'tower-a-ground')).axes.slice(0, 2).map((axis) => peakOf(axis.samples))
    expect(Math.max(...ground)).toBeCloseTo(1.2, 2)
    const { clock, service } = await running(a)
    await clock.advance(110n * NS_PER_S)
    expect(service.gauge('dead-run').fault).toBe('hang')
    await clock.advance(99n * NS_PER_S)
    // Calm water is 0.4 of the lowest level, 2 ft; the drift has come to half a metre.
    expect(service.gauge('dead-run').valueAt(clock.now())).toBeCloseTo(0.4 * 2 * M_PER_FT + 0.5, 1)
    await service.stop()
  })

  test('the second example: the pond rises while its pump has failed, the wire loses frames, the uplink is cut', async () => {
    const a = await appliedText(second!, own)
    const stages = ((await a.loadRecording('scenario-dead-run')) as Series).values
    const at_h = (h: number) => stages[10 + (h * 3600) / 120]!
    expect(stages[0]).toBeCloseTo(0.5, 2)
    expect(Math.max(...stages.subarray(40, 130))).toBeGreaterThan(at_h(1))
    expect(at_h(9)).toBeLessThan(at_h(3))
    const uplinks: UplinkLog = []
    const { clock, service } = await running(a, uplinks)
    await clock.advance(160n * NS_PER_S)
    const { wires } = await service.control.status()
    expect(wires.find(({ link }) => link === 'river-station')!.faults).toEqual({ drop: 0.1 })
    await clock.advance(125n * NS_PER_S)
    expect(uplinks).toEqual(['220 edge-1 {"cut":true}', '280 edge-1 {}'])
    await service.stop()
  })

  test('names every scenario that ships, every key, every action and everything that an action may say', async () => {
    for (const name of await scenarioNames()) expect(text).toContain(`| \`${name}\` |`)
    for (const key of Object.keys(ScenarioSchema.properties)) expect(text).toContain(`\`${key}\``)
    const step = ScenarioSchema.properties.timeline.items.properties
    for (const action of ACTIONS) {
      expect(text).toContain(`\`${action}: {`)
      for (const key of Object.keys(step[action].properties))
        expect(text, `${action}.${key}`).toMatch(new RegExp(`\\b${key}\\b`))
    }
    for (const kind of step.fault.properties.kind.enum) expect(text).toContain(`\`${kind}\``)
  })

  test('shows the message of a mistake as it is', () => {
    const wrong = first!.replace('device: dead-run', 'device: deadrun')
    let says = ''
    try {
      scenarioOf(wrong, own)
    } catch (error) {
      says = (error as Error).message
    }
    expect(text).toContain(says.replaceAll('mine.yaml', 'monday-drill.yaml').replace(/:\d+:/, ':13:'))
    expect(says).toMatch(/^SCENARIO_INVALID: 1 mistake/)
  })
})

describe('simulate your building', async () => {
  const text = await guide('simulate-your-building.md')
  const [siteText, scenarioText] = blocksOf(text)
  const site = siteOfText(siteText!)
  const a = await appliedText(scenarioText!, site)
  const floors = ['ground', 'third', 'roof']

  test('says what the building will show, in the form that the guide shows', () => {
    const line = buildingLine(a.buildings[0]!)
    const shown = text.match(/^harbour-house will show: .*$/m)![0]
    const pattern = shown.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '[\\w.]+')
    expect(line).toMatch(new RegExp(`^${pattern}$`))
  })

  test('each floor shakes in its own way, the ground at the 200 gal asked for', async () => {
    const pga = a.buildings[0]!.floors.map((f) => f.pga_m_s2 / M_S2_PER_GAL)
    expect(Math.abs(pga[0]! - 200)).toBeLessThan(0.5)
    expect(new Set(pga.map((gal) => gal.toFixed(1))).size).toBe(3)
    for (const [f, id] of floors.entries()) {
      const { axes } = await waveOf(a, `acc-${id}`)
      expect(Math.max(...axes.slice(0, 2).map((axis) => peakOf(axis.samples)))).toBe(
        a.buildings[0]!.floors[f]!.pga_m_s2,
      )
    }
  })

  test('it yields, keeps some drift, and loses frequency along the axis that is hurt', () => {
    const [ns, ew] = a.buildings[0]!.axes
    expect(Math.max(...ns!.drift_ratio, ...ew!.drift_ratio)).toBeGreaterThan(0.0025)
    expect(Math.max(...[...ns!.residual_drift_m, ...ew!.residual_drift_m].map(Math.abs))).toBeGreaterThan(0.0001)
    expect(ns!.before_hz).toBeCloseTo(1.8, 6)
    expect(ns!.after_hz).toBeLessThan(1.75)
    expect(ew!.after_hz).toBeCloseTo(1.8, 6)
  })

  test('the tilt meter leans as its storey drifts, and keeps what that keeps', async () => {
    const { columns } = (await a.loadRecording('scenario-tilt-third')) as Series
    for (const [axis, { drift_ratio, residual_drift_m }] of a.buildings[0]!.axes.entries()) {
      // The storey below 9.6 m of 19.2 m in six storeys is the third; ambient motion alone sways it by less than 10 µrad.
      const { values } = columns![axis]!
      expect(Math.abs(values.at(-1)! - residual_drift_m[2]! / 3.2)).toBeLessThan(1e-5)
      // Of ten values a second the worst may lie between two.
      expect(peakOf(values)).toBeLessThanOrEqual(drift_ratio[2]!)
      expect(peakOf(values)).toBeGreaterThan(drift_ratio[2]! * 0.7)
    }
  })

  test('and its devices play it: calm, then above the limit, on the simulated clock', async () => {
    const { clock, service } = await running(a)
    const device = service.accelerometer('acc-ground')
    const step_gal = (2 * 980.665) / 32_768
    await clock.advance(120n * NS_PER_S)
    const newest = device.newestCounter(clock.now())
    const peak = (from: number, to: number) =>
      Math.max(...Array.from({ length: to - from }, (_, k) => Math.abs(device.rawSample(from + k, 0)) * step_gal))
    expect(newest).toBeGreaterThan(11_900)
    expect(peak(0, 2900)).toBeLessThan(1)
    expect(peak(3000, 9000)).toBeGreaterThan(80)
    await service.stop()
  })
})
