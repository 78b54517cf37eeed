import { describe, expect, test } from 'vitest'
import type { Model } from '../domain/model.ts'
import { fromIso, type Instant } from '../domain/time.ts'
import { loadModels } from '../models/load.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { acquire, FakeGauge, newRig, siteOf } from './testing.ts'

const gaugeModel = (await loadModels(['sim-stage-gauge'])).get('sim-stage-gauge')!
const START = fromIso('2018-06-01T04:00:00Z')!
const s = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))
const secondsOf = (t: Instant): number => Number(t - START) / 1e9

/** A bus of gauges, polled every second; gauge i has unit i + 1. */
function gauges(count: number, options: { time_scale?: number; model?: Model; poll_ms?: number } = {}) {
  const clock = new SimulatedClock(START)
  const rig = newRig(clock)
  const model = options.model ?? gaugeModel
  const devices = Array.from({ length: count }, (_, i) => {
    const gauge = new FakeGauge(() => 1 + i)
    rig.bus.devices.set(i + 1, gauge)
    return gauge
  })
  const site = siteOf(
    devices.map((_, i) => ({
      id: `g${i + 1}`,
      model,
      poll_ms: options.poll_ms ?? 1000,
      time_scale: options.time_scale,
    })),
  )
  return { clock, rig, devices, site }
}

