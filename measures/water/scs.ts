/**
 * Rain to runoff by the methods of the U.S. Soil Conservation Service: curve number (TR-55, NEH 630 ch. 10 [K]) and
 * dimensionless unit hydrograph (NEH 630 ch. 16 [K]). For small basins and the simulator; base flow is not in it.
 */
import { requireFinite, requirePositive } from './checks.ts'

/** Initial abstraction as a share of S. */
const ABSTRACTION_SHARE = 0.2

/** Potential retention S = 25400/CN − 254 [mm]. @throws RangeError for a curve number outside (0, 100] */
export function retention_mm(curveNumber: number): number {
  if (!(curveNumber > 0 && curveNumber <= 100))
    throw new RangeError(`curveNumber: expected above 0 and up to 100, got ${curveNumber}`)
  return 25_400 / curveNumber - 254
}

/** Runoff depth Q = (P − 0.2 S)² / (P + 0.8 S) for P > 0.2 S, else 0 [mm]. P is the rain of the whole storm so far. */
export function runoff_mm(rain_mm: number, curveNumber: number): number {
  if (!(requireFinite('rain_mm', rain_mm) >= 0)) throw new RangeError(`rain_mm: expected 0 or more, got ${rain_mm}`)
  const s_mm = retention_mm(curveNumber)
  const excess_mm = rain_mm - ABSTRACTION_SHARE * s_mm
  return excess_mm <= 0 ? 0 : excess_mm ** 2 / (rain_mm + (1 - ABSTRACTION_SHARE) * s_mm)
}

/** Runoff of each step [mm] from the rain of each step: differences of the runoff of the rain so far. */
export function runoffByStep_mm(rain_mm: ArrayLike<number>, curveNumber: number): Float64Array {
  let rained_mm = 0
  let ran_mm = 0
  return Float64Array.from({ length: rain_mm.length }, (_, i) => {
    if (!(requireFinite(`rain_mm[${i}]`, rain_mm[i]!) >= 0))
      throw new RangeError(`rain_mm[${i}]: expected 0 or more, got ${rain_mm[i]}`)
    rained_mm += rain_mm[i]!
    const before_mm = ran_mm
    ran_mm = runoff_mm(rained_mm, curveNumber)
    return ran_mm - before_mm
  })
}

/** t/Tp and q/qp of the curvilinear unit hydrograph, NEH 630 table 16-1 [K]. */
const SHAPE: ReadonlyArray<readonly [number, number]> = [
  [0, 0],
  [0.1, 0.03],
  [0.2, 0.1],
  [0.3, 0.19],
  [0.4, 0.31],
  [0.5, 0.47],
  [0.6, 0.66],
  [0.7, 0.82],
  [0.8, 0.93],
  [0.9, 0.99],
  [1, 1],
  [1.1, 0.99],
  [1.2, 0.93],
  [1.3, 0.86],
  [1.4, 0.78],
  [1.5, 0.68],
  [1.6, 0.56],
  [1.7, 0.46],
  [1.8, 0.39],
  [1.9, 0.33],
  [2, 0.28],
  [2.2, 0.207],
  [2.4, 0.147],
  [2.6, 0.107],
  [2.8, 0.077],
  [3, 0.055],
  [3.2, 0.04],
  [3.4, 0.029],
  [3.6, 0.021],
  [3.8, 0.015],
  [4, 0.011],
  [4.5, 0.005],
  [5, 0],
]
const SHAPE_END = 5
/** Peak factor in SI: m³/s from km², mm, h. The table's own area gives 0.2079. */
const PEAK_FACTOR = 0.208

/** q/qp at t/Tp, straight between the table's points; 0 outside. */
export function unitHydrographShape(tOverTp: number): number {
  if (!(tOverTp > 0 && tOverTp < SHAPE_END)) return 0
  const i = SHAPE.findIndex(([t]) => t > tOverTp)
  const [t0, q0] = SHAPE[i - 1]!
  const [t1, q1] = SHAPE[i]!
  return q0 + ((q1 - q0) * (tOverTp - t0)) / (t1 - t0)
}

export type Basin = {
  readonly area_km2: number
  /** Time of concentration. */
  readonly tc_h: number
}

/** Time to peak Tp = D/2 + 0.6 Tc [h] for rain of duration D. */
export const timeToPeak_h = (d_h: number, tc_h: number): number =>
  requirePositive('d_h', d_h) / 2 + 0.6 * requirePositive('tc_h', tc_h)

/** Peak qp = 0.208 A / Tp of the unit hydrograph [m³/s per mm of runoff]. */
export const peakDischarge_m3_s_mm = (area_km2: number, tp_h: number): number =>
  (PEAK_FACTOR * requirePositive('area_km2', area_km2)) / requirePositive('tp_h', tp_h)

/** A basin of days in steps of seconds is refused rather than convolved for ever. */
const ORDINATES_MAX = 10_000

/**
 * Ordinates [m³/s per mm] at 0, dt, 2 dt, ... for runoff of duration dt, scaled so that they carry exactly 1 mm from the basin
 * (the table's area and its sampling leave them about a percent off). The step should be at most Tc / 5.
 */
export function unitHydrograph(basin: Basin, dt_h: number): Float64Array {
  const tp_h = timeToPeak_h(dt_h, basin.tc_h)
  const count = Math.ceil((SHAPE_END * tp_h) / dt_h) + 1
  if (count > ORDINATES_MAX)
    throw new RangeError(`dt_h: expected at least ${(SHAPE_END * tp_h) / ORDINATES_MAX}, got ${dt_h}`)
  const shape = Float64Array.from({ length: count }, (_, i) => unitHydrographShape((i * dt_h) / tp_h))
  const sum = shape.reduce((total, q) => total + q, 0)
  // 1 mm on 1 km² is 1,000 m³; the volume of the ordinates is their sum times the step.
  const scale = (requirePositive('area_km2', basin.area_km2) * 1000) / (sum * dt_h * 3600)
  return shape.map((q) => q * scale)
}

/** Direct runoff [m³/s] at 0, dt, 2 dt, ... from the start of the rain: the unit hydrographs of all steps' runoff, added. */
export function directRunoff_m3_s(runoffByStep_mm: ArrayLike<number>, basin: Basin, dt_h: number): Float64Array {
  const unit = unitHydrograph(basin, dt_h)
  if (runoffByStep_mm.length === 0) return new Float64Array(0)
  const out = new Float64Array(runoffByStep_mm.length + unit.length - 1)
  for (let i = 0; i < runoffByStep_mm.length; i++) {
    const depth_mm = requireFinite(`runoffByStep_mm[${i}]`, runoffByStep_mm[i]!)
    if (depth_mm !== 0) for (let k = 0; k < unit.length; k++) out[i + k]! += depth_mm * unit[k]!
  }
  return out
}
