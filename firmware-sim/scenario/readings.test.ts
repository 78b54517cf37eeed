/** That a scenario reaches every kind of device: what its registers show is what the physics and the steps say. */
import { describe, expect, test } from 'vitest'
import type { Site } from '../../domain/channel.ts'
import { sampledOf } from '../../domain/model.ts'
import { NS_PER_S, secondsToNs } from '../../domain/time.ts'
import { M_S2_PER_GAL } from '../../domain/units.ts'
import { loadRecording, RECORDING_NAMES } from '../../recordings/load.ts'
import type { Series, Waveform } from '../../recordings/recording.ts'
import { Gauge } from '../gauge.ts'
import { Sampler } from '../sampler.ts'
import { applyScenario } from './apply.ts'
import { kindsOf } from './kinds.ts'
import { readScenario } from './load.ts'
import { appliedText, models, running, scenarioOf, siteOfText } from './scenario.fixture.ts'

const RECORD = { waveform: 'jma-yonago-2000', series: 'usgs-dead-run-2018' }
type Placed = readonly [id: string, model: string, floor?: string]

/** A tower of 36 m and a field; each device on a link of its own. */
const siteWith = (...devices: Placed[]): Site =>
  siteOfText(`site: test
name: Test
structures:
  - id: tower
    name: Tower
    kind: building
    floors:
      - { id: ground, name: Ground, height_m: 0 }
      - { id: third, name: Third, height_m: 10.8 }
      - { id: roof, name: Roof, height_m: 18 }
nodes:
  - id: edge-1
    name: Edge
    links:
${devices
  .map(([id, model, floor], i) => {
    const record = sampledOf(models.get(model)!) ? RECORD.waveform : RECORD.series
    return `      - id: link-${id}
        tcp: { port: ${6000 + i} }
        devices:
          - { id: ${id}, name: ${id}, model: ${model}, unit_id: 1${floor ? `, floor: tower/${floor}` : ''}, simulated: { play: { recording: ${record} } } }
`
  })
  .join('')}`)

const HEAD = 'name: mine\ndescription: Mine.\n'
const BUILDING = '{ structure: tower, storeys: 5, frequency_hz: 2, damping: 0.02, storey_height_m: 3.6'
const QUAKE = '{ at_s: 5, earthquake: { recording: jma-yonago-2000, to: 2000-10-06T04:31:20Z } }'
const DEG = Math.PI / 180

type Service = Awaited<ReturnType<typeof running>>['service']
/** Tilt [rad] along x and y as the registers of the tilt meter say it. */
async function tilt(service: Service, id: string): Promise<readonly [number, number]> {
  const { registers } = await service.link(`link-${id}`).readRegisters(1, 'holding', 102, 4)
  const int32 = (at: number) => ((registers[at]! << 16) | registers[at + 1]!) * 0.001 * DEG
  return [int32(0), int32(2)]
}

