import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Limit } from '../../domain/condition.ts'
import type { Model } from '../../domain/model.ts'
import type { Flag } from '../../domain/reading.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { silentLog } from '../../runtime/log.ts'
import { LimitWatch } from '../limit-watch.ts'
import { limitOn, MemoryRecorder, MemoryState, siteOf } from '../testing.ts'

const T0 = 1_700_000_000
const at = (s: number): Instant => instant(BigInt(Math.round((T0 + s) * 1000)) * 1_000_000n)
const gauge: Model = {
  id: 'plain-gauge',
  name: 'Gauge',
  source: 'test',
  points: [{ metric: 'stage', table: 'input', address: 0, type: 'float32', unit: 'm', range: { low: 0, high: 20 } }],
  poll_ms: 1000,
}

/** Two gauges `a` and `b`, polled every `poll_s`, and the limits; `again` is a restart with what was kept. */
function watch(limits: readonly Limit[], more: { poll_s?: number; time_scale?: number } = {}) {
  const recorder = new MemoryRecorder()
  const state = new MemoryState()
  const device = { model: gauge, poll_ms: (more.poll_s ?? 1) * 1000, time_scale: more.time_scale }
  const { site, node } = siteOf(
    [
      { id: 'a', ...device },
      { id: 'b', ...device },
    ],
    limits,
  )
  const make = () => new LimitWatch(site, node, { recorder, state, log: silentLog })
  let limitWatch = make()
  let sets = 0
  const set = state.set.bind(state)
  state.set = (key, value) => {
    sets++
    set(key, value)
  }
  return {
    recorder,
    /** How often something was set since it was last asked: each is a durable write. */
    get sets(): number {
      const since = sets
      sets = 0
      return since
    },
    give: (s: number, value: number | null, flag: Flag = value === null ? 9 : 1, channel = 'a/stage') =>
      limitWatch.evaluate(channel, value, flag, at(s)),
    tick: (s: number) => limitWatch.tick(at(s)),
    again: (clean = true) => {
      recorder.cleanStart = clean
      limitWatch = make()
    },
    stateOf: (id: string) => limitWatch.stateOf(id),
    get told(): string[] {
      return recorder.conditions.map(
        (c) => `${c.limit_id} ${c.state ? 'raised' : 'returned'} #${c.occurrence} at ${Number(c.at_ns - at(0)) / 1e9}`,
      )
    },
  }
}
const of = (
  kind: Limit['kind'],
  limit: number,
  parameters: Limit['parameters'] = {},
  more: Partial<Limit> = {},
): Limit => limitOn('it', 'a/stage', limit, { kind, parameters, ...more })

describe('what survives a restart', () => {
  test('is written where it changed, not every second: flash wears', () => {
    const fault = limitOn('fault', 'a/stage', 30, { kind: 'failed_s', parameters: {} })
    const line = watch([fault, of('stale_s', 600)], { poll_s: 60 })
    line.give(0, 1)
    line.tick(0)
    expect(line.sets).toBeGreaterThan(0)
    for (let s = 1; s < 60; s++) line.tick(s)
    // The age of the newest value, in steps of 5 s while it only waits for the next poll.
    expect(line.sets).toBe(11)
    for (let s = 60; s < 120; s++) line.tick(s)
    // A poll is missing: the age matters, and is kept to the second.
    expect(line.sets).toBe(60)
  })
})

describe('outside a span', () => {
  test('raises on either side, clears a deadband inside, and says which bound was crossed', () => {
    const line = watch([of('outside', 3, { low: 1 }, { deadband: 0.2 })])
    const values = [2, 3, 2.9, 2.79, 1, 1.1, 1.21]
    for (const [s, value] of values.entries()) line.give(s, value)
    expect(line.told).toEqual(['it raised #1 at 1', 'it returned #1 at 3', 'it raised #2 at 4', 'it returned #2 at 6'])
    expect(line.recorder.conditions.map((c) => [c.limit, c.peak])).toEqual([
      [3, 3],
      [3, 3],
      [1, 1],
      [1, 1],
    ])
  })
})

