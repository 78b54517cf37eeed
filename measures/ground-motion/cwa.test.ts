import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadRecording } from '../../recordings/load.ts'
import { filterCausal } from '../signal/butterworth.ts'
import { cumulativeTrapezoid } from '../signal/integrate.ts'
import { cwa2020, cwaClass, cwaFilters } from './cwa.ts'
import { RunningCwa } from './running-cwa.ts'
import { aomori, haveShared, hualien } from './test/records.ts'

const RATE = 100
const zeros = (n: number) => new Float64Array(n)
const sine = (n: number, from = 0) =>
  Float64Array.from({ length: n }, (_, i) => (i < from ? 0 : Math.sin((2 * Math.PI * (i - from)) / RATE)))
const yonago = async () => {
  const record = await loadRecording('jma-yonago-2000')
  if (record.kind !== 'waveform') throw new Error('expected a waveform')
  return record.axes.map(({ samples }) => samples)
}

describe('the CWA scale of 2020', () => {
  test.each([
    [0, 0, '0'],
    [0.79, 200, '0'],
    [0.8, 0, '1'],
    [2.49, 0, '1'],
    [2.5, 0, '2'],
    [8, 0, '3'],
    [25, 0, '4'],
    [79.99, 200, '4'],
    [80, 0, '4'],
    [800, 14.99, '4'],
    [80, 15, '5-'],
    [80, 29.99, '5-'],
    [80, 30, '5+'],
    [80, 50, '6-'],
    [80, 80, '6+'],
    [80, 139.99, '6+'],
    [80, 140, '7'],
    [3000, 500, '7'],
  ] as const)('PGA %d gal with PGV %d cm/s is class %s (domain.md 1.1, lower bounds inclusive)', (pga, pgv, klass) => {
    expect(cwaClass(pga, pgv)).toBe(klass)
  })

  test('peaks that are no numbers have no class', () => {
    expect(() => cwaClass(Number.NaN, 0)).toThrow('pga_gal: expected 0 or more, got NaN')
    expect(() => cwaClass(1, -1)).toThrow('pgv_cm_s: expected 0 or more, got -1')
  })

  test('jma-2000-tottori-yonago README and chemars: class 5-, PGA(10 Hz) 284.1 gal, PGV 29.3 cm/s', async () => {
    const result = cwa2020(await yonago(), RATE)
    expect(result.class).toBe('5-')
    expect(result.pga_gal).toBeCloseTo(284.1, 1)
    expect(result.pgv_cm_s).toBeCloseTo(29.3, 1)
  })

  test.skipIf(!haveShared('cwb-2018-hualien'))(
    'cwb-2018-hualien README: class 2 for both, PGA 3.26 and 4.96 gal',
    () => {
      const ecu = cwa2020(hualien('ECU'), 50)
      expect([ecu.class, expect.closeTo(ecu.pga_gal, 2)]).toEqual(['2', 3.26])
      const edh = cwa2020(hualien('EDH'), 50)
      expect([edh.class, expect.closeTo(edh.pga_gal, 2)]).toEqual(['2', 4.96])
    },
  )

  test.skipIf(!haveShared('knet-2018-aomori'))(
    'knet-2018-aomori README: AOM005 class 4, PGA 36.06 gal, PGV 1.82 cm/s',
    () => {
      const result = cwa2020([aomori('NS'), aomori('EW'), aomori('UD')], RATE)
      expect(result.class).toBe('4')
      expect(result.pga_gal).toBeCloseTo(36.06, 2)
      expect(result.pgv_cm_s).toBeCloseTo(1.82, 2)
    },
  )

  test('domain.md 1.1, the trap: 1 Hz of 100 gal from the first sample has PGV 23.8, in truth 15.9 cm/s', () => {
    expect(cwa2020([sine(6000), zeros(6000), zeros(6000)], RATE).pgv_cm_s).toBeCloseTo(23.8, 1)
    // The same sine long after the filter has met it.
    const velocity = cumulativeTrapezoid(sine(60_000), 0.01)
    const settled = filterCausal(cwaFilters(RATE).high, velocity).slice(50_000)
    expect(settled.reduce((a, b) => Math.max(a, b)) * 100).toBeCloseTo(15.9, 1)
  })

  test('does not see the sensor’s offset, the order or the sign of the components; scales with the motion', async () => {
    const axes = (await yonago()).map((a) => a.slice(0, 6000)) as [Float64Array, Float64Array, Float64Array]
    const { pga_gal, pgv_cm_s } = cwa2020(axes, RATE)
    const same = cwa2020([axes[2].map((v) => v + 9.81), axes[0].map((v) => -v), axes[1]], RATE)
    expect(same.pga_gal).toBeCloseTo(pga_gal, 8)
    expect(same.pgv_cm_s).toBeCloseTo(pgv_cm_s, 8)
    const half = cwa2020(
      axes.map((a) => a.map((v) => v / 2)),
      RATE,
    )
    expect(half.pga_gal).toBeCloseTo(pga_gal / 2, 8)
    expect(half.pgv_cm_s).toBeCloseTo(pgv_cm_s / 2, 8)
  })

  test('sampled at 50, 100 or 200 Hz the same motion has the same peaks', () => {
    // A burst of 1.3 Hz after 30 s of quiet.
    const motion = (t_s: number) =>
      t_s < 30 ? 0 : Math.sin(2 * Math.PI * 1.3 * t_s) * Math.exp(-(((t_s - 40) / 4) ** 2))
    const results = [50, 100, 200].map((rate) => {
      const a = Float64Array.from({ length: 60 * rate }, (_, i) => motion(i / rate))
      return cwa2020([a, a.map((v) => v / 2), zeros(60 * rate)], rate)
    })
    for (const { pga_gal, pgv_cm_s } of results) {
      expect(Math.abs(pga_gal / results[2]!.pga_gal - 1)).toBeLessThan(0.005)
      expect(Math.abs(pgv_cm_s / results[2]!.pgv_cm_s - 1)).toBeLessThan(0.005)
    }
  })

  test('a still record is class 0, whatever its offset', () => {
    expect(cwa2020([zeros(10).fill(9.81), zeros(10), zeros(10)], RATE)).toMatchObject({ class: '0' })
    expect(cwa2020([zeros(1), zeros(1), zeros(1)], RATE)).toMatchObject({ class: '0', pga_gal: 0, pgv_cm_s: 0 })
  })

  test('too slow a rate, missing components and gaps are refused', () => {
    expect(() => cwa2020([zeros(10), zeros(10), zeros(10)], 20)).toThrow(/corner_hz: expected between 0 and 10 Hz/)
    expect(() => cwa2020([zeros(10), zeros(10)], RATE)).toThrow('axes: expected 3, got 2')
    expect(() => cwa2020([zeros(3), Float64Array.of(0, Number.NaN, 0), zeros(3)], RATE)).toThrow(/1.*got NaN/)
  })
})

