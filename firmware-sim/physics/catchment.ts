/**
 * A catchment in a storm: rain → losses → runoff → river reaches → stage at gauges, each later than the one above. The
 * formulae are `measures/water/`; the rain is `storm.ts`; making recordings of it is `water-series.ts`.
 *
 * The formulae use Math.pow and Math.exp, whose last bit a machine may choose: stages are therefore rounded to the gauge's
 * resolution, and what a register carries is the same everywhere.
 */
import { Muskingum, type MuskingumReach } from '../../measures/water/muskingum.ts'
import { ratingCurve, type Segment, stageAtDischarge_m } from '../../measures/water/rating-curve.ts'
import { type NonlinearReservoir, nonlinearReservoirStep } from '../../measures/water/reservoir.ts'
import { directRunoff_m3_s, runoffByStep_mm } from '../../measures/water/scs.ts'
import { finite, positive, refuse, whole, within } from './refuse.ts'
import type { Storm } from './storm.ts'

export type Reach = Omit<MuskingumReach, 'dt_s'>

export type CatchmentGauge = {
  readonly id: string
  /** Reaches between the catchment's outlet and the gauge: 0 stands at the outlet. */
  readonly reach: number
  /** Q = C (h − h0)^b in m and m³/s. */
  readonly rating: readonly Segment[]
  /** Default 1 mm. */
  readonly resolution_m?: number
}

export type Catchment = {
  readonly area_km2: number
  /** SCS curve number: 98 asphalt, 75 gardens, 60 woods [K]. */
  readonly curve_number: number
  /** Runoff to discharge: SCS unit hydrograph, or the reservoir S = k Q^m. */
  readonly transform: { readonly tc_h: number } | { readonly reservoir: NonlinearReservoir }
  readonly baseflow_m3_s: number
  /** Downstream from the outlet. */
  readonly reaches: readonly Reach[]
  readonly gauges: readonly CatchmentGauge[]
}

export type CatchmentRun = {
  readonly step_s: number
  /** Of each step of the storm. */
  readonly runoff_mm: Float64Array
  /** At 0, 1, 2 … steps after the start of the rain: at the outlet, then after each reach. */
  readonly discharge_m3_s: readonly Float64Array[]
  readonly gauges: ReadonlyArray<{ readonly id: string; readonly stage_m: Float64Array }>
}

const STEPS_MAX = 200_000

/**
 * @param duration_h from the start of the rain
 * @throws PlumblineError USAGE naming what cannot be
 */
export function runCatchment(catchment: Catchment, storm: Storm, duration_h: number): CatchmentRun {
  const steps = Math.ceil((positive('duration_h', duration_h) * 3600) / positive('step_s', storm.step_s))
  if (steps > STEPS_MAX) refuse('duration_h', `at most ${STEPS_MAX} steps of ${storm.step_s} s`, duration_h)
  positive('catchment.area_km2', catchment.area_km2)
  within('catchment.curve_number', catchment.curve_number, 1, 100)
  if (!(catchment.baseflow_m3_s >= 0)) refuse('catchment.baseflow_m3_s', '0 or more', catchment.baseflow_m3_s)
  finite('storm.rain_mm', storm.rain_mm)
  const runoff_mm = told('storm', () => runoffByStep_mm(storm.rain_mm, catchment.curve_number))
  const direct = directRunoff(catchment, runoff_mm, storm.step_s, steps)
  const discharge: Float64Array[] = [direct.map((q) => q + catchment.baseflow_m3_s)]
  catchment.reaches.forEach((reach, i) => {
    discharge.push(routeReach(discharge[i]!, reach, storm.step_s, `catchment.reaches[${i}]`))
  })
  const gauges = catchment.gauges.map((gauge, i) => {
    const at = `catchment.gauges[${i}]`
    const flow = discharge[whole(`${at}.reach`, gauge.reach, 0, catchment.reaches.length)]!
    return { id: gauge.id, stage_m: told(at, () => stages(flow, gauge)) }
  })
  return { step_s: storm.step_s, runoff_mm, discharge_m3_s: discharge, gauges }
}

/** Storm runoff at the outlet at 0, 1, … `steps` steps. */
function directRunoff(catchment: Catchment, runoff_mm: Float64Array, step_s: number, steps: number): Float64Array {
  const { transform, area_km2 } = catchment
  const out = new Float64Array(steps + 1)
  if ('tc_h' in transform) {
    const basin = { area_km2, tc_h: positive('catchment.transform.tc_h', transform.tc_h) }
    const response = told('catchment.transform', () => directRunoff_m3_s(runoff_mm, basin, step_s / 3600))
    out.set(response.subarray(0, steps + 1))
    return out
  }
  let outflow = 0
  for (let k = 0; k < steps; k++) {
    // 1 mm on 1 km² is 1,000 m³.
    const inflow = ((runoff_mm[k] ?? 0) * area_km2 * 1000) / step_s
    const next = told('catchment.transform', () => nonlinearReservoirStep(outflow, inflow, transform.reservoir, step_s))
    outflow = next.outflow_m3_s
    // The mean of the step closes the water balance to rounding, where the value at its end would only come near.
    out[k + 1] = Math.max(0, next.mean_outflow_m3_s)
  }
  return out
}

/**
 * A reach by Muskingum, cut into the fewest equal parts that the step allows (2Kx <= dt <= 2K(1−x) for each); steady before
 * the first value unless an outflow is given.
 * @throws PlumblineError USAGE where no number of parts fits the step
 */
export function routeReach(
  inflow_m3_s: Float64Array,
  reach: Reach,
  step_s: number,
  where = 'reach',
  outflow_m3_s?: number,
): Float64Array {
  const parts = reachParts(reach, step_s, where)
  const chain = Array.from({ length: parts }, () =>
    told(where, () => new Muskingum({ k_s: reach.k_s / parts, x: reach.x, dt_s: step_s }, outflow_m3_s)),
  )
  return inflow_m3_s.map((inflow) => chain.reduce((flow, part) => part.push(flow), inflow))
}

/** In how many parts a reach is routed at a step. */
export function reachParts({ k_s, x }: Reach, step_s: number, where = 'reach'): number {
  positive(`${where}.k_s`, k_s)
  within(`${where}.x`, x, 0, 0.5)
  const parts = Math.max(1, Math.ceil((2 * k_s * x) / step_s - 1e-9))
  if ((2 * k_s * (1 - x)) / parts < step_s * (1 - 1e-9))
    refuse(`${where}.k_s`, `at least ${step_s / (2 * (1 - x))} s for steps of ${step_s} s, in whole parts`, k_s)
  return parts
}

function stages(discharge_m3_s: Float64Array, { rating, resolution_m = 0.001 }: CatchmentGauge): Float64Array {
  const curve = ratingCurve(rating)
  const perMetre = Math.round(1 / positive('resolution_m', resolution_m))
  return discharge_m3_s.map((q) => Math.round(stageAtDischarge_m(curve, q) * perMetre) / perMetre)
}

/** The measures say RangeError to a programmer; a person is told where in the description it was. */
function told<T>(where: string, compute: () => T): T {
  try {
    return compute()
  } catch (error) {
    if (error instanceof RangeError) refuse(where, 'what can be computed', error.message)
    throw error
  }
}
