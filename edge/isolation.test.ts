import { describe, expect, test } from 'vitest'
import type { Model, ScalarPoint } from '../domain/model.ts'
import { ModbusError } from '../domain/ports.ts'
import { fromIso, type Instant } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { ASK_AGAIN_NS } from './point-reads.ts'
import { busyPause_ms, jittered_ms } from './schedule.ts'
import { acquire, type FakeDevice, newRig, siteOf } from './testing.ts'

const START = fromIso('2026-03-01T00:00:00Z')!
const s = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))
const point = (metric: string, address: number, more: Partial<ScalarPoint> = {}): ScalarPoint => ({
  metric,
  address,
  table: 'holding',
  type: 'uint16',
  unit: '1',
  range: { low: 0, high: 65_535 },
  ...more,
})
const modelOf = (points: ScalarPoint[], more: Partial<Model> = {}): Model => ({
  id: 'm',
  name: 'M',
  source: 'test',
  points,
  poll_ms: 1000,
  ...more,
})

/** A device whose registers hold their own address, and which refuses some of them. */
class Picky implements FakeDevice {
  readonly refused = new Map<string, number>()
  asked = 0
  word(table: 'holding' | 'input', address: number): number {
    return this.#value(table, address)
  }
  bit(table: 'coil' | 'discrete', address: number): number {
    return this.#value(table, address) & 1
  }
  #value(table: string, address: number): number {
    this.asked++
    const code = this.refused.get(`${table}/${address}`) ?? this.refused.get(table)
    if (code !== undefined) throw new ModbusError(`exception-${code}`, `refused ${table} ${address}`)
    return address
  }
}

function one(model: Model) {
  const clock = new SimulatedClock(START)
  const rig = newRig(clock)
  const device = new Picky()
  rig.bus.devices.set(1, device)
  const requests: string[] = []
  const read = rig.bus.readRegisters.bind(rig.bus)
  rig.bus.readRegisters = (unit, table, address, quantity) => {
    requests.push(`${table} ${address}+${quantity}`)
    return read(unit, table, address, quantity)
  }
  const acquisition = acquire(clock, siteOf([{ id: 'd', model }]), rig)
  const newest = () =>
    Object.fromEntries(
      rig.recorder.readingRecords.at(-1)!.readings.map((r) => [r.channel.slice(2), r.value ?? r.reason]),
    )
  return { clock, rig, device, requests, acquisition, newest }
}

