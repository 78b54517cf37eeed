import { createConnection } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { loadRecording } from '../../recordings/load.ts'
import { headerOf } from '../fixture.ts'
import { applyScenario } from '../scenario/apply.ts'
import { recordingName } from '../scenario/compose.ts'
import { loadScenario } from '../scenario/load.ts'
import { LiveBench, liveSite, stepMotion } from './live.fixture.ts'

const benches: LiveBench[] = []
const running = async (options: ConstructorParameters<typeof LiveBench>[0] = {}) => {
  const bench = new LiveBench(options)
  benches.push(bench)
  await bench.simulator.start()
  await bench.seconds(10)
  return bench
}
afterEach(async () => {
  for (const { simulator } of benches.splice(0)) await simulator.stop()
})

const faulty = `
name: faulty
description: The gauge hangs, the wire of the tower loses replies.
seed: 3
loop: false
duration_s: 60
timeline:
  - { at_s: 5, device: river, fault: { kind: exception, code: 6, for_s: 10 } }
  - { at_s: 8, link: node-1/tower, wire: { drop: 0.5, for_s: 10 } }
`
const peak = (samples: number[][]) => Math.max(...samples.flat().map(Math.abs))

describe('a scenario started in a running site', () => {
  test('plays its part in every device, from now on', async () => {
    const bench = await running()
    const status = await bench.control.startScenario({ name: 'earthquake', seed: 11 })
    expect(status).toMatchObject({ name: 'earthquake', seed: 11, position_s: 0, round: 0 })
    expect((await bench.control.status()).scenario).toEqual(status)
    await bench.seconds(status.duration_s / 2)
    expect(peak(await bench.samples(1, 5000))).toBeGreaterThan(100)
    expect((await bench.control.status()).scenario).toMatchObject({ position_s: status.duration_s / 2 })
    // The same motion as the recordings that the scenario is composed to.
    const applied = await applyScenario(await loadScenario('earthquake', liveSite()), liveSite(), {
      loadRecording,
      seed: 11,
    })
    const wave = await applied.loadRecording(recordingName('ground'))
    const truth = wave.kind === 'waveform' ? Math.max(...wave.axes[0]!.samples.map(Math.abs)) : 0
    const step_m_s2 = (2 * 9.80665) / 32_768
    const shown = Math.max(...(await bench.samples(1, 5900)).map(([x]) => Math.abs(x!))) * step_m_s2
    expect(Math.abs(shown - truth)).toBeLessThan(0.05 * truth + step_m_s2)
  })

  test('does its faults at their times, and takes them back when it is stopped', async () => {
    const bench = await running()
    await bench.control.startScenario({ text: faulty })
    const fault = async () => (await bench.control.status()).devices.find((d) => d.id === 'river')!.fault
    const tower = async () => (await bench.control.status()).wires.find((w) => w.link === 'tower')!.faults
    expect(await fault()).toBe('none')
    await bench.seconds(9)
    expect([await fault(), await tower()]).toEqual(['exception 6', { drop: 0.5 }])
    await bench.control.stopScenario()
    expect([await fault(), await tower()]).toEqual(['none', {}])
    expect((await bench.control.status()).scenario).toBeNull()
  })

  test('ends plays on its devices; a play started later lies above it and gives way to it again', async () => {
    const bench = await running()
    await bench.control.play({ as: 'ground', files: [stepMotion('a.csv', 60, 100)] })
    await bench.control.startScenario({ name: 'quiet' })
    expect((await bench.control.status()).plays).toEqual([])
    const { id } = await bench.control.play({ as: 'ground', files: [stepMotion('b.csv', 60, ...Array(60).fill(100))] })
    await bench.seconds(2)
    expect(peak(await bench.samples(1, 10))).toBeGreaterThan(1000)
    await bench.control.steer(id, { action: 'stop' })
    await bench.seconds(2)
    // Quiet is an ambient motion of 0.0005 m/s², about a step.
    expect(peak(await bench.samples(1, 100))).toBeLessThan(20)
    expect((await bench.control.status()).scenario?.name).toBe('quiet')
  })

  test('takes the place of the one that runs, and of the one that the site was started with', async () => {
    const calls: string[] = []
    const about = { name: 'own', description: 'x', seed: 1, duration_s: 60, loop: true, skipped: [] }
    const scenario = { start: () => void calls.push('start'), stop: () => void calls.push('stop'), about }
    const bench = await running({ scenario })
    await bench.seconds(60)
    expect((await bench.control.status()).scenario).toMatchObject({ name: 'own', round: 1, position_s: 10 })
    await bench.control.startScenario({ name: 'quiet' })
    expect(calls).toEqual(['start', 'stop'])
    await bench.control.startScenario({ text: faulty })
    expect((await bench.control.status()).scenario?.name).toBe('faulty')
  })

  test('gauges keep the time scale of their site, and it is said', async () => {
    const bench = await running({ site: liveSite(60) })
    const { notes, duration_s } = await bench.control.startScenario({ name: 'flash-flood' })
    expect(notes).toEqual([
      `river keeps its own time scale 60, not the scenario's 180: a round takes ${duration_s * 3} s there`,
    ])
    const site = liveSite(60)
    const applied = await applyScenario(await loadScenario('flash-flood', site), site, { loadRecording })
    const river = await applied.loadRecording(recordingName('river'))
    if (river.kind !== 'series') throw new Error('a gauge plays a series')
    const crest_m = Math.max(...river.values)
    const crest_s = Number(river.t[river.values.indexOf(crest_m)]! - river.t[0]!) / 1e9
    await bench.seconds(crest_s / 60 + 0.01)
    expect(await bench.stage_m()).toBeCloseTo(crest_m, 2)
    expect(crest_m).toBeGreaterThan(2)
  })

  test.each([
    [{ name: 'nowhere' }, 'SCENARIO_INVALID: scenario: expected aftershocks'],
    [{ name: '../../etc/passwd' }, 'SCENARIO_INVALID: scenario: expected the name of one, got "../../etc/passwd"'],
    [{}, 'SCENARIO_INVALID: scenario: expected name or text'],
    [{ name: 'quiet', seed: -1 }, 'seed: expected a whole number from 0 to 4294967295, got -1'],
    [
      { text: faulty.replace('device: river', 'device: creek') },
      'scenario.yaml:8: timeline[0].device: expected a simulated device',
    ],
    [{ name: 'long-outage' }, 'SCENARIO_INVALID: uplink: expected a scenario that cuts no uplink'],
  ])('%j is refused, and what runs goes on', async (request, message) => {
    const bench = await running()
    await bench.control.startScenario({ name: 'quiet' })
    await expect(bench.control.startScenario(request)).rejects.toThrow(message)
    expect((await bench.control.status()).scenario?.name).toBe('quiet')
  })
})

