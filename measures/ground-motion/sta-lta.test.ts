import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadRecording } from '../../recordings/load.ts'
import {
  carlStaTrig,
  classicStaLta,
  delayedStaLta,
  recursiveStaLta,
  requireReachable,
  staLtaBound,
  triggerOnset,
} from './sta-lta.ts'

const FIXTURE = join(import.meta.dirname, '../../../shared/data/obspy-stalta/stalta_fixture.json')

/** numpy's `random.seed(n); randn(count)`: Mersenne Twister and polar Gauss, as obspy's own tests make their input. */
function numpyRandn(seed: number, count: number): Float64Array {
  const mt = new Uint32Array(624)
  mt[0] = seed
  for (let k = 1; k < 624; k++) mt[k] = Math.imul(1812433253, mt[k - 1]! ^ (mt[k - 1]! >>> 30)) + k
  let at = 624
  const word = () => {
    if (at === 624) {
      for (let k = 0; k < 624; k++) {
        const y = (mt[k]! & 0x80000000) | (mt[(k + 1) % 624]! & 0x7fffffff)
        mt[k] = mt[(k + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
      }
      at = 0
    }
    let y = mt[at++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
  const uniform = () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992
  const out: number[] = []
  while (out.length < count) {
    let [a, b, r2] = [0, 0, 0]
    do {
      a = 2 * uniform() - 1
      b = 2 * uniform() - 1
      r2 = a * a + b * b
    } while (r2 >= 1 || r2 === 0)
    const f = Math.sqrt((-2 * Math.log(r2)) / r2)
    out.push(f * b, f * a)
  }
  return Float64Array.from(out.slice(0, count))
}

const CLASSIC = [0.38012302, 0.37704431, 0.47674533, 0.67992292]
const RECURSIVE = [0.80810165, 0.75939449, 0.91763978, 0.97465004]

describe("obspy's published numbers (signal/tests/test_trigger.py, seed 815, nsta 5, nlta 10, samples 99-102)", () => {
  const x = numpyRandn(815, 200)

  test.each([
    ['classic', classicStaLta, CLASSIC],
    ['recursive', recursiveStaLta, RECURSIVE],
  ] as const)('%s', (_, staLta, expected) => {
    const cf = staLta(x, 5, 10)
    for (const [k, value] of expected.entries()) expect(cf[99 + k]).toBeCloseTo(value, 7)
  })

  test.skipIf(!existsSync(FIXTURE))('on the samples of the shared fixture as well, to which ours are equal', () => {
    const { data } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { data: number[] }
    // To the last place but one: the logarithm is not the same in every library.
    for (const [k, value] of data.entries()) expect(x[k]).toBeCloseTo(value, 14)
    expect(data.length).toBe(200)
    expect(classicStaLta(Float64Array.from(data), 5, 10)[102]).toBeCloseTo(CLASSIC[3]!, 7)
  })

  test('trigger_onset: on 1.5, off 1.0, max_len 50', () => {
    const k = Array.from({ length: 158 }, (_, i) => i * 0.1)
    const cf = Float64Array.from([1, 2.1, 0.4, 1].flatMap((lift) => k.map((v) => Math.sin(v) + lift)))
    expect(triggerOnset(cf, 1.5, 1.0, 50)).toEqual([
      [6, 31],
      [69, 94],
      [131, 181],
      [215, 265],
      [278, 315],
      [480, 505],
      [543, 568],
      [605, 631],
    ])
  })
})

test('Yonago 2000, UD, classic 1 s / 10 s, on 4, off 1.5: first trigger 11.38-20.66 s (jma-2000-tottori-yonago README)', async () => {
  const wave = await loadRecording('jma-yonago-2000')
  if (wave.kind !== 'waveform') throw new Error('expected a waveform')
  const ud = wave.axes.find(({ axis }) => axis === 'ud')!.samples
  const mean = ud.reduce((sum, v) => sum + v, 0) / ud.length
  const cf = classicStaLta(
    ud.map((v) => v - mean),
    100,
    1000,
  )
  const [on, off] = triggerOnset(cf, 4, 1.5)[0]!
  expect([on / 100, off / 100]).toEqual([11.38, 20.66])
})

const samples = fc
  .array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 30, maxLength: 200 })
  .map((values) => Float64Array.from(values))
const windows = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 20 }))
  .map(([s, d]) => [s, s + d] as const)

