import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cumulativeTrapezoid, demean, detrendLinear, mean, taperCosine } from './integrate.ts'
import { RunningMean } from './running-mean.ts'

const signal = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 100 })

describe('the running integral', () => {
  test('is exact for a straight line: ∫ 2t dt = t²', () => {
    const x = Float64Array.from({ length: 101 }, (_, i) => 2 * i * 0.01)
    const y = cumulativeTrapezoid(x, 0.01)
    expect(y[0]).toBe(0)
    for (let i = 0; i <= 100; i += 10) expect(y[i]).toBeCloseTo((i * 0.01) ** 2, 13)
  })

  test('of 1 m/s² at 1 Hz is 1/π m/s from crest to crest: 15.9 cm/s of amplitude for 100 gal', () => {
    const x = Float64Array.from({ length: 1001 }, (_, i) => Math.sin((2 * Math.PI * i) / 1000))
    expect(cumulativeTrapezoid(x, 0.001)[500]).toBeCloseTo(1 / Math.PI, 5)
    expect(100 / (2 * Math.PI)).toBeCloseTo(15.9, 1)
  })

  test('of one sample is 0; a gap or a step of no time is refused', () => {
    expect(Array.from(cumulativeTrapezoid(Float64Array.of(7), 0.01))).toEqual([0])
    expect(() => cumulativeTrapezoid(Float64Array.of(7, Number.NaN), 0.01)).toThrow(/\[1\].*got NaN/)
    expect(() => cumulativeTrapezoid(Float64Array.of(7), 0)).toThrow('dt_s: expected a number above 0, got 0')
    expect(() => cumulativeTrapezoid(new Float64Array(0), 1)).toThrow('expected at least one sample')
  })
})

describe('mean and straight line', () => {
  test('the mean of a day at 100 Hz with gravity in it is right to the last digits', () => {
    const x = Float64Array.from({ length: 8_640_000 }, (_, i) => 9.80665 + (i % 2 === 0 ? 0.1 : -0.1))
    expect(mean(x)).toBeCloseTo(9.80665, 13)
  })

  test('taken off, none is left, whatever the offset', () => {
    fc.assert(
      fc.property(signal, fc.double({ min: -1000, max: 1000, noNaN: true }), (values, offset) => {
        const x = Float64Array.from(values, (v) => v + offset)
        const level = demean(x)
        expect(Math.abs(mean(level))).toBeLessThan(1e-12)
        const plain = demean(Float64Array.from(values))
        level.forEach((v, i) => {
          expect(Math.abs(v - plain[i]!)).toBeLessThan(1e-9)
        })
      }),
    )
  })

  test('a straight line leaves nothing, and what is added to it stays up to its own line', () => {
    fc.assert(
      fc.property(signal, fc.double({ min: -5, max: 5, noNaN: true }), (values, slope) => {
        const plain = detrendLinear(Float64Array.from(values))
        const tilted = detrendLinear(Float64Array.from(values, (v, i) => v + 3 + slope * i))
        tilted.forEach((v, i) => {
          expect(Math.abs(v - plain[i]!)).toBeLessThan(1e-9)
        })
      }),
    )
    expect(Array.from(detrendLinear(Float64Array.of(4)))).toEqual([0])
  })

  test('a part that is not there has no mean', () => {
    expect(() => mean(Float64Array.of(1, 2), 1, 3)).toThrow('mean: expected a part of 2 samples with at least one')
    expect(() => mean(new Float64Array(0))).toThrow(RangeError)
  })

  test('on a stream it is that of the last n samples, after a day as after a minute', () => {
    const running = new RunningMean(100)
    expect(running.mean).toBeUndefined()
    const at = (i: number) => 9.80665 + Math.sin(i * 0.7) * 1e-3 + (i < 1000 ? 1e9 : 0)
    for (let i = 0; i < 2_000_037; i++) running.push(at(i))
    const last = Float64Array.from({ length: 100 }, (_, k) => at(2_000_037 - 100 + k))
    expect(running.mean).toBeCloseTo(mean(last), 12)
    running.reset()
    running.push(4)
    expect([running.mean, running.count]).toEqual([4, 1])
    expect(() => new RunningMean(0)).toThrow('samples: expected a whole number of at least 1, got 0')
  })
})

describe('the cosine taper', () => {
  test('of 10 % a side: ½ (1 − cos(πk/10)) at both ends of 100 samples, 1 between', () => {
    const y = taperCosine(new Float64Array(100).fill(1), 0.1)
    expect([y[0], y[99]]).toEqual([0, 0])
    expect(y[5]).toBeCloseTo(0.5, 15)
    expect(y[94]).toBeCloseTo(0.5, 15)
    expect(y.subarray(10, 90).every((v) => v === 1)).toBe(true)
  })

  test('of nothing changes nothing; of more than half is refused', () => {
    expect(Array.from(taperCosine(Float64Array.of(1, 2, 3), 0))).toEqual([1, 2, 3])
    expect(() => taperCosine(Float64Array.of(1), 0.6)).toThrow('fraction: expected 0 to 0.5, got 0.6')
  })
})
