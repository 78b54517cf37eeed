import { describe, expect, test } from 'vitest'
import { ringScale } from '../domain/model.ts'
import { loadRecording } from '../recordings/load.ts'
import { Pga } from './pga.ts'

const RATE = 100
/** Samples (x, y, z) in steps; returns the running value of each. */
function run(
  pga: Pga,
  samples: ReadonlyArray<readonly [number, number, number]>,
  from = 0,
  hold: (i: number) => boolean = () => false,
) {
  return samples.map((s, i) => pga.push(Int16Array.from(s), 0, Math.floor((from + i) / RATE), hold(i)))
}
const constant = (n: number, s: readonly [number, number, number]) => Array.from({ length: n }, () => s)

describe('peak ground acceleration', () => {
  test('is the vector magnitude about the mean of the 10 s before', () => {
    const pga = new Pga(3, 0.5, RATE)
    run(pga, constant(1000, [10, -20, 2000]))
    expect(pga.push(Int16Array.of(13, -16, 2012), 0, 10, false)).toBe(0.5 * 13)
  })

  test('there is none in the first second, then the mean of what is there', () => {
    const values = run(new Pga(3, 1, RATE), [...constant(100, [5, 5, 5]), [8, 9, 5]])
    expect(values.slice(0, 100).every((v) => v === undefined)).toBe(true)
    expect(values[100]).toBe(5)
  })

  test('an offset fades from the mean within 10 s, exactly', () => {
    const pga = new Pga(3, 1, RATE)
    run(pga, constant(500, [1000, 0, 0]))
    const values = run(pga, constant(1001, [0, 0, 0]))
    expect(values[0]).toBe(1000)
    expect(values[1000]).toBe(0)
  })

  test('while held the mean stays that of before', () => {
    const pga = new Pga(3, 1, RATE)
    run(pga, constant(1000, [0, 0, 0]))
    const held = run(pga, constant(2000, [100, 0, 0]), 1000, (i) => i > 0)
    expect(new Set(held)).toEqual(new Set([100]))
    expect(pga.push(Int16Array.of(100, 0, 0), 0, 30, false)).toBe(0)
  })

  test('a held mean can be carried over a restart', () => {
    const before = new Pga(3, 1, RATE)
    run(before, constant(1000, [7, 8, 9]))
    run(before, [[7, 8, 9]], 1000)
    const after = new Pga(3, 1, RATE)
    after.means = before.means
    expect(after.push(Int16Array.of(10, 12, 9), 0, 11, true)).toBe(5)
  })

  test('each whole second tells its largest value once it is complete', () => {
    const pga = new Pga(3, 1, RATE)
    const samples = constant(450, [0, 0, 0]).map((s, i): [number, number, number] => (i === 230 ? [3, 4, 0] : [...s]))
    run(pga, samples)
    expect(pga.take()).toEqual([
      { second: 1, pga_m_s2: 0, samples: 100, whole: false },
      { second: 2, pga_m_s2: 5, samples: 100, whole: true },
      { second: 3, pga_m_s2: expect.closeTo(5 / 300, 12), samples: 100, whole: true },
    ])
    expect(pga.take()).toEqual([])
  })

  test('a second with a gap in it is not whole', () => {
    const pga = new Pga(3, 1, RATE)
    run(pga, constant(250, [0, 0, 0]))
    pga.gap()
    run(pga, constant(180, [0, 0, 0]), 270)
    expect(pga.take().map((s) => [s.second, s.samples, s.whole])).toEqual([
      [1, 100, false],
      [2, 80, false],
      [3, 100, true],
    ])
  })

  test('a gap over the end of a second spoils both', () => {
    const pga = new Pga(3, 1, RATE)
    run(pga, constant(290, [0, 0, 0]))
    pga.gap()
    run(pga, constant(200, [0, 0, 0]), 310)
    expect(pga.take().map((s) => [s.second, s.whole])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ])
  })

  test('Yonago 2000: the largest second is within a step and the wander of the mean of 285.20 gal', async () => {
    const record = await loadRecording('jma-yonago-2000')
    if (record.kind === 'series') throw new Error('expected a waveform')
    const step = ringScale({ unit: 'g', full_scale: 2 } as never)
    const axes = record.axes.map((a) => Int16Array.from(a.samples, (v) => Math.round(v / step)))
    const pga = new Pga(3, step, RATE)
    let largest = 0
    // Ten seconds of the record's own mean before it, as the sensor stands in quiet.
    const means = axes.map((a) => Math.round(a.reduce((sum, v) => sum + v, 0) / a.length))
    for (let i = -1000; i < 4000; i++) {
      const sample = axes.map((a, k) => (i < 0 ? means[k]! : a[i]!))
      const hold = largest > 0.08
      largest = Math.max(largest, pga.push(Int16Array.from(sample), 0, Math.floor(i / RATE), hold) ?? 0)
    }
    expect(Math.abs(largest * 100 - 285.2)).toBeLessThan(0.5)
  })
})