describe('polling gauges', () => {
  test('one record a poll: points and measures of the device, at the middle of the request', async () => {
    const { clock, rig, site } = gauges(1)
    rig.bus.latency = () => [2_000_000n, 1_000_000n]
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(2.5))
    await acquisition.stop()
    expect(rig.life.events).toEqual(['g1 online'])
    expect(rig.recorder.readingRecords.map((r) => r.readings.map((x) => x.channel))).toEqual([
      ['g1/stage', 'g1/rate_of_rise'],
      ['g1/stage'],
      ['g1/stage'],
    ])
    expect(rig.recorder.of('g1/stage')[1]).toEqual({
      channel: 'g1/stage',
      value: 1,
      t_ns: START + s(1) + 1_500_000n,
      half_width_ns: 1_500_000n,
      flag: 1,
    })
    expect(rig.recorder.of('g1/rate_of_rise')[0]).toMatchObject({ value: null, flag: 2, reason: 'edge-down' })
  })

  test('the schedule does not drift, and a lone time-out is one bad reading and one counted gap', async () => {
    const { clock, rig, site } = gauges(1)
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(3.5))
    rig.bus.faults.set(1, 'timeout')
    await clock.advance(s(1))
    rig.bus.faults.clear()
    await clock.advance(s(6))
    await acquisition.stop()
    const good = rig.recorder.of('g1/stage').filter((r) => r.flag === 1)
    expect(good.map((r) => secondsOf(r.t_ns))).toEqual([0, 1, 2, 3, 6, 7, 8, 9, 10])
    expect(rig.recorder.of('g1/stage').filter((r) => r.flag !== 1)).toEqual([
      {
        channel: 'g1/stage',
        value: null,
        t_ns: START + s(5),
        half_width_ns: 0n,
        flag: 9,
        reason: 'timeout',
        detail: 'timeout',
      },
    ])
    expect(rig.recorder.gaps).toEqual([
      {
        channels: ['g1/stage', 'g1/rate_of_rise'],
        from_ns: START + s(3),
        to_ns: START + s(6),
        expected: 2,
        missing: 2,
        reason: 'timeout',
      },
    ])
    expect(rig.life.events).toEqual(['g1 online'])
  })

  test.each(['timeout', 'closed', 'exception-2', 'exception-11'] as const)(
    'a device that gives %s is told bad once, is offline after three polls, and comes back with a gap; the others go on',
    async (fault) => {
      const { clock, rig, site } = gauges(3)
      const acquisition = acquire(clock, site, rig)
      await clock.advance(s(10.5))
      rig.bus.faults.set(2, fault)
      await clock.advance(s(60))
      expect(rig.life.events.slice(3)).toEqual([`g2 offline ${fault}`])
      const bad = rig.recorder.readingRecords.filter(
        (r) => r.device === 'g2' && r.readings.some((x) => x.flag !== 1 && x.flag !== 2),
      )
      expect(bad).toHaveLength(1)
      expect(bad[0]!.readings.map((r) => [r.channel, r.value, r.flag, r.reason])).toEqual([
        ['g2/stage', null, 9, fault],
        ['g2/rate_of_rise', null, 9, fault],
      ])
      rig.bus.faults.clear()
      await clock.advance(s(40))
      await acquisition.stop()
      expect(rig.life.events.at(-1)).toBe('g2 online')
      const good = rig.recorder.of('g2/stage').filter((r) => r.flag === 1)
      const [gap] = rig.recorder.gaps.filter((g) => g.channels[0] === 'g2/stage')
      expect(gap).toMatchObject({ reason: fault, from_ns: good[10]!.t_ns, to_ns: good[11]!.t_ns })
      expect(gap!.missing).toBe(Math.round(secondsOf(gap!.to_ns) - secondsOf(gap!.from_ns)) - 1)
      // Its neighbours: every poll there, none later than its time-out.
      for (const id of ['g1', 'g3']) {
        const times = rig.recorder.of(`${id}/stage`).map((r) => secondsOf(r.t_ns))
        const period = times.slice(1).map((t, i) => t - times[i]!)
        expect(times.length).toBeGreaterThan(100)
        expect(Math.max(...period)).toBeLessThanOrEqual(2.1)
        expect(rig.recorder.of(`${id}/stage`).every((r) => r.flag === 1)).toBe(true)
      }
    },
  )

  test('a silent device is probed ever more rarely', async () => {
    const { clock, rig, site } = gauges(1)
    rig.bus.faults.set(1, 'closed')
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(2.5))
    expect(rig.bus.requests.get(1)).toBe(3)
    await clock.advance(s(3600))
    expect(rig.bus.requests.get(1)).toBeLessThan(3 + 4 + 3600 / 30 + 2)
    expect(rig.life.events).toEqual(['g1 offline closed'])
    expect(rig.recorder.readingRecords).toHaveLength(1)
    await acquisition.stop()
  })

  test('NaN, an invalid code and the status word make that channel bad with the reason, the next poll is good again', async () => {
    const { clock, rig, devices, site } = gauges(2)
    let stage = 1.5
    rig.bus.devices.set(2, new FakeGauge(() => stage))
    const acquisition = acquire(clock, site, rig)
    for (const bad of [Number.NaN, -999_999, 25]) {
      stage = bad
      await clock.advance(s(1))
    }
    stage = 1.5
    devices[0]!.status = 1
    await clock.advance(s(1))
    await acquisition.stop()
    expect(rig.recorder.of('g2/stage').map((r) => [r.value, r.flag, r.reason])).toEqual([
      [null, 9, 'nan'],
      [null, 9, 'invalid-code'],
      [25, 4, 'out-of-range'],
      [1.5, 1, undefined],
    ])
    expect(rig.recorder.of('g1/stage').at(-1)).toMatchObject({ value: null, flag: 9, reason: 'status' })
    expect(rig.recorder.gaps).toEqual([])
    expect(rig.life.events).toEqual(['g1 online', 'g2 online'])
  })

  test('an exception on one of two requests leaves the points of the other', async () => {
    const two: Model = {
      ...gaugeModel,
      measures: [],
      points: [gaugeModel.points![0]!, { ...gaugeModel.points![0]!, metric: 'far', address: 500, status: undefined }],
    }
    const { clock, rig, site } = gauges(1, { model: two })
    const read = rig.bus.readRegisters.bind(rig.bus)
    rig.bus.readRegisters = (unit, table, address, quantity) => {
      if (address === 500) rig.bus.faults.set(1, 'exception-2')
      return read(unit, table, address, quantity).finally(() => rig.bus.faults.clear())
    }
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(0.5))
    await acquisition.stop()
    expect(rig.recorder.readingRecords[0]!.readings.map((r) => [r.channel, r.value, r.reason])).toEqual([
      ['g1/stage', 1, undefined],
      ['g1/far', null, 'exception-2'],
    ])
    expect(rig.life.events).toEqual(['g1 online'])
  })

  test('what a restart of the edge missed is a counted gap, from the last durable poll', async () => {
    const { clock, rig, site } = gauges(1)
    await clock.advance(0n)
    const first = acquire(clock, site, rig)
    await clock.advance(s(5.5))
    await first.stop()
    await clock.advance(s(30))
    const second = acquire(clock, site, { ...rig, bus: Object.assign(rig.bus, { closed: false }) })
    await clock.advance(s(2))
    await second.stop()
    expect(rig.recorder.gaps).toEqual([
      {
        channels: ['g1/stage', 'g1/rate_of_rise'],
        from_ns: START + s(5),
        to_ns: START + s(35.5),
        expected: 30,
        missing: 30,
        reason: 'edge-down',
      },
    ])
  })

  test('restarted before a device that is now silent: what the edge missed and what the device missed are two gaps', async () => {
    const { clock, rig, site } = gauges(1)
    const first = acquire(clock, site, rig)
    await clock.advance(s(5.5))
    await first.stop()
    await clock.advance(s(30))
    rig.bus.closed = false
    rig.bus.faults.set(1, 'exception-4')
    const second = acquire(clock, site, rig)
    await clock.advance(s(1.5))
    rig.bus.faults.clear()
    await clock.advance(s(3))
    await second.stop()
    expect(rig.recorder.gaps.map((g) => [secondsOf(g.from_ns), secondsOf(g.to_ns), g.missing, g.reason])).toEqual([
      [5, 35.5, 30, 'edge-down'],
      [35.5, 37.5, 1, 'exception-4'],
    ])
  })

  test('stop() leaves no timer, ends a request that hangs, and tells no failure of its own', async () => {
    const { clock, rig, site } = gauges(2)
    rig.bus.timeout_ms = 60_000
    rig.bus.faults.set(1, 'timeout')
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(1))
    const records = rig.recorder.readingRecords.length
    await acquisition.stop()
    await clock.advance(s(3600))
    expect(rig.bus.closed).toBe(true)
    expect(rig.recorder.readingRecords).toHaveLength(records)
    expect(rig.life.events.some((e) => e.includes('offline'))).toBe(false)
  })
})

