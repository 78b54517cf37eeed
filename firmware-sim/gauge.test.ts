import { describe, expect, test } from 'vitest'
import { fromIso, instant, NS_PER_S, secondsToNs, toIso } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import { loadRecording } from '../recordings/load.ts'
import type { Series } from '../recordings/recording.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { simulatedDevice, stageSeries } from './fixture.ts'
import type { Gauge } from './gauge.ts'
import { makeDevice } from './make-device.ts'
import { memoryLink } from './memory-link.ts'

const MODEL = 'sim-stage-gauge'
const model = (await loadModels([MODEL])).get(MODEL)!
const BOOT = instant(1_700_000_000_000_000_000n)
const bootPlus = (s: number) => instant(BOOT + secondsToNs(s))

const gauge = (
  recording: Series,
  play: Partial<{ quiet_s: number; lead_s: number; from: string; to: string }> = {},
  time_scale = 1,
) =>
  makeDevice(
    { device: simulatedDevice('river', MODEL, 1, { recording: recording.name, ...play }, time_scale), model },
    recording,
    { id: 7, at: BOOT },
    'd',
  ) as Gauge

/** Status word and stage as an engineer reads them off the manual: register 0, and float32 ABCD in registers 2 and 3. */
const read = (d: Gauge, at = BOOT) => {
  const words = d.readRegisters('input', 0, 4, at) as Uint16Array
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, words[2]!)
  view.setUint16(2, words[3]!)
  return { status: words[0]!, stage_m: view.getFloat32(0) }
}
const f32 = Math.fround
const ok = (stage_m: number) => ({ status: 0, stage_m: f32(stage_m) })

describe('a simulated gauge', () => {
  const series = stageSeries([0, 1], [5, 1.5], [10, 1.2])

  test('holds each recorded value until the next one', () => {
    const d = gauge(series)
    expect(read(d, bootPlus(0))).toEqual(ok(1))
    expect(read(d, bootPlus(299.999))).toEqual(ok(1))
    expect(read(d, bootPlus(300))).toEqual(ok(1.5))
    expect(read(d, bootPlus(599.999))).toEqual(ok(1.5))
    expect(read(d, bootPlus(600))).toEqual(ok(1.2))
  })

  test('waits for its lead at the first value, and holds the last one step and the quiet between rounds', () => {
    const d = gauge(series, { lead_s: 100, quiet_s: 60 })
    expect(read(d, bootPlus(399.999))).toEqual(ok(1))
    expect(read(d, bootPlus(400))).toEqual(ok(1.5))
    expect(read(d, bootPlus(700))).toEqual(ok(1.2))
    // 100 s lead + 2 x 300 s + 300 s of the last value + 60 s quiet
    expect(read(d, bootPlus(1059.999))).toEqual(ok(1.2))
    expect(read(d, bootPlus(1060))).toEqual(ok(1))
    expect(read(d, bootPlus(1360))).toEqual(ok(1.5))
  })

  test('runs at its time scale', () => {
    const d = gauge(series, {}, 180)
    expect(read(d, bootPlus(300 / 180 - 1e-6))).toEqual(ok(1))
    expect(read(d, bootPlus(300 / 180 + 1e-6))).toEqual(ok(1.5))
  })

  test('starts a cut with the value then held, and ends it after the last instant', () => {
    const d = gauge(series, { from: '2020-01-01T00:04:00Z', to: '2020-01-01T00:06:00Z', quiet_s: 30 })
    expect(read(d, bootPlus(0))).toEqual(ok(1))
    expect(read(d, bootPlus(60))).toEqual(ok(1.5))
    expect(read(d, bootPlus(149.999))).toEqual(ok(1.5))
    expect(read(d, bootPlus(150))).toEqual(ok(1))
  })

  test('says so in status word and value where the record has no data', () => {
    const d = gauge(stageSeries([0, 1], [5, Number.NaN], [10, 1.2]))
    expect(read(d, bootPlus(300))).toEqual({ status: 1, stage_m: Number.NaN })
    expect(read(d, bootPlus(600))).toEqual(ok(1.2))
  })

  test('knows when an instant of the record is shown, in every round', () => {
    const d = gauge(series, { lead_s: 7, quiet_s: 60 }, 180)
    const t = instant(series.t[1]!)
    for (const round of [0, 1, 5]) {
      const at = d.instantOfRecord(t, round)
      // One ns of real time is 180 ns of the device's.
      expect(d.recordInstantAt(at) - t).toBeGreaterThanOrEqual(0n)
      expect(d.recordInstantAt(at) - t).toBeLessThan(180n)
      expect(d.recordInstantAt(instant(at - 1n))).toBeLessThan(t)
    }
  })

  test('has registers 0 to 3 of input registers and no others', () => {
    const d = gauge(series)
    expect([...(d.readRegisters('input', 0, 4, BOOT) as Uint16Array)]).toEqual([0, 0, 0x3f80, 0])
    expect([...(d.readRegisters('input', 2, 2, BOOT) as Uint16Array)]).toEqual([0x3f80, 0])
    expect(d.readRegisters('input', 3, 2, BOOT)).toEqual({ exception: 2 })
    expect(d.readRegisters('input', 65_535, 1, BOOT)).toEqual({ exception: 2 })
    expect(d.readRegisters('holding', 0, 4, BOOT)).toEqual({ exception: 1 })
  })

  test('shows faults of value and status apart from one another', () => {
    const d = gauge(series)
    d.setFault('nan')
    expect(read(d)).toEqual({ status: 0, stage_m: Number.NaN })
    d.setFault('status')
    expect(read(d)).toEqual({ status: 1, stage_m: 1 })
    d.setFault('invalid-code')
    expect(read(d)).toEqual({ status: 0, stage_m: -999_999 })
    d.setFault('none')
    expect(read(d)).toEqual(ok(1))
  })

  test('refuses a fault that its model has no register for', () => {
    const bare = {
      ...model,
      points: [{ ...model.points![0]!, status: undefined, invalid_codes: undefined, type: 'int16' as const }],
    }
    const d = makeDevice(
      { device: simulatedDevice('river', MODEL, 1, { recording: 'stage' }), model: bare },
      series,
      { id: 7, at: BOOT },
      'd',
    )
    expect(() => d.setFault('status')).toThrow(
      'USAGE: fault of river: expected a model with a status word, got "status"',
    )
    expect(() => d.setFault('invalid-code')).toThrow('expected a model with invalid_codes')
    expect(() => d.setFault('nan')).toThrow('expected a model with a float32 point')
  })

  test('begins its record again when it restarts', () => {
    const d = gauge(series)
    d.restart({ id: 8, at: bootPlus(450) })
    expect(read(d, bootPlus(450))).toEqual(ok(1))
    expect(read(d, bootPlus(750))).toEqual(ok(1.5))
  })
})