describe('rising faster than', () => {
  const rising = of('rising_faster_than', 0.001, { window_s: 60 }, { unit: 'm/s', deadband: 0.0005 })

  test('is the rise over the window by the time that lies between; nothing before a window has passed', () => {
    const line = watch([rising])
    for (let s = 0; s <= 300; s++) line.give(s, s < 120 ? 1 : Math.min(1 + (s - 120) * 0.002, 1.2))
    // 0.06 m in 60 s is reached 30 s after the rise of 0.002 m/s began; below 0.0005 m/s 15 s before the window left it.
    expect(line.told).toEqual(['it raised #1 at 150', 'it returned #1 at 266'])
    expect(line.recorder.conditions[0]).toMatchObject({ unit: 'm/s', limit: 0.001 })
    expect(line.recorder.conditions[0]!.value).toBeCloseTo(0.001, 6)
  })

  test('a restart goes on with the history of before', () => {
    const line = watch([rising])
    for (let s = 0; s < 100; s++) line.give(s, 1 + s * 0.0005)
    line.tick(100)
    line.again()
    for (let s = 101; s < 130; s++) line.give(s, 1.05 + (s - 100) * 0.01)
    expect(line.told.length).toBe(1)
  })

  test('a suspect value is rated, unconfirmed, and not blamed on those after it', () => {
    const line = watch([rising])
    for (let s = 0; s < 200; s++) line.give(s, s === 100 ? 2 : 1, s === 100 ? 3 : 1)
    expect(line.told).toEqual(['it raised #1 at 100', 'it returned #1 at 101'])
    expect(line.recorder.conditions[0]).toMatchObject({ unconfirmed: true, flag: 3 })
  })
})

describe('reaching a level', () => {
  const soon = of('reaching', 100, { target: 3, window_s: 60 }, { direction: 'below', unit: 's', deadband: 20 })

  test('time to level from the rate; at the level it is 0, falling never raises it', () => {
    const line = watch([soon])
    // 0.01 m/s from 1 m: 100 s before 3 m is at 2 m, s = 100.
    for (let s = 0; s <= 300; s++) line.give(s, s <= 220 ? 1 + s * 0.01 : 3.2 - (s - 220) * 0.01)
    expect(line.told[0]).toBe('it raised #1 at 100')
    const [raised, returned] = line.recorder.conditions
    expect(raised!.value).toBeCloseTo(100, 6)
    // At s = 249 the stage is 2.91 m and has risen by 0.02 m in the last 60 s: 0.09 m more take 270 s.
    expect(returned).toMatchObject({ state: false, peak: 0, at_ns: at(249) })
    expect(returned!.value).toBeCloseTo(270, 6)
    expect(line.recorder.conditions).toHaveLength(2)
  })

  test('a value that falls has no time to level: the record has no number for it', () => {
    const line = watch([soon])
    for (let s = 0; s <= 110; s++) line.give(s, 1 + s * 0.01)
    line.give(111, 1)
    expect(line.recorder.conditions[1]).toMatchObject({ state: false, value: null, at_ns: at(111) })
  })

  test('without a window of history nothing is said', () => {
    const line = watch([soon])
    for (let s = 0; s < 55; s++) line.give(s, 2 + s * 0.015)
    expect(line.told).toEqual([])
  })
})

describe('stale', () => {
  const stale = of('stale_s', 10, {}, { unit: 's' })

  test('is raised by time alone, and returns with the first good value', () => {
    const line = watch([stale])
    line.give(0, 1)
    for (let s = 1; s <= 20; s++) line.tick(s)
    line.give(20.5, null)
    line.give(21, 1, 4)
    line.give(22, 1)
    expect(line.told).toEqual(['it raised #1 at 10', 'it returned #1 at 22'])
  })

  test('a device that never answered is stale too', () => {
    const line = watch([stale])
    for (let s = 0; s <= 12; s++) line.tick(s)
    expect(line.told).toEqual(['it raised #1 at 10'])
  })

  test("the node's own time off is not the sensor's, what it was silent before is", () => {
    const line = watch([stale])
    line.give(0, 1)
    for (let s = 1; s <= 6; s++) line.tick(s)
    line.again()
    for (let s = 1000; s <= 1010; s++) line.tick(s)
    expect(line.told).toEqual(['it raised #1 at 1004'])
  })

  test('a clock that is set, forward or back, makes no sensor stale and hides none that is', () => {
    for (const step of [3600, -3600]) {
      const line = watch([stale])
      line.give(0, 1)
      for (let s = 1; s <= 6; s++) line.tick(s)
      for (let s = 7; s <= 10; s++) line.tick(s + step)
      expect(line.told).toEqual([])
      for (let s = 11; s <= 13; s++) line.tick(s + step)
      expect(line.told).toEqual([`it raised #1 at ${11 + step}`])
    }
  })

  test('played x60, 10 min of device time are 10 s of the node', () => {
    const line = watch([of('stale_s', 600, {}, { unit: 's' })], { time_scale: 60 })
    line.give(0, 1)
    for (let s = 1; s <= 12; s++) line.tick(s)
    expect(line.told).toEqual(['it raised #1 at 10'])
    expect(line.recorder.conditions[0]!.exercise).toBe(true)
  })
})

