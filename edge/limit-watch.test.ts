import { describe, expect, test } from 'vitest'
import type { ConditionRecord } from '../domain/condition.ts'
import { fromIso, type Instant, instant, NS_PER_S, toIso } from '../domain/time.ts'
import { differenceToSi, toSi } from '../domain/units.ts'
import { loadModels } from '../models/load.ts'
import { loadRecording } from '../recordings/load.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { acquire, FakeGauge, FakeRing, limitOn, newRig, siteOf } from './testing.ts'

const models = await loadModels(['sim-stage-gauge', 'sim-accelerometer-3axis'])
const gaugeModel = models.get('sim-stage-gauge')!
const accelerometer = models.get('sim-accelerometer-3axis')!
const START = fromIso('2018-06-01T04:00:00Z')!
const s = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))
const secondsOf = (t: Instant): number => Number(t - START) / 1e9

describe('limits on the line', () => {
  const red = limitOn('red', 'g1/stage', 2, { deadband: 0.2 })
  const told = (records: readonly ConditionRecord[]) =>
    records.map((r) => `${r.state ? 'raised' : 'returned'} #${r.occurrence} at ${secondsOf(r.at_ns)}`)

  function watched(cleanStart = true) {
    const clock = new SimulatedClock(START)
    const rig = newRig(clock)
    const site = siteOf([{ id: 'g1', model: gaugeModel, time_scale: 1 }], [red])
    const stage = { m: 1 }
    rig.bus.devices.set(1, new FakeGauge(() => stage.m))
    rig.recorder.cleanStart = cleanStart
    return { clock, rig, site, stage }
  }

  test('a crossing is told with the poll that saw it, marked as exercise on a simulated device', async () => {
    const { clock, rig, site, stage } = watched()
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(3.5))
    stage.m = 2.5
    await clock.advance(s(2))
    stage.m = 1
    await clock.advance(s(1))
    await acquisition.stop()
    expect(told(rig.recorder.conditions)).toEqual(['raised #1 at 4', 'returned #1 at 6'])
    expect(rig.recorder.conditions[1]).toMatchObject({ exercise: true, peak: 2.5, onset_ns: START + s(4) })
  })

  test('a device that fails neither raises nor clears', async () => {
    const { clock, rig, site, stage } = watched()
    stage.m = 2.5
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(1.5))
    rig.bus.faults.set(1, 'exception-4')
    await clock.advance(s(20))
    stage.m = Number.NaN
    rig.bus.faults.clear()
    await clock.advance(s(20))
    expect(told(rig.recorder.conditions)).toEqual(['raised #1 at 0'])
    await acquisition.stop()
  })

  test('a restart keeps what is raised, with its peak; an unclean one passes over a number', async () => {
    const { clock, rig, site, stage } = watched()
    stage.m = 2.5
    const first = acquire(clock, site, rig)
    await clock.advance(s(1.5))
    stage.m = 3.25
    await clock.advance(s(1))
    stage.m = 2.25
    await first.stop()
    rig.bus.closed = false
    rig.recorder.cleanStart = false
    const second = acquire(clock, site, rig)
    await clock.advance(s(1))
    stage.m = 1
    await clock.advance(s(1))
    stage.m = 2
    await clock.advance(s(1))
    await second.stop()
    expect(rig.recorder.conditions.map((r) => [r.state, r.occurrence, r.peak])).toEqual([
      [true, 1, 2.5],
      [false, 1, 3.25],
      [true, 3, 2],
    ])
  })
})

