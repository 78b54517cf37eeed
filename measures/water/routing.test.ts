import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Muskingum, muskingumCoefficients, routeMuskingum } from './muskingum.ts'
import {
  linearReservoirStep,
  nonlinearReservoirStep,
  routeLinearReservoir,
  routeNonlinearReservoir,
  storage_m3,
} from './reservoir.ts'

const HOUR_S = 3600
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, v) => total + v, 0)

describe('Chow, Maidment, Mays 1988, example 8.4.1 [K] (domain.md 6)', () => {
  const reach = { k_s: 2.3 * HOUR_S, x: 0.15, dt_s: HOUR_S }
  test('coefficients 0.0631 0.3442 0.5927', () => {
    const { c1, c2, c3 } = muskingumCoefficients(reach)
    expect(c1).toBeCloseTo(0.0631, 4)
    expect(c2).toBeCloseTo(0.3442, 4)
    expect(c3).toBeCloseTo(0.5927, 4)
    expect(c1 + c2 + c3).toBeCloseTo(1, 14)
  })
  test('outflow, within 1 cfs of the table', () => {
    const inflow = [93, 137, 208, 320, 442, 546, 630, 678, 691, 675, 634, 571, 477, 390, 329, 247, 184, 134, 108, 90]
    const book = [85, 91, 114, 159, 233, 324, 420, 509, 578, 623, 642, 635, 603, 546, 479, 413, 341, 274, 215, 170]
    const outflow = routeMuskingum(inflow, reach, 85)
    book.forEach((o, i) => {
      expect(Math.abs(outflow[i]! - o), `hour ${i + 1}`).toBeLessThanOrEqual(1)
    })
    expect(outflow[3]).toBeCloseTo(159.5, 1)
  })
})

describe('Muskingum', () => {
  test('a step outside 2Kx … 2K(1−x) is refused with the steps that fit', () => {
    expect(() => muskingumCoefficients({ k_s: 7200, x: 0.4, dt_s: 3600 })).toThrow(/expected 5760 to 8640 s/)
    expect(() => muskingumCoefficients({ k_s: 600, x: 0.1, dt_s: 3600 })).toThrow(/dt_s/)
    expect(() => muskingumCoefficients({ k_s: 3600, x: 0.6, dt_s: 3600 })).toThrow(/x:/)
  })
  test('steady stays steady; a missing inflow is refused, not routed', () => {
    expect([...routeMuskingum([5, 5, 5], { k_s: 7200, x: 0.2, dt_s: 3600 })]).toEqual(
      [5, 5, 5].map((v) => expect.closeTo(v, 12)),
    )
    expect(() => routeMuskingum([5, Number.NaN], { k_s: 7200, x: 0.2, dt_s: 3600 })).toThrow(/inflow\[1\]/)
  })
  test('what flows in flows out, never below zero, peak not above the inflow’s, and twice the flood is routed as twice', () => {
    const flows = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 })
    const reach = { k_s: 2.3 * HOUR_S, x: 0.15, dt_s: HOUR_S }
    fc.assert(
      fc.property(flows, (wave) => {
        const inflow = [0, ...wave, ...new Array<number>(60).fill(0)]
        const outflow = routeMuskingum(inflow, reach)
        expect(sum(outflow)).toBeCloseTo(sum(inflow), 6)
        expect(Math.min(...outflow)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...outflow)).toBeLessThanOrEqual(Math.max(...inflow))
        const twice = routeMuskingum(
          inflow.map((v) => 2 * v),
          reach,
        )
        twice.forEach((v, i) => {
          expect(v).toBeCloseTo(2 * outflow[i]!, 9)
        })
        const machine = new Muskingum(reach)
        expect(Float64Array.from(inflow, (v) => machine.push(v))).toEqual(outflow)
      }),
      { numRuns: 50 },
    )
  })
})

describe('linear reservoir', () => {
  test('domain.md 6: K 3 h, dt 1 h, inflow 10, from 0: 2.8347 4.8658 6.3212 7.3640 8.1112 8.6466', () => {
    const q = routeLinearReservoir([10, 10, 10, 10, 10, 10], 3 * HOUR_S, HOUR_S)
    const published = [2.8347, 4.8658, 6.3212, 7.364, 8.1112, 8.6466]
    published.forEach((v, i) => {
      expect(q[i]).toBeCloseTo(v, 4)
    })
  })
  test('two half steps are one step', () => {
    const half = linearReservoirStep(4, 10, 5000, 450)
    expect(linearReservoirStep(half, 10, 5000, 450)).toBeCloseTo(linearReservoirStep(4, 10, 5000, 900), 12)
    expect(() => linearReservoirStep(0, Number.NaN, 5000, 900)).toThrow(/inflow/)
  })
})

describe('non-linear reservoir S = k Q^m', () => {
  test('with m = 1 it is the linear one, ever closer with a finer step (second order)', () => {
    const exact = linearReservoirStep(0, 10, 3 * HOUR_S, 6 * HOUR_S)
    const error = (steps: number) =>
      Math.abs(
        routeNonlinearReservoir(new Array<number>(steps).fill(10), { k: 3 * HOUR_S, m: 1 }, (6 * HOUR_S) / steps).at(
          -1,
        )! - exact,
      )
    expect(error(60)).toBeLessThan(1e-3)
    expect(error(60) / error(120)).toBeGreaterThan(3.5)
  })
  test('recession with m = 2 is a straight line: dQ/dt = −1/(2k)', () => {
    const k = 1000
    const q = routeNonlinearReservoir(new Array<number>(100).fill(0), { k, m: 2 }, 10, 2)
    q.forEach((v, i) => {
      expect(v).toBeCloseTo(2 - ((i + 1) * 10) / (2 * k), 4)
    })
  })
  test('an empty basin fills, any step is stable, and the water balance closes', () => {
    const flow = fc.integer({ min: 0, max: 10_000 }).map((v) => v / 10)
    fc.assert(
      fc.property(
        flow,
        flow,
        fc.integer({ min: 20, max: 300 }),
        fc.integer({ min: 1, max: 1e6 }),
        (q0, inflow, m100, dt_s) => {
          const reservoir = { k: 5000, m: m100 / 100 }
          const step = nonlinearReservoirStep(q0, inflow, reservoir, dt_s)
          expect(step.outflow_m3_s).toBeGreaterThanOrEqual(0)
          expect(step.outflow_m3_s).toBeLessThanOrEqual(Math.max(q0, inflow) * 1.5 + 1e-9)
          const stored = storage_m3(reservoir, step.outflow_m3_s) - storage_m3(reservoir, q0)
          expect(stored + dt_s * step.mean_outflow_m3_s).toBeCloseTo(dt_s * inflow, 2)
        },
      ),
      { numRuns: 200 },
    )
  })
  test('negative or missing flow is refused', () => {
    expect(() => nonlinearReservoirStep(0, -1, { k: 1, m: 1 }, 1)).toThrow(/0 or more/)
    expect(() => routeNonlinearReservoir([1, Number.NaN], { k: 1, m: 1 }, 1)).toThrow(/inflow_m3_s\[1\]/)
  })
})