describe('failed: a sensor fault', () => {
  const failed = of('failed_s', 10, {}, { unit: 's' })

  test('is raised by failed values in a row, with their flag; silence neither raises nor ends it', () => {
    const line = watch([failed])
    for (let s = 0; s < 5; s++) line.give(s, 1, 4)
    line.give(5, 1)
    for (let s = 6; s <= 12; s++) line.give(s, 1, 4)
    line.give(13, null)
    for (let s = 14; s <= 18; s++) line.give(s, 1, 4)
    line.give(19, 1)
    expect(line.told).toEqual(['it raised #1 at 16', 'it returned #1 at 19'])
    expect(line.recorder.conditions[0]).toMatchObject({ flag: 4, unconfirmed: false })
  })

  test('while a channel fails, its own limit is not raised: the fault is', () => {
    const line = watch([failed, limitOn('high', 'a/stage', 2)])
    for (let s = 0; s <= 12; s++) line.give(s, 9, 4)
    expect(line.told).toEqual(['it raised #1 at 10'])
  })
})

describe('differs from another channel', () => {
  const differs = of('differs_from', 0.5, { channel: 'b/stage' }, { deadband: 0.1 })

  test('both must be heard, and close in time: two polls by default', () => {
    const line = watch([differs])
    line.give(0, 1)
    line.give(5, 2, 1, 'b/stage')
    expect(line.told).toEqual([])
    line.give(6, 1)
    expect(line.told).toEqual(['it raised #1 at 6'])
    line.give(7, 1.55, 1, 'b/stage')
    line.give(8, 1.2)
    expect(line.told).toEqual(['it raised #1 at 6', 'it returned #1 at 8'])
  })

  test('a channel that is bad is compared with nothing', () => {
    const line = watch([differs])
    line.give(0, 1)
    line.give(0.5, null, 9, 'a/stage')
    line.give(1, 3, 1, 'b/stage')
    expect(line.told).toEqual([])
  })
})

