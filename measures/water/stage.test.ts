import { describe, expect, test } from 'vitest'
import {
  correctedUltrasonicDistance_m,
  freshWaterDensity_kg_m3,
  normalGravity_m_s2,
  stageFromDistance_m,
  stageFromPressure_m,
} from './stage.ts'

describe('stage from distance', () => {
  test('a radar 12.50 m above the sea that sees water 8.20 m below it, gauge datum at 3.00 m: stage 1.30 m', () => {
    expect(stageFromDistance_m(8.2, { sensor_elevation_m: 12.5, datum_elevation_m: 3 })).toBeCloseTo(1.3, 12)
  })
  test('a beam 60° off the vertical reaches half as deep', () => {
    expect(stageFromDistance_m(4, { sensor_elevation_m: 10, tilt_rad: Math.PI / 3 })).toBeCloseTo(8, 12)
  })
  test('no echo (NaN) is no stage; a distance below zero or settings that are no numbers are refused', () => {
    expect(stageFromDistance_m(Number.NaN, { sensor_elevation_m: 10 })).toBeNaN()
    expect(() => stageFromDistance_m(-0.1, { sensor_elevation_m: 10 })).toThrow(/distance_m: expected 0 or more/)
    expect(() => stageFromDistance_m(1, { sensor_elevation_m: Number.NaN })).toThrow(/sensor_elevation_m/)
    expect(() => stageFromDistance_m(1, { sensor_elevation_m: 10, tilt_rad: 2 })).toThrow(/tilt_rad/)
  })
  test('ultrasonic: sound at 0 °C is slower than at 20 °C by √(273.15/293.15), so the water is nearer than it seems', () => {
    expect(correctedUltrasonicDistance_m(10, 273.15)).toBeCloseTo(10 * Math.sqrt(273.15 / 293.15), 12)
    expect(correctedUltrasonicDistance_m(10, 273.15)).toBeCloseTo(9.653, 3)
  })
})

describe('stage from pressure', () => {
  const gauge = { probe_elevation_m: 2, datum_elevation_m: 1.5 }
  test('1 m of water at 1000 kg/m³ and standard gravity is 9806.65 Pa', () => {
    expect(stageFromPressure_m(9806.65, 0, gauge)).toBeCloseTo(1.5, 12)
    expect(stageFromPressure_m(101_325 + 9806.65, 101_325, gauge)).toBeCloseTo(1.5, 12)
  })
  test('1 hPa of air pressure not compensated is 10.2 mm', () => {
    expect(
      stageFromPressure_m(109_806.65, 99_900, gauge) - stageFromPressure_m(109_806.65, 100_000, gauge),
    ).toBeCloseTo(0.0102, 5)
  })
  test('sea water of 1025 kg/m³ stands 2.4 % lower for the same pressure', () => {
    const fresh = stageFromPressure_m(98_066.5, 0, { probe_elevation_m: 0 })
    expect(stageFromPressure_m(98_066.5, 0, { probe_elevation_m: 0, density_kg_m3: 1025 })).toBeCloseTo(
      fresh / 1.025,
      12,
    )
  })
  test('a missing air pressure gives no stage, an infinite one is refused', () => {
    expect(stageFromPressure_m(101_325, Number.NaN, gauge)).toBeNaN()
    expect(() => stageFromPressure_m(Number.POSITIVE_INFINITY, 0, gauge)).toThrow(RangeError)
    expect(() => stageFromPressure_m(1, 0, { ...gauge, density_kg_m3: 0 })).toThrow(/density_kg_m3/)
  })
})

describe('water and gravity', () => {
  test('density of fresh water, CIPM (Tanaka 2001) table: 999.975 at 4 °C, 998.207 at 20 °C, 997.048 at 25 °C', () => {
    expect(freshWaterDensity_kg_m3(277.15)).toBeCloseTo(999.975, 3)
    expect(freshWaterDensity_kg_m3(293.15)).toBeCloseTo(998.207, 3)
    expect(freshWaterDensity_kg_m3(298.15)).toBeCloseTo(997.047, 3)
    expect(() => freshWaterDensity_kg_m3(320)).toThrow(RangeError)
  })
  test('normal gravity, GRS80: 9.7803267715 at the equator, 9.8321863685 at the pole', () => {
    expect(normalGravity_m_s2(0)).toBeCloseTo(9.7803267715, 10)
    expect(normalGravity_m_s2(Math.PI / 2)).toBeCloseTo(9.8321863685, 8)
  })
})
