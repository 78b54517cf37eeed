import { describe, expect, test } from 'vitest'
import { FrequencyDrop, frequencyBaseline, frequencyShift } from './frequency-shift.ts'
import { fitLine, predict, predictionError } from './linear-fit.ts'
import { uniform } from './test/ambient.ts'

/** A year's days: f = 1.5 Hz − 2 mHz per °C about 22 °C, with noise of 3 mHz. */
function days(count: number, seed = 1, drop = 0) {
  const random = uniform(seed)
  return Array.from({ length: count }, (_, day) => {
    const temperature_c = 22 + 8 * Math.sin((2 * Math.PI * day) / 365) + 2 * (random() - 0.5)
    const noise_hz = 0.003 * Math.sqrt(12) * (random() - 0.5)
    return { temperature_c, frequency_hz: (1.5 - 0.002 * (temperature_c - 22)) * (1 - drop) + noise_hz }
  })
}

describe('a line by least squares', () => {
  test('through points on a line is that line; its prediction error has the residual and the lever', () => {
    const fit = fitLine([1, 2, 3, 4], [5, 7, 9, 11])
    expect([fit.slope, predict(fit, 10), fit.residual]).toEqual([2, 23, 0])
    // y = 0 2 0 2 about 0.4 x: by hand, residual² = (Σy² − slope² Sxx about the mean) / 2.
    const rough = fitLine([0, 1, 2, 3], [0, 2, 0, 2])
    expect(rough.slope).toBeCloseTo(0.4, 12)
    expect(rough.residual).toBeCloseTo(Math.sqrt((4 - 0.16 * 5) / 2), 12)
    expect(predictionError(rough, 1.5)! / rough.residual!).toBeCloseTo(Math.sqrt(1.25), 12)
    expect(predictionError(rough, 6.5)! / rough.residual!).toBeCloseTo(Math.sqrt(1.25 + 5), 12)
  })
  test('of equal x has no slope; of two pairs no residual; of none or NaN is refused', () => {
    expect(fitLine([3, 3, 3], [1, 2, 3])).toMatchObject({ slope: 0, mean_y: 2 })
    expect(fitLine([1, 2], [1, 2]).residual).toBeUndefined()
    expect(() => fitLine([], [])).toThrow('pairs')
    expect(() => fitLine([1, 2], [1, Number.NaN])).toThrow('pairs[1]: expected finite numbers, got 2 and NaN')
  })
})

describe('a frequency against its baseline', () => {
  const baseline = frequencyBaseline(days(365))!

  test('on a hot day has dropped by temperature only: no shift within its uncertainty', () => {
    const shift = frequencyShift(baseline, { frequency_hz: 1.5 - 0.002 * 8, temperature_c: 30 })
    expect(baseline.corrected).toBe(true)
    expect(shift.expected_hz).toBeCloseTo(1.484, 3)
    expect(Math.abs(shift.fraction)).toBeLessThan(2 * shift.uncertainty)
    expect(shift.uncertainty).toBeCloseTo(0.003 / 1.484, 3)
    expect(shift.extrapolated).toBe(false)
  })

  test('shows a loss of stiffness of 20 % as √0.8 − 1 = −10.6 %, whatever the temperature', () => {
    for (const temperature_c of [15, 22, 29]) {
      const frequency_hz = (1.5 - 0.002 * (temperature_c - 22)) * Math.sqrt(0.8)
      expect(frequencyShift(baseline, { frequency_hz, temperature_c }).fraction).toBeCloseTo(Math.sqrt(0.8) - 1, 2.5)
    }
  })

  test('says when the temperature is outside what the baseline has seen, and is then less certain', () => {
    const [inside, outside] = [22, 45].map((temperature_c) =>
      frequencyShift(baseline, { frequency_hz: 1.45, temperature_c }),
    )
    expect([inside!.extrapolated, outside!.extrapolated]).toEqual([false, true])
    expect(outside!.uncertainty).toBeGreaterThan(inside!.uncertainty)
  })

  test('of an air-conditioned week is a mean, not a slope through noise; of too few days there is none', () => {
    const steady = days(20).map((d, k) => ({ ...d, temperature_c: 22 + (k % 2) * 0.5 }))
    const flat = frequencyBaseline(steady)!
    expect([flat.corrected, flat.fit.slope]).toEqual([false, 0])
    expect(frequencyShift(flat, { frequency_hz: 1.5, temperature_c: 30 }).extrapolated).toBe(true)
    expect(frequencyBaseline(days(9))).toBeUndefined()
  })
})

describe('a drop', () => {
  const baseline = frequencyBaseline(days(365))!
  const judge = (drop: number, count: number, uncertainty_hz = 0.004) => {
    const machine = new FrequencyDrop()
    return days(count, 7, drop).map((d) => machine.push(frequencyShift(baseline, d, uncertainty_hz)))
  }

  test('of nothing in a year raises nothing', () => {
    expect(new Set(judge(0, 365))).toEqual(new Set(['none']))
  })
  test('of 7 % is a notice and of 12 % an alarm, from the third measurement on', () => {
    expect(judge(0.07, 5)).toEqual(['none', 'none', 'notice', 'notice', 'notice'])
    expect(judge(0.12, 4)).toEqual(['none', 'none', 'alarm', 'alarm'])
  })
  test('that is not told from none by its uncertainty raises nothing; one bad spectrum neither', () => {
    expect(new Set(judge(0.07, 5, 0.2))).toEqual(new Set(['none']))
    const machine = new FrequencyDrop()
    const good = { frequency_hz: 1.5, temperature_c: 22 }
    const bad = { frequency_hz: 1.2, temperature_c: 22 }
    for (const d of [good, bad, bad, good, bad, bad]) expect(machine.push(frequencyShift(baseline, d))).toBe('none')
  })
  test('is counted on over a restart', () => {
    const first = new FrequencyDrop()
    const drop = frequencyShift(baseline, { frequency_hz: 1.3, temperature_c: 22 })
    first.push(drop)
    first.push(drop)
    expect(new FrequencyDrop(3, JSON.parse(JSON.stringify(first.state()))).push(drop)).toBe('alarm')
  })
})
