import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { instant, monotonic, NS_PER_MS } from '../domain/time.ts'
import { SimulatedClock, SystemClock, wallStep_ms } from './clock.ts'

describe('a step of the wall clock', () => {
  const readings = (wall_ms: number, after_ms: number) => wallStep_ms({ before_ms: 1000, wall_ms, after_ms })

  test.each([
    ['forward', 4600],
    ['back', -2600],
    ['of just more than two milliseconds', 1002.1],
    ['back by just more than two milliseconds', 997.9],
  ])('%s is told', (_, wall_ms) => {
    expect(readings(wall_ms, 1000)).toBe(wall_ms - 1000)
  })

  test('of two milliseconds is not: Date cuts off up to one, and the readings take their time', () => {
    expect(readings(1002, 1000)).toBe(0)
    expect(readings(998, 1000)).toBe(0)
  })

  test('is not told by readings that were held up, be it real or not; those of one millisecond tell', () => {
    expect(readings(1000, 1001.1)).toBe(0)
    expect(readings(1000, 1500)).toBe(0)
    expect(readings(9000, 1500)).toBe(0)
    expect(readings(9000, 1001)).toBe(9000 - 1001)
  })

  test('is never seen where there was none, wherever between the readings the process was held up', () => {
    const pause_ms = fc.double({ min: 0, max: 50, noNaN: true })
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        pause_ms,
        pause_ms,
        (before_ms, first_ms, second_ms) => {
          const at_ms = before_ms + first_ms
          expect(wallStep_ms({ before_ms, wall_ms: Math.floor(at_ms), after_ms: at_ms + second_ms })).toBe(0)
        },
      ),
    )
  })
})

describe('the time of the machine', () => {
  test('follows a step by the next reading, one that was held up by the one after', () => {
    const clock = new SystemClock()
    const wall_ms = Date.now
    const running_ms = performance.now.bind(performance)
    const begun = clock.now()
    const date = vi.spyOn(Date, 'now').mockImplementation(() => wall_ms() + 3_600_000)
    let pause_ms = 0
    let held_ms = 5
    const running = vi.spyOn(performance, 'now').mockImplementation(() => {
      pause_ms += held_ms
      return running_ms() + pause_ms
    })
    try {
      expect(Number(clock.now() - begun) / Number(NS_PER_MS)).toBeLessThan(60_000)
      held_ms = 0
      expect(Number(clock.now() - begun) / Number(NS_PER_MS)).toBeGreaterThan(3_590_000)
    } finally {
      date.mockRestore()
      running.mockRestore()
    }
  })
})

describe('the simulated clock', () => {
  test('stands while holds are out, also for two that wait for it, and turns no loop meanwhile', async () => {
    const clock = new SimulatedClock(instant(0n))
    const told: string[] = []
    clock.at(monotonic(1n), () => told.push('due'))
    const first = clock.hold()
    const second = clock.hold()
    const turns = vi.spyOn(globalThis, 'setImmediate')
    const both = Promise.all([clock.advance(2n), clock.advance(2n)])
    try {
      await new Promise((resolve) => setTimeout(resolve, 20))
      first()
      first()
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(told).toEqual([])
      expect(turns.mock.calls.length).toBeLessThan(5)
      second()
      await both
      expect(told).toEqual(['due'])
    } finally {
      turns.mockRestore()
    }
  })
})
