/**
 * What the gauges of a site read in a round: calm water, a flood out of a catchment (`physics/catchment.ts`), a tide or a pond
 * (`coast.ts`), or a record. One value per real second, to the millimetre.
 */
import { levelStage_m } from '../../domain/channel.ts'
import { splitChannel } from '../../domain/ids.ts'
import { toSi } from '../../domain/units.ts'
import { valuesFor } from '../columns.ts'
import { type Catchment, runCatchment } from '../physics/catchment.ts'
import { hashAt, streamSeed } from '../physics/hash-noise.ts'
import { power } from '../physics/portable-math.ts'
import { refuse } from '../physics/refuse.ts'
import { pondStages, tideStages } from './coast.ts'
import type { Round } from './compose.ts'
import { playedPart } from './played-part.ts'
import { between, STORM_STEP_S, stormOf } from './rain.ts'
import { isOtherReading } from './readings.ts'
import { attempt } from './scenario-error.ts'
import type { ScenarioStep } from './schema.ts'
import { gaugesOfFlood, isA, stagePoint, type Target, targetsOfStep } from './targets.ts'

type Flood = NonNullable<ScenarioStep['flood']>
type Play = NonNullable<ScenarioStep['play']>
/** Stage [m] at each real second of the round, by device. */
export type Stages = ReadonlyMap<string, Float64Array>

/** Manning's wide channel: Q ∝ h^(5/3). */
const RATING_EXPONENT_INVERSE = 0.6
/** Share of an hour's flow that a reach of a natural river stores unevenly [K]. */
const MUSKINGUM_X = 0.2
const CALM_M = 0.3
const CREST_M = 3
const CREST_OVER_HIGHEST = 1.15
/** Calm water wobbles by a millimetre, no more often than this in device time. */
const WOBBLE_S = 600

export function stagesOf(round: Round): Stages {
  const { file, targets, mistakes, mistakeAt } = round
  const gauges = targets.filter((t) => isA(t, 'gauge'))
  const out = new Map<string, Float64Array>(
    gauges.map((t) => [t.id, new Float64Array(file.duration_s).fill(calm_m(round, t))]),
  )
  for (const [i, step] of file.timeline.entries()) {
    const { flood, play, tide, pond } = step
    const each = () => targetsOfStep(step, targets).filter((t) => isA(t, 'gauge'))
    if (flood !== undefined)
      attempt(mistakes, mistakeAt, ['timeline', i, 'flood'], () => {
        for (const [id, stages] of floodStages(round, flood, step.at_s, i)) out.set(id, stages)
      })
    if (play !== undefined)
      for (const target of each())
        if (!isOtherReading(target, round.recordings.get(play.recording)))
          attempt(mistakes, mistakeAt, ['timeline', i, 'play'], () =>
            out.set(target.id, playedStages(round, play, step.at_s, target)),
          )
    if (tide !== undefined) for (const { id } of each()) out.set(id, tideStages(file, tide, step.at_s))
    if (pond !== undefined)
      for (const { id } of each())
        attempt(mistakes, mistakeAt, ['timeline', i, 'pond'], () => out.set(id, pondStages(round, pond, step.at_s, i)))
  }
  for (const target of gauges) {
    const still = out.get(target.id)!
    attempt(mistakes, mistakeAt, ['timeline'], () => out.set(target.id, wobbling(round, target, still)))
  }
  return out
}

const levels_m = ({ site }: Round, { id }: Target): number[] =>
  site.file.waters
    .filter((w) => splitChannel(w.gauge).device === id)
    .flatMap((w) => w.levels.map((level) => levelStage_m(w, level.stage)))

/** Well below the lowest named level. */
const calm_m = (round: Round, target: Target): number => {
  const lowest = Math.min(...levels_m(round, target))
  return Number.isFinite(lowest) && lowest > 0 ? lowest * 0.4 : CALM_M
}

const crest_m = (round: Round, target: Target): number => {
  const highest = Math.max(...levels_m(round, target))
  return Number.isFinite(highest) && highest > 0 ? highest * CREST_OVER_HIGHEST : CREST_M
}