describe('judging on the line', () => {
  const told = (records: readonly ConditionRecord[]) =>
    records.map((r) => `${r.limit_id} ${r.state ? 'raised' : 'returned'} at ${Math.round(secondsOf(r.at_ns))}`)

  test('a value that quality control fails raises the sensor fault and not the limit; both are recorded with flags', async () => {
    const clock = new SimulatedClock(START)
    const rig = newRig(clock)
    const [point] = gaugeModel.points!
    const model = {
      ...gaugeModel,
      points: [{ ...point!, quality: { possible: { low: 0, high: 5 }, spike: { suspect: 1 } } }],
    }
    const fault = limitOn('fault', 'g1/stage', 10, { kind: 'failed_s', unit: 's' })
    const site = siteOf([{ id: 'g1', model }], [limitOn('high', 'g1/stage', 2), fault])
    const stage = { m: 1 }
    rig.bus.devices.set(1, new FakeGauge(() => stage.m))
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(4.5))
    stage.m = 9
    await clock.advance(s(20))
    stage.m = 3
    await clock.advance(s(5))
    await acquisition.stop()
    expect(told(rig.recorder.conditions)).toEqual(['fault raised at 15', 'high raised at 25', 'fault returned at 25'])
    expect(rig.recorder.conditions[0]).toMatchObject({ flag: 4 })
    // The last good value is 20 s old by then: 3 m is no jump from it.
    expect(rig.recorder.conditions[1]).toMatchObject({ unconfirmed: false, flag: 1 })
    const flags = rig.recorder.of('g1/stage').map((r) => (r.reason === undefined ? r.flag : `${r.flag} ${r.reason}`))
    expect([flags[4], flags[5], flags[24], flags[25]]).toEqual([1, '4 gross-range', '4 gross-range', 1])
  })

  test('a jump raises at once, unconfirmed: the alarm does not wait for the value that bears it out', async () => {
    const clock = new SimulatedClock(START)
    const rig = newRig(clock)
    const site = siteOf([{ id: 'g1', model: gaugeModel }], [limitOn('high', 'g1/stage', 2)])
    const stage = { m: 1 }
    rig.bus.devices.set(1, new FakeGauge(() => stage.m))
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(2.5))
    stage.m = 3
    await clock.advance(s(2))
    await acquisition.stop()
    expect(told(rig.recorder.conditions)).toEqual(['high raised at 3'])
    expect(rig.recorder.conditions[0]).toMatchObject({ unconfirmed: true, flag: 3 })
    expect(rig.recorder.of('g1/stage').map((r) => r.flag)).toEqual([1, 1, 1, 3, 1])
  })

  test('an accelerometer that falls silent is stale by its PGA, and is not once it answers again', async () => {
    const clock = new SimulatedClock(START)
    const rig = newRig(clock)
    const stale = limitOn('silent', 'a1/pga', 8, { kind: 'stale_s', unit: 's' })
    const site = siteOf([{ id: 'a1', model: accelerometer }], [stale])
    rig.bus.devices.set(1, new FakeRing(accelerometer.ring!, START, (counter) => counter % 7))
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(20))
    expect(rig.recorder.conditions).toEqual([])
    rig.bus.faults.set(1, 'timeout')
    await clock.advance(s(20))
    rig.bus.faults.clear()
    await clock.advance(s(40))
    await acquisition.stop()
    const [raised, returned] = rig.recorder.conditions
    expect(rig.recorder.conditions).toHaveLength(2)
    expect(secondsOf(raised!.at_ns)).toBeGreaterThanOrEqual(26)
    expect(secondsOf(raised!.at_ns)).toBeLessThanOrEqual(29)
    expect(returned!.state).toBe(false)
  })

  test('a span on the PGA is judged on every sample, not only on the value of each second', async () => {
    const clock = new SimulatedClock(START)
    const rig = newRig(clock)
    const span = limitOn('span', 'a1/pga', 1, { kind: 'outside', parameters: { low: -1 }, unit: 'm/s²' })
    const site = siteOf([{ id: 'a1', model: accelerometer }], [span])
    // One sample of 0.25 g at counter 1530.
    rig.bus.devices.set(
      1,
      new FakeRing(accelerometer.ring!, START, (counter, axis) => (counter === 1530 && axis === 0 ? 4096 : 0)),
    )
    const acquisition = acquire(clock, site, rig)
    await clock.advance(s(20))
    await acquisition.stop()
    expect(rig.recorder.conditions.map((c) => [c.state, secondsOf(c.at_ns).toFixed(2)])).toEqual([
      [true, '15.30'],
      [false, '15.31'],
    ])
  })
})

describe('Dead Run, the whole of June 2018, polled every 60 s', () => {
  test('gives the published episodes of 2.0 ft and 4.0 ft, each instant to within one poll', async () => {
    const record = await loadRecording('usgs-dead-run-2018')
    if (record.kind !== 'series') throw new Error('expected a series')
    const clock = new SimulatedClock(START)
    const rig = newRig(clock)
    let row = 0
    rig.bus.devices.set(
      1,
      new FakeGauge((at) => {
        while (row + 1 < record.t.length && record.t[row + 1]! <= at) row++
        return record.values[row]!
      }),
    )
    const deadband = differenceToSi(0.2, 'ft')!
    const limits = [2, 4].map((ft) => limitOn(`ft-${ft}`, 'dead-run/stage', toSi(ft, 'ft')!, { deadband }))
    const site = siteOf([{ id: 'dead-run', model: gaugeModel, poll_ms: 60_000 }], limits)
    const acquisition = acquire(clock, site, rig)
    await clock.advance(31n * 86_400n * NS_PER_S - 1n)
    await acquisition.stop()

    expect(rig.recorder.of('dead-run/stage')).toHaveLength(44_640)
    // The quality tests of the model take no part of a real flash flood for a fault, nor for doubtful.
    expect(rig.recorder.of('dead-run/stage').filter(({ flag }) => flag !== 1)).toEqual([])
    expect(rig.recorder.gaps).toEqual([])
    const episodes = (id: string) =>
      rig.recorder.conditions
        .filter((c) => c.limit_id === id)
        .map((c) => `${c.occurrence} ${c.state} ${toIso(c.at_ns).slice(5, 16)}`)
    expect(episodes('ft-2')).toEqual([
      '1 true 06-03T18:10',
      '1 false 06-04T02:30',
      '2 true 06-10T22:00',
      '2 false 06-10T23:00',
      '3 true 06-11T08:05',
      '3 false 06-11T12:20',
    ])
    expect(episodes('ft-4')).toEqual([
      '1 true 06-03T19:45',
      '1 false 06-03T20:05',
      '2 true 06-03T21:30',
      '2 false 06-03T23:05',
      '3 true 06-11T09:40',
      '3 false 06-11T11:05',
    ])
    const peaks = rig.recorder.conditions.filter((c) => c.limit_id === 'ft-2' && !c.state).map((c) => c.peak! / 0.3048)
    expect(Math.max(...peaks)).toBeCloseTo(6.17, 5)
    const rise = rig.recorder.of('dead-run/rate_of_rise').filter((r) => r.value !== null)
    const most = rise.reduce((a, b) => (b.value! > a.value! ? b : a))
    expect((most.value! * 900) / 0.3048).toBeCloseTo(1.76, 4)
    expect(toIso(instant(most.t_ns)).slice(0, 16)).toBe('2018-06-03T21:30')
  })
})
