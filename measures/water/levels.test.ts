import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { timeToLevel } from './time-to-level.ts'
import { WRA_LEAD_S, wraAlertStage_m, wraAlertStages_m, wraLevel } from './wra.ts'

describe('time to level', () => {
  test('2 m below the level and rising 1 m/h: in 2 h; between 1.6 h and 4 h by the error of the slope', () => {
    const rise = { rate_m_s: 1 / 3600, low_m_s: 0.5 / 3600, high_m_s: 1.25 / 3600 }
    const time = timeToLevel(1, 3, rise)
    expect(time).toEqual({
      kind: 'rising',
      time_s: expect.closeTo(7200, 6),
      earliest_s: expect.closeTo(5760, 6),
      latest_s: expect.closeTo(14_400, 6),
    })
  })
  test('at or above the level it is reached, whatever the rate', () => {
    expect(timeToLevel(3, 3, { rate_m_s: -1 })).toEqual({ kind: 'reached' })
    expect(timeToLevel(3.01, 3, { rate_m_s: Number.NaN })).toEqual({ kind: 'reached' })
  })
  test('falling, still, or slower than a gauge resolves: none', () => {
    for (const rate_m_s of [-1e-4, 0, 1e-7])
      expect(timeToLevel(1, 3, { rate_m_s })).toEqual({ kind: 'none', why: 'not-rising', earliest_s: null })
  })
  test('beyond the horizon there is none, but the fast end of the interval is told', () => {
    const rise = { rate_m_s: 0.2 / 3600, low_m_s: 0, high_m_s: 1 / 3600 }
    expect(timeToLevel(1, 3, rise)).toEqual({
      kind: 'none',
      why: 'beyond-horizon',
      earliest_s: expect.closeTo(7200, 6),
    })
    expect(timeToLevel(1, 3, rise, { horizon_s: 12 * 3600 })).toMatchObject({ kind: 'rising', latest_s: null })
  })
  test('an unknown stage or rate is unknown, never "not rising"', () => {
    expect(timeToLevel(Number.NaN, 3, { rate_m_s: 1 })).toMatchObject({ kind: 'none', why: 'unknown' })
    expect(timeToLevel(1, 3, { rate_m_s: Number.NaN })).toMatchObject({ kind: 'none', why: 'unknown' })
    expect(() => timeToLevel(1, Number.NaN, { rate_m_s: 1 })).toThrow(/level_m/)
    expect(() => timeToLevel(1, 3, { rate_m_s: 1, low_m_s: 2, high_m_s: 1 })).toThrow(/low_m_s/)
  })
  test('earliest <= time <= latest, and after that time at that rate the water stands at the level', () => {
    const cm = fc.integer({ min: 1, max: 1000 }).map((v) => v / 100)
    fc.assert(
      fc.property(cm, cm, cm, cm, (below, a, b, c) => {
        const [low, rate, high] = [a, b, c].sort((x, y) => x - y).map((v) => v / 3600) as [number, number, number]
        const t = timeToLevel(0, below, { rate_m_s: rate, low_m_s: low, high_m_s: high }, { horizon_s: 1e9 })
        if (t.kind !== 'rising') throw new Error(t.kind)
        expect(t.earliest_s!).toBeLessThanOrEqual(t.time_s)
        expect(t.latest_s!).toBeGreaterThanOrEqual(t.time_s)
        expect(t.time_s * rate).toBeCloseTo(below, 9)
      }),
    )
  })
})

describe('WRA alert stages (domain.md 6: control elevation − rise rate × lead time)', () => {
  test('levee top 10 m, floodplain 6 m, rising 0.5 m/h: level 1 at 9.0 m (2 h), level 2 at 7.5 m (5 h), level 3 at 5.0 m (2 h)', () => {
    const stages = wraAlertStages_m({ flood_m: 10, floodplain_m: 6, rise_rate_m_s: 0.5 / 3600 })
    expect(stages[1]).toBeCloseTo(9, 12)
    expect(stages[2]).toBeCloseTo(7.5, 12)
    expect(stages[3]).toBeCloseTo(5, 12)
  })
  test('the worst level reached counts, also where published stages are out of order', () => {
    const alert = { 1: 27.5, 2: 26, 3: 25 }
    expect(wraLevel(24.99, alert)).toBeNull()
    expect(wraLevel(25, alert)).toBe(3)
    expect(wraLevel(26.2, alert)).toBe(2)
    expect(wraLevel(27.5, { 1: 27.5, 3: 28 })).toBe(1)
  })
  test('CNA 2015-09-29: 27.72 m at Touqianxi bridge, level 1 at 27.5 m, is level 1', () => {
    expect(wraLevel(27.72, { 1: 27.5 })).toBe(1)
  })
  test('"expected in 2 h" and "stage at or above the alert stage" are the same statement', () => {
    const cm = fc.integer({ min: 1, max: 2000 }).map((v) => v / 100)
    fc.assert(
      fc.property(cm, cm, cm, (control, stage, rise_m_h) => {
        const hours = (control - stage) / rise_m_h
        fc.pre(Math.abs(hours - 2) > 1e-6)
        const alert = wraAlertStage_m(control, rise_m_h / 3600, WRA_LEAD_S[1])
        expect(stage >= alert).toBe(hours <= 2)
      }),
    )
  })
  test('what cannot be is refused: an unknown stage, a falling rise rate, a floodplain above the levee', () => {
    expect(() => wraLevel(Number.NaN, { 1: 5 })).toThrow(/stage_m/)
    expect(() => wraAlertStage_m(5, -1, 7200)).toThrow(/rise rate/)
    expect(() => wraAlertStages_m({ flood_m: 5, floodplain_m: 6, rise_rate_m_s: 0 })).toThrow(/floodplain_m/)
  })
})