describe('a tilt meter', () => {
  const site = siteWith(
    ['low', 'jingyan-tll90s', 'ground'],
    ['mid', 'jingyan-tll90s', 'third'],
    ['top', 'jingyan-tll90s', 'roof'],
    ['field', 'jingyan-tll90s'],
  )

  test('shows the lean of its storey, and after yielding what remains until the round ends', async () => {
    const a = await appliedText(
      `${HEAD}duration_s: 100\nambient_m_s2: 0\nbuildings: [${BUILDING}, yield_drift_ratio: 0.002 }]\ntimeline:\n  - ${QUAKE}\n`,
      site,
    )
    const [ns, ew] = a.buildings[0]!.axes
    expect(Math.max(...ns!.residual_drift_m.map(Math.abs))).toBeGreaterThan(0.001)
    const { clock, service } = await running(a)
    await clock.advance(4n * NS_PER_S)
    expect(await tilt(service, 'mid')).toEqual([0, 0])
    let peak = 0
    for (let k = 0; k < 300; k++) {
      await clock.advance(NS_PER_S / 10n)
      peak = Math.max(peak, Math.abs((await tilt(service, 'mid'))[0]))
    }
    // Of ten values a second the worst may lie between two.
    expect(peak).toBeLessThanOrEqual(ns!.drift_ratio[2]! + 0.0006 * DEG)
    expect(peak).toBeGreaterThan(ns!.drift_ratio[2]! * 0.7)
    await clock.advance(65n * NS_PER_S)
    // Half a step of the meter is 0.0005°; the last of the sway is far below it.
    for (const [id, storey] of [
      ['mid', 2],
      ['top', 4],
    ] as const) {
      const [x, y] = await tilt(service, id)
      expect(Math.abs(x - ns!.residual_drift_m[storey]! / 3.6), id).toBeLessThan(0.0006 * DEG)
      expect(Math.abs(y - ew!.residual_drift_m[storey]! / 3.6), id).toBeLessThan(0.0006 * DEG)
    }
    expect(await tilt(service, 'low')).toEqual([0, 0])
    expect(await tilt(service, 'field')).toEqual([0, 0])
    await clock.advance(2n * NS_PER_S)
    expect(await tilt(service, 'mid')).toEqual([0, 0])
    await service.stop()
  })

  test('sees a damaged storey sway wider along the axis that is hurt', async () => {
    const shaken = async (more: string) => {
      const a = await appliedText(
        `${HEAD}duration_s: 80\nbuildings: [${BUILDING} }]\ntimeline:\n  - ${QUAKE}\n${more}`,
        site,
      )
      const { columns } = (await a.loadRecording('scenario-mid')) as Series
      return columns!.map(({ values }) => Math.max(...values.map(Math.abs)))
    }
    const sound = await shaken('')
    const hurt = await shaken('  - { at_s: 1, damage: { storey: 3, share: 0.3, axis: ns } }\n')
    expect(hurt[0]!).toBeGreaterThan(sound[0]! * 1.2)
    expect(hurt[1]).toBe(sound[1])
  })

  test('alone in a building is reason enough for an earthquake; one on no floor is not', async () => {
    const text = `${HEAD}duration_s: 80\ntimeline:\n  - ${QUAKE}\n`
    expect((await appliedText(text, siteWith(['mid', 'jingyan-tll90s', 'third']))).buildings).toHaveLength(1)
    await expect(appliedText(text, siteWith(['field', 'jingyan-tll90s']))).rejects.toThrow('no simulated accelerometer')
  })

  test('sticks, spikes and drifts by its own quantity', async () => {
    const a = await appliedText(
      `${HEAD}duration_s: 60\nbuildings: [${BUILDING} }]\ntimeline:
  - { at_s: 10, first: tilt, spike: { tilt_rad: 0.01 } }
  - { at_s: 20, device: mid, drift: { for_s: 10, tilt_rad: 0.02 } }
`,
      siteWith(['mid', 'jingyan-tll90s', 'third']),
    )
    const { clock, service } = await running(a)
    const at = async (s: number) => {
      await clock.advance(secondsToNs(s) - clock.monotonic())
      return (await tilt(service, 'mid')).map((rad) => Math.round(rad * 1000))
    }
    expect(await at(9.95)).toEqual([0, 0])
    expect(await at(10.05)).toEqual([10, 10])
    expect(await at(10.15)).toEqual([0, 0])
    expect(await at(25)).toEqual([10, 10])
    expect(await at(29.95)).toEqual([20, 20])
    expect(await at(30.05)).toEqual([0, 0])
    await service.stop()
  })
})

describe('a probe of pressure and temperature', () => {
  const site = siteWith(['probe', 'aquaread-leveline'])
  /** °C and mbar, as the registers say them. */
  const read = async (service: Service) => {
    const { registers: r } = await service.link('link-probe').readRegisters(1, 'input', 0, 3)
    return [r[0]! / 100, ((r[1]! << 16) | r[2]!) / 10]
  }

  test('holds an ordinary day; a step changes the quantity that it names', async () => {
    const a = await appliedText(
      `${HEAD}duration_s: 60\ntimeline:
  - { at_s: 10, first: temperature, drift: { for_s: 10, temperature_K: 5 } }
  - { at_s: 30, every: pressure, spike: { pressure_Pa: 1000 } }
  - { at_s: 40, device: probe, fault: { kind: hang, for_s: 5 } }
`,
      site,
    )
    const { clock, service } = await running(a)
    expect(await read(service)).toEqual([15, 1013.3])
    await clock.advance(secondsToNs(19.5))
    expect(await read(service)).toEqual([20, 1013.3])
    await clock.advance(secondsToNs(11))
    expect(await read(service)).toEqual([15, 1023.3])
    await clock.advance(secondsToNs(11))
    expect(service.device('probe').fault).toBe('hang')
    await service.stop()
  })

  test('plays a record of what it measures, each column into its point', async () => {
    const record: Series = {
      ...{ kind: 'series', name: 'well', quantity: 'temperature', unit: 'K', source: 'test' },
      t: BigInt64Array.of(0n, 10n * NS_PER_S),
      values: Float64Array.of(285.15, 287.15),
      columns: [
        { name: 'temperature', quantity: 'temperature', values: Float64Array.of(285.15, 287.15) },
        { name: 'gauge', quantity: 'pressure', values: Float64Array.of(50_000, 60_000) },
      ],
    }
    const load = async (name: string) => (name === 'well' ? record : loadRecording(name))
    const text = `${HEAD}duration_s: 60\ntimeline:\n  - { at_s: 5, device: probe, play: { recording: well } }\n`
    const scenario = readScenario(text, 'mine.yaml', site, new Set([...RECORDING_NAMES, 'well']))
    const { clock, service } = await running(await applyScenario(scenario, site, { loadRecording: load }))
    await clock.advance(secondsToNs(8))
    expect(await read(service)).toEqual([12, 500])
    await clock.advance(secondsToNs(8))
    expect(await read(service)).toEqual([14, 600])
    await service.stop()
  })

  test.each([
    ['{ at_s: 1, device: probe, spike: { stage_m: 1 } }', 'expected temperature_K or pressure_Pa for probe'],
    ['{ at_s: 1, device: probe, spike: { temperature_K: 1, pressure_Pa: 5 } }', 'temperature_K or pressure_Pa'],
    ['{ at_s: 1, first: depth, stuck: { for_s: 1 } }', 'timeline[0].first: expected'],
  ])('%s is refused', (step, expected) => {
    expect(() => scenarioOf(`${HEAD}duration_s: 60\ntimeline:\n  - ${step}\n`, site)).toThrow(expected)
  })

  test('a record of another quantity, or of motion, is refused', async () => {
    const play = (recording: string) =>
      appliedText(
        `${HEAD}duration_s: 60\ntimeline:\n  - { at_s: 1, device: probe, play: { recording: ${recording} } }\n`,
        site,
      )
    for (const recording of [RECORD.series, RECORD.waveform])
      await expect(play(recording)).rejects.toThrow('expected a series of temperature or pressure for probe')
  })
})