describe('the running CWA intensity', () => {
  /** 60 s of the sensor's offset, then the record from its own baseline. */
  const stream = async () => {
    const axes = await yonago()
    return axes.map((a, k) => {
      const offset = [0.1, -0.2, 9.81][k]!
      const level = a.reduce((sum, v) => sum + v, 0) / a.length
      return Float64Array.from({ length: 6000 + 6000 }, (_, i) => offset + (i < 6000 ? 0 : a[i - 6000]! - level))
    })
  }
  const feed = (
    cwa: RunningCwa,
    axes: readonly Float64Array[],
    from: number,
    to: number,
    holdFrom = Number.MAX_VALUE,
  ) => {
    for (let i = from; i < to; i++) cwa.push(axes[0]![i]!, axes[1]![i]!, axes[2]![i]!, i >= holdFrom)
  }

  test('equals the record’s peaks when the mean is held from the onset on: Yonago 5-, 284.1 gal, 29.3 cm/s', async () => {
    const axes = await stream()
    const cwa = new RunningCwa(RATE)
    feed(cwa, axes, 0, 6000)
    const quiet = cwa.take()
    expect(quiet).toMatchObject({ class: '0', settled: false })
    expect(quiet!.pgv_cm_s).toBeLessThan(1e-9)
    feed(cwa, axes, 6000, 12_000, 6000)
    const batch = cwa2020(axes, RATE, { kind: 'pre-event', duration_s: 60 })
    const peaks = cwa.take()!
    expect(peaks).toMatchObject({ class: '5-', settled: true })
    expect(peaks.pga_gal).toBeCloseTo(batch.pga_gal, 8)
    expect(peaks.pgv_cm_s).toBeCloseTo(batch.pgv_cm_s, 8)
    expect(Math.abs(peaks.pga_gal - 284.1)).toBeLessThan(0.2)
    expect(Math.abs(peaks.pgv_cm_s - 29.3)).toBeLessThan(0.2)
  })

  test('gives the same over a restart from saved state in the middle of the shaking', async () => {
    const axes = await stream()
    const whole = new RunningCwa(RATE)
    feed(whole, axes, 0, 7700, 6000)
    const restored = new RunningCwa(RATE, JSON.parse(JSON.stringify(whole.state())))
    whole.take()
    feed(whole, axes, 7700, 9000, 6000)
    feed(restored, axes, 7700, 9000, 6000)
    const [a, b] = [whole.take()!, restored.take()!]
    expect(b.pga_gal).toBeCloseTo(a.pga_gal, 9)
    expect(b.pgv_cm_s).toBeCloseTo(a.pgv_cm_s, 9)
    expect(b.settled).toBe(true)
    expect(() => new RunningCwa(RATE, { ...whole.state()!, means: [1] })).toThrow('state: expected 3 means, got [1]')
  })

  test('a day with gravity on one axis integrates to nothing, and a motion after it is as after the first minute', () => {
    const rate = 25
    const peaksAfter = (quiet_s: number) => {
      const cwa = new RunningCwa(rate)
      for (let i = 0; i < quiet_s * rate; i++) cwa.push(0.1, -0.2, 9.81)
      const quiet = cwa.take()!
      expect(quiet.pga_gal).toBeLessThan(1e-9)
      expect(quiet.pgv_cm_s).toBeLessThan(1e-9)
      for (let i = 0; i < 40 * rate; i++) cwa.push(0.1 + Math.sin(i / 5) * Math.exp(-i / 200), -0.2, 9.81, true)
      return cwa.take()!
    }
    const [minute, day] = [peaksAfter(60), peaksAfter(86_400)]
    expect(minute.pgv_cm_s).toBeGreaterThan(10)
    expect(day.pga_gal).toBeCloseTo(minute.pga_gal, 8)
    expect(day.pgv_cm_s).toBeCloseTo(minute.pgv_cm_s, 8)
  })

  test('without a second of samples there is nothing to tell, which is not class 0', () => {
    const cwa = new RunningCwa(RATE)
    expect(cwa.take()).toBeUndefined()
    for (let i = 0; i < 100; i++) cwa.push(5, 5, 5)
    expect([cwa.take(), cwa.state()]).toEqual([undefined, undefined])
    cwa.push(5, 5, 5)
    expect(cwa.take()).toMatchObject({ class: '0', settled: false })
    expect(cwa.take()).toBeUndefined()
  })

  test('after a gap it starts from the offset as it was and says that it is not settled', () => {
    fc.assert(
      fc.property(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY), fc.nat(2), (bad, axis) => {
        const cwa = new RunningCwa(RATE)
        for (let i = 0; i < 5000; i++) cwa.push(1, 2, 9.81)
        cwa.take()
        cwa.push(1, 2, 9.81)
        expect(cwa.take()).toMatchObject({ settled: true })
        const sample = [1, 2, 9.81]
        sample[axis] = bad
        cwa.push(...(sample as [number, number, number]))
        expect(cwa.take()).toBeUndefined()
        cwa.push(1, 2, 9.81)
        const after = cwa.take()!
        expect(after.settled).toBe(false)
        expect(after.pgv_cm_s).toBeLessThan(1e-9)
      }),
      { numRuns: 6 },
    )
  })
})
