/** What gauges read that stand in the sea (`physics/tide.ts`) or in a pond with pumps and a gate (`physics/pump-gate.ts`). */
import { instant, secondsToNs } from '../../domain/time.ts'
import { runCatchment } from '../physics/catchment.ts'
import { PumpGateStation } from '../physics/pump-gate.ts'
import { refuse } from '../physics/refuse.ts'
import { tide_m } from '../physics/tide.ts'
import type { Round } from './compose.ts'
import { between, STORM_STEP_S, stormOf } from './rain.ts'
import type { ScenarioFile, ScenarioStep } from './schema.ts'

type Tide = NonNullable<ScenarioStep['tide']>
type Pond = NonNullable<ScenarioStep['pond']>

/** Pumps and gate decide at least this often in device time [s]. */
const DECIDE_S = 60

/** Stage [m] at each real second of a round; the sea moves before `at_s`, too: its phases only count from there. */
export const tideStages = (file: ScenarioFile, tide: Tide, at_s: number): Float64Array =>
  Float64Array.from({ length: file.duration_s }, (_, second) =>
    seaLevel_m(tide, (second - at_s) * file.water_time_scale),
  )

const seaLevel_m = (tide: Tide, device_s: number): number =>
  tide_m({ ...tide, epoch: instant(0n) }, instant(secondsToNs(device_s)))

/** Level [m] of a pond at each real second of a round. @throws PlumblineError USAGE */
export function pondStages({ file, seed }: Round, pond: Pond, at_s: number, i: number): Float64Array {
  const scale = file.water_time_scale
  const decisions = Math.ceil(scale / DECIDE_S)
  const step_s = scale / decisions
  const station = new PumpGateStation({ pond, pumps: pond.pumps, ...(pond.gate && { gate: pond.gate }) }, step_s)
  const inflow_m3_s = inflowOf(pond, seed, i, ((file.duration_s - at_s) * scale) / 3600)
  checkFailures(pond)
  return Float64Array.from({ length: file.duration_s }, (_, second) => {
    if (second <= at_s) return station.stage_m
    for (let k = 0; k < decisions; k++) {
      const device_s = (second - 1 - at_s) * scale + k * step_s
      fail(station, pond, device_s / 3600)
      const outside_m = pond.tide === undefined ? pond.outside_m : seaLevel_m(pond.tide, device_s)
      station.step(between(inflow_m3_s, Math.max(0, device_s) / STORM_STEP_S), outside_m)
    }
    return station.stage_m
  })
}

/** Every `STORM_STEP_S` from the start of the rain. */
function inflowOf(pond: Pond, seed: number, i: number, duration_h: number): Float64Array {
  const { area_km2, curve_number, tc_h, baseflow_m3_s, rain } = pond
  const catchment = { area_km2, curve_number, transform: { tc_h }, baseflow_m3_s, reaches: [], gauges: [] }
  return runCatchment(catchment, stormOf(rain, seed, i), duration_h).discharge_m3_s[0]!
}

function checkFailures({ failures, pumps, gate }: Pond): void {
  for (const [k, failure] of failures.entries()) {
    const at = `failures[${k}]`
    if ((failure.pump === undefined) === (failure.gate === undefined)) refuse(at, 'pump or gate', failure)
    if (failure.to_h <= failure.from_h) refuse(`${at}.to_h`, `above from_h (${failure.from_h})`, failure.to_h)
    if ((failure.pump ?? 1) > Math.max(1, pumps.length)) refuse(`${at}.pump`, `1 to ${pumps.length}`, failure.pump)
    if (failure.gate && gate === undefined) refuse(`${at}.gate`, 'a pond with a gate', failure.gate)
  }
}

function fail(station: PumpGateStation, { pumps, failures }: Pond, at_h: number): void {
  const now = failures.filter(({ from_h, to_h }) => from_h <= at_h && at_h < to_h)
  for (let p = 0; p < pumps.length; p++)
    station.setPumpFailed(
      p,
      now.some(({ pump }) => pump === p + 1),
    )
  station.setGateStuck(now.some(({ gate }) => gate === true))
}
