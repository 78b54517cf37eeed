/**
 * From a catchment, a tide or a pond to recordings of stage that a gauge can play. The devices are `gauge.ts`; the water is
 * `catchment.ts`, `tide.ts` and `pump-gate.ts`.
 */
import { type Instant, instant, secondsToNs } from '../../domain/time.ts'
import type { Series } from '../../recordings/recording.ts'
import { type Catchment, type CatchmentRun, runCatchment } from './catchment.ts'
import { type PumpGate, PumpGateStation } from './pump-gate.ts'
import { positive, refuse } from './refuse.ts'
import type { Storm } from './storm.ts'
import { type Tide, tide_m } from './tide.ts'

type About = { readonly name: string; readonly start: Instant }

const VALUES_MAX = 1_000_000

/** Values at `start`, `start` + period, and so on. */
export function stageSeries(about: About & { source: string }, period_s: number, stage_m: Float64Array): Series {
  positive('period_s', period_s)
  if (stage_m.length > VALUES_MAX) refuse('values', `at most ${VALUES_MAX}`, stage_m.length)
  return {
    kind: 'series',
    name: about.name,
    quantity: 'stage',
    unit: 'm',
    t: BigInt64Array.from(stage_m, (_, k) => about.start + secondsToNs(k * period_s)),
    values: stage_m,
    source: about.source,
  }
}

export type CatchmentSeriesOptions = About & {
  readonly catchment: Catchment
  readonly storm: Storm
  /** From the start of the rain. */
  readonly duration_h: number
  /** Of the recordings, at most the storm's step (the default); straight between the steps, at the gauge's resolution. */
  readonly period_s?: number
  /** Steady flow before the rain; default 0. */
  readonly lead_s?: number
}

export type CatchmentSeries = {
  /** One per gauge in the catchment's order, called `<name>-<gauge id>`. */
  readonly series: readonly Series[]
  readonly run: CatchmentRun
}

/** @throws PlumblineError USAGE naming what cannot be */
export function catchmentSeries(options: CatchmentSeriesOptions): CatchmentSeries {
  const { catchment, storm, name, start } = options
  const period_s = positive('period_s', options.period_s ?? storm.step_s)
  if (period_s > storm.step_s) refuse('period_s', `at most the storm's step (${storm.step_s} s)`, period_s)
  const run = runCatchment(catchment, storm, options.duration_h)
  const lead = Math.round((options.lead_s ?? 0) / period_s)
  const rain_mm = storm.rain_mm.reduce((sum, mm) => sum + mm, 0)
  const source = `simulated catchment of ${catchment.area_km2} km², ${rain_mm.toFixed(0)} mm of rain; no real flood`
  const series = run.gauges.map(({ id, stage_m }, i) => {
    const perMetre = Math.round(1 / (catchment.gauges[i]!.resolution_m ?? 0.001))
    const count = Math.floor(((stage_m.length - 1) * run.step_s) / period_s + 1e-9) + 1
    const values = Float64Array.from({ length: lead + count }, (_, k) => {
      const value = between(stage_m, ((k - lead) * period_s) / run.step_s)
      return Math.round(value * perMetre) / perMetre
    })
    return stageSeries({ name: `${name}-${id}`, start, source }, period_s, values)
  })
  return { series, run }
}

/** Straight between the values; the first before them, the last after. */
function between(values: Float64Array, position: number): number {
  const at = Math.min(Math.max(position, 0), values.length - 1)
  const i = Math.floor(at)
  const next = values[i + 1]
  return next === undefined ? values[i]! : values[i]! + (next - values[i]!) * (at - i)
}

/** The sea, every `period_s` for `duration_h`, to the millimetre. */
export function tideSeries(options: About & { tide: Tide; duration_h: number; period_s: number }): Series {
  const { name, start, tide, period_s } = options
  const count = countOf(options.duration_h, period_s)
  const values = Float64Array.from({ length: count }, (_, k) => {
    const level = tide_m(tide, instant(start + secondsToNs(k * period_s)))
    return Math.round(level * 1000) / 1000
  })
  return stageSeries({ name, start, source: 'simulated tide' }, period_s, values)
}

export type PondSeriesOptions = About & {
  readonly station: PumpGate
  /** Mean inflow of each step. */
  readonly inflow_m3_s: Float64Array
  /** Level beyond the dike at an instant, e.g. `(at) => tide_m(tide, at)`. */
  readonly outside_m: (at: Instant) => number
  readonly step_s: number
}

/** The pond's level at the beginning of each step and at the end, to the millimetre. */
export function pondSeries(options: PondSeriesOptions): Series {
  const { name, start, inflow_m3_s, outside_m, step_s } = options
  const station = new PumpGateStation(options.station, step_s)
  const values = new Float64Array(inflow_m3_s.length + 1)
  values[0] = station.stage_m
  inflow_m3_s.forEach((inflow, k) => {
    values[k + 1] = station.step(inflow, outside_m(instant(start + secondsToNs(k * step_s)))).stage_m
  })
  const rounded = values.map((level) => Math.round(level * 1000) / 1000)
  return stageSeries({ name, start, source: 'simulated pond with pumps and gate' }, step_s, rounded)
}

function countOf(duration_h: number, period_s: number): number {
  const count = Math.floor((positive('duration_h', duration_h) * 3600) / positive('period_s', period_s)) + 1
  return count <= VALUES_MAX
    ? count
    : refuse('duration_h', `at most ${VALUES_MAX} periods of ${period_s} s`, duration_h)
}
