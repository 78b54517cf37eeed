import { describe, expect, test } from 'vitest'
import { ns } from '../test/fake-world.ts'
import { device, NOW_MS, reading } from '../test/fixtures.ts'
import { channelHealth, isUsable, lastHeard_ms, MEASURE_LATENESS_MS, sensorHealth } from './health.ts'

const POINT = { kind: 'point' } as const
const old = (age_ms: number) => ({ t_ns: ns(NOW_MS - age_ms) })
const stage = (more = {}) => reading('dead-run/stage', 0.5, more)
const judge = (r: ReturnType<typeof stage> | undefined, d = device('dead-run')) => channelHealth(d, POINT, r, NOW_MS)

describe('a channel', () => {
  test('is fresh up to its stale time and stale beyond', () => {
    expect(judge(stage(old(3000))).kind).toBe('fresh')
    expect(judge(stage(old(3001))).kind).toBe('stale')
  })
  test('of a measure is given the second it belongs to', () => {
    const pga = reading('tower-a-roof/pga', 0.01, old(3000 + MEASURE_LATENESS_MS))
    expect(channelHealth(device('tower-a-roof'), { kind: 'measure' }, pga, NOW_MS).kind).toBe('fresh')
  })
  test('is unknown when nobody knows its device, or nothing came yet', () => {
    expect(channelHealth(undefined, POINT, stage(), NOW_MS).kind).toBe('unknown')
    expect(judge(undefined)).toMatchObject({ kind: 'unknown', reason: 'nothing-yet' })
  })
  test('is what its device is, however fresh its last value', () => {
    const gone = device('dead-run', { state: 'offline', reason: 'closed' })
    expect(judge(stage(), gone)).toMatchObject({ kind: 'offline', reason: 'closed' })
    expect(judge(stage(), device('dead-run', { state: 'unknown' })).kind).toBe('unknown')
  })
  test('without a value, failed or missing is bad with its reason, also when old', () => {
    expect(judge(reading('dead-run/stage', null))).toMatchObject({ kind: 'bad', reason: 'timeout' })
    expect(judge(stage({ flag: 4, reason: 'out-of-range' }))).toMatchObject({ kind: 'bad', reason: 'out-of-range' })
    expect(judge(reading('dead-run/stage', null, old(60_000))).kind).toBe('bad')
  })
  test('stamped in the future is not fresh: its age says nothing', () =>
    expect(judge(stage(old(-3600_000))).kind).toBe('ahead'))
  test('counts while fresh or suspect, and in no other health', () => {
    expect(isUsable(judge(stage({ flag: 3 })))).toBe(true)
    expect(isUsable(judge(stage({ flag: 2 })))).toBe(true)
    for (const r of [undefined, stage(old(9000)), stage({ flag: 4 }), stage(old(-9000))])
      expect(isUsable(judge(r))).toBe(false)
  })
})

describe('a sensor', () => {
  const of = (...readings: ReturnType<typeof stage>[]) =>
    sensorHealth(device('dead-run'), new Map(readings.map((r) => [r.channel, r])), NOW_MS)
  test('is as its worst channel, and names it', () =>
    expect(of(stage(), reading('dead-run/rate_of_rise', null))).toMatchObject({
      kind: 'bad',
      channel: 'dead-run/rate_of_rise',
    }))
  test('one channel that goes on does not hide another that stopped', () =>
    expect(of(stage(old(20_000)), reading('dead-run/rate_of_rise', 0))).toMatchObject({
      kind: 'stale',
      age_ms: 20_000,
    }))
  test('a measure that has never come is not held against it', () => expect(of(stage()).kind).toBe('fresh'))
  test('without any reading is unknown', () => expect(of().kind).toBe('unknown'))
  test('was last heard at its newest instant', () => {
    const readings = new Map([['dead-run/stage', stage(old(200))]])
    expect(lastHeard_ms(device('dead-run', { last_ns: ns(NOW_MS - 900) }), readings)).toBe(NOW_MS - 200)
    expect(lastHeard_ms(device('dead-run', { last_ns: null }), new Map())).toBeNull()
  })
})
