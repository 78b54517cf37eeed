import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Building, uniformStoreys } from './building.ts'
import { EL_CENTRO_RATE_HZ, elCentro_g } from './elcentro.fixture.ts'
import { whiteAt } from './hash-noise.ts'
import { ShearBuilding } from './shear-building.ts'
import { resample, wholeRecord } from './whole-record.ts'

describe('yielding', () => {
  const yielding = (ratio: number | undefined, hardening?: number): Building => ({
    storeys: uniformStoreys({
      storeys: 5,
      mass_kg: 45_359,
      height_m: 3.6576,
      frequency_hz: 0.5,
      ...(ratio !== undefined && { yield_drift_ratio: ratio }),
      ...(hardening !== undefined && { hardening }),
    }),
    damping: { ratio: 0.05 },
  })
  const ground_m_s2 = resample(
    Float64Array.from([...elCentro_g, ...new Array(3000).fill(0)], (a) => a * 9.80665),
    EL_CENTRO_RATE_HZ,
    100,
  )
  const run = (building: Building) => wholeRecord({ building, ground_m_s2, sample_rate_hz: 100 })

  test('El Centro leaves a residual drift in storeys that yielded, and none in a building that did not', () => {
    const soft = run(yielding(0.005))
    const strong = run(yielding(0.05))
    expect(Math.abs(soft.residual_drift_m[0]!)).toBeGreaterThan(0.001)
    expect([...strong.residual_drift_m]).toEqual([0, 0, 0, 0, 0])
    // Half a minute later the floors stand where the residual drifts say.
    const still_m = soft.tilt_rad.map((t) => t.at(-1)! * 3.6576)
    for (const [i, drift] of still_m.entries()) expect(drift).toBeCloseTo(soft.residual_drift_m[i]!, 3)
    expect(Math.abs(strong.tilt_rad[0]!.at(-1)!)).toBeLessThan(1e-3)
  })

  test('strong enough not to yield is elastic to the last bit but rounding', () => {
    const [strong, elastic] = [run(yielding(0.05)), run(yielding(undefined))]
    for (let k = 0; k < ground_m_s2.length; k += 7)
      expect(strong.displacement_m[4]![k]).toBeCloseTo(elastic.displacement_m[4]![k]!, 12)
  })

  test('a storey pushed and let go: shear at yield, slope after it, and the drift that stays (bilinear, by hand)', () => {
    const [k, vy, alpha] = [1000, 10, 0.1]
    const storey = { mass_kg: 1, stiffness_N_m: k, height_m: 1, yield: { shear_N: vy, hardening: alpha } }
    const building = new ShearBuilding({ storeys: [storey], damping: { ratio: 0.5 } }, 1000)
    // Push slowly to 12 N: d = vy/k + 2 N / (alpha k) = 0.03 m; let go slowly.
    for (let i = 0; i <= 20_000; i++) building.step(-12 * Math.min(1, i / 10_000))
    expect(building.state.drift_m[0]).toBeCloseTo(0.03, 5)
    expect(building.state.shear_N[0]).toBeCloseTo(12, 3)
    for (let i = 0; i <= 20_000; i++) building.step(-12 * Math.max(0, 1 - i / 10_000))
    // Unloading is elastic: 0.03 − 12/1000.
    expect(building.state.drift_m[0]).toBeCloseTo(0.018, 5)
    expect(building.residualDrift_m()[0]).toBeCloseTo(0.018, 5)
  })

  test('shears never leave the yield lines, whatever shakes it', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.constantFrom(20, 100),
        (seed, a, rate) => {
          const building = yielding(0.004, a)
          const model = new ShearBuilding(building, rate)
          for (let k = 0; k < 400; k++) {
            const { shear_N, drift_m } = model.step(20 * whiteAt(seed, k))
            building.storeys.forEach((s, i) => {
              const line = (1 - a) * s.yield!.shear_N + 1e-6
              expect(Math.abs(shear_N[i]! - a * s.stiffness_N_m * drift_m[i]!)).toBeLessThanOrEqual(line * (1 + 1e-9))
            })
          }
        },
      ),
      { numRuns: 15 },
    )
  })
})