describe('Dead Run, June 2018, the whole month polled every 60 s on the simulated clock', () => {
  test('gives every row as float32 metres, held for its five minutes', async () => {
    const series = (await loadRecording('usgs-dead-run-2018')) as Series
    const start = instant(series.t[0]!)
    const clock = new SimulatedClock(start)
    const d = makeDevice(
      { device: simulatedDevice('dead-run', MODEL, 1, { recording: series.name }), model },
      series,
      { id: 1, at: clock.now() },
      'd',
    )
    const link = memoryLink(new Map([[1, d]]), clock)
    const view = new DataView(new ArrayBuffer(4))
    for (let minute = 0; minute < series.t.length * 5; minute++) {
      const { registers } = await link.readRegisters(1, 'input', 0, 4)
      view.setUint16(0, registers[2]!)
      view.setUint16(2, registers[3]!)
      const row = Math.floor(minute / 5)
      if (view.getFloat32(0) !== f32(series.values[row]!) || registers[0] !== 0)
        expect.fail(`minute ${minute}: ${view.getFloat32(0)} m, row ${row} has ${series.values[row]} m`)
      await clock.advance(60n * NS_PER_S)
    }
  })

  test('shows the peak of 6.17 ft at 2018-06-03T22:05Z in the demo cut at 180 times real speed', async () => {
    const series = (await loadRecording('usgs-dead-run-2018')) as Series
    const cut = { from: '2018-06-03T18:00:00Z', to: '2018-06-04T03:00:00Z' }
    const d = gauge(series, cut, 180)
    const at = d.instantOfRecord(fromIso('2018-06-03T22:05:00Z')!)
    // 4 h 5 min of the record after 81.7 s
    expect(Number(at - BOOT) / 1e9).toBeCloseTo((245 * 60) / 180, 6)
    expect(read(d, at).stage_m).toBe(f32(6.17 * 0.3048))
    expect(read(d, instant(at - 1n)).stage_m).toBe(f32(6.15 * 0.3048))
    // 9 h of the record in 180 s, then the last value, 1.57 ft, through the quiet.
    expect(toIso(d.recordInstantAt(bootPlus(180)))).toBe('2018-06-04T03:00:00.000Z')
    expect(read(d, bootPlus(180.1)).stage_m).toBe(f32(1.57 * 0.3048))
    expect(read(d, bootPlus(180 + 60 / 180 + 0.001)).stage_m).toBe(f32(1.59 * 0.3048))
  })
})
