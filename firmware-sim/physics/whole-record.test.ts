import { describe, expect, test } from 'vitest'
import type { Building } from './building.ts'
import { CHOPRA_STIFFNESS, chopraBuilding, EL_CENTRO_RATE_HZ, elCentro_g, G_IN_S2 } from './elcentro.fixture.ts'
import { ShearBuilding } from './shear-building.ts'
import { resample, wholeRecord } from './whole-record.ts'

const ground_m_s2 = elCentro_g.map((a) => a * G_IN_S2)
const sample_rate_hz = EL_CENTRO_RATE_HZ

describe('a whole record', () => {
  test('is the stream of steps, floor by floor, with the ground below', () => {
    const record = wholeRecord({ building: chopraBuilding, ground_m_s2, sample_rate_hz, substeps: 1 })
    const stream = new ShearBuilding(chopraBuilding, sample_rate_hz)
    expect(record.acceleration_m_s2[0]).toBe(ground_m_s2)
    for (const [k, a] of ground_m_s2.entries()) {
      const state = stream.step(a)
      expect(record.acceleration_m_s2[5]![k]).toBe(state.acceleration_m_s2[4])
      expect(record.displacement_m[2]![k]).toBe(state.displacement_m[2])
      expect(record.tilt_rad[0]![k]).toBe(state.tilt_rad[0])
    }
  })

  test('of a stiff building is the ground itself on every floor: too few steps a sample would ring instead', () => {
    const building: Building = {
      storeys: chopraBuilding.storeys.map((s) => ({ ...s, stiffness_N_m: s.stiffness_N_m * 1e4 })),
      damping: { ratio: 0.05 },
    }
    const { acceleration_m_s2 } = wholeRecord({ building, ground_m_s2, sample_rate_hz, substeps: 20 })
    const rms = (x: Float64Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)
    const error = acceleration_m_s2[5]!.map((a, k) => a - ground_m_s2[k]!)
    expect(rms(error) / rms(ground_m_s2)).toBeLessThan(0.02)
  })

  test('substeps are the same ground sampled finer: El Centro at 50 Hz with 10 of them is El Centro at 500 Hz', () => {
    const coarse = wholeRecord({ building: chopraBuilding, ground_m_s2, sample_rate_hz, substeps: 10 })
    const fine = wholeRecord({
      building: chopraBuilding,
      ground_m_s2: resample(ground_m_s2, 50, 500),
      sample_rate_hz: 500,
    })
    for (let k = 0; k < ground_m_s2.length; k++)
      expect(coarse.displacement_m[4]![k]).toBeCloseTo(fine.displacement_m[4]![10 * k]!, 9)
  })

  test('linear: half the ground is half the response', () => {
    const full = wholeRecord({ building: chopraBuilding, ground_m_s2, sample_rate_hz })
    const half = wholeRecord({ building: chopraBuilding, ground_m_s2: ground_m_s2.map((a) => a / 2), sample_rate_hz })
    for (let k = 0; k < ground_m_s2.length; k += 10)
      expect(half.displacement_m[4]![k]).toBeCloseTo(full.displacement_m[4]![k]! / 2, 9)
  })

  test('damage changes nothing before its instant, and the frequencies after it', () => {
    const damage = [{ at_s: 10, storey: 0, share: 0.8 }]
    const sound = wholeRecord({ building: chopraBuilding, ground_m_s2, sample_rate_hz })
    const hurt = wholeRecord({ building: chopraBuilding, ground_m_s2, sample_rate_hz, damage })
    expect(hurt.displacement_m[4]!.subarray(0, 500)).toEqual(sound.displacement_m[4]!.subarray(0, 500))
    expect(hurt.displacement_m[4]!.subarray(510)).not.toEqual(sound.displacement_m[4]!.subarray(510))
    expect(hurt.modes_before[0]!.omega).toBe(sound.modes_after[0]!.omega)
    const weaker = new ShearBuilding(chopraBuilding, 50)
    weaker.setStiffness(0, 0.8 * CHOPRA_STIFFNESS)
    expect(hurt.modes_after[0]!.omega).toBe(weaker.modes()[0]!.omega)
  })

  test.each([
    ['ground_m_s2[1]', { ground_m_s2: Float64Array.of(0, Number.NaN) }],
    ['ground_m_s2.length', { ground_m_s2: new Float64Array(0) }],
    ['damage[0].share', { damage: [{ at_s: 1, storey: 0, share: 0 }] }],
    ['storey', { damage: [{ at_s: 1, storey: 5, share: 0.5 }] }],
    ['sample_rate_hz', { sample_rate_hz: 0 }],
    ['substeps', { substeps: 0 }],
  ])('%s that cannot be is named', (where, change) => {
    expect(() => wholeRecord({ building: chopraBuilding, ground_m_s2, sample_rate_hz, ...change })).toThrow(where)
  })
})

describe('another sample rate', () => {
  test('keeps the samples it had and puts straight lines between them', () => {
    expect([...resample(Float64Array.of(0, 2, -2), 50, 100)]).toEqual([0, 1, 2, 0, -2])
    expect([...resample(Float64Array.of(0, 3), 100, 300)].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([0, 1, 2, 3])
    expect(resample(ground_m_s2, 50, 100).length).toBe(2 * 1560 - 1)
    expect([...resample(Float64Array.of(7), 50, 100)]).toEqual([7])
  })

  test('a lower one would fold frequencies and is refused', () => {
    expect(() => resample(ground_m_s2, 100, 50)).toThrow('at least 100')
  })
})
