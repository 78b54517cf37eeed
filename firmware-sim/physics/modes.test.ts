import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildingModes, uniformStoreys } from './building.ts'
import { CHOPRA_STIFFNESS, chopraBuilding } from './elcentro.fixture.ts'
import { modesOf } from './modes.ts'
import { ShearBuilding } from './shear-building.ts'

describe('modes', () => {
  const storeys = fc.array(
    fc.record({
      mass: fc.double({ min: 1e4, max: 1e6, noNaN: true }),
      stiffness: fc.double({ min: 1e7, max: 1e10, noNaN: true }),
    }),
    { minLength: 1, maxLength: 20 },
  )

  test('K φ = ω² M φ, φᵀ M φ = 1, Σ Γ² = total mass, for any storeys', () => {
    fc.assert(
      fc.property(storeys, (all) => {
        const mass = all.map((s) => s.mass)
        const stiffness = all.map((s) => s.stiffness)
        const modes = modesOf(mass, stiffness)
        const largest = modes.at(-1)!.omega ** 2
        for (const { omega, shape } of modes) {
          for (let i = 0; i < mass.length; i++) {
            const below = stiffness[i]! * (shape[i]! - (shape[i - 1] ?? 0))
            const above = i + 1 < mass.length ? stiffness[i + 1]! * (shape[i + 1]! - shape[i]!) : 0
            const inertia = omega ** 2 * mass[i]! * shape[i]!
            expect(Math.abs(below - above - inertia)).toBeLessThan(1e-10 * largest * Math.sqrt(Math.max(...mass)) * 10)
          }
          expect(shape.reduce((sum, x, i) => sum + x * x * mass[i]!, 0)).toBeCloseTo(1, 9)
        }
        const total = mass.reduce((sum, m) => sum + m, 0)
        expect(modes.reduce((sum, m) => sum + m.participation ** 2, 0) / total).toBeCloseTo(1, 9)
      }),
      { numRuns: 60 },
    )
  })

  test('a uniform building has the frequency that was asked for', () => {
    for (const count of [1, 5, 42, 200]) {
      const all = uniformStoreys({ storeys: count, mass_kg: 4e5, height_m: 3.3, frequency_hz: 0.7 })
      expect(buildingModes({ storeys: all })[0]!.frequency_hz).toBeCloseTo(0.7, 9)
    }
  })
})

describe('loss of stiffness', () => {
  test('-20 % in the lowest storey lowers f1 of the running building by what the eigenvalues say', () => {
    const building = new ShearBuilding(chopraBuilding, 100)
    const before = building.modes()[0]!.frequency_hz
    building.setStiffness(0, 0.8 * CHOPRA_STIFFNESS)
    const after = building.modes()[0]!.frequency_hz
    // First order (Rayleigh quotient): Δω²/ω² = −0.2 k φ1² / ω² with φᵀMφ = 1; it overstates the loss a little.
    const mode = buildingModes(chopraBuilding)[0]!
    const firstOrder = 1 - (0.2 * CHOPRA_STIFFNESS * mode.shape[0]! ** 2) / mode.omega ** 2
    expect((after / before) ** 2).toBeGreaterThan(firstOrder - 0.02)
    expect((after / before) ** 2).toBeLessThan(firstOrder + 0.001)
    expect(1 - after / before).toBeGreaterThan(0.02)
    expect(1 - after / before).toBeLessThan(0.06)
    expect(frequencyOf(building)).toBeCloseTo(after, 2)
  })

  test('free vibration of the sound building is at f1', () => {
    const building = new ShearBuilding(chopraBuilding, 100)
    expect(frequencyOf(building)).toBeCloseTo(buildingModes(chopraBuilding)[0]!.frequency_hz, 2)
  })

  /** From upward zero crossings of the roof, after the higher modes have died away. */
  function frequencyOf(building: ShearBuilding): number {
    const crossings: number[] = []
    let before = 0
    for (let k = 0; k < 8000; k++) {
      const now = building.step(k > 0 && k <= 20 ? 50 : 0).displacement_m[4]!
      if (k > 2000 && before < 0 && now >= 0) crossings.push(k - now / (now - before))
      before = now
    }
    return (crossings.length - 1) / ((crossings.at(-1)! - crossings[0]!) / 100)
  }

  test('a storey that is bent loses force at once; a storey that is straight moves nothing', () => {
    const at = (stiffness: number | undefined, moving: boolean) => {
      const building = new ShearBuilding(chopraBuilding, 100)
      for (let k = 0; k < 60; k++) building.step(moving ? 50 : 0)
      if (stiffness !== undefined) building.setStiffness(2, stiffness)
      return [...building.state.acceleration_m_s2]
    }
    expect(at(10, false)).toEqual(at(undefined, false))
    expect(at(10, true)).not.toEqual(at(undefined, true))
  })
})
