/** Sensors that are not perfect, as a site file asks for them: what the registers hold is the truth less their faults. */
import { describe, expect, test } from 'vitest'
import { ringScale } from '../domain/model.ts'
import { addNs, type Instant, instant } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import type { Accelerometer } from './accelerometer.ts'
import { headerOf, shortWaveform, simulatedDevice, stageSeries } from './fixture.ts'
import type { Gauge } from './gauge.ts'
import type { Imperfections } from './imperfections.ts'
import { makeDevice } from './make-device.ts'

const models = await loadModels(['sim-accelerometer-3axis', 'sim-stage-gauge'])
const ring = models.get('sim-accelerometer-3axis')!.ring!
const STEP_M_S2 = ringScale(ring)
const BOOT = instant(1_700_000_000_000_000_000n)
const atSecond = (s: number): Instant => addNs(BOOT, BigInt(Math.round(s * 1e9)))
type Given = Partial<Imperfections>

function make(id: string, model: string, recording: Parameters<typeof makeDevice>[1], imperfections?: Given) {
  const device = simulatedDevice(id, model, 1, { recording: recording.name, quiet_s: 0 })
  const simulated = { ...device.simulated!, ...(imperfections && { imperfections }) }
  const placed = { device: { ...device, simulated }, model: models.get(model)! }
  return makeDevice(placed, recording, { id: 7, at: BOOT }, 'd')
}
const tower = (imperfections?: Given, id = 'tower') =>
  make(id, 'sim-accelerometer-3axis', shortWaveform(3000, STEP_M_S2), imperfections) as Accelerometer
const river = (imperfections?: Given) =>
  make('river', 'sim-stage-gauge', stageSeries([0, 1.28], [60, 1.5]), imperfections) as Gauge
const raws = (device: Accelerometer, axis = 0) => Array.from({ length: 2000 }, (_, c) => device.rawSample(c, axis))
const stageWords = (device: Gauge, at: Instant) => device.readRegisters('input', 2, 2, at) as Uint16Array
const statusOf = (device: Gauge, at: Instant) => (device.readRegisters('input', 0, 1, at) as Uint16Array)[0]
const floatOf = (words: Uint16Array) =>
  new DataView(Uint8Array.of(words[0]! >> 8, words[0]! & 0xff, words[1]! >> 8, words[1]! & 0xff).buffer).getFloat32(0)

describe('an accelerometer', () => {
  test('without imperfections, or with none that changes anything, reads the quantised record', () => {
    expect(raws(tower())).toEqual(Array.from({ length: 2000 }, (_, c) => c + 1))
    expect(raws(tower({ seed: 1 }))).toEqual(raws(tower()))
  })

  test('shows offset and saturation in steps of its ring', () => {
    const offset = raws(tower({ offset: 5 * STEP_M_S2 }))
    expect(offset).toEqual(raws(tower()).map((raw) => raw + 5))
    const held = raws(tower({ range: { low: -100 * STEP_M_S2, high: 100 * STEP_M_S2 } }))
    expect(held).toEqual(raws(tower()).map((raw) => Math.min(100, raw)))
  })

  test('shows noise of the strength asked for, the same at every read, another for another sensor', () => {
    const noise = (id: string) => raws(tower({ noise_rms: 20 * STEP_M_S2 }, id)).map((raw, c) => raw - (c + 1))
    const rms = Math.sqrt(noise('tower').reduce((sum, v) => sum + v * v, 0) / 2000)
    // 2000 deviates: the estimate of 20 lies within 3 standard errors, 20 x 3 / sqrt(4000).
    expect(Math.abs(rms - 20)).toBeLessThan(0.95)
    expect(noise('tower')).toEqual(noise('tower'))
    expect(noise('tower')).not.toEqual(noise('roof'))
  })

  test('a clock 1000 ppm fast takes 100,100 samples in 1000 s', () => {
    expect(tower({ clock_ppm: 1000 }).newestCounter(atSecond(1000))).toBe(100_100)
    expect(Number(tower({ clock_ppm: 1000 }).instantOfCounter(100_100) - BOOT) / 1e9).toBeCloseTo(1000, 6)
  })

  test('a jitter of 1 ms on a ramp of 1000 steps/s moves readings by 1 step rms', () => {
    const device = tower({ clock_jitter_ns: 1e6 })
    const errors = Array.from({ length: 2000 }, (_, i) => device.rawSample(i + 10, 1) - 10 * (i + 11))
    const rms = Math.sqrt(errors.reduce((sum, v) => sum + v * v, 0) / errors.length)
    // Rounding to a step adds 1/12 to the variance.
    expect(rms).toBeGreaterThan(Math.sqrt(1 + 1 / 12) * 0.93)
    expect(rms).toBeLessThan(Math.sqrt(1 + 1 / 12) * 1.07)
  })

  test('says so in its status word while it starts', () => {
    const device = tower({ startup_s: 2 })
    const status = (s: number) => headerOf(device.readRegisters('holding', 0, 18, atSecond(s)) as Uint16Array).status
    expect([status(0), status(1.99), status(2)]).toEqual([1, 1, 0])
    expect([device.rawSample(199, 0), device.rawSample(200, 0)]).toEqual([0, 201])
  })
})

describe('a gauge', () => {
  test('gives in its registers what its truth says: offset, converter steps, noise', () => {
    expect(floatOf(stageWords(river(), atSecond(10)))).toBe(Math.fround(1.28))
    expect(floatOf(stageWords(river({ offset: 0.5 }), atSecond(10)))).toBe(Math.fround(1.78))
    // 2 bits over 0 to 3 m: whole metres.
    expect(river({ range: { low: 0, high: 3 }, bits: 2 }).valueAt(atSecond(10))).toBe(1)
    const noisy = river({ noise_rms: 0.01 })
    for (const s of [1, 2, 3])
      expect(floatOf(stageWords(noisy, atSecond(s)))).toBe(Math.fround(noisy.valueAt(atSecond(s))))
    expect(noisy.valueAt(atSecond(1))).not.toBe(noisy.valueAt(atSecond(2)))
    expect(noisy.valueAt(atSecond(1))).toBe(noisy.valueAt(atSecond(1.5)))
  })

  test('has no value while it starts', () => {
    const device = river({ startup_s: 3 })
    expect([statusOf(device, atSecond(2.9)), statusOf(device, atSecond(3))]).toEqual([1, 0])
    expect(floatOf(stageWords(device, atSecond(1)))).toBeNaN()
  })
})