function wobble_m({ file, seed }: Round, { id }: Target, second: number): number {
  const window = Math.floor((second * file.water_time_scale) / WOBBLE_S)
  return ((hashAt(streamSeed(seed, `gauge ${id}`), window) % 3) - 1) / 1000
}

/**
 * The flow comes from the catchment. Without a rating curve each gauge's is the one with which this flood crests where it
 * shall, so that a site's own named levels are reached on any site. @throws PlumblineError USAGE
 */
function floodStages(round: Round, flood: Flood, at_s: number, i: number): Array<[string, Float64Array]> {
  const { file, targets } = round
  const gauges = gaugesOfFlood(flood, targets)
  if (gauges.length === 0) return []
  const scale = file.water_time_scale
  const { rating, reservoir } = flood
  const catchment: Catchment = {
    area_km2: flood.area_km2,
    curve_number: flood.curve_number,
    transform: reservoir === undefined ? { tc_h: flood.tc_h } : { reservoir },
    baseflow_m3_s: flood.baseflow_m3_s,
    reaches: gauges.slice(1).map(() => ({ k_s: flood.lag_h * 3600, x: MUSKINGUM_X })),
    gauges: rating === undefined ? [] : gauges.map(({ id }, g) => ({ id, reach: g, rating })),
  }
  const storm = stormOf(flood.rain, round.seed, i)
  const run = runCatchment(catchment, storm, ((file.duration_s - at_s) * scale) / 3600)
  const perSecond = (at: (position: number) => number) =>
    Float64Array.from({ length: file.duration_s }, (_, second) =>
      at((Math.max(0, second - at_s) * scale) / STORM_STEP_S),
    )
  return gauges.map((target, g) => {
    const flow = run.discharge_m3_s[g]!
    const peak = peakFlow(flow, flood, target)
    const rated = run.gauges[g]?.stage_m
    if (rated !== undefined) return [target.id, perSecond((position) => between(rated, position))]
    const crest = flood.crest_m ?? crest_m(round, target)
    return [target.id, perSecond((position) => crest * power(between(flow, position) / peak, RATING_EXPONENT_INVERSE))]
  })
}

/** Largest flow [m³/s] of a flood that is one and that a round shows. @throws PlumblineError USAGE */
function peakFlow(flow: Float64Array, { baseflow_m3_s }: Flood, { id }: Target): number {
  const peak = flow.reduce((highest, q) => Math.max(highest, q), 0)
  if (peak < 2 * baseflow_m3_s)
    refuse('rain', 'rain of which enough runs off to double the flow', `${peak.toFixed(2)} m³/s`)
  if (flow.indexOf(peak) >= flow.length - 2)
    refuse('rain', `a crest at ${id} before the end of the round`, 'one that comes later')
  return peak
}

/** @throws PlumblineError USAGE, SITE_INVALID */
function playedStages({ file, recordings }: Round, play: Play, at_s: number, target: Target): Float64Array {
  const series = recordings.get(play.recording)!
  const stages = series.kind === 'series' ? valuesFor(series, stagePoint(target.model)!) : undefined
  if (series.kind !== 'series' || stages === undefined) refuse('recording', 'a series of stages', series.name)
  if (play.scale_pga_m_s2 !== undefined) refuse('scale_pga_m_s2', 'scale for a gauge', play.scale_pga_m_s2)
  const { duration_s, water_time_scale } = file
  return playedPart(series, stages, { play, at_s, duration_s, time_scale: water_time_scale, rows_per_s: 1 })
}

/** To the millimetre, within what the gauge can show. @throws PlumblineError USAGE where it could not show the water itself */
function wobbling(round: Round, target: Target, still: Float64Array): Float64Array {
  const point = stagePoint(target.model)!
  const [low, high] = [toSi(point.range.low, point.unit)!, toSi(point.range.high, point.unit)!]
  const wrong = still.find((h) => h < low || h > high)
  if (wrong !== undefined)
    refuse(`${target.id}: scale`, `stages from ${low} to ${high} m, its range`, Number(wrong.toFixed(3)))
  return still.map((h, k) => {
    const stage_m = Math.round((h + wobble_m(round, target, k)) * 1000) / 1000
    return Math.min(high, Math.max(low, stage_m))
  })
}
