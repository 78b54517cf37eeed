import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { instant, NS_PER_MS, NS_PER_S, secondsToNs } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import { loadRecording } from '../recordings/load.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { type Accelerometer, counterInSlot, quantise } from './accelerometer.ts'
import { headerOf, readSamples, shortWaveform, simulatedDevice } from './fixture.ts'
import { makeDevice } from './make-device.ts'
import { memoryLink } from './memory-link.ts'

const MODEL = 'sim-accelerometer-3axis'
const model = (await loadModels([MODEL])).get(MODEL)!
const ring = model.ring!
const STEP_GAL = (2 * 980.665) / 32_768
const BOOT = instant(1_700_000_000_000_000_000n)
const bootPlus = (s: number) => instant(BOOT + secondsToNs(s))

const device = (
  recording = shortWaveform(100, (2 * 9.80665) / 32_768),
  play: Partial<{ quiet_s: number; lead_s: number; from: string; to: string }> = {},
  time_scale = 1,
) =>
  makeDevice(
    { device: simulatedDevice('roof', MODEL, 1, { recording: recording.name, ...play }, time_scale), model },
    recording,
    { id: 7, at: BOOT },
    'd',
  ) as Accelerometer

const header = (d: Accelerometer, at = BOOT) => headerOf(d.readRegisters('holding', 0, 18, at) as Uint16Array)

describe('the record of Yonago, read back through the registers in 40 ms polls on the simulated clock', () => {
  const read: number[][] = []
  let record: number[][] = []

  beforeAll(async () => {
    const csv = readFileSync(join(import.meta.dirname, '../recordings/jma-yonago-2000/AA06EA01.csv'), 'latin1')
    const rows = csv
      .split('\n')
      .slice(7)
      .filter((line) => line !== '')
    record = rows.map((line) => line.split(',').map((gal) => Math.round(Number(gal) / STEP_GAL) + 0))

    const clock = new SimulatedClock(BOOT)
    const yonago = await loadRecording('jma-yonago-2000')
    const entry = simulatedDevice('roof', MODEL, 1, { recording: 'jma-yonago-2000', lead_s: 2, quiet_s: 5 })
    const roof = makeDevice({ device: entry, model }, yonago, { id: 7, at: clock.now() }, 'd')
    const link = memoryLink(new Map([[1, roof]]), clock)
    // 2 s lead, 300 s record, 5 s quiet, and one more second of the second round.
    while (read.length < 308_00) {
      await clock.advance(40n * NS_PER_MS)
      const { registers } = await link.readRegisters(1, 'holding', 0, 18)
      const newest = headerOf(registers).newest
      if (newest >= read.length) read.push(...(await readSamples(link, 1, read.length, newest)))
    }
  })

  test('is the quantised record, sample for sample on all axes', () => {
    expect(record.length).toBe(30_000)
    expect(read.slice(200, 30_200)).toEqual(record)
  })

  test('has the peaks of the record in raw steps: NS -4682, EW 3660, UD 2414', () => {
    const played = read.slice(200, 30_200)
    expect(played[2014]![0]).toBe(-4682)
    expect(played[2067]![1]).toBe(3660)
    expect(played[1932]![2]).toBe(2414)
    for (const [axis, peak] of [4682, 3660, 2414].entries())
      expect(Math.max(...played.map((s) => Math.abs(s[axis]!)))).toBe(peak)
  })

  test('is surrounded by quiet of at most one step, and begins again after it', () => {
    const quiet = [...read.slice(0, 200), ...read.slice(30_200, 30_700)]
    expect(Math.max(...quiet.flat().map(Math.abs))).toBe(1)
    expect(read.slice(30_700, 30_800)).toEqual(record.slice(0, 100))
  })
})

describe('the ring header', () => {
  test('counts samples from 0 at boot and says when the newest was taken', () => {
    const d = device()
    expect(header(d, BOOT)).toEqual({
      boot_id: 7,
      newest: 0,
      newest_us: 0,
      now_us: 0,
      rate_mhz: 100_000,
      depth: 6000,
      axes: 3,
      status: 0,
    })
    expect(header(d, bootPlus(0.0099))).toMatchObject({ newest: 0, now_us: 9900 })
    expect(header(d, bootPlus(0.01))).toMatchObject({ newest: 1, newest_us: 10_000, now_us: 10_000 })
    expect(header(d, bootPlus(86_400.0151))).toMatchObject({
      newest: 8_640_001,
      newest_us: 86_400_010_000,
      now_us: 86_400_015_100,
    })
  })

  test('holds the instant and the counter of a sample together, at any time scale', () => {
    const scales = fc.oneof(fc.constantFrom(1, 180, 0.5, 1 / 3), fc.double({ min: 0.001, max: 1000, noNaN: true }))
    fc.assert(
      fc.property(fc.nat(2_000_000_000), scales, (counter, time_scale) => {
        const d = device(undefined, {}, time_scale)
        const at = d.instantOfCounter(counter)
        expect(d.newestCounter(at)).toBe(counter)
        if (counter > 0) expect(d.newestCounter(instant(at - 1n))).toBe(counter - 1)
      }),
    )
  })

  test('starts anew with another boot id when the device restarts', () => {
    const d = device()
    expect(header(d, bootPlus(100)).newest).toBe(10_000)
    d.restart({ id: 8, at: bootPlus(100) })
    expect(header(d, bootPlus(101))).toMatchObject({ boot_id: 8, newest: 100, now_us: 1_000_000 })
  })

  test('shows the fault "status" in its status register', () => {
    const d = device()
    d.setFault('status')
    expect(header(d).status).toBe(1)
    d.setFault('none')
    expect(header(d).status).toBe(0)
  })

  test('cannot show a fault of a value: such a drill is refused', () => {
    expect(() => device().setFault('nan')).toThrow(
      'USAGE: fault of roof: expected a fault that a ring of integers can show',
    )
  })
})

