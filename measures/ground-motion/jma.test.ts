import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadRecording } from '../../recordings/load.ts'
import { jmaClass, jmaFilterGain, jmaIntensity, publishedIntensity, RunningJma } from './jma.ts'
import { kthLargest } from './jma-record.ts'
import { aomori, haveShared, hualien } from './test/records.ts'

const sine = (n: number, f: number, rate = 100, amplitude = 1) =>
  Float64Array.from({ length: n }, (_, i) => amplitude * Math.sin((2 * Math.PI * f * i) / rate))
const zeros = (n: number) => new Float64Array(n)
const yonago = async () => {
  const record = await loadRecording('jma-yonago-2000')
  if (record.kind !== 'waveform') throw new Error('expected a waveform')
  return record.axes.map(({ samples }) => samples)
}

describe('JMA instrumental intensity', () => {
  test.each([
    [0.1, 0.282268],
    [0.2, 0.556677],
    [0.5, 1.12341],
    [1, 0.996369],
    [2, 0.69736],
    [5, 0.410051],
    [10, 0.223503],
    [20, 0.056473],
  ])('domain.md 1.2: F(%d Hz) = %d', (f, gain) => {
    expect(jmaFilterGain(f)).toBeCloseTo(gain, 6)
    expect(jmaFilterGain(-f)).toBe(jmaFilterGain(f))
  })

  test('F is 0 at 0 Hz and small just above, without rounding to nothing', () => {
    expect(jmaFilterGain(0)).toBe(0)
    // F3² → (f/0.5)³, so F → f / 0.5^1.5
    expect(jmaFilterGain(1e-7) / (1e-7 / 0.5 ** 1.5)).toBeCloseTo(1, 9)
  })

  test('domain.md 1.2 synthetic: 60 s, 100 Hz, one component of 100 gal: 1 Hz a 99.637, I 4.9; 2 Hz a 69.598, I 4.6', () => {
    const one = jmaIntensity([sine(6000, 1), zeros(6000), zeros(6000)], 100)
    expect(one.a_gal).toBeCloseTo(99.637, 3)
    expect([one.intensity, one.class]).toEqual([4.9, '5-'])
    const two = jmaIntensity([zeros(6000), sine(6000, 2), zeros(6000)], 100)
    expect(two.a_gal).toBeCloseTo(69.598, 3)
    expect([two.intensity, two.class]).toEqual([4.6, '5-'])
  })

  test('JMA’s own worked example, Yonago 2000: a = 127.85 ± 0.3 gal, I = 5.1, class 5+', async () => {
    const { a_gal, intensity, class: klass } = jmaIntensity(await yonago(), 100)
    expect(Math.abs(a_gal - 127.85)).toBeLessThan(0.3)
    expect([intensity, klass]).toEqual([5.1, '5+'])
    // 30th largest of domain.md 1.2
    expect(a_gal).toBeCloseTo(127.916, 3)
  })

  test('Yonago in running windows of 60 s stays within 0.3 gal of the published 127.85 (domain.md 1.2: 127.865)', async () => {
    const axes = await yonago()
    const running = new RunningJma(100)
    let largest = 0
    for (let i = 0; i < 12_000; i++) {
      const result = running.push(axes[0]![i]!, axes[1]![i]!, axes[2]![i]!)
      if (result === undefined) continue
      expect(i % 100).toBe(99)
      if (result.window_s === 60) largest = Math.max(largest, result.a_gal)
      if (i === 5999) {
        expect(result.a_gal).toBeCloseTo(
          jmaIntensity(
            axes.map((a) => a.slice(0, 6000)),
            100,
          ).a_gal,
          9,
        )
      }
    }
    expect(Math.abs(largest - 127.85)).toBeLessThan(0.3)
  })

  test.skipIf(!haveShared('cwb-2018-hualien'))('cwb-2018-hualien README: JMA I 1.6 at ECU and EDH (50 Hz)', () => {
    expect(jmaIntensity(hualien('ECU'), 50).intensity).toBe(1.6)
    expect(jmaIntensity(hualien('EDH'), 50)).toMatchObject({ intensity: 1.6, class: '2' })
  })

  test.skipIf(!haveShared('knet-2018-aomori'))(
    'knet-2018-aomori README: AOM005 I 3.1, a 12.13 gal, raw offset and all',
    () => {
      const { a_gal, intensity } = jmaIntensity([aomori('NS'), aomori('EW'), aomori('UD')], 100)
      expect(Math.abs(a_gal - 12.13)).toBeLessThan(0.05)
      expect(intensity).toBe(3.1)
    },
  )

  test.each([
    [5.153, 5.1],
    [4.994, 4.9],
    [4.995, 5.0],
    [4.4949, 4.4],
    [4.495, 4.5],
    [0.445, 0.4],
    [0.495, 0.5],
    [6.4951, 6.5],
    [0, 0],
  ])('rounded to two decimals half up, then cut to one: %d is published as %d', (raw, published) => {
    expect(publishedIntensity(raw)).toBe(published)
  })

  test.each([
    [-3, '0'],
    [0.4, '0'],
    [0.5, '1'],
    [1.5, '2'],
    [2.5, '3'],
    [3.5, '4'],
    [4.4, '4'],
    [4.5, '5-'],
    [4.9, '5-'],
    [5.0, '5+'],
    [5.5, '6-'],
    [6.0, '6+'],
    [6.4, '6+'],
    [6.5, '7'],
    [8, '7'],
  ] as const)('intensity %d is class %s (domain.md 1.2)', (intensity, klass) => {
    expect(jmaClass(intensity)).toBe(klass)
  })

  test('ten times the motion is two degrees more; order, sign, offset and a shift in time of the components change nothing', () => {
    const n = 3000
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.3, max: 12, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: -10, max: 10, noNaN: true }),
        fc.nat(n - 1),
        (frequencies, offset, shift) => {
          const axes = frequencies.map((f) => sine(n, f))
          const { a_gal, intensity_raw } = jmaIntensity(axes, 100)
          const [x, y, z] = axes as [Float64Array, Float64Array, Float64Array]
          expect(jmaIntensity([z, x, y.map((v) => -v)], 100).a_gal).toBeCloseTo(a_gal, 8)
          expect(
            jmaIntensity(
              axes.map((a) => a.map((v) => v + offset)),
              100,
            ).a_gal,
          ).toBeCloseTo(a_gal, 8)
          // The transform is circular, so a turn of the record is a shift in time.
          const turned = axes.map((a) => Float64Array.from([...a.slice(shift), ...a.slice(0, shift)]))
          expect(jmaIntensity(turned, 100).a_gal).toBeCloseTo(a_gal, 8)
          expect(
            jmaIntensity(
              axes.map((a) => a.map((v) => 10 * v)),
              100,
            ).intensity_raw,
          ).toBeCloseTo(intensity_raw + 2, 9)
        },
      ),
      { numRuns: 15 },
    )
  })

  test('sampled at 50, 100 or 200 Hz the same motion has the same intensity', () => {
    const a = [50, 100, 200].map(
      (rate) => jmaIntensity([sine(60 * rate, 1, rate), zeros(60 * rate), zeros(60 * rate)], rate).a_gal,
    )
    for (const value of a) expect(Math.abs(value - 99.637)).toBeLessThan(0.3)
  })

  test('a still record has the least intensity, finite and of class 0', () => {
    for (const level of [0, 9.81])
      expect(jmaIntensity([zeros(500).fill(level), zeros(500), zeros(500)], 100)).toMatchObject({
        intensity: -3,
        class: '0',
      })
  })

  test('3 g is class 7', () => {
    expect(jmaIntensity([sine(6000, 1, 100, 29.4), zeros(6000), zeros(6000)], 100).class).toBe('7')
  })

  test.each([
    [[zeros(100), zeros(100)], /axes: expected 3, got 2/],
    [[zeros(100), zeros(100), zeros(99)], /expected 100 samples/],
    [[zeros(29), zeros(29), zeros(29)], /axes: expected at least 30 samples \(0.3 s\), got 29/],
    [[zeros(100), Float64Array.from({ length: 100 }, (_, i) => (i === 7 ? Number.NaN : 0)), zeros(100)], /7.*got NaN/],
  ])('records that cannot be judged are refused (%#)', (axes, message) => {
    expect(() => jmaIntensity(axes, 100)).toThrow(message)
  })

  test('the k-th largest is that of the sorted values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 80 }), fc.nat(79), (values, k) => {
        fc.pre(k < values.length)
        const sorted = Float64Array.from(values).sort().reverse()
        // + 0: the sign of a zero does not count.
        expect(kthLargest(Float64Array.from(values), k + 1) + 0).toBe(sorted[k]! + 0)
      }),
    )
  })
})

