import { describe, expect, test } from 'vitest'
import { type Fifo, type Model, RING_HEADER_REGISTERS } from '../domain/model.ts'
import { ModbusError } from '../domain/ports.ts'
import { type Instant, instant } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { pollPeriod_ms } from './part.ts'
import { acquire, FakeRing, newRig, siteOf } from './testing.ts'
import { busy, lone, MS, quiet, START, s, samplesOf, shipped, verify, worst_ms } from './testing-ring.ts'

const fifo: Fifo = {
  group: 'acceleration',
  pointer_address: 0x100,
  header_address: 0,
  axes: ['x', 'y', 'z'],
  sample_rate_hz: 100,
  depth: 9,
  block_samples: 100,
  unit: 'g',
  full_scale: 2,
}
const model: Model = { id: 'queue', name: 'Q', source: 'test', fifo, measures: ['pga'], poll_ms: 1000 }

/** The samples and the header of a `FakeRing`, of which a queue shows the newest few. */
class FakeQueue extends FakeRing {
  reads = 0
  constructor(booted: Instant, of: Fifo = fifo, ppm = 0) {
    super({ ...of, table: 'holding', samples_address: 10_000 }, booted, quiet, ppm)
  }
  override word(table: 'holding' | 'input', address: number, at: Instant): number {
    if (address >= RING_HEADER_REGISTERS) throw new ModbusError('exception-2', 'samples are in the queue')
    return super.word(table, address, at)
  }
  fifo(address: number, at: Instant): readonly number[] {
    if (address !== fifo.pointer_address) throw new ModbusError('exception-2', 'no queue there')
    this.reads++
    const newest = this.newestAt(at)
    const words = [(newest >>> 16) & 0xffff, newest & 0xffff]
    for (let c = Math.max(0, newest - this.ring.depth + 1); c <= newest; c++)
      for (let axis = 0; axis < this.ring.axes.length; axis++) words.push(this.sample(c, axis) & 0xffff)
    return words
  }
}

function queue({ of = fifo, ppm = 0, age_s = 10 }: { of?: Fifo; ppm?: number; age_s?: number } = {}) {
  const clock = new SimulatedClock(START)
  const rig = newRig(clock)
  const device = new FakeQueue(instant(START - s(age_s)), of, ppm)
  rig.bus.devices.set(1, device)
  return { clock, rig, device, site: siteOf([{ id: 'acc', model: { ...model, fifo: of } }]) }
}

