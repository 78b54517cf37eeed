/** Tests only: sites for scenarios, and a whole round read register by register on the simulated clock. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Site } from '../../domain/channel.ts'
import { loadSite } from '../../domain/site-load.ts'
import { instant, NS_PER_S } from '../../domain/time.ts'
import { loadShippedModels } from '../../models/load.ts'
import { loadRecording, RECORDING_NAMES } from '../../recordings/load.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { readSamples } from '../fixture.ts'
import { SimulatorService } from '../service.ts'
import type { AppliedScenario } from './apply.ts'
import { applyScenario } from './apply.ts'
import { loadScenario, readScenario } from './load.ts'

export const models = await loadShippedModels()
const exampleText = await readFile(join(import.meta.dirname, '../../site.example.yaml'), 'utf8')

export const siteOfText = (text: string): Site => {
  const loaded = loadSite(text, 'site.yaml', { models, recordings: RECORDING_NAMES }, () => undefined)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.site
}

/** The site that newcomers run. */
export const exampleSite = (): Site => siteOfText(exampleText)

const SIMULATED = {
  accelerometer: 'simulated: { play: { recording: jma-yonago-2000 } }',
  gauge: 'simulated: { time_scale: 180, play: { recording: usgs-dead-run-2018 } }',
}
const FLOOR = 'floor: tower-a/ground, '
/** Its own text: the hashes of `repeat.test.ts` hang on its floors, levels and ids. */
const ownText = `site: test
name: Test
structures:
  - id: tower-a
    name: Tower A
    kind: building
    floors: [{ id: ground, name: Ground, height_m: 0 }, { id: roof, name: Roof, height_m: 36 }]
waters:
  - id: dead-run
    name: Dead Run
    kind: river
    datum: gauge datum
    unit: ft
    gauge: dead-run/stage
    levels:
      - { id: action, name: Action, stage: 2, severity: action, meaning: Watch. }
      - { id: major, name: Major, stage: 6, severity: major, meaning: Leave. }
nodes:
  - id: edge-1
    name: Edge
    links:
      - id: tower-bus
        tcp: { port: 5020 }
        devices:
          - { id: tower-a-ground, name: G, model: sim-accelerometer-3axis, unit_id: 1, ${FLOOR}${SIMULATED.accelerometer} }
          - { id: tower-a-roof, name: R, model: sim-accelerometer-3axis, unit_id: 2, floor: tower-a/roof, ${SIMULATED.accelerometer} }
      - id: river-station
        tcp: { port: 5021 }
        devices:
          - { id: dead-run, name: D, model: sim-stage-gauge, unit_id: 1, ${SIMULATED.gauge} }
          - { id: mill, name: M, model: sim-stage-gauge, unit_id: 2, ${SIMULATED.gauge} }
`

/** Two floors of a tower, two gauges of a river, the lower one without named levels. */
export const testSite = (): Site => siteOfText(ownText)
/** The accelerometer on the ground floor stands in the street. */
export const streetSite = (): Site => siteOfText(ownText.replace(FLOOR, ''))
/** Its gauges are real ones: nothing may be played into them. */
export const realGaugeSite = (): Site => siteOfText(ownText.replaceAll(`, ${SIMULATED.gauge}`, ''))

export const applied = async (name: string, site: Site, seed?: number): Promise<AppliedScenario<Site>> =>
  applyScenario(await loadScenario(name, site), site, { loadRecording, ...(seed !== undefined && { seed }) })

export const scenarioOf = (text: string, site: Site) => readScenario(text, 'mine.yaml', site, RECORDING_NAMES)
export const appliedText = (text: string, site: Site) => applyScenario(scenarioOf(text, site), site, { loadRecording })

/** What happened to uplinks: `<monotonic s> <node> <faults>`. */
export type UplinkLog = string[]

export async function running(scenario: AppliedScenario<Site>, uplinks: UplinkLog = []) {
  const clock = new SimulatedClock(instant(1_700_000_000_000_000_000n))
  const { site, bootId, faults } = scenario
  faults.reachUplinks((node, what) => uplinks.push(`${clock.monotonic() / NS_PER_S} ${node} ${JSON.stringify(what)}`))
  const service = new SimulatorService({
    site,
    clock,
    log: silentLog,
    listen: false,
    bootId,
    loadRecording: scenario.loadRecording,
    scenario: faults,
  })
  await service.start()
  return { clock, service }
}

/** SHA-256 over every register that the four devices of `testSite` show, second by second; faults by their reason. */
export async function hashOfRound(scenario: AppliedScenario<Site>, duration_s: number): Promise<string> {
  const { clock, service } = await running(scenario)
  const hash = createHash('sha256')
  const units = { tower: service.link('tower-bus'), river: service.link('river-station') }
  const note = async (read: () => Promise<Uint16Array>) => {
    const answer = read().then(
      (words) => [...words].join(),
      (error: Error) => error.message,
    )
    // A device that does not answer keeps its reader waiting: the clock goes on a hundredth of a second at a time.
    let said: string | undefined
    answer.then((text) => {
      said = text
    })
    for (let i = 0; i < 200 && said === undefined; i++) await clock.advance(NS_PER_S / 100n)
    hash.update(`${said}\n`)
  }
  for (let second = 1; second <= duration_s; second++) {
    const due = BigInt(second) * NS_PER_S
    if (clock.monotonic() < due) await clock.advance(due - clock.monotonic())
    for (const unit of [1, 2]) {
      await note(async () => (await units.river.readRegisters(unit, 'input', 0, 4)).registers)
      await note(async () => (await units.tower.readRegisters(unit, 'holding', 0, 18)).registers)
      const newest = service.accelerometer('tower-a-ground').newestCounter(clock.now())
      await note(async () =>
        Uint16Array.from((await readSamples(units.tower, unit, Math.max(0, newest - 99), newest)).flat()),
      )
    }
  }
  await service.stop()
  return hash.digest('hex')
}
