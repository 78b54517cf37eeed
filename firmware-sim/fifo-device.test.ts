import { describe, expect, test } from 'vitest'
import type { Fifo, Model } from '../domain/model.ts'
import { addNs, type Instant, instant } from '../domain/time.ts'
import { FifoDevice, type FifoDeviceOptions } from './fifo-device.ts'
import { headerOf, int16 } from './fixture.ts'

const BOOT = instant(1_700_000_000_000_000_000n)
const model: Model = { id: 'fifo', name: 'FIFO accelerometer', source: 'test', poll_ms: 50 }
const fifo: Fifo = {
  group: 'acceleration',
  pointer_address: 1246,
  header_address: 0,
  axes: ['x', 'y', 'z'],
  sample_rate_hz: 100,
  depth: 9,
  block_samples: 4,
  unit: 'm/s²',
  full_scale: 32_768,
}
/** One step per ms on x, its negative on y, always 5 on z. */
const record = [0, 1, 2].map((axis) => Float64Array.from({ length: 3000 }, (_, k) => [10 * k, -10 * k, 5][axis]!))
const always = (value: number) => [0, 1, 2].map(() => new Float64Array(30_000).fill(value))
const rounds = (play: number) => ({ lead: 0, play, quiet: 0 })
const device = (more: Partial<FifoDeviceOptions> = {}) =>
  new FifoDevice({
    id: 'queue',
    unit_id: 4,
    model,
    time_scale: 1,
    boot: { id: 77, at: BOOT },
    fifo,
    record,
    rounds: rounds(3000),
    ...more,
  })
const msAfterBoot = (ms: number): Instant => addNs(BOOT, BigInt(Math.round(ms * 1e6)))

/** What a client makes of a queue: counter of each sample and its axes. */
function samplesOf(queue: object): Array<{ counter: number; axes: number[] }> {
  expect(queue).toBeInstanceOf(Uint16Array)
  const words = queue as Uint16Array
  const newest = words[0]! * 65_536 + words[1]!
  const count = (words.length - 2) / 3
  return Array.from({ length: count }, (_, i) => ({
    counter: newest - count + 1 + i,
    axes: [...words.subarray(2 + i * 3, 5 + i * 3)].map(int16),
  }))
}

describe('a FIFO queue', () => {
  test('holds the newest nine samples behind their counter, oldest first, in 29 registers', () => {
    const queue = samplesOf(device().readFifo(1246, msAfterBoot(1000)))
    expect(queue.map((s) => s.counter)).toEqual([92, 93, 94, 95, 96, 97, 98, 99, 100])
    expect(queue[0]!.axes).toEqual([920, -920, 5])
    expect(queue.at(-1)!.axes).toEqual([1000, -1000, 5])
  })

  test('is as long as the device has samples after its start', () => {
    expect(samplesOf(device().readFifo(1246, msAfterBoot(0))).map((s) => s.counter)).toEqual([0])
    expect(samplesOf(device().readFifo(1246, msAfterBoot(25))).map((s) => s.counter)).toEqual([0, 1, 2])
  })

  test('is not cleared by reading: reads overlap, and the counter joins them without gap or double', () => {
    const d = device()
    const seen = new Map<number, number[]>()
    let overlapping = 0
    for (let ms = 0; ms <= 5000; ms += 70)
      for (const { counter, axes } of samplesOf(d.readFifo(1246, msAfterBoot(ms)))) {
        if (seen.has(counter)) {
          overlapping++
          expect(seen.get(counter)).toEqual(axes)
        }
        seen.set(counter, axes)
      }
    expect(overlapping).toBeGreaterThan(0)
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: seen.size }, (_, i) => i))
    expect(seen.size).toBe(498)
  })

  test('read too seldom, has lost samples, and the counter says how many', () => {
    const d = device()
    const first = samplesOf(d.readFifo(1246, msAfterBoot(1000))).at(-1)!.counter
    const next = samplesOf(d.readFifo(1246, msAfterBoot(1200)))[0]!.counter
    expect(next - first - 1).toBe(11)
  })

  test('has a header as a ring has: boot, newest counter, device time', () => {
    const header = device().readRegisters('holding', 0, 18, msAfterBoot(1004)) as Uint16Array
    expect(headerOf(header)).toEqual({
      boot_id: 77,
      newest: 100,
      newest_us: 1_000_000,
      now_us: 1_004_000,
      rate_mhz: 100_000,
      depth: 9,
      axes: 3,
      status: 0,
    })
  })

  test('other addresses and tables are refused', () => {
    expect(device().readFifo(1247, msAfterBoot(0))).toEqual({ exception: 2 })
    expect(device().readRegisters('holding', 0, 19, msAfterBoot(0))).toEqual({ exception: 2 })
    expect(device().readRegisters('input', 0, 1, msAfterBoot(0))).toEqual({ exception: 1 })
  })

  test('a restart counts from 0 under a new boot id', () => {
    const d = device()
    d.restart({ id: 78, at: msAfterBoot(1000) })
    expect(samplesOf(d.readFifo(1246, msAfterBoot(1010))).map((s) => s.counter)).toEqual([0, 1])
    expect(headerOf(d.readRegisters('holding', 0, 18, msAfterBoot(1010)) as Uint16Array).boot_id).toBe(78)
  })

  test('is busy while the device starts, and the status word says so', () => {
    const d = device({ imperfections: { seed: 1, startup_s: 3 } })
    expect(d.readFifo(1246, msAfterBoot(2999))).toEqual({ exception: 6 })
    expect(d.readRegisters('holding', 17, 1, msAfterBoot(2999))).toEqual(Uint16Array.of(1))
    expect(samplesOf(d.readFifo(1246, msAfterBoot(3000))).length).toBe(9)
  })

  test('of a sensor whose clock runs 50 ppm fast counts 5 samples more than true in 1,000 s', () => {
    const fast = device({ imperfections: { seed: 1, clock_ppm: 50 } })
    expect(fast.newestCounter(msAfterBoot(1_000_000))).toBe(100_005)
    expect(fast.instantOfCounter(100_005) <= msAfterBoot(1_000_000)).toBe(true)
  })

  test('saturates at full scale and shows noise and offset of its sensor', () => {
    const d = device({ record: always(1e6), imperfections: { seed: 1 } })
    expect(d.rawSample(10, 0)).toBe(32_767)
    const noisy = device({
      record: always(0),
      rounds: rounds(30_000),
      imperfections: { seed: 1, noise_rms: 100, offset: 40 },
    })
    const x = Array.from({ length: 20_000 }, (_, counter) => noisy.rawSample(counter, 0))
    const mean = x.reduce((a, b) => a + b) / x.length
    expect(Math.abs(mean - 40)).toBeLessThan(3)
    expect(Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length) / 100).toBeCloseTo(1, 1)
  })

  test('drifts with the temperature of its case', () => {
    const d = device({ record: always(0), temperature_c: () => 40, imperfections: { seed: 1, offset_per_K: 3 } })
    expect(d.rawSample(0, 0)).toBe(60)
  })

  test('a queue that function 24 cannot carry is refused', () => {
    expect(() => device({ fifo: { ...fifo, depth: 10 } })).toThrow(
      'USAGE: queue.fifo.depth: expected a queue of at most 31 registers (counter and samples), got 32',
    )
  })

  test('a fault that it cannot show is refused', () => {
    expect(() => device().setFault('nan')).toThrow('USAGE: fault of queue')
  })
})
