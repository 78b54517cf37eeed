/** Behaviour by time, not by count: uneven series, long streams, states that survive, gaps. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AttenuatedSignalTest, attenuatedSignal } from './attenuated-signal.ts'
import { FlatLineTest, flatLine } from './flat-line.ts'
import { findGaps, medianStep_s, silenceFlag } from './gap.ts'

const every = (step_s: number, count: number) => Array.from({ length: count }, (_, i) => i * step_s)

describe('flat line in time', () => {
  const flat = { suspect_s: 3600, tolerance: 0.01 }
  test('four equal values are flat in an hour and not in three seconds', () => {
    expect(flatLine([0, 1, 2, 3], [5, 5, 5, 5], flat)).toEqual([1, 1, 1, 1])
    expect(flatLine([0, 1200, 2400, 3600], [5, 5, 5, 5], flat)).toEqual([1, 1, 1, 3])
  })
  test('an uneven series is flat once the hour is full, whatever the steps', () => {
    expect(flatLine([0, 10, 3000, 3599, 3600, 9000], [5, 5, 5, 5, 5, 5], flat)).toEqual([1, 1, 1, 1, 3, 1])
  })
  test('a single value after a silence is not flat: nothing in the last hour agrees with it', () => {
    expect(flatLine([0, 36_000], [5, 5], flat)).toEqual([1, 1])
  })
  test('polls a little early or late stay flat with the period given', () => {
    const t = every(900, 12).map((s, i) => s + (i % 2 ? 3 : -3))
    const flags = flatLine(t, new Array<number>(12).fill(1), { suspect_s: 3600, tolerance: 0.01, period_s: 900 })
    expect(flags).toEqual([1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3])
  })
  test('tolerance 0 never flags; a range equal to the tolerance is not flat', () => {
    expect(flatLine([0, 3600], [5, 5], { suspect_s: 3600, tolerance: 0 })).toEqual([1, 1])
    expect(flatLine([0, 3600], [5, 5.5], { suspect_s: 3600, tolerance: 0.5 })).toEqual([1, 1])
  })
  test('against the plain definition, on random walks with missing values', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -1, max: 1 }), fc.nat(9)), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        (walk, window_s, tolerance) => {
          let [now, level] = [0, 0]
          const t = walk.map(([dt]) => (now += dt))
          const x = walk.map(([, dx, lost]) => {
            level += dx
            return lost === 0 ? Number.NaN : level
          })
          const plain = x.map((value, i) => {
            if (Number.isNaN(value)) return 9
            const inside = x.filter((v, k) => k <= i && t[k]! >= t[i]! - window_s && !Number.isNaN(v))
            const range = Math.max(...inside) - Math.min(...inside)
            return inside.length >= 2 && t[0]! <= t[i]! - window_s && range < tolerance ? 3 : 1
          })
          expect(flatLine(t, x, { suspect_s: window_s, tolerance })).toEqual(plain)
        },
      ),
      { numRuns: 300 },
    )
  })
  test('a slow drift: flat where it takes longer than the window to leave the tolerance, not flat where it does not', () => {
    // 1 µm/s leaves 20 mm in 20,000 s.
    const run = (suspect_s: number) => {
      const machine = new FlatLineTest({ suspect_s, tolerance: 0.02 })
      return Array.from({ length: 86_400 }, (_, i) => machine.push(i, i * 1e-6)).indexOf(3)
    }
    expect(run(20_001)).toBe(-1)
    expect(run(19_000)).toBe(19_000)
    const machine = new FlatLineTest({ suspect_s: 19_000, tolerance: 0.02 })
    let flat = 0
    for (let i = 0; i < 86_400; i++) if (machine.push(i, i * 1e-6) === 3) flat++
    expect(flat).toBe(86_400 - 19_000)
  })
  test('a day of 1 s values that creep one way needs a bounded state and is still found flat', () => {
    const machine = new FlatLineTest({ suspect_s: 43_200, tolerance: 1 })
    let flags = ''
    for (let i = 0; i < 86_400; i++) flags += machine.push(i, i * 1e-6)
    expect(flags.indexOf('3')).toBe(43_200)
    expect(flags.lastIndexOf('1')).toBe(43_199)
    expect(JSON.stringify(machine.state()).length).toBeLessThan(60_000)
  })
})

describe('attenuated signal in time', () => {
  test('one quiet hour in a lively day is found, and forgotten once it is out of the window', () => {
    const t = every(60, 24 * 60)
    const x = t.map((s) => (s >= 10 * 3600 && s < 12 * 3600 ? 5 : 5 + Math.sin(s / 300)))
    const flags = attenuatedSignal(t, x, { check: 'range', suspect: 0.5, period_s: 3600, span_min_s: 3000 })
    const when = (hour: number) => flags[Math.round(hour * 60)]
    expect([when(0.5), when(9), when(10.5), when(11.2), when(11.9), when(12.5), when(20)]).toEqual([
      2, 1, 1, 3, 3, 1, 1,
    ])
  })
  test('a small motion on a large stage is not lost to rounding', () => {
    const t = every(1, 600)
    const x = t.map((s) => 1e6 + 1e-3 * (s % 2))
    const test = { suspect: 4e-4, fail: 1e-4, period_s: 300, count_min: 100 }
    expect(attenuatedSignal(t, x, test).at(-1)).toBe(1)
    expect(attenuatedSignal(t, x, { ...test, suspect: 6e-4 }).at(-1)).toBe(3)
  })
  test('a day of 1 s values needs 64 parts', () => {
    const machine = new AttenuatedSignalTest({ suspect: 0.1, period_s: 86_400 })
    for (let i = 0; i < 100_000; i++) machine.push(i, Math.sin(i))
    expect(machine.state().parts.length).toBeLessThanOrEqual(64)
  })
})

describe('gaps', () => {
  const period = { period_s: 900 }
  test('counts what should have lain between, NaN like a value never sent', () => {
    expect(findGaps([0, 900, 1800, 5400, 6300], [1, 1, Number.NaN, 1, 1], period)).toEqual([
      { from_s: 900, to_s: 5400, missing: 4 },
    ])
    expect(findGaps([0, 1300, 2700], [1, 1, 1], period)).toEqual([{ from_s: 1300, to_s: 2700, missing: 1 }])
    expect(findGaps([], [], period)).toEqual([])
    expect(() => findGaps([0], [1], { period_s: 0 })).toThrow(/period_s/)
  })
  test('silence is missing once a value is overdue; never heard is missing', () => {
    expect(silenceFlag(0, 900, period)).toBe(1)
    expect(silenceFlag(0, 1350, period)).toBe(1)
    expect(silenceFlag(0, 1351, period)).toBe(9)
    expect(silenceFlag(null, 0, period)).toBe(9)
  })
  test('the period of most steps', () => {
    expect(medianStep_s([0, 900, 1800, 9000])).toBe(900)
    expect(medianStep_s([0])).toBeNull()
  })
})