describe('a refusal of a part', () => {
  const TEN = modelOf(Array.from({ length: 10 }, (_, i) => point(`p${i}`, i)))

  test('one bad register is found within the poll, its point alone is bad, and it is not asked again', async () => {
    const { clock, rig, device, requests, acquisition, newest } = one(TEN)
    device.refused.set('holding/6', 2)
    await clock.advance(s(0.5))
    expect(newest()).toEqual({ p0: 0, p1: 1, p2: 2, p3: 3, p4: 4, p5: 5, p6: 'exception-2', p7: 7, p8: 8, p9: 9 })
    // Whole; halves; then only the half that was refused is divided further.
    expect(requests).toEqual([
      'holding 0+10',
      'holding 0+5',
      'holding 5+5',
      'holding 5+3',
      'holding 5+2',
      'holding 5+1',
      'holding 6+1',
      'holding 7+1',
      'holding 8+2',
    ])
    requests.length = 0
    await clock.advance(s(1))
    expect(requests).toEqual(['holding 0+5', 'holding 5+1', 'holding 7+1', 'holding 8+2'])
    expect(newest()['p6']).toBe('exception-2')
    expect(acquisition.stats().devices[0]).toMatchObject({ refused_points: 1, online: true, polls: 2, good: 2 })
    expect(rig.life.events).toEqual(['d online'])
    await acquisition.stop()
  })

  test('a register between two points is a hole: both are read, each for itself', async () => {
    const { clock, device, requests, acquisition, newest } = one(modelOf([point('a', 0), point('b', 4)]))
    device.refused.set('holding/2', 3)
    await clock.advance(s(1.5))
    await acquisition.stop()
    expect(newest()).toEqual({ a: 0, b: 4 })
    expect(requests).toEqual(['holding 0+5', 'holding 0+1', 'holding 4+1', 'holding 0+1', 'holding 4+1'])
  })

  test('a value is bad with its status word, and a hole between the two is no harm', async () => {
    const status = { address: 0, bit: 15 }
    const { clock, device, acquisition, newest } = one(modelOf([point('a', 2, { status }), point('b', 3)]))
    device.refused.set('holding/1', 2)
    await clock.advance(s(0.5))
    expect(newest()).toEqual({ a: 2, b: 3 })
    device.refused.set('holding/0', 2)
    await clock.advance(s(1))
    await acquisition.stop()
    expect(newest()).toEqual({ a: 'exception-2', b: 3 })
  })

  test('a function that the device does not know is left alone, and asked again rarely', async () => {
    const { clock, device, acquisition, newest } = one(
      modelOf([
        point('a', 0),
        point('c', 5, { table: 'coil', type: 'bit' }),
        point('d', 7, { table: 'discrete', type: 'bit' }),
      ]),
    )
    device.refused.set('coil', 1)
    await clock.advance(s(0.5))
    expect(newest()).toEqual({ a: 0, c: 'exception-1', d: 1 })
    const asked = device.asked
    await clock.advance(s(100))
    expect(device.asked - asked).toBe(200)
    device.refused.clear()
    await clock.advance(ASK_AGAIN_NS)
    await acquisition.stop()
    expect(newest()).toEqual({ a: 0, c: 1, d: 1 })
  })

  test('exception 1 is about the function, not the address: no other request of it is sent, by any part', async () => {
    const far = [point('a', 0, { table: 'input' }), point('b', 0), point('c', 500), point('e', 1000)]
    const { clock, device, requests, acquisition, newest } = one(modelOf(far))
    device.refused.set('holding', 1)
    await clock.advance(s(0.5))
    expect(requests).toEqual(['holding 0+1', 'input 0+1'])
    expect(newest()).toEqual({ a: 0, b: 'exception-1', c: 'exception-1', e: 'exception-1' })
    await clock.advance(s(100))
    expect(requests.filter((r) => r.startsWith('holding'))).toHaveLength(1)
    device.refused.clear()
    await clock.advance(ASK_AGAIN_NS)
    await acquisition.stop()
    expect(newest()).toEqual({ a: 0, b: 0, c: 500, e: 1000 })
  })

  test('a device that knows no function at all is asked with every probe: it may be ready by now', async () => {
    const { clock, rig, device, acquisition, newest } = one(modelOf([point('a', 0), point('b', 500)]))
    device.refused.set('holding', 1)
    await clock.advance(s(5))
    expect(rig.life.events).toEqual(['d offline exception-1'])
    device.refused.clear()
    await clock.advance(s(60))
    await acquisition.stop()
    expect(rig.life.events).toEqual(['d offline exception-1', 'd online'])
    expect(newest()).toEqual({ a: 0, b: 500 })
  })

  test('what everything refuses teaches nothing: the device is silent, and whole again when it answers', async () => {
    const { clock, rig, device, requests, acquisition, newest } = one(TEN)
    device.refused.set('holding', 2)
    await clock.advance(s(3.5))
    expect(rig.life.events).toEqual(['d offline exception-2'])
    device.refused.clear()
    requests.length = 0
    await clock.advance(s(10))
    await acquisition.stop()
    expect(new Set(requests)).toEqual(new Set(['holding 0+10']))
    expect(newest()['p9']).toBe(9)
  })

  test('when the line fails in the middle of a poll, what had come is kept and the rest is bad', async () => {
    const { clock, rig, acquisition, newest } = one(modelOf([point('a', 0), point('b', 100), point('c', 200)]))
    const read = rig.bus.readRegisters
    rig.bus.readRegisters = (unit, table, address, quantity) => {
      if (address === 100) rig.bus.faults.set(1, 'timeout')
      return read(unit, table, address, quantity).finally(() => rig.bus.faults.clear())
    }
    await clock.advance(s(20))
    expect(newest()).toEqual({ a: 0, b: 'timeout', c: 'timeout' })
    expect(rig.life.events).toEqual(['d online'])
    const [stats] = acquisition.stats().devices
    expect(stats!.good).toBe(0)
    expect(stats!.errors['timeout']).toBe(stats!.polls)
    // From a part to nothing is told too.
    rig.bus.readRegisters = read
    await clock.advance(s(2))
    rig.bus.faults.set(1, 'closed')
    await clock.advance(s(10))
    expect(newest()).toEqual({ a: 'closed', b: 'closed', c: 'closed' })
    await acquisition.stop()
  })

  test('a point in a hole of the model is bad, never asked', async () => {
    const holes = [{ table: 'holding' as const, from: 4, to: 6 }]
    const { clock, requests, acquisition, newest } = one(modelOf([point('a', 0), point('b', 5)], { holes }))
    await clock.advance(s(0.5))
    await acquisition.stop()
    expect(requests).toEqual(['holding 0+1'])
    expect(newest()).toEqual({ a: 0, b: 'exception-2' })
  })
})

