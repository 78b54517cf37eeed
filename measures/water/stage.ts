/**
 * Stage above gauge datum from what a gauge really measures: the distance down to the water (radar, ultrasonic) or the
 * pressure of the water above a probe. Every height is in metres above the same vertical reference, e.g. TWVD2001 or NAVD88.
 */
import { G_M_S2 } from '../../domain/units.ts'
import { requireFinite, requirePositive } from './checks.ts'

export type DistanceGauge = {
  /** Elevation of the sensor's zero (for radar the flange, for ultrasonic the face) [m]. */
  readonly sensor_elevation_m: number
  /** Elevation of stage zero [m]; default 0: the stage is then an elevation. */
  readonly datum_elevation_m?: number
  /** Angle of the beam from the vertical [rad], below π/2; default 0. */
  readonly tilt_rad?: number
}

/**
 * stage = sensor elevation − distance · cos(tilt) − datum elevation [m].
 * @param distance_m along the beam [m]; NaN (no echo) gives NaN
 * @throws RangeError for a distance below 0 or infinite, or settings that are no numbers
 */
export function stageFromDistance_m(distance_m: number, gauge: DistanceGauge): number {
  const tilt_rad = requireFinite('tilt_rad', gauge.tilt_rad ?? 0)
  if (Math.abs(tilt_rad) >= Math.PI / 2)
    throw new RangeError(`tilt_rad: expected between -π/2 and π/2, got ${gauge.tilt_rad}`)
  if (distance_m < 0 || distance_m === Number.POSITIVE_INFINITY)
    throw new RangeError(`distance_m: expected 0 or more, got ${distance_m}`)
  const sensor_m = requireFinite('sensor_elevation_m', gauge.sensor_elevation_m)
  return sensor_m - distance_m * Math.cos(tilt_rad) - requireFinite('datum_elevation_m', gauge.datum_elevation_m ?? 0)
}

/**
 * Distance of an ultrasonic sensor corrected for the speed of sound at the true air temperature: sound in dry air runs as
 * √T, so d = d_measured · √(T / T_assumed). Valid for −30…50 °C; humidity adds at most 0.5 % [K].
 * @param air_K true air temperature [K]
 * @param assumed_K temperature the sensor took for its answer [K]; most sensors without compensation take 293.15
 */
export const correctedUltrasonicDistance_m = (distance_m: number, air_K: number, assumed_K = 293.15): number =>
  distance_m * Math.sqrt(requirePositive('air_K', air_K) / requirePositive('assumed_K', assumed_K))

export type PressureGauge = {
  /** Elevation of the probe's membrane [m]. */
  readonly probe_elevation_m: number
  readonly datum_elevation_m?: number
  /** Density of the water [kg/m³]; default 1000. See `freshWaterDensity_kg_m3`; sea water is about 1025. */
  readonly density_kg_m3?: number
  /** Local gravity [m/s²]; default standard gravity. See `normalGravity_m_s2`. */
  readonly gravity_m_s2?: number
}

/**
 * stage = probe elevation + (p − p_air) / (ρ g) − datum elevation [m] (hydrostatics).
 * @param pressure_pa at the membrane [Pa]; NaN gives NaN
 * @param barometric_pa air pressure [Pa] for an absolute probe; 0 for a vented (gauge) probe. It must be of the same instant:
 *   1 hPa not compensated is 10.2 mm of stage
 */
export function stageFromPressure_m(pressure_pa: number, barometric_pa: number, gauge: PressureGauge): number {
  if (Math.abs(pressure_pa) === Number.POSITIVE_INFINITY || Math.abs(barometric_pa) === Number.POSITIVE_INFINITY)
    throw new RangeError(`pressure: expected finite, got ${pressure_pa} and ${barometric_pa} Pa`)
  const density_kg_m3 = requirePositive('density_kg_m3', gauge.density_kg_m3 ?? 1000)
  const gravity_m_s2 = requirePositive('gravity_m_s2', gauge.gravity_m_s2 ?? G_M_S2)
  const above_m = (pressure_pa - barometric_pa) / (density_kg_m3 * gravity_m_s2)
  const probe_m = requireFinite('probe_elevation_m', gauge.probe_elevation_m)
  return probe_m + above_m - requireFinite('datum_elevation_m', gauge.datum_elevation_m ?? 0)
}

/**
 * Density of air-free fresh water at 101,325 Pa [kg/m³], Tanaka et al., Metrologia 38 (2001) 301, the CIPM formula [K].
 * Valid for 0…40 °C; a river with a little sediment or salt is heavier.
 */
export function freshWaterDensity_kg_m3(water_K: number): number {
  const t = water_K - 273.15
  if (!(t >= 0 && t <= 40)) throw new RangeError(`water_K: expected 273.15 to 313.15, got ${water_K}`)
  return 999.97495 * (1 - ((t - 3.983035) ** 2 * (t + 301.797)) / (522_528.9 * (t + 69.34881)))
}

/** Normal gravity at sea level [m/s²], Somigliana's formula with the constants of GRS80 (Moritz 1980) [K]. */
export function normalGravity_m_s2(latitude_rad: number): number {
  const s2 = Math.sin(requireFinite('latitude_rad', latitude_rad)) ** 2
  return (9.7803267715 * (1 + 0.001931851353 * s2)) / Math.sqrt(1 - 0.0066943800229 * s2)
}
