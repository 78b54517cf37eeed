/** What somebody plays into a running device, read back through its registers. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ringScale } from '../domain/model.ts'
import { addNs, type Instant, instant } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import type { Recording, Series, Waveform } from '../recordings/recording.ts'
import type { Accelerometer } from './accelerometer.ts'
import type { FifoDevice } from './fifo-device.ts'
import { headerOf, shortWaveform, simulatedDevice, stageSeries } from './fixture.ts'
import type { Gauge } from './gauge.ts'
import type { Imperfections } from './imperfections.ts'
import { makeDevice } from './make-device.ts'
import { Program, type ProgramOptions } from './program.ts'

const models = await loadModels([
  'sim-accelerometer-3axis',
  'sim-accelerometer-fifo',
  'sim-stage-gauge',
  'sim-logger-10',
])
const STEP_M_S2 = ringScale(models.get('sim-accelerometer-3axis')!.ring!)
const BOOT = instant(1_700_000_000_000_000_000n)
const at = (s: number): Instant => addNs(BOOT, BigInt(Math.round(s * 1e9)))

function make(model: string, recording: Recording, time_scale = 1, imperfections?: Partial<Imperfections>) {
  const device = simulatedDevice('d', model, 1, { recording: recording.name, quiet_s: 0 }, time_scale)
  const simulated = { ...device.simulated!, ...(imperfections && { imperfections }) }
  return makeDevice(
    { device: { ...device, simulated }, model: models.get(model)! },
    recording,
    { id: 7, at: BOOT },
    'd',
  )
}
/** Its own record: 1, 2, ... 3000 steps on x, ten and a hundred times that on y and z. */
const tower = (time_scale = 1, imperfections?: Partial<Imperfections>) =>
  make('sim-accelerometer-3axis', shortWaveform(3000, STEP_M_S2), time_scale, imperfections) as Accelerometer
/** Steps of -100, -101, ... on x alone. */
const wave = (count: number, sample_rate_hz = 100, axis = 'x'): Waveform => ({
  ...shortWaveform(0, 1),
  sample_rate_hz,
  axes: [{ axis, samples: Float64Array.from({ length: count }, (_, k) => -(100 + k) * STEP_M_S2) }],
})
const program = (recording: Recording, from: Instant, options: Partial<ProgramOptions> = {}) =>
  new Program({ recording, ...options }, from)
const x = (d: Accelerometer, first: number, last: number, axis = 0) =>
  Array.from({ length: last - first + 1 }, (_, i) => d.rawSample(first + i, axis))
const still = (raws: number[]) => raws.every((raw) => Math.abs(raw) <= 1)