describe('a busy device', () => {
  test.each([5, 6])(
    'exception %i: bad, asked again soon and ever less often, never offline, back at once',
    async (code) => {
      const { clock, rig, requests, acquisition, newest } = one(modelOf([point('a', 0)], { poll_ms: 100 }))
      await clock.advance(s(1))
      rig.bus.faults.set(1, `exception-${code}`)
      requests.length = 0
      await clock.advance(s(60))
      expect(rig.life.events).toEqual(['d online'])
      expect(newest()).toEqual({ a: `exception-${code}` })
      // 0.2, 0.4, ... 3.2, then every 5 s.
      expect(requests.length).toBeGreaterThan(12)
      expect(requests.length).toBeLessThan(22)
      rig.bus.faults.clear()
      await clock.advance(s(5.6))
      expect(newest()).toEqual({ a: 0 })
      await acquisition.stop()
    },
  )

  test('pauses grow to 5 s, are never below the period, and differ by device and try, but not by run', () => {
    expect([1, 2, 5, 9].map((n) => busyPause_ms(100, n))).toEqual([200, 400, 3200, 5000])
    expect(busyPause_ms(60_000, 1)).toBe(60_000)
    const pauses = Array.from({ length: 100 }, (_, i) => jittered_ms(1000, 'd', i))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(900)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1100)
    expect(new Set(pauses).size).toBeGreaterThan(60)
    expect(jittered_ms(1000, 'd', 7)).toBe(pauses[7])
  })
})

describe('what the device says of itself', () => {
  const info: Model['info'] = [
    { name: 'serial_number', table: 'holding', address: 100, type: 'string', registers: 3 },
    { name: 'firmware', table: 'holding', address: 104, type: 'uint16' },
    { name: 'hidden', table: 'holding', address: 110, type: 'uint32' },
  ]
  const words: Record<number, number> = { 100: 0x5342, 101: 0x2d37, 102: 0x0000, 104: 142 }

  test('is read once it came online and again the next time; what it refuses is left out', async () => {
    const { clock, rig, device, requests, acquisition } = one(modelOf([point('a', 0)], { info }))
    device.word = (_table, address) => {
      if (address === 110) throw new ModbusError('exception-2', 'no such register')
      return words[address] ?? 0
    }
    await clock.advance(s(5))
    expect(rig.life.info.get('d')).toEqual({ serial_number: 'SB-7', firmware: '142' })
    expect(requests.filter((r) => r === 'holding 100+3')).toHaveLength(1)
    rig.bus.faults.set(1, 'closed')
    await clock.advance(s(10))
    rig.bus.faults.clear()
    words[104] = 143
    await clock.advance(s(20))
    await acquisition.stop()
    expect(rig.life.events).toEqual(['d online', 'd offline closed', 'd online'])
    expect(rig.life.info.get('d')).toMatchObject({ firmware: '143' })
  })
})

test('the breaker opens, lets a probe through and closes; lateness and latency are counted', async () => {
  const { clock, rig, acquisition } = one(modelOf([point('a', 0)]))
  const stats = () => acquisition.stats().devices[0]!
  await clock.advance(s(4.5))
  expect(stats()).toMatchObject({
    device: 'd',
    link: 'bus',
    online: true,
    breaker: 'closed',
    polls: 5,
    good: 5,
    errors: {},
  })
  expect(stats().latency.count).toBe(5)
  expect(stats().lateness.counts[0]).toBe(5)
  expect(stats().last_good_ns).toBe((START + s(4)) as Instant)
  rig.bus.faults.set(1, 'timeout')
  await clock.advance(s(20))
  expect(stats()).toMatchObject({ online: false, breaker: 'open' })
  const opened = stats().changed_ns
  while (stats().breaker === 'open') await clock.advance(s(0.1))
  expect(stats().breaker).toBe('half-open')
  rig.bus.faults.clear()
  await clock.advance(s(60))
  await acquisition.stop()
  expect(opened! < START + s(60)).toBe(true)
})