describe('k of n', () => {
  const member = (id: string, channel: string) => limitOn(id, channel, 2)
  const members = [member('m1', 'a/stage'), member('m2', 'b/stage')]
  const vote = (k: number, within_s = 0) => of('k_of_n', k, { limits: ['m1', 'm2'], within_s }, { unit: '1' })

  test('2 of 2 at once', () => {
    const line = watch([...members, vote(2)])
    line.give(0, 3)
    line.give(1, 3, 1, 'b/stage')
    line.give(2, 1)
    expect(line.told.filter((t) => t.startsWith('it'))).toEqual(['it raised #1 at 1', 'it returned #1 at 2'])
  })

  test('within a window one that has returned still counts, and lapses by time alone', () => {
    const line = watch([...members, vote(2, 10)])
    line.give(0, 3)
    line.give(1, 1)
    line.give(5, 3, 1, 'b/stage')
    for (let s = 6; s <= 12; s++) line.tick(s)
    expect(line.told.filter((t) => t.startsWith('it'))).toEqual(['it raised #1 at 5', 'it returned #1 at 11'])
  })

  test('one doubtful member makes it unconfirmed; a restart remembers the members', () => {
    const line = watch([...members, vote(2)])
    line.give(0, 3, 3)
    line.again()
    line.give(1, 3, 1, 'b/stage')
    expect(line.recorder.conditions.at(-1)).toMatchObject({ limit_id: 'it', state: true, unconfirmed: true })
  })

  test('is what counting gives, whatever comes in whatever order', () => {
    const sample = fc.record({ channel: fc.constantFrom('a/stage', 'b/stage'), high: fc.boolean(), tick: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 40 }),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 0, max: 5 }),
        (samples, k, within_s) => {
          const line = watch([...members, vote(k, within_s)])
          const until = new Map<string, number>()
          const raised = new Map<string, boolean>()
          samples.forEach(({ channel, high }, s) => {
            if (raised.get(channel) === true && !high) until.set(channel, s + within_s)
            raised.set(channel, high)
            line.give(s, high ? 3 : 1, 1, channel)
            line.tick(s)
            const count = [...raised].filter(([c, up]) => up || s < (until.get(c) ?? -1)).length
            expect(line.stateOf('it')!.raised).toBe(count >= k)
          })
          const own = line.recorder.conditions.filter((c) => c.limit_id === 'it')
          own.forEach((c, i) => {
            expect([c.state, c.occurrence]).toEqual([i % 2 === 0, Math.floor(i / 2) + 1])
          })
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('delays without data', () => {
  const slow = limitOn('it', 'a/stage', 2, { on_delay_s: 30, off_delay_s: 30 })

  test('between two slow polls the clock ends a delay: the newest value stands', () => {
    const line = watch([slow], { poll_s: 600 })
    line.give(0, 3)
    for (let s = 1; s <= 40; s++) line.tick(s)
    expect(line.told).toEqual(['it raised #1 at 30'])
  })

  test('a poll that is about to come decides itself', () => {
    const line = watch([{ ...slow, on_delay_s: 5 }])
    for (let s = 0; s < 5; s++) line.give(s, 3)
    line.tick(5.01)
    line.give(5.02, 1)
    line.tick(6)
    expect(line.told).toEqual([])
  })

  test('a channel that falls silent neither raises nor clears: the time it was silent does not count', () => {
    const line = watch([slow])
    line.give(0, 3)
    for (let s = 1; s <= 60; s++) line.tick(s)
    expect(line.told).toEqual([])
    line.give(60, 3)
    line.give(61, 3)
    expect(line.told).toEqual([])
    for (let s = 62; s <= 90; s++) line.give(s, 3)
    expect(line.told).toEqual(['it raised #1 at 90'])
    expect(line.recorder.conditions[0]!.onset_ns).toBe(at(60))
    line.give(91, 1)
    for (let s = 92; s <= 200; s++) line.tick(s)
    expect(line.stateOf('it')!.raised).toBe(true)
  })
})

test('occurrences count by one and states alternate, for every kind, whatever is heard, missed or restarted', () => {
  const limits = [
    limitOn('it', 'a/stage', 2, { deadband: 0.5, on_delay_s: 2 }),
    limitOn('span', 'a/stage', 2, { kind: 'outside', parameters: { low: 0.5 }, off_delay_s: 3 }),
    limitOn('old', 'a/stage', 4, { kind: 'stale_s', unit: 's' }),
    limitOn('bad', 'a/stage', 2, { kind: 'failed_s', unit: 's' }),
    limitOn('apart', 'a/stage', 1, { kind: 'differs_from', parameters: { channel: 'b/stage' } }),
    limitOn('rise', 'a/stage', 0.1, { kind: 'rising_faster_than', parameters: { window_s: 5 } }),
    limitOn('two', 'a/stage', 2, { kind: 'k_of_n', parameters: { limits: ['it', 'span', 'old'], within_s: 2 } }),
  ]
  const step = fc.record({
    value: fc.option(fc.double({ min: 0, max: 4, noNaN: true })),
    flag: fc.constantFrom<Flag>(1, 1, 1, 3, 4),
    channel: fc.constantFrom('a/stage', 'b/stage', 'none'),
    restart: fc.integer({ min: 0, max: 20 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = watch(limits)
      steps.forEach(({ value, flag, channel, restart }, s) => {
        if (channel !== 'none') line.give(s, value, value === null ? 9 : flag, channel)
        line.tick(s + 0.5)
        if (restart === 0) line.again()
      })
      for (const { id } of limits) {
        const own = line.recorder.conditions.filter((c) => c.limit_id === id)
        own.forEach((c, i) => {
          expect([c.state, c.occurrence]).toEqual([i % 2 === 0, Math.floor(i / 2) + 1])
          if (!c.state) expect(c.returned_ns! >= c.onset_ns!).toBe(true)
        })
      }
    }),
    { numRuns: 100 },
  )
})