describe('a waveform played into an accelerometer', () => {
  test('begins with the next sample, is the record to the bit, and ends in calm', () => {
    const d = tower()
    d.play(program(wave(50), at(1)), at(1))
    expect(x(d, 99, 100)).toEqual([100, 101])
    expect(x(d, 101, 150)).toEqual(Array.from({ length: 50 }, (_, k) => -(100 + k)))
    expect(still(x(d, 151, 400))).toBe(true)
  })

  test('axes that the record has not stand still', () => {
    const d = tower()
    d.play(program(wave(50), at(1)), at(1))
    expect(x(d, 100, 100, 1)).toEqual([1010])
    expect(still(x(d, 101, 150, 1))).toBe(true)
  })

  test('is found by the compass where the record has no axis of that name', () => {
    const d = tower()
    d.play(program(wave(50, 100, 'ns'), at(1)), at(1))
    expect(x(d, 101, 103)).toEqual([-100, -101, -102])
  })

  test('ended by nothing, the site plays on where its rounds stand, and the played samples stay', () => {
    const d = tower()
    d.play(program(wave(50), at(1)), at(1))
    d.play(undefined, at(1.2))
    expect(x(d, 119, 122)).toEqual([-118, -119, 122, 123])
    expect(x(d, 101, 103)).toEqual([-100, -101, -102])
  })

  test('leaves boot, counters and device time alone', () => {
    const d = tower()
    const header = (s: number) => headerOf(d.readRegisters('holding', 0, 18, at(s)) as Uint16Array)
    d.play(program(wave(50), at(1)), at(1))
    expect(header(2)).toMatchObject({ boot_id: 7, newest: 200, newest_us: 2_000_000, now_us: 2_000_000 })
  })

  test('paused it stands still, resumed it goes on, wound it is elsewhere; within a sample of where it should', () => {
    const d = tower()
    const p = program(wave(500), at(1))
    d.play(p, at(1))
    p.pause(at(2))
    p.resume(at(3))
    p.seek(0.5, at(4))
    expect(x(d, 199, 200)).toEqual([-198, -199])
    expect(still(x(d, 201, 300))).toBe(true)
    expect(x(d, 301, 303)).toEqual([-200, -201, -202])
    expect(x(d, 401, 403)).toEqual([-150, -151, -152])
  })

  test('in a loop begins again without a sample between', () => {
    const d = tower()
    d.play(program(wave(50), at(1), { loop: true }), at(1))
    expect(x(d, 149, 153)).toEqual([-148, -149, -100, -101, -102])
  })

  test('scaled is larger, started later is cut', () => {
    const d = tower()
    d.play(program(wave(50), at(1), { scale: -2, start_s: 0.1 }), at(1))
    expect(x(d, 101, 103)).toEqual([220, 222, 224])
  })

  test('at another rate is resampled: a ramp at 200 Hz rises two steps of the record per sample', () => {
    const d = tower()
    d.play(program(wave(2000, 200), at(1)), at(1))
    // Away from its ends, where the filter sees all of it.
    for (const k of [300, 400, 600]) expect(Math.abs(d.rawSample(101 + k, 0) + 100 + 2 * k)).toBeLessThanOrEqual(2)
  })

  test('at speed 0.5 of a 100 Hz record every second sample is one of the record', () => {
    const d = tower()
    d.play(program(wave(500), at(1), { speed: 0.5 }), at(1))
    for (const k of [200, 300]) expect(Math.abs(d.rawSample(101 + 2 * k, 0) + 100 + k)).toBeLessThanOrEqual(1)
  })

  test('runs in real time, whatever the time scale of the device', () => {
    const d = tower(2)
    const p = program(wave(500), at(1))
    d.play(p, at(1))
    // 2 x 100 samples per real second: 1 s of the record takes 200 of them.
    const counter = d.newestCounter(at(3))
    expect(Math.abs(d.rawSample(counter, 0) + 300)).toBeLessThanOrEqual(2)
    expect(p.position_s(at(3))).toBe(2)
  })

  test('goes through the sensor: its offset is in it', () => {
    const d = tower(1, { offset: 5 * STEP_M_S2 })
    d.play(program(wave(50), at(1)), at(1))
    expect(x(d, 101, 103)).toEqual([-95, -96, -97])
  })

  test('after a restart goes on from where it stands, under the new counters', () => {
    const d = tower()
    d.play(program(wave(500), at(1)), at(1))
    d.restart({ id: 8, at: at(2) })
    expect(d.rawSample(0, 0)).toBe(-200)
    expect(d.rawSample(1, 0)).toBe(-201)
  })

  test('a queue shows it too', () => {
    const d = make('sim-accelerometer-fifo', shortWaveform(3000, STEP_M_S2)) as FifoDevice
    d.play(program(wave(50), at(1)), at(1))
    const queue = d.readFifo(1246, at(1.04)) as Uint16Array
    expect([...queue.subarray(2)].filter((_, i) => i % 3 === 0).map((word) => (word << 16) >> 16)).toEqual([
      97, 98, 99, 100, 101, -100, -101, -102, -103,
    ])
  })

  test('a series is refused, and nothing has changed', () => {
    const d = tower()
    expect(() => d.play(program(stageSeries([0, 1]), at(1)), at(1))).toThrow(
      'PLAY_REFUSED: d: expected a waveform for sim-accelerometer-3axis, which holds samples, got stage, a series',
    )
    expect(x(d, 101, 102)).toEqual([102, 103])
  })

  test('whatever is played or steered later, samples already taken stay what they were', () => {
    const step = fc.record({
      after_ms: fc.integer({ min: 0, max: 700 }),
      act: fc.constantFrom('play', 'stop', 'pause', 'resume', 'seek'),
      position_s: fc.double({ min: 0, max: 2, noNaN: true }),
      speed: fc.constantFrom(1, 0.37, 3),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (acts) => {
        const d = tower()
        let [now_ms, last] = [500, undefined as Program | undefined]
        const seen: number[] = []
        for (const { after_ms, act, position_s, speed } of acts) {
          now_ms += after_ms
          const now = at(now_ms / 1000)
          while (seen.length <= d.newestCounter(now)) seen.push(d.rawSample(seen.length, 0))
          if (act === 'play') {
            last = program(wave(200), now, { speed })
            d.play(last, now)
          } else if (act === 'stop') d.play(undefined, now)
          else if (act === 'seek') last?.seek(position_s, now)
          else last?.[act](now)
        }
        expect(x(d, 0, seen.length - 1)).toEqual(seen)
      }),
    )
  })
})

describe('a series played into a gauge', () => {
  const river = (time_scale = 1) => make('sim-stage-gauge', stageSeries([0, 1], [5, 1.5]), time_scale) as Gauge
  const flood = stageSeries([0, 3], [1, 4], [2, 5])
  const celsius: Series = {
    ...flood,
    name: 'heat',
    quantity: 'temperature',
    unit: 'K',
    values: Float64Array.of(290, 291, 292),
  }

  test('shows it from then on, holds its last value, and ended shows the site again', () => {
    const d = river()
    d.play(program(flood, at(10)), at(10))
    expect([9.9, 10, 69.9, 70, 130, 1e5].map((s) => d.valueAt(at(s)))).toEqual([1, 3, 3, 4, 5, 5])
    d.play(undefined, at(301))
    expect([300, 301].map((s) => d.valueAt(at(s)))).toEqual([5, 1.5])
  })

  test('runs in real time, faster where asked, and holds while it is paused', () => {
    const d = river(60)
    const p = program(flood, at(10), { speed: 10 })
    d.play(p, at(10))
    p.pause(at(17))
    expect([15.9, 16, 1000].map((s) => d.valueAt(at(s)))).toEqual([3, 4, 4])
  })

  test('drives the points of its quantity; the others hold', () => {
    const d = make('sim-logger-10', stageSeries([0, 1], [5, 1.5])) as Gauge
    const [stage, , water, air] = d.model.points!
    d.play(program(celsius, at(10)), at(10))
    expect([stage, water, air].map((p) => d.valueAt(at(10), p))).toEqual([1, 290, 290])
    d.play(undefined, at(20))
    expect([stage, water, air].map((p) => d.valueAt(at(20), p))).toEqual([1, 288.15, 288.15])
  })

  test('of another quantity, or a waveform, is refused', () => {
    expect(() => river().play(program(celsius, at(1)), at(1))).toThrow(
      'PLAY_REFUSED: d: expected a series of a quantity that sim-stage-gauge has (stage), got heat, a series of temperature',
    )
    expect(() => river().play(program(wave(5), at(1)), at(1))).toThrow('got short, a waveform')
  })
})
