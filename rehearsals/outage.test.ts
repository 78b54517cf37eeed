/**
 * The uplink of a scenario is cut while a river crosses a level and the ground shakes, and every link is noisy at the same
 * time: the desk learns of both alarms when the line is back, late, with their true onsets, and every sample is stored.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlarmJson } from '../domain/alarm.ts'
import type { StoredBlock } from '../domain/ports.ts'
import { blockLength } from '../domain/reading.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../domain/time.ts'
import { applyScenario } from '../firmware-sim/scenario/apply.ts'
import { readScenario } from '../firmware-sim/scenario/load.ts'
import { loadRecording } from '../recordings/load.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { bothDevices, RECORDINGS, siteOf } from './site.ts'
import { pause, until } from './until.ts'

const [CUT_S, MENDED_S] = [8, 30]
/** The record passes 4 ft at 21:30Z, 10 s after its start at 180 times its speed; Yonago's strong part comes 10 s in. */
const SCENARIO = `
name: outage
description: Cut, flood and earthquake within a minute.
loop: false
duration_s: 70
water_time_scale: 180
timeline:
  - at_s: ${CUT_S}
    uplink: { cut: true, for_s: ${MENDED_S - CUT_S} }
  - at_s: 8
    every: link
    wire: { drop: 0.02, duplicate: 0.05, reorder: 0.02, delay: { ms: 2, jitter_ms: 10 }, for_s: 40 }
  - at_s: 5
    device: dead-run
    play: { recording: usgs-dead-run-2018, from: 2018-06-03T21:00:00Z, to: 2018-06-03T23:30:00Z }
  - at_s: 9
    earthquake: { recording: jma-yonago-2000, from: 2000-10-06T04:30:20Z, to: 2000-10-06T04:30:50Z }
`

/** From before the cut to after it. */
const WANTED = (MENDED_S + 2 - CUT_S) * 100
const wanted = (counter: number): boolean => counter >= CUT_S * 100 && counter < (MENDED_S + 2) * 100
const countersOf = (block: StoredBlock): number[] =>
  Array.from({ length: blockLength(block) }, (_, i) => block.first_counter + i)

let line: Line
let client: DeskClient
/** When the devices booted. */
let begun: Instant
/** What the desk knew just before the line was mended. */
let during: Array<AlarmJson | undefined>
let blocks: readonly StoredBlock[]

const ALARMS = ['n1:stage-4ft', 'n1:shaking']
const alarms = () => Promise.all(ALARMS.map((id) => client.alarm(id)))
const wallNow = (): Instant => instant(BigInt(Date.now()) * 1_000_000n)
const into_s = (ns: string) => Number(BigInt(ns) - begun) / 1e9

beforeAll(async () => {
  const data = await temporaryFolder()
  const ports = {
    accelerometer: await freePort(),
    gauge: await freePort(),
    mqtt: await freePort(),
    desk: await freePort(),
  }
  const site = await siteOf(bothDevices(ports))
  const applied = await applyScenario(readScenario(SCENARIO, 'outage.yaml', site, RECORDINGS), site, { loadRecording })
  line = await startLine(applied.site, data, undefined, {
    loadRecording: applied.loadRecording,
    scenario: applied.faults,
    uplinks: applied.faults,
  })
  begun = line.simulator().accelerometer('yonago').boot.at
  client = new DeskClient(ports.desk)
  await until('the desk knows both alarms before the cut', async () => (await alarms()).every((a) => a !== undefined))
  const wait_s = MENDED_S - 1 - Number(wallNow() - begun) / 1e9
  await pause(Math.max(0, wait_s) * 1000)
  during = await alarms()
  await until(
    'the desk has learned of both',
    async () => (await alarms()).every((a) => a !== undefined && (a.occurrence > 0 || a.late.length > 0)),
    30_000,
  )
  const store = await openStore(site, data)
  blocks = await until(
    'the samples of the outage are stored',
    async () => {
      const stored = await store.blocks('yonago', 'acceleration', begun, addNs(begun, 60n * NS_PER_S)).catch(() => [])
      return stored.flatMap(countersOf).filter(wanted).length >= WANTED && stored
    },
    40_000,
  )
  await store.close()
}, 120_000)

afterAll(async () => {
  await line?.stop()
  await removeFolder(line.data)
})

describe('an outage in which everything happens', () => {
  test('while the line is cut the desk knows nothing of it', () => {
    expect(during.map((a) => [a?.occurrence, a?.late.length])).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('afterwards both alarms are told, learned after the cut, with onsets from within it', async () => {
    for (const alarm of await alarms()) {
      const told = alarm!.occurrence > 0 && alarm!.onset_ns !== null ? alarm! : alarm!.late[0]!
      expect(into_s(told.onset_ns!)).toBeGreaterThan(CUT_S)
      expect(into_s(told.onset_ns!)).toBeLessThan(MENDED_S)
      expect(into_s(told.learned_ns!)).toBeGreaterThan(MENDED_S)
      expect(await client.notices(alarm!.id)).toHaveLength(1)
    }
  })

  test('every sample from before the cut to after it is stored once, in order, as the device made it', () => {
    const device = line.simulator().accelerometer('yonago')
    const samples = blocks
      .flatMap((block) =>
        countersOf(block).map((counter, i) => ({ counter, raw: block.axes.map((axis) => axis.samples[i]!) })),
      )
      .filter(({ counter }) => wanted(counter))
    expect(samples.map((s) => s.counter)).toEqual(Array.from({ length: WANTED }, (_, i) => CUT_S * 100 + i))
    for (const { counter, raw } of samples)
      expect(raw).toEqual([0, 1, 2].map((axis) => device.rawSample(counter, axis)))
  })

  test('and the wires did spoil frames meanwhile', async () => {
    const { wires } = await line.simulator().control.status()
    for (const { counts } of wires) expect((counts['drop'] ?? 0) + (counts['duplicate'] ?? 0)).toBeGreaterThan(0)
  })
})
