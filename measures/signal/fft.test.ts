import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fftReal, inverseReal, nextFast } from './fft.ts'

/** The definition, summed bin by bin; the phase is reduced as an integer so that it stays exact. */
function naive(x: Float64Array): { re: number[]; im: number[] } {
  const n = x.length
  const bins = Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => k)
  const sum = (k: number, f: (angle: number) => number) =>
    x.reduce((total, value, j) => total + value * f((2 * Math.PI * ((j * k) % n)) / n), 0)
  return { re: bins.map((k) => sum(k, Math.cos)), im: bins.map((k) => -sum(k, Math.sin)) }
}

/** Repeatable noise in −1 … 1 (an LCG: Numerical Recipes' constants). */
function noise(n: number, seed = 1): Float64Array {
  let state = seed >>> 0
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

const norm = (...parts: ArrayLike<number>[]) =>
  Math.sqrt(parts.reduce((sum, part) => sum + Array.from(part).reduce((s, v) => s + v * v, 0), 0))
const less = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).map((value, k) => value - b[k]!)

const samples = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }), {
  minLength: 1,
  maxLength: 300,
})

describe('the transform of real samples', () => {
  test('equals the definition to 1e-12 for every length up to 130 and for larger composite and prime ones', () => {
    for (const n of [...Array.from({ length: 130 }, (_, k) => k + 1), 360, 499, 500, 997, 1000, 1024, 1331, 1922]) {
      const x = noise(n, n)
      const [fast, slow] = [fftReal(x), naive(x)]
      expect(fast.re.length, `bins of ${n}`).toBe(Math.floor(n / 2) + 1)
      const error = norm(less(fast.re, slow.re), less(fast.im, slow.im)) / norm(slow.re, slow.im)
      expect(error, `n = ${n}`).toBeLessThan(1e-12)
    }
  })

  test.each([30_000, 65_536, 86_400, 99_991])('of %i samples comes back to 1e-13 and holds Parseval', (n) => {
    const x = noise(n, 7)
    const { re, im } = fftReal(x)
    expect(norm(less(inverseReal(re, im, n), x)) / norm(x)).toBeLessThan(1e-13)
    const bins = Array.from(re, (r, k) => (k === 0 || 2 * k === n ? 1 : 2) * (r * r + im[k]! ** 2))
    expect(bins.reduce((sum, v) => sum + v, 0) / n / norm(x) ** 2).toBeCloseTo(1, 12)
  })

  test('of a cosine on a bin is n/2 there and nothing elsewhere, at prime lengths as well', () => {
    for (const n of [96, 97]) {
      const { re, im } = fftReal(Float64Array.from({ length: n }, (_, j) => Math.cos((2 * Math.PI * 5 * j) / n)))
      expect(re[5]! / n).toBeCloseTo(0.5, 14)
      re[5] = 0
      expect(norm(re, im)).toBeLessThan(1e-12 * n)
    }
  })

  test('comes back, whatever the samples and their number', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const x = Float64Array.from(values)
        const { re, im } = fftReal(x)
        expect(norm(less(inverseReal(re, im, x.length), x))).toBeLessThanOrEqual(1e-13 * norm(x) + 1e-300)
      }),
    )
  })

  test('of a signal shifted in a circle has the same amplitudes; of a scaled one, scaled ones', () => {
    fc.assert(
      fc.property(samples, fc.nat(), fc.double({ min: 0.01, max: 100, noNaN: true }), (values, by, scale) => {
        const n = values.length
        const amplitude = (x: number[]) => {
          const { re, im } = fftReal(Float64Array.from(x))
          return Array.from(re, (r, k) => Math.hypot(r, im[k]!))
        }
        const before = amplitude(values)
        const after = amplitude(values.map((_, k) => scale * values[(k + (by % n)) % n]!))
        expect(
          norm(
            less(
              after,
              before.map((a) => scale * a),
            ),
          ),
        ).toBeLessThanOrEqual(1e-12 * scale * norm(before) + 1e-300)
      }),
    )
  })

  test('of one sample is that sample; of a constant, n times it at zero frequency', () => {
    expect(fftReal(Float64Array.of(3))).toEqual({ re: Float64Array.of(3), im: Float64Array.of(0) })
    const { re, im } = fftReal(new Float64Array(60).fill(2))
    expect(re[0]).toBe(120)
    expect(norm(re.slice(1), im)).toBeLessThan(1e-12)
    expect(norm(fftReal(new Float64Array(61)).re)).toBe(0)
  })

  test('leaves its samples as they were', () => {
    const x = noise(11)
    const before = x.slice()
    fftReal(x)
    expect(x).toEqual(before)
  })

  test('of no samples, or of one that is no number, is refused with its index', () => {
    expect(() => fftReal(new Float64Array())).toThrow('expected at least one sample, got none')
    expect(() => fftReal(Float64Array.of(1, Number.NaN, 2))).toThrow('x[1]: expected a finite number, got NaN')
    expect(() => fftReal(Float64Array.of(1, 2, Number.POSITIVE_INFINITY))).toThrow(
      'x[2]: expected a finite number, got Infinity',
    )
    expect(() => inverseReal(new Float64Array(3), new Float64Array(3), 6)).toThrow('expected 4 bins for 6 samples')
  })

  test('stays right when more sizes were seen than the cache of tables holds', () => {
    const x = noise(12_289)
    const first = fftReal(x)
    for (let n = 100_000; n < 100_012; n++) fftReal(noise(n))
    expect(fftReal(x)).toEqual(first)
  })
})

describe('the next fast length', () => {
  test('has no factors but 2, 3 and 5 and none is missed below it', () => {
    const smooth = (n: number): boolean => n === 1 || [2, 3, 5].some((factor) => n % factor === 0 && smooth(n / factor))
    for (let n = 1; n <= 2000; n++) {
      let expected = n
      while (!smooth(expected)) expected++
      expect(nextFast(n)).toBe(expected)
    }
  })
  test('of what is no length is refused', () => {
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 40]) expect(() => nextFast(n)).toThrow(RangeError)
  })
})