test.each([
  ['sim-accelerometer-3axis-200', 200],
  ['sim-accelerometer-3axis-500', 500],
  ['sim-accelerometer-fifo', 100],
] as const)(
  '%s shows an earthquake at its own rate, sticks, and takes a fault',
  async (model, rate_hz) => {
    const a = await appliedText(
      `${HEAD}duration_s: 100\nambient_m_s2: 0\ntimeline:
  - { at_s: 5, earthquake: { recording: jma-yonago-2000, to: 2000-10-06T04:31:20Z, pga_m_s2: 2 } }
  - { at_s: 90, first: accelerometer, spike: { acceleration_m_s2: 5 } }
  - { at_s: 95, first: accelerometer, fault: { kind: status, for_s: 3 } }
`,
      siteWith(['acc', model, 'ground']),
    )
    const wave = (await a.loadRecording('scenario-acc')) as Waveform
    expect(wave.sample_rate_hz).toBe(rate_hz)
    expect(wave.axes[0]!.samples).toHaveLength(100 * rate_hz)
    const { clock, service } = await running(a)
    await clock.advance(96n * NS_PER_S)
    const device = service.device('acc')
    if (!(device instanceof Sampler)) throw new Error('it has samples')
    const step_m_s2 = (2 * 980.665 * M_S2_PER_GAL) / 32_768
    const peak = (from_s: number, to_s: number) => {
      let most = 0
      for (let counter = from_s * rate_hz; counter < to_s * rate_hz; counter++)
        for (const axis of [0, 1]) most = Math.max(most, Math.abs(device.rawSample(counter, axis)))
      return most * step_m_s2
    }
    expect(peak(0, 4)).toBeLessThan(0.01)
    // Straight between the samples of the record, so its peak is kept.
    expect(Math.abs(peak(5, 85) - 2)).toBeLessThan(0.001)
    expect(device.rawSample(90 * rate_hz, 2) * step_m_s2).toBeCloseTo(5, 2)
    expect(device.rawSample(90 * rate_hz + 1, 2)).toBeLessThan(10)
    expect(device.fault).toBe('status')
    await service.stop()
  },
  60_000,
)

test('devices of several kinds on one building shake and lean together', async () => {
  const site = siteWith(
    ['slow', 'sim-accelerometer-3axis', 'roof'],
    ['fast', 'sim-accelerometer-3axis-200', 'roof'],
    ['lean', 'sim-logger-10', 'third'],
  )
  const a = await appliedText(`${HEAD}duration_s: 80\nbuildings: [${BUILDING} }]\ntimeline:\n  - ${QUAKE}\n`, site)
  const peak = async (id: string) => {
    const { axes } = (await a.loadRecording(`scenario-${id}`)) as Waveform
    return Math.max(...axes[0]!.samples.map(Math.abs))
  }
  expect((await peak('fast')) / (await peak('slow'))).toBeCloseTo(1, 1)
  const { columns } = (await a.loadRecording('scenario-lean')) as Series
  const of = (name: string) => columns!.find((c) => c.name === name)!.values
  expect(Math.max(...of('tilt_x').map(Math.abs))).toBeGreaterThan(0.0005)
  expect(of('wall_tilt_x')).toEqual(of('tilt_x'))
  expect(of('water_temperature')[30]).toBe(288.15)
}, 60_000)

test('every shipped model that measures something plays a scenario from its registers', async () => {
  const measuring = [...models.values()].filter((model) => kindsOf(model).length > 0)
  expect([...models.keys()].filter((id) => !measuring.some((m) => m.id === id))).toEqual(['sim-relay-8'])
  const site = siteWith(...measuring.map(({ id }): Placed => [`d-${id}`, id]))
  const a = await appliedText(`${HEAD}duration_s: 60\n`, site)
  const { clock, service } = await running(a)
  await clock.advance(5n * NS_PER_S)
  for (const { id } of measuring) {
    const record = await a.loadRecording(`scenario-d-${id}`)
    expect(record.name, id).toBe(`scenario-d-${id}`)
    const device = service.device(`d-${id}`)
    if (device instanceof Gauge) expect(device.valueAt(clock.now()), id).not.toBeNaN()
    else expect(device.newestCounter(clock.now()), id).toBe(5 * device.sampled.sample_rate_hz)
  }
  await service.stop()
})
