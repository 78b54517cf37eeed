import { describe, expect, test } from 'vitest'
import { ringScale } from '../domain/model.ts'
import { loadRecording } from '../recordings/load.ts'
import { Pgv, type PgvState, SETTLING_S } from './pgv.ts'
import { butterworth } from './signal/butterworth.ts'
import { response } from './signal/sos.ts'

const RATE = 100
/** m/s² per step */
const STEP = 0.0001

/** A sine of amplitude [steps] on x about an offset, from sample 0 on. */
const sine =
  (amplitude: number, f_hz: number, offset = 0) =>
  (i: number): readonly number[] => [
    offset + Math.round(amplitude * Math.sin((2 * Math.PI * f_hz * i) / RATE)),
    -offset,
    2 * offset,
  ]

function run(pgv: Pgv, sample: (i: number) => readonly number[], from: number, to: number): Array<number | undefined> {
  const out: Array<number | undefined> = []
  for (let i = from; i < to; i++) out.push(pgv.push(Int16Array.from(sample(i)), 0, Math.floor(i / RATE)))
  return out
}

describe('peak ground velocity', () => {
  test.each([
    [1, 100],
    [0.5, 60],
    [3, 250],
  ])('a sine of %d Hz and %d gal has A/(2 pi f), whatever the offset of the sensor', (f_hz, gal) => {
    const pgv = new Pgv(3, STEP, RATE)
    run(pgv, sine(gal * 100, f_hz, 5000), 0, 60 * RATE)
    const seconds = pgv.take()
    // What the high-pass passes, and the trapezoid's share of the integral, (w dt/2) cot(w dt/2).
    const { gain } = response(
      butterworth({ kind: 'highpass', order: 4, corner_hz: 0.075, sample_rate_hz: RATE }),
      f_hz,
      RATE,
    )
    const half = (Math.PI * f_hz) / RATE
    const truth = (gal / 100 / (2 * Math.PI * f_hz)) * gain * (half / Math.tan(half))
    // A period has its peak in the one second or in the next where it is longer than one.
    const late = seconds.filter(({ second }) => second >= 40).map(({ peak }) => peak)
    expect(Math.abs(Math.max(...late) / truth - 1)).toBeLessThan(0.005)
    expect(Math.abs(truth / (gal / 100 / (2 * Math.PI * f_hz)) - 1)).toBeLessThan(0.005)
  })

  test('nothing is told while the filters settle: a motion met at its start would be 50 % too large', () => {
    const pgv = new Pgv(3, STEP, RATE)
    const values = run(pgv, sine(10_000, 1), 0, 40 * RATE)
    const first = values.findIndex((value) => value !== undefined)
    expect(first).toBe(SETTLING_S * RATE)
    expect(Math.max(...values.slice(first).map((value) => value!))).toBeLessThan(0.161)
    const [opened, next] = pgv.take()
    expect(opened).toMatchObject({ second: 30, samples: RATE, whole: true, settled: true })
    expect(next).toMatchObject({ second: 31, samples: RATE, whole: true, settled: true })
  })

  test('after a gap values go on at once, marked until the filters have settled again', () => {
    const pgv = new Pgv(3, STEP, RATE)
    run(pgv, sine(10_000, 1, 3000), 0, 40 * RATE)
    pgv.take()
    pgv.gap()
    const after = run(pgv, sine(10_000, 1, 3000), 45 * RATE + 30, 100 * RATE)
    expect(after[0]).toBeDefined()
    const seconds = pgv.take()
    expect(seconds.find(({ second }) => second === 45)).toMatchObject({ whole: false, settled: false })
    expect(seconds.filter(({ settled }) => !settled).map(({ second }) => second)).toEqual([
      ...Array.from({ length: 31 }, (_, i) => 45 + i),
    ])
    // The offset stands in the memory of the filters: it makes no step.
    const worst = Math.max(...seconds.filter(({ second }) => second > 45).map(({ peak }) => peak))
    expect(worst).toBeLessThan(3 * 0.159)
    expect(seconds.at(-1)!.peak).toBeCloseTo(0.159, 2)
  })

  test('a sample that is left out makes its second doubtful and no step', () => {
    const pgv = new Pgv(3, STEP, RATE)
    run(pgv, () => [700, 0, 0], 0, 40 * RATE)
    pgv.take()
    pgv.skip(40)
    run(pgv, () => [700, 0, 0], 40 * RATE + 1, 42 * RATE)
    expect(pgv.take().map(({ second, whole, settled }) => [second, whole, settled])).toEqual([
      [39, true, true],
      [40, false, false],
    ])
  })

  test('a restart in the middle of a second goes on as if there had been none', () => {
    const sample = sine(4000, 0.7, 123)
    const whole = new Pgv(3, STEP, RATE)
    const told = run(whole, sample, 0, 50 * RATE)
    const before = new Pgv(3, STEP, RATE)
    run(before, sample, 0, 40 * RATE + 37)
    const state: PgvState = JSON.parse(JSON.stringify(before.state()))
    const after = new Pgv(3, STEP, RATE)
    after.restore(state)
    expect(run(after, sample, 40 * RATE + 37, 50 * RATE)).toEqual(told.slice(40 * RATE + 37))
    expect(after.take()).toEqual(whole.take())
  })

  test('Yonago 2000, on the stream: 29.3 cm/s, as published for the record (as in `ground-motion/cwa.test.ts`)', async () => {
    const record = await loadRecording('jma-yonago-2000')
    if (record.kind === 'series') throw new Error('expected a waveform')
    const step = ringScale({ unit: 'g', full_scale: 2 } as never)
    const axes = record.axes.map((a) => Int16Array.from(a.samples, (v) => Math.round(v / step)))
    const means = axes.map((a) => Math.round(a.reduce((sum, v) => sum + v, 0) / a.length))
    const pgv = new Pgv(3, step, RATE)
    const quiet = 40 * RATE
    run(pgv, (i) => (i < quiet ? means : axes.map((a) => a[i - quiet]!)), 0, quiet + 100 * RATE)
    const largest = Math.max(...pgv.take().map(({ peak }) => peak))
    expect(Math.abs(largest * 100 - 29.3)).toBeLessThan(0.1)
  })
})
