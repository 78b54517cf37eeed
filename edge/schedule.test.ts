import { describe, expect, test } from 'vitest'
import { instant, monotonic } from '../domain/time.ts'
import { scalarGap } from './quality.ts'
import { nextTick, phase_ms, probePause_ms } from './schedule.ts'

const at = (ms: number) => monotonic(BigInt(ms) * 1_000_000n)

describe('the schedule of a device', () => {
  test('is a grid: a poll that takes long shifts none after it', () => {
    expect(nextTick(at(50), 1000, at(50), at(80))).toEqual({ at: at(1050), missed: 0 })
    expect(nextTick(at(50), 1000, at(1050), at(1990))).toEqual({ at: at(2050), missed: 0 })
  })
  test('counts the instants that went by', () => {
    expect(nextTick(at(50), 1000, at(1050), at(4500))).toEqual({ at: at(5050), missed: 3 })
  })
  test('spreads the devices of a node, but reads a slow gauge soon after the start', () => {
    expect([0, 1, 2, 3].map((i) => phase_ms(i, 4, 100))).toEqual([0, 25, 50, 75])
    expect([0, 1, 2].map((i) => phase_ms(i, 3, 60_000))).toEqual([0, 50, 100])
  })
  test('probes a silent device ever more rarely, up to 30 s, a ring thrice in its depth', () => {
    expect([0, 1, 2, 3, 4, 5, 9].map((n) => probePause_ms(1000, n))).toEqual([
      2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ])
    expect(probePause_ms(60_000, 5)).toBe(60_000)
    expect([0, 9].map((n) => probePause_ms(200, n, 60_000))).toEqual([400, 20_000])
    expect(probePause_ms(1000, 9, 3000)).toBe(1000)
  })
})

describe('a gap of polls', () => {
  const s = (n: number) => instant(BigInt(n) * 1_000_000_000n)
  test('counts what lies between two good polls', () => {
    expect(scalarGap(['g/stage'], s(0), s(300), 60_000_000_000n, 'timeout')).toEqual({
      channels: ['g/stage'],
      from_ns: s(0),
      to_ns: s(300),
      expected: 4,
      missing: 4,
      reason: 'timeout',
    })
  })
  test('is none where the next poll came in time', () => {
    expect(scalarGap(['g/stage'], s(0), s(60), 60_000_000_000n, 'timeout')).toBeUndefined()
  })
})
