import { describe, expect, test } from 'vitest'
import { instant, NS_PER_S } from '../domain/time.ts'
import { Pga } from '../measures/pga.ts'
import { acquire, FakeRing, limitOn } from './testing.ts'
import { busy, lone, MS, quiet, START, STEP, s, samplesOf, shaking, shipped, verify, worst_ms } from './testing-ring.ts'

describe('reading a ring', () => {
  test('every sample once and in order, in blocks on the grid, in SI and with its scale', async () => {
    const { clock, rig, device, site } = lone()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(40))
    await acquisition.stop()
    expect(verify(rig.recorder.blocks, device)).toEqual(['0-3999'])
    expect(rig.recorder.blocks.map((b) => b.first_counter)).toEqual(Array.from({ length: 40 }, (_, i) => i * 100))
    expect(rig.recorder.blocks[0]).toMatchObject({
      device: 'acc',
      group: 'acceleration',
      boot_id: 7,
      sample_rate_hz: 100,
      unit: 'm/s²',
    })
    expect(rig.recorder.blocks[0]!.scale).toBeCloseTo(0.000598550415, 12)
    expect(rig.recorder.blockGaps).toEqual([])
    expect(rig.life.events).toEqual(['acc online'])
    // 25 samples a poll: a header and one request (two where the ring turns), and a few to begin with.
    expect(rig.bus.requests.get(1)).toBeLessThan(200 * 2 + 10)
  })

  test.each([0, 50, -50])(
    'sample times are within 2 ms of the truth on a busy line, crystal %i ppm off',
    async (ppm) => {
      const { clock, rig, device, site } = lone({ ppm, age_s: 3 })
      rig.bus.latency = busy()
      const acquisition = acquire(clock, site, rig)
      await clock.advance(s(300))
      await acquisition.stop()
      expect(verify(rig.recorder.blocks, device)[0]).toMatch(/^0-30\d99$/)
      expect(worst_ms(rig.recorder.blocks, device)).toBeLessThan(2)
      for (const [i, block] of rig.recorder.blocks.entries()) {
        if (i === 0) continue
        const apart = Number(block.t0_ns - rig.recorder.blocks[i - 1]!.t0_ns)
        expect(Math.abs(apart - 1e9)).toBeLessThanOrEqual(0.2 * MS)
      }
    },
  )

  test('a converter of 24 bits: two registers a sample, kept whole, with the step of its own', async () => {
    const wide = { ...shipped, ring: { ...shipped.ring!, bits: 24, depth: 3000 } }
    const loud = (counter: number, axis: number) => quiet(counter, axis) * 30_000 * (axis === 1 ? -1 : 1)
    const { clock, rig, device, site } = lone({ model: wide, sample: loud })
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(10))
    await acquisition.stop()
    expect(verify(rig.recorder.blocks, device)).toEqual(['0-999'])
    const [block] = rig.recorder.blocks
    expect(block!.axes[0]!.samples).toBeInstanceOf(Int32Array)
    expect(Math.max(...block!.axes[2]!.samples)).toBeGreaterThan(2 ** 23 - 1)
    // 2 g over 2^23 steps; g = 9.80665 m/s2.
    expect(block!.scale).toBeCloseTo(2.338e-6, 9)
    const pga = new Pga(3, block!.scale, 100, true)
    const data = new Int32Array(3)
    const truth: number[] = []
    for (let counter = 0; counter < 400; counter++) {
      for (let axis = 0; axis < 3; axis++) data[axis] = loud(counter, axis)
      pga.push(data, 0, Math.floor(counter / 100), false)
    }
    truth.push(...pga.take().map(({ pga_m_s2 }) => pga_m_s2))
    const told = rig.recorder.of('acc/pga').map(({ value }) => value)
    expect(told.slice(0, truth.length)).toEqual(truth)
  })

  test('the first start takes all that the ring holds, from a grid line on', async () => {
    const { clock, rig, device, site } = lone({ age_s: 1000.5 })
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(1))
    await acquisition.stop()
    const [range] = verify(rig.recorder.blocks, device)
    expect(range).toBe('94100-100099')
    expect(rig.recorder.blockGaps).toEqual([])
    expect(worst_ms(rig.recorder.blocks, device)).toBeLessThan(2)
  })

  test('a silence longer than the ring is a counted gap; the block after it is shorter', async () => {
    const { clock, rig, device, site } = lone()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(5.05))
    rig.bus.faults.set(1, 'closed')
    await clock.advance(s(90.33))
    rig.bus.faults.clear()
    await clock.advance(s(30))
    await acquisition.stop()
    const ranges = verify(rig.recorder.blocks, device)
    expect(ranges).toHaveLength(2)
    const [end, begin] = [Number(ranges[0]!.split('-')[1]), Number(ranges[1]!.split('-')[0])]
    const [gap] = rig.recorder.blockGaps
    expect(rig.recorder.blockGaps).toHaveLength(1)
    expect(gap).toMatchObject({
      channels: ['acc/acceleration/x', 'acc/acceleration/y', 'acc/acceleration/z'],
      expected: begin - end - 1,
      missing: begin - end - 1,
      reason: 'overrun',
    })
    expect(Math.abs(Number(gap!.from_ns) - device.truth_ns(end + 1))).toBeLessThan(2 * MS)
    expect(Math.abs(Number(gap!.to_ns) - device.truth_ns(begin))).toBeLessThan(2 * MS)
    // What had been read before the gap is kept, though it fills no block; the next ends at a grid line.
    expect(end).toBeGreaterThanOrEqual(500)
    const after = rig.recorder.blocks.find((b) => b.first_counter === begin)!
    expect((begin + samplesOf(after)) % 100).toBe(0)
    expect(rig.recorder.gaps.map((g) => [g.channels, g.reason])).toEqual([[['acc/pga', 'acc/pgv'], 'overrun']])
    expect(rig.life.events).toEqual(['acc online', 'acc offline closed', 'acc online'])
  })

  test('a silence shorter than the ring loses nothing', async () => {
    const { clock, rig, device, site } = lone()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(5))
    rig.bus.faults.set(1, 'closed')
    await clock.advance(s(38))
    rig.bus.faults.clear()
    await clock.advance(s(30))
    await acquisition.stop()
    expect(verify(rig.recorder.blocks, device)).toEqual(['0-7299'])
    expect(rig.recorder.blockGaps).toEqual([])
    expect(worst_ms(rig.recorder.blocks, device)).toBeLessThan(2)
  })

  test('a device that restarts leaves a gap and begins again at counter 0', async () => {
    const { clock, rig, device, site } = lone()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(5.05))
    const before = [...rig.recorder.blocks]
    rig.bus.faults.set(1, 'closed')
    await clock.advance(s(0.55))
    rig.bus.faults.clear()
    device.restart(clock.now())
    await clock.advance(s(5))
    await acquisition.stop()
    expect(before.map((b) => b.first_counter)).toEqual([0, 100, 200, 300, 400].slice(0, before.length))
    const again = rig.recorder.blocks.filter((b) => b.boot_id === 8)
    expect(verify(again, device)).toEqual(['0-499'])
    expect(worst_ms(again, device)).toBeLessThan(2)
    expect(rig.recorder.blockGaps).toHaveLength(1)
    const [gap] = rig.recorder.blockGaps
    expect(gap!.reason).toBe('device-restart')
    expect(Math.abs(Number(gap!.to_ns - (START + s(5.6))))).toBeLessThan(2 * MS)
    expect(gap!.missing).toBe(Math.round(Number(gap!.to_ns - gap!.from_ns) / 1e7))
    // Between the last sample read and the restart.
    expect(gap!.missing).toBeGreaterThan(50)
    expect(gap!.missing).toBeLessThan(80)
  })

  test('what is overwritten while a slow line reads it is a gap or never begun, not wrong data', async () => {
    const { clock, rig, device, site } = lone({ age_s: 1000 })
    // 147 requests of 50 ms: the ring moves on by 7 s meanwhile.
    rig.bus.latency = () => [25_000_000n, 25_000_000n]
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(20))
    await acquisition.stop()
    const ranges = verify(rig.recorder.blocks, device)
    expect(ranges).toHaveLength(1)
    expect(Number(ranges[0]!.split('-')[0])).toBeGreaterThan(94_001 + 700)
    expect(Number(ranges[0]!.split('-')[0]) % 100).toBe(0)
  })

  test('a line that fails in the middle of a long read loses and doubles nothing', async () => {
    const { clock, rig, device, site } = lone({ age_s: 200 })
    const read = rig.bus.readRegisters.bind(rig.bus)
    let requests = 0
    rig.bus.readRegisters = (...args) => {
      if (++requests % 37 === 0) rig.bus.faults.set(1, 'closed')
      return read(...args).finally(() => rig.bus.faults.clear())
    }
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(60))
    await acquisition.stop()
    const ranges = verify(rig.recorder.blocks, device)
    expect(ranges).toHaveLength(1)
    expect(Number(ranges[0]!.split('-')[1])).toBeGreaterThan(25_800)
    expect(rig.recorder.blockGaps).toEqual([])
  })

  test('a step of the wall clock moves the sample times with it, and no sample is lost', async () => {
    const { clock, rig, device, site } = lone()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(10))
    clock.stepWall(s(3600))
    device.booted = instant(device.booted + s(3600))
    await clock.advance(s(10))
    await acquisition.stop()
    expect(verify(rig.recorder.blocks, device)).toEqual(['0-1999'])
    expect(worst_ms(rig.recorder.blocks.slice(-8), device)).toBeLessThan(2)
  })

  test('samples that the device itself calls invalid are a gap, not data', async () => {
    const { clock, rig, device, site } = lone()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(3.05))
    device.status = 1
    await clock.advance(s(2))
    expect(rig.recorder.of('acc/pga').at(-1)).toMatchObject({ value: null, flag: 9, reason: 'status' })
    device.status = 0
    await clock.advance(s(5))
    await acquisition.stop()
    const [gap] = rig.recorder.blockGaps
    expect(gap).toMatchObject({ reason: 'status' })
    expect(gap!.missing).toBeGreaterThanOrEqual(180)
    expect(verify(rig.recorder.blocks, device)).toHaveLength(2)
  })

  test('a ring that is not the one of the model is not read at all', async () => {
    const { clock, rig, site } = lone()
    const other = { ...shipped, ring: { ...shipped.ring!, depth: 3000 } }
    rig.bus.devices.set(1, new FakeRing(other.ring, START, quiet))
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(3))
    await acquisition.stop()
    expect(rig.recorder.blocks).toEqual([])
    expect(rig.life.events).toEqual(['acc offline bad-reply'])
    expect(rig.recorder.of('acc/pga')[0]).toMatchObject({
      flag: 9,
      detail: 'ring header: expected depth 6000, got 3000',
    })
  })
})