describe('one fault by hand', () => {
  test('is shown, and ended by none', async () => {
    const bench = await running()
    const fault = async () => (await bench.control.status()).devices.find((d) => d.id === 'roof')!.fault
    await bench.control.setFault('roof', 'delay', undefined, 700)
    expect(await fault()).toBe('delay 700 ms')
    await bench.control.setFault('roof', 'hang')
    expect(await fault()).toBe('hang')
    await bench.control.setFault('roof', 'none')
    expect(await fault()).toBe('none')
  })

  test.each<[string, string, number | undefined, number | undefined, string]>([
    ['creek', 'hang', undefined, undefined, 'device: expected a simulated one (ground, roof, river), got "creek"'],
    ['roof', 'gone', undefined, undefined, 'kind: expected none, hang'],
    ['roof', 'nan', undefined, undefined, 'fault of roof'],
    ['roof', 'hang', 4, undefined, 'code: expected a Modbus exception from 1 to 11, beside kind exception, got 4'],
    ['roof', 'delay', undefined, 0, 'delay_ms: expected 1 to 60000, beside kind delay, got 0'],
  ])('%s %s %s %s is refused', async (device, kind, code, delay_ms, message) => {
    const bench = await running()
    await expect(bench.control.setFault(device, kind, code, delay_ms)).rejects.toThrow(`SCENARIO_INVALID: ${message}`)
  })
})