describe('reading a queue', () => {
  test('it is read twice in the time that it holds, its header about once a second', async () => {
    const { clock, rig, device, site } = queue()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(60))
    await acquisition.stop()
    // 9 samples are 90 ms: a read every 45 ms.
    expect(device.reads).toBeGreaterThanOrEqual(60 / 0.045 - 2)
    const headers = rig.bus.requests.get(1)! - device.reads
    expect(headers).toBeGreaterThan(55)
    expect(headers).toBeLessThan(75)
  })

  test('points beside it are read at the period of the device, on its grid, not at that of the queue', async () => {
    const points = [
      { metric: 'temperature', table: 'input', address: 40, type: 'uint16', unit: 'degC', range: { low: 0, high: 99 } },
    ] as const
    const both: Model = { ...model, points: [...points], poll_ms: 500 }
    const { clock, rig, device } = queue()
    rig.bus.latency = () => [0n, 0n]
    const reads: string[] = []
    const read = rig.bus.readRegisters.bind(rig.bus)
    rig.bus.readRegisters = (unit, table, address, quantity) => {
      if (table !== 'input') return read(unit, table, address, quantity)
      reads.push(String(address))
      return Promise.resolve({ registers: Uint16Array.of(21), sent: clock.monotonic(), received: clock.monotonic() })
    }
    const acquisition = acquire(clock, siteOf([{ id: 'acc', model: both }]), rig)
    await clock.advance(s(60))
    const told = rig.recorder.of('acc/temperature')
    expect(told).toHaveLength(120)
    expect(reads).toHaveLength(120)
    // The first poll of the queue, every 45 ms, at or after each half second; none drifts.
    told.forEach(({ t_ns, value }, i) => {
      const late_ms = Number(t_ns - told[0]!.t_ns) / 1e6 - i * 500
      expect(late_ms).toBeGreaterThanOrEqual(0)
      expect(late_ms).toBeLessThan(45)
      expect(value).toBeCloseTo(294.15, 6)
    })
    expect(rig.recorder.gaps).toEqual([])
    expect(device.reads).toBeGreaterThanOrEqual(60 / 0.045 - 2)

    // The line fails: the points are bad too, though their next read is not due.
    rig.bus.readRegisters = read
    rig.bus.faults.set(1, 'timeout')
    await clock.advance(s(5))
    expect(rig.recorder.of('acc/temperature').at(-1)).toMatchObject({ value: null, reason: 'timeout' })
    expect(rig.recorder.of('acc/pga').at(-1)).toMatchObject({ value: null, reason: 'timeout' })
    await acquisition.stop()
  })

  test.each([100, 200, 500])(
    'at %i Hz every sample once and in order, dated within 2 ms, in blocks on the grid',
    async (rate) => {
      const of = { ...fifo, sample_rate_hz: rate, depth: 9, block_samples: rate }
      const { clock, rig, device, site } = queue({ of, ppm: 40 })
      rig.bus.latency = () => [300_000n, 200_000n]
      const acquisition = acquire(clock, site, rig)
      await clock.advance(s(60))
      await acquisition.stop()
      const ranges = verify(rig.recorder.blocks, device)
      expect(ranges).toHaveLength(1)
      expect(rig.recorder.blocks.length).toBeGreaterThanOrEqual(58)
      for (const block of rig.recorder.blocks) expect(block.first_counter % rate).toBe(0)
      expect(worst_ms(rig.recorder.blocks, device)).toBeLessThan(2)
      expect(rig.recorder.blockGaps).toEqual([])
      expect(rig.recorder.of('acc/pga').length).toBeGreaterThanOrEqual(55)
    },
  )

  test('what the queue lost while the line was down is a counted gap', async () => {
    const { clock, rig, device, site } = queue()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(5))
    rig.bus.faults.set(1, 'closed')
    await clock.advance(s(0.3))
    rig.bus.faults.clear()
    await clock.advance(s(5))
    await acquisition.stop()
    const [before, after] = verify(rig.recorder.blocks, device).map((range) => range.split('-').map(Number))
    const [gap] = rig.recorder.blockGaps
    expect(rig.recorder.blockGaps).toHaveLength(1)
    expect(gap).toMatchObject({ reason: 'overrun', missing: after![0]! - before![1]! - 1 })
    expect(gap!.missing).toBeGreaterThan(15)
    expect(Math.abs(Number(gap!.from_ns) - device.truth_ns(before![1]! + 1))).toBeLessThan(2 * MS)
  })

  test('a device that starts anew is seen though reads of the queue bear no boot id', async () => {
    for (const age_s of [10, 0.5]) {
      const { clock, rig, device, site } = queue({ age_s })
      const acquisition = acquire(clock, site, rig)
      await clock.advance(s(5.02))
      device.restart(clock.now())
      await clock.advance(s(5))
      await acquisition.stop()
      const again = rig.recorder.blocks.filter((b) => b.boot_id === 8)
      expect(verify(again, device)[0]).toMatch(/^\d+-[34]99$/)
      expect(worst_ms(again, device)).toBeLessThan(2)
      expect(rig.recorder.blockGaps.map((g) => g.reason)).toEqual(['device-restart'])
    }
  })

  test('after a restart of the edge it goes on after the last recorded block; what is gone is a gap', async () => {
    const { clock, rig, device, site } = queue()
    const first = acquire(clock, site, rig)
    await clock.advance(s(5.3))
    await first.stop()
    await clock.advance(s(2))
    rig.bus.closed = false
    const second = acquire(clock, site, rig)
    await clock.advance(s(5))
    await second.stop()
    const ranges = verify(rig.recorder.blocks, device)
    expect(ranges).toHaveLength(2)
    const [gap] = rig.recorder.blockGaps
    const end = Number(ranges[0]!.split('-')[1])
    const begin = Number(ranges[1]!.split('-')[0])
    expect(gap).toMatchObject({ reason: 'edge-down', missing: begin - end - 1 })
    expect(rig.recorder.blocks.reduce((sum, b) => sum + samplesOf(b), 0) + gap!.missing).toBe(
      rig.recorder.blocks.at(-1)!.first_counter + 100 - rig.recorder.blocks[0]!.first_counter,
    )
  })

  test('a queue of another shape is a bad reply', async () => {
    const { clock, rig, device, site } = queue()
    device.fifo = () => [0, 5, 1, 2]
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(2))
    await acquisition.stop()
    expect(rig.recorder.blocks).toEqual([])
    expect(rig.life.events).toEqual(['acc offline bad-reply'])
  })

  test('a model without a queue keeps its own period', () => {
    expect(pollPeriod_ms({ device: { id: 'a' } as never, model: shipped })).toBe(shipped.poll_ms)
  })
})

describe('rings at other rates', () => {
  test.each([200, 500])('%i Hz, crystal 50 ppm off: every sample, within 2 ms on a busy line', async (rate) => {
    const ring = { ...shipped.ring!, sample_rate_hz: rate, depth: 20 * rate, block_samples: rate }
    const { clock, rig, device, site } = lone({ model: { ...shipped, ring }, ppm: 50 })
    rig.bus.latency = busy()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(120))
    const clockState = acquisition.stats().devices[0]!.clock!
    await acquisition.stop()
    expect(verify(rig.recorder.blocks, device)).toHaveLength(1)
    expect(worst_ms(rig.recorder.blocks, device)).toBeLessThan(2)
    expect(rig.recorder.blockGaps).toEqual([])
    expect(clockState.drift_ppm!).toBeGreaterThan(30)
    expect(clockState.drift_ppm!).toBeLessThan(70)
    expect(Math.abs(clockState.offset_s)).toBeLessThan(0.002)
    expect(clockState.half_width_s).toBeLessThan(0.002)
  })
})