describe('rate of rise on the line', () => {
  test('is in device time: played x180 a window lasts 5 s', async () => {
    const { clock, rig, site } = gauges(1, { time_scale: 180, poll_ms: 500 })
    // 1 mm/s of device time
    rig.bus.devices.set(1, new FakeGauge((at) => (Number(at - START) / 1e9) * 180 * 0.001))
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(12))
    await acquisition.stop()
    const readings = rig.recorder.of('g1/rate_of_rise')
    expect(readings[0]).toMatchObject({ value: null, flag: 2 })
    expect(secondsOf(readings[1]!.t_ns)).toBe(5)
    for (const { value, flag } of readings.slice(1)) expect([value, flag]).toEqual([expect.closeTo(0.001, 8), 1])
  })

  test('a restart goes on with the history of before', async () => {
    const { clock, rig, site } = gauges(1, { poll_ms: 60_000 })
    rig.bus.devices.set(1, new FakeGauge((at) => (Number(at - START) / 1e9) * 0.0001))
    const first = acquire(clock, site, rig)
    await clock.advance(s(1800))
    await first.stop()
    rig.bus.closed = false
    const second = acquire(clock, site, rig)
    await clock.advance(s(300))
    await second.stop()
    const rates = rig.recorder.of('g1/rate_of_rise').map((r) => r.value)
    expect(rates[0]).toBeNull()
    expect(rates.slice(1).length).toBeGreaterThan(18)
    for (const rate of rates.slice(1)) expect(rate).toBeCloseTo(0.0001, 8)
  })
})
