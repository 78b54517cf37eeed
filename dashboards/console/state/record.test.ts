import { describe, expect, test } from 'vitest'
import type { BlockJson } from '../../../domain/api.ts'
import { ns } from '../test/fake-world.ts'
import { type Filter, filtered, filterProblem, recordCsv, runsOf, stripRuns, valuesAt } from './record.ts'

const T0_MS = Date.UTC(2026, 2, 2, 6, 0, 0)
const block = (t0_ms: number, x: number[]): BlockJson => ({
  t0_ns: ns(t0_ms),
  sample_rate_hz: 100,
  scale: 0.001,
  unit: 'm/s²',
  first_counter: 0,
  boot_id: 1,
  axes: { x },
})
const counts = (n: number, f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i))
const NONE: Filter = { kind: 'none', low_hz: 1, high_hz: 10 }

describe('runs of samples', () => {
  test('blocks that follow each other are one run, in order, in SI', () => {
    const runs = runsOf([block(T0_MS + 20, [3, 4]), block(T0_MS, [1, 2])], ['x'])
    expect(runs.length).toBe(1)
    expect([...runs[0]!.axes[0]!]).toEqual([0.001, 0.002, 0.003, 0.004])
  })
  test('a hole of one sample parts them, an overlap is told once', () => {
    expect(runsOf([block(T0_MS, [1, 2]), block(T0_MS + 30, [4])], ['x']).length).toBe(2)
    const over = runsOf([block(T0_MS, [1, 2, 3]), block(T0_MS + 20, [3, 4])], ['x'])
    expect(over.map((r) => [...r.axes[0]!].map((v) => Math.round(v * 1000)))).toEqual([[1, 2, 3, 4]])
  })
  test('what a live strip holds gives the same runs as the record of it', () => {
    const strip = (t0_ms: number, x: number[]) => ({
      ...{ t0_ms, step_ms: 10, scale: 0.001, first_counter: 0 },
      axes: [Int16Array.from(x)],
    })
    expect(stripRuns([strip(T0_MS, [1, 2]), strip(T0_MS + 20, [3]), strip(T0_MS + 90, [4])])).toEqual(
      runsOf([block(T0_MS, [1, 2]), block(T0_MS + 20, [3]), block(T0_MS + 90, [4])], ['x']),
    )
  })
  test('the cursor reads the nearest sample, and nothing in a hole', () => {
    const runs = runsOf([block(T0_MS, [1, 2]), block(T0_MS + 1000, [9])], ['x'])
    expect(valuesAt(runs, 1, T0_MS + 11)).toEqual([0.002])
    expect(valuesAt(runs, 1, T0_MS + 500)).toEqual([null])
  })
})

describe('a filter', () => {
  const rms = (x: Float64Array) => Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length)
  // 2 Hz and 20 Hz of the same height over an offset, ten seconds.
  const mixed = runsOf(
    [
      block(
        T0_MS,
        counts(1000, (i) => 500 + 100 * Math.sin(0.04 * Math.PI * i) + 100 * Math.sin(0.4 * Math.PI * i)),
      ),
    ],
    ['x'],
  )
  const one = 0.1 / Math.SQRT2
  test.each([
    ['lowpass', 0, 7, (m: number) => Math.hypot(0.5, one) - m],
    ['highpass', 7, 0, (m: number) => one - m],
    ['bandpass', 0.5, 7, (m: number) => one - m],
  ] as const)('%s leaves what it should, without moving it', (kind, low_hz, high_hz, off) => {
    const [run] = filtered(mixed, { kind, low_hz, high_hz })
    expect(Math.abs(off(rms(run!.axes[0]!.slice(200, 800))))).toBeLessThan(0.01 * 0.5)
  })
  test('stays within one unbroken run and leaves out what is too short for it', () => {
    const steps = runsOf(
      [
        block(
          T0_MS,
          counts(100, () => 0),
        ),
        block(
          T0_MS + 5000,
          counts(100, () => 1000),
        ),
        block(T0_MS + 9000, [5]),
      ],
      ['x'],
    )
    const runs = filtered(steps, { kind: 'lowpass', low_hz: 0, high_hz: 10 })
    expect(runs.length).toBe(2)
    expect(Math.max(...runs[0]!.axes[0]!)).toBe(0)
    expect(Math.min(...runs[1]!.axes[0]!)).toBeCloseTo(1, 9)
  })
  test('is refused with a corner at half the rate, or the wrong way round', () => {
    expect(filterProblem({ kind: 'lowpass', low_hz: 0, high_hz: 50 }, 100)).toBe('corner')
    expect(filterProblem({ kind: 'bandpass', low_hz: 9, high_hz: 2 }, 100)).toBe('order')
    expect(filterProblem({ kind: 'highpass', low_hz: 0.5, high_hz: 99 }, 100)).toBeNull()
  })
})

test('the CSV is SI and UTC, and says its filter', () => {
  const runs = runsOf([block(T0_MS, [1, -2])], ['x'])
  expect(recordCsv('roof', ['x'], runs, NONE).split('\r\n')).toEqual([
    '# roof, unfiltered',
    'time_utc,x_m_s2',
    '2026-03-02T06:00:00.000000Z,0.001',
    '2026-03-02T06:00:00.010000Z,-0.002',
    '',
  ])
  expect(recordCsv('roof', ['x'], [], { ...NONE, kind: 'highpass' })).toContain('highpass 1 Hz, Butterworth order 4')
})