describe('the ring', () => {
  const slot = (d: Accelerometer, counter: number, at: bigint) =>
    [...(d.readRegisters('holding', 32 + (counter % 6000) * 3, 3, instant(at)) as Uint16Array)].map(
      (w) => (w << 16) >> 16,
    )

  test('plays the record in its slots: counter modulo depth', () => {
    const d = device(undefined, { quiet_s: 0 })
    const at = d.instantOfCounter(6_042)
    expect(slot(d, 6_042, at)).toEqual([43, 430, 4300])
    expect(slot(d, 6_043, at)).toEqual(slot(d, 43, at))
  })

  test('holds zeros where nothing was written since boot', () => {
    const d = device()
    expect(slot(d, 50, d.instantOfCounter(49))).toEqual([0, 0, 0])
    expect(slot(d, 50, d.instantOfCounter(50))).toEqual([51, 510, 5100])
  })

  test('clips at full scale, as the converter does', () => {
    expect([19.6133, 19.7, 1e9, -19.6133, -1e9].map((a) => quantise(a, ring))).toEqual([
      32_767, 32_767, 32_767, -32_768, -32_768,
    ])
    const d = device(shortWaveform(100, 9))
    expect(slot(d, 99, d.instantOfCounter(99))).toEqual([32_767, 32_767, 32_767])
  })

  test('gives a sample one value however often and in whatever request it is read', () => {
    const d = device(undefined, { lead_s: 600 })
    const early = d.readRegisters('holding', 32, 120, d.instantOfCounter(40)) as Uint16Array
    const late = d.readRegisters('holding', 32, 120, d.instantOfCounter(5999)) as Uint16Array
    expect(late).toEqual(early)
    expect(slot(d, 7, d.instantOfCounter(40))).toEqual([...early.subarray(21, 24)].map((w) => (w << 16) >> 16))
  })

  test('at rest moves by single steps around zero, differently on each axis and device', () => {
    const lead = { lead_s: 1000 }
    const d = device(undefined, lead)
    for (const axis of [0, 1, 2]) {
      const steps = Array.from({ length: 100_000 }, (_, c) => d.rawSample(c, axis))
      const mean = steps.reduce((a, b) => a + b, 0) / steps.length
      // Standard error of the mean: sqrt(1/2) / sqrt(100,000) = 0.0022 steps.
      expect(Math.abs(mean)).toBeLessThan(0.009)
      expect(steps.reduce((a, b) => a + b * b, 0) / steps.length).toBeCloseTo(0.5, 1)
    }
    const run = (axis: number) => Array.from({ length: 100 }, (_, c) => d.rawSample(c, axis)).join()
    expect(new Set([run(0), run(1), run(2)]).size).toBe(3)
  })

  test('plays a cut of the record, both ends included', () => {
    const d = device(undefined, { from: '1970-01-01T00:00:00.100Z', to: '1970-01-01T00:00:00.120Z', quiet_s: 0 })
    expect(d.rounds).toEqual({ lead: 0, play: 3, quiet: 0 })
    expect([0, 1, 2, 3].map((c) => d.rawSample(c, 0))).toEqual([11, 12, 13, 11])
    expect(d.counterOfRecord(1, 2)).toBe(7)
  })

  test('survives the wrap of its 32-bit counter: every slot holds its newest sample', () => {
    const depth = 6000
    for (const newest of [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 2500, 2 ** 32 + 7000])
      for (const s of [0, 1, 2499, 2500, 2501, 5999]) {
        const counter = counterInSlot(s, newest, depth)!
        expect((counter % 2 ** 32) % depth).toBe(s)
        expect(counter).toBeLessThanOrEqual(newest)
        // No newer sample stands in the same slot.
        for (let c = newest; c > counter; c--) expect((c % 2 ** 32) % depth, `${c}`).not.toBe(s)
      }
    expect(counterInSlot(5, 4, depth)).toBeUndefined()
  })
})

describe('requests that the device has no registers for', () => {
  const read = (address: number, quantity: number, table: 'holding' | 'input' = 'holding') =>
    device().readRegisters(table, address, quantity, BOOT)

  test('beyond header or ring are exception 2, to the register', () => {
    expect(read(17, 1)).toBeInstanceOf(Uint16Array)
    expect(read(17, 2)).toEqual({ exception: 2 })
    expect(read(18, 1)).toEqual({ exception: 2 })
    expect(read(31, 2)).toEqual({ exception: 2 })
    expect(read(18_031, 1)).toBeInstanceOf(Uint16Array)
    expect(read(18_031, 2)).toEqual({ exception: 2 })
    expect(read(65_535, 125)).toEqual({ exception: 2 })
  })

  test('of a table that it does not have are exception 1', () => {
    expect(read(0, 18, 'input')).toEqual({ exception: 1 })
  })
})

test('a device of 180 device seconds per second counts 180 times as fast', () => {
  const d = device(undefined, {}, 180)
  expect(d.newestCounter(instant(BOOT + NS_PER_S))).toBe(18_000)
})