describe('PGA and limits see every sample', () => {
  const limit = limitOn('shake', 'acc/pga', 0.08, { deadband: 0.01, unit: 'm/s²', off_delay_s: 1 })

  test('a crossing is told within one poll, its onset is the instant of the sample', async () => {
    const { clock, rig, device, site } = lone({ sample: shaking(2013, 2100, 400), limits: [limit] })
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(20.13))
    expect(rig.recorder.conditions).toEqual([])
    await clock.advance(s(0.28))
    const [raised] = rig.recorder.conditions
    // 0.08 m/s² are 134 steps: 400 sin(2π·5·n/100) is above from the second sample of the shaking on, noise included.
    const first = [2014, 2015].find((c) => Math.abs(Number(raised!.onset_ns) - device.truth_ns(c)) < 2 * MS)
    expect(first).toBeDefined()
    expect(raised).toMatchObject({ state: true, occurrence: 1, exercise: false })
    await clock.advance(s(10))
    await acquisition.stop()
    expect(rig.recorder.conditions.map((c) => c.state)).toEqual([true, false])
    expect(rig.recorder.conditions[1]!.peak! / STEP).toBeGreaterThan(395)
  })

  test('each whole second has its largest vector value, as computed from the record itself', async () => {
    const sample = shaking(1500, 1900, 700)
    const { clock, rig, device, site } = lone({ sample })
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(30))
    await acquisition.stop()
    const reference = new Pga(3, STEP, 100)
    const expected = new Map<number, number>()
    for (let c = 0; c < 3000; c++) {
      const value = reference.push(Int16Array.of(sample(c, 0), sample(c, 1), sample(c, 2)), 0, 0, false)
      const second = Math.floor(Math.round(device.truth_ns(c) / 1e6) / 1e3)
      if (value !== undefined) expected.set(second, Math.max(expected.get(second) ?? 0, value))
    }
    const readings = rig.recorder.of('acc/pga')
    expect(readings.length).toBeGreaterThanOrEqual(27)
    for (const reading of readings) expect(reading.value).toBe(expected.get(Number(reading.t_ns / NS_PER_S)))
    expect(readings.map((r) => r.flag)).toEqual(readings.map((_, i) => (i === 0 ? 3 : 1)))
    expect(Math.max(...readings.map((r) => r.value!)) / STEP).toBeGreaterThan(695)
  })

  test('a limit on one axis sees that axis', async () => {
    const onX = limitOn('x', 'acc/acceleration/x', 400 * STEP, { unit: 'm/s²' })
    const onY = { ...onX, id: 'y', channel: 'acc/acceleration/y' }
    const { clock, rig, site } = lone({ sample: shaking(500, 600, 700), limits: [onX, onY] })
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(10))
    await acquisition.stop()
    expect(rig.recorder.conditions.filter((c) => c.state).map((c) => c.limit_id)).toEqual(['x', 'x', 'x', 'x', 'x'])
  })
})