describe('the ratios', () => {
  test('equal their definitions, summed anew for every sample', () => {
    const meanSquare = (x: Float64Array, from: number, to: number) =>
      x.slice(from, to).reduce((sum, v) => sum + v * v, 0) / (to - from)
    fc.assert(
      fc.property(samples, windows, (x, [nsta, nlta]) => {
        const [classic, delayed] = [classicStaLta(x, nsta, nlta), delayedStaLta(x, nsta, nlta)]
        for (let k = 0; k < x.length; k++) {
          const sta = k + 1 >= nsta ? meanSquare(x, k + 1 - nsta, k + 1) : 0
          const lta = k + 1 >= nlta ? meanSquare(x, k + 1 - nlta, k + 1) : 0
          const before = k + 1 >= nsta + nlta ? meanSquare(x, k + 1 - nsta - nlta, k + 1 - nsta) : 0
          if (lta > 1e-90) expect(classic[k]).toBeCloseTo(sta / lta, 10)
          if (k < nlta - 1) expect(classic[k]).toBe(0)
          if (before > 1e-90)
            expect(delayed[k]! / (1 + sta / before)).toBeCloseTo(sta / before / (1 + sta / before), 10)
          if (k < nsta + nlta - 1) expect(delayed[k]).toBe(0)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('do not depend on the unit, and classic and recursive never exceed LTA/STA', () => {
    fc.assert(
      fc.property(samples, windows, fc.constantFrom(0.01, 9.80665, 1000), (x, [nsta, nlta], unit) => {
        for (const staLta of [classicStaLta, recursiveStaLta]) {
          const cf = staLta(x, nsta, nlta)
          const other = staLta(
            x.map((v) => v * unit),
            nsta,
            nlta,
          )
          for (const [k, value] of cf.entries()) {
            if (Math.abs(x[k]!) > 1e-30) expect(other[k]).toBeCloseTo(value, 9)
            expect(value).toBeLessThanOrEqual(staLtaBound(nsta, nlta) * (1 + 1e-12))
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  test('follow a shift in time', () => {
    const x = numpyRandn(3, 400)
    const [whole, late] = [classicStaLta(x, 5, 20), classicStaLta(x.slice(150), 5, 20)]
    for (let k = 20; k < late.length; k++) expect(late[k]).toBeCloseTo(whole[k + 150]!, 12)
  })

  test('are as right after a 3 g shaking as before it: quiet noise keeps its ratio to the last digits', () => {
    const quiet = numpyRandn(11, 2000).map((v) => v * 1e-7)
    const shaken = quiet.slice()
    shaken.fill(29.4, 500, 600)
    const [a, b] = [classicStaLta(quiet, 10, 100), classicStaLta(shaken, 10, 100)]
    for (let k = 800; k < 2000; k++) expect(b[k]! / a[k]!).toBeCloseTo(1, 12)
  })

  test('of a constant are 1, of silence 0, of one sample 0', () => {
    expect(classicStaLta(new Float64Array(50).fill(3), 5, 10).at(-1)).toBeCloseTo(1, 14)
    expect(delayedStaLta(new Float64Array(50).fill(3), 5, 10).at(-1)).toBeCloseTo(1, 14)
    for (const staLta of [classicStaLta, recursiveStaLta, delayedStaLta]) {
      expect(staLta(new Float64Array(50), 5, 10)).toEqual(new Float64Array(50))
      expect(staLta(Float64Array.of(7), 5, 10)).toEqual(Float64Array.of(0))
    }
  })

  test('refuse samples that are no numbers with their index, and windows that are none', () => {
    expect(() => classicStaLta(Float64Array.of(0, 1, Number.NaN), 1, 2)).toThrow(
      'x[2]: expected a finite number, got NaN',
    )
    for (const [nsta, nlta] of [
      [0, 10],
      [10, 10],
      [10, 5],
      [2.5, 10],
      [Number.NaN, 10],
    ] as const)
      expect(() => recursiveStaLta(Float64Array.of(1, 2), nsta, nlta)).toThrow('1 <= STA < LTA')
  })

  test('with a threshold that the classic ratio cannot exceed are refused: 1 s in 10 s stays below 10', () => {
    expect(() => requireReachable(10, 100, 1000)).toThrow('on: expected a threshold below LTA/STA = 10, got 10')
    expect(() => requireReachable(Number.NaN, 100, 1000)).toThrow(RangeError)
    requireReachable(9.99, 100, 1000)
  })
})

describe('carlStaTrig', () => {
  test('equals its definition', () => {
    const x = numpyRandn(5, 120)
    const [nsta, nlta] = [4, 9]
    const mean = (v: number[], k: number, n: number) => (k < n ? 0 : v.slice(k - n, k).reduce((s, a) => s + a, 0) / n)
    const of = (v: number[], n: number) => v.map((_, k) => mean(v, k, n))
    const values = Array.from(x)
    const sta = of(values, nsta)
    const lta = [0, ...of(sta, nlta)]
    const star = of(
      values.map((v, k) => Math.abs(v - lta[k]!)),
      nsta,
    )
    const ltar = of(star, nlta)
    const cf = carlStaTrig(x, nsta, nlta, 0.8, 0.1)
    for (let k = 0; k < 120; k++) {
      const eta = k < nlta ? -1 : star[k]! - 0.8 * ltar[k]! - Math.abs(sta[k]! - lta[k]!) - 0.1
      expect(cf[k]).toBeCloseTo(eta, 12)
    }
  })

  test('is above zero in a burst that stands out and below it in the noise before', () => {
    const x = numpyRandn(8, 3000).map((v, k) => v * (k > 2000 && k < 2200 ? 20 : 1))
    const cf = carlStaTrig(x, 50, 500, 2, 1)
    expect(Math.max(...cf.slice(500, 2000))).toBeLessThan(0)
    expect(Math.max(...cf.slice(2000, 2200))).toBeGreaterThan(0)
  })
})

describe('trigger onset', () => {
  test('counts a value equal to the threshold as reached, and a value equal to off as still on', () => {
    expect(triggerOnset(Float64Array.of(0, 4, 2, 1.5, 1.4, 0), 4, 1.5)).toEqual([[1, 3]])
  })
  test('at the edges of the record: on from the first sample, off with the last', () => {
    expect(triggerOnset(Float64Array.of(5, 5, 0, 5), 4, 1.5)).toEqual([
      [0, 1],
      [3, 3],
    ])
    expect(triggerOnset(new Float64Array(), 4, 1.5)).toEqual([])
  })
  test('refuses off above on and values that are no numbers', () => {
    expect(() => triggerOnset(Float64Array.of(1), 1, 2)).toThrow('off: expected a threshold at or below on (1), got 2')
    expect(() => triggerOnset(Float64Array.of(1, Number.NaN), 2, 1)).toThrow('cf[1]: expected a number, got NaN')
  })
})