describe('running JMA intensity', () => {
  test('equals the record’s intensity of its last 60 s at every second, from the first second on', () => {
    const axes = [1.1, 2.3, 0.7].map((f, k) => sine(700, f, 10, k + 1))
    const running = new RunningJma(10, { window_s: 20, update_s: 1 })
    let updates = 0
    for (let i = 0; i < 700; i++) {
      const result = running.push(axes[0]![i]!, axes[1]![i]!, axes[2]![i]!)
      expect(result !== undefined).toBe(i % 10 === 9)
      if (result === undefined) continue
      updates++
      const from = Math.max(0, i + 1 - 200)
      const { a_gal, intensity } = jmaIntensity(
        axes.map((a) => a.slice(from, i + 1)),
        10,
      )
      expect(result.a_gal).toBeCloseTo(a_gal, 9)
      expect(result).toMatchObject({ intensity, window_s: (i + 1 - from) / 10 })
    }
    expect(updates).toBe(70)
  })

  test('a gap begins the window anew: nothing is joined over it', () => {
    const running = new RunningJma(100)
    for (let i = 0; i < 950; i++) running.push(0, 0, 9.81)
    expect(running.push(0, Number.NaN, 0)).toBeUndefined()
    // Back with another offset: a joint of the two would be a jolt of class 4 or more.
    const results = Array.from({ length: 200 }, () => running.push(1, 1, 1)).filter((r) => r !== undefined)
    expect(results.map((r) => [r.window_s, r.class])).toEqual([
      [1, '0'],
      [2, '0'],
    ])
  })

  test.each([
    [0, {}],
    [100, { window_s: 0.5 }],
    [100, { update_s: 0.1 }],
    [100, { window_s: Number.POSITIVE_INFINITY }],
  ])('at %d Hz with %j is refused', (rate, options) => {
    expect(() => new RunningJma(rate, options)).toThrow(RangeError)
  })
})