describe('a drill', () => {
  /** Header of the accelerometer of unit 8 by Modbus TCP: 13 bytes of MBAP, function and count before 18 registers. */
  const header = (port: number) =>
    new Promise<ReturnType<typeof headerOf>>((resolve, reject) => {
      const socket = createConnection({ host: '127.0.0.1', port })
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('closed')))
      socket.write(Buffer.from('000700000006080300000012', 'hex'))
      socket.on('data', (reply) => {
        socket.removeAllListeners('close').destroy()
        resolve(headerOf(Uint16Array.from({ length: 18 }, (_, i) => reply.readUInt16BE(9 + i * 2))))
      })
    })
  const scenario = { name: 'earthquake' }

  test('makes shadows of real devices that play the scenario, and takes them away', async () => {
    const bench = await running()
    const places = await bench.control.startDrill({ drill: 'd1', scenario, shadows: ['creek', 'pier'] })
    const [creek, pier] = places
    expect(creek).toEqual({ device: 'creek', host: '127.0.0.1', port: pier!.port, unit_id: 7, time_scale: 1 })
    expect(pier).toMatchObject({ device: 'pier', unit_id: 8, time_scale: 1 })
    const status = await bench.control.status()
    expect(status).toMatchObject({ drill: 'd1', scenario: { name: 'earthquake' } })
    expect(status.devices.map((d) => d.id)).toEqual(['ground', 'roof', 'river', 'drill.d1.creek', 'drill.d1.pier'])
    expect(status.wires.map((w) => `${w.node}/${w.link}`)).toEqual(['node-1/tower', 'node-1/bank', 'node-1/field'])
    await bench.seconds(20)
    expect(await header(pier!.port)).toMatchObject({ newest: 2000 })
    // Simulated devices take part as they are.
    await bench.seconds(100)
    expect(peak(await bench.samples(1, 5900))).toBeGreaterThan(100)
    await bench.control.setFault('drill.d1.pier', 'status')
    await bench.control.stopDrill('d1')
    await bench.control.stopDrill('d1')
    await expect(header(pier!.port)).rejects.toThrow()
    const after = await bench.control.status()
    expect(after).toMatchObject({ drill: null, scenario: null })
    expect(after.devices.map((d) => d.id)).toEqual(['ground', 'roof', 'river'])
  })

  test('a recording can be played into a shadow; the wire of a real link is that of its shadows', async () => {
    const bench = await running()
    await bench.control.startDrill({ drill: 'd1', scenario, shadows: ['pier'] })
    const { devices } = await bench.control.play({ as: 'drill.d1.pier', files: [stepMotion('a.csv', 60, 100)] })
    expect(devices).toEqual(['drill.d1.pier'])
    expect(await bench.control.setWireFaults('node-1', 'field', { drop: 0.1 })).toMatchObject({ faults: { drop: 0.1 } })
    await bench.control.stopDrill('d1')
    expect((await bench.control.status()).plays).toEqual([])
    await expect(bench.control.setWireFaults('node-1', 'field', {})).rejects.toThrow(
      'SCENARIO_INVALID: link: expected one with simulated devices (node-1/tower, node-1/bank), got "node-1/field"',
    )
  })

  test('another scenario or drill is refused while it runs', async () => {
    const bench = await running()
    await bench.control.startDrill({ drill: 'd1', scenario, shadows: [] })
    const refused = 'DRILL_REFUSED: expected drill d1 to end first'
    await expect(bench.control.startScenario({ name: 'quiet' })).rejects.toThrow(refused)
    await expect(bench.control.stopScenario()).rejects.toThrow(refused)
    await expect(bench.control.startDrill({ drill: 'd2', scenario, shadows: [] })).rejects.toThrow('DRILL_REFUSED')
    await bench.control.stopDrill('d2')
    expect((await bench.control.status()).drill).toBe('d1')
  })

  test.each([
    [
      { drill: 'd1', scenario, shadows: ['ground'] },
      'DRILL_REFUSED: shadows: expected real devices of the site, got "ground", which is',
    ],
    [
      { drill: 'd1', scenario, shadows: ['moat'] },
      'DRILL_REFUSED: shadows: expected real devices of the site, got "moat"',
    ],
    [{ drill: 'No', scenario, shadows: [] }, 'DRILL_REFUSED: drill: expected an id, got "No"'],
    [{ drill: 'd1', scenario: { name: 'nope' }, shadows: ['pier'] }, 'SCENARIO_INVALID'],
  ])('%j is refused, and nothing runs', async (start, message) => {
    const bench = await running()
    await expect(bench.control.startDrill(start)).rejects.toThrow(message)
    expect(await bench.control.status()).toMatchObject({ drill: null, scenario: null })
  })
})
