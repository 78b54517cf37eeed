/**
 * What the points of a simulated device show in a round: water (`water.ts`) and the lean of a building (`shaking.ts`) as they
 * were worked out, a record that is played into it, and else a plain value that holds steady.
 */
import type { ScalarPoint } from '../../domain/model.ts'
import { secondsToNs } from '../../domain/time.ts'
import { type Quantity, quantityOf, SI_UNIT, toSi } from '../../domain/units.ts'
import type { Recording, Series } from '../../recordings/recording.ts'
import { axisOfName } from '../axes.ts'
import { valuesFor } from '../columns.ts'
import { refuse } from '../physics/refuse.ts'
import { steadyValue } from '../steady.ts'
import type { Round } from './compose.ts'
import { measuringPoints } from './kinds.ts'
import { playedPart } from './played-part.ts'
import { attempt } from './scenario-error.ts'
import type { ScenarioStep } from './schema.ts'
import { isA, type Target, targetsOfStep } from './targets.ts'

/** What one point shows, row by row [SI]. */
export type Reading = { readonly metric: string; readonly quantity: Quantity; readonly values: Float64Array }
/** Lean of the storey below a floor along the axes of a tilt meter [rad], row by row. */
export type Lean = { readonly x: Float64Array; readonly y: Float64Array }

/** A tilt meter follows the sway of a building; water and weather need no more than a value a second. */
const TILT_ROWS_PER_S = 10

export const rowsPerSecond = (target: Target): number =>
  isA(target, 'tilt') && !isA(target, 'gauge') ? TILT_ROWS_PER_S : 1

/** Water may pass faster than the world; nothing else does. */
export const timeScaleOfTarget = (target: Target, { file }: Pick<Round, 'file'>): number =>
  isA(target, 'gauge') ? file.water_time_scale : 1

/** Fresh arrays, a value for each row of the round. */
export function readingsOf(
  round: Round,
  target: Target,
  about: { readonly stages: Float64Array | undefined; readonly lean: Lean | undefined },
): Reading[] {
  const rows = round.file.duration_s * rowsPerSecond(target)
  const readings = measuringPoints(target.model).map((point): Reading => {
    const quantity = quantityOf(point.unit)!
    const axis = axisOfName(point.metric)
    const lean = quantity === 'tilt' && (axis === 'x' || axis === 'y') ? about.lean?.[axis] : undefined
    const known = quantity === 'stage' ? about.stages : lean
    return { metric: point.metric, quantity, values: known?.slice() ?? new Float64Array(rows).fill(steadyValue(point)) }
  })
  for (const [i, step] of round.file.timeline.entries())
    if (step.play !== undefined && targetsOfStep(step, round.targets).includes(target))
      attempt(round.mistakes, round.mistakeAt, ['timeline', i, 'play'], () =>
        playInto(readings, round, target, { play: step.play!, at_s: step.at_s }),
      )
  return readings
}

/** A record that tells something of the device, but not of its stage: the water stays as it is. */
export function isOtherReading(target: Target, recording: Recording | undefined): boolean {
  const points = recording?.kind === 'series' ? driven(target, recording) : []
  return points.length > 0 && points.every(({ unit }) => quantityOf(unit) !== 'stage')
}

const driven = ({ model }: Target, series: Series): ScalarPoint[] =>
  measuringPoints(model).filter((point) => valuesFor(series, point) !== undefined)

/** Stage is `water.ts`'s. @throws PlumblineError USAGE, SITE_INVALID */
function playInto(
  readings: readonly Reading[],
  round: Round,
  target: Target,
  { play, at_s }: { play: NonNullable<ScenarioStep['play']>; at_s: number },
): void {
  const series = round.recordings.get(play.recording)!
  const points = series.kind === 'series' ? driven(target, series) : []
  if (series.kind !== 'series' || points.length === 0) {
    if (isA(target, 'gauge')) return
    refuse('recording', `a series of ${target.kinds.join(' or ')} for ${target.id}`, series.name)
  }
  if (play.scale_pga_m_s2 !== undefined && !isA(target, 'gauge'))
    refuse('scale_pga_m_s2', `scale for ${target.id}`, play.scale_pga_m_s2)
  const part = {
    ...{ play, at_s, duration_s: round.file.duration_s },
    ...{ time_scale: timeScaleOfTarget(target, round), rows_per_s: rowsPerSecond(target) },
  }
  for (const point of points) {
    if (quantityOf(point.unit) === 'stage') continue
    const values = playedPart(series, valuesFor(series, point)!, part)
    const [low, high] = [toSi(point.range.low, point.unit)!, toSi(point.range.high, point.unit)!]
    const wrong = values.find((value) => value < low || value > high)
    if (wrong !== undefined)
      refuse(`${target.id}: scale`, `${point.metric} from ${low} to ${high}, its range in SI`, Number(wrong.toFixed(3)))
    readings.find(({ metric }) => metric === point.metric)!.values.set(values)
  }
}

/** Exactly a round long; the only reading of a device, or one column for each. */
export function seriesOf(about: Pick<Series, 'name' | 'source'>, readings: readonly Reading[], row_s: number): Series {
  const [first, ...others] = readings
  const { quantity, values } = first!
  return {
    kind: 'series',
    ...about,
    quantity,
    unit: SI_UNIT[quantity],
    t: BigInt64Array.from(values, (_, row) => secondsToNs(row * row_s)),
    values,
    ...(others.length > 0 && {
      columns: readings.map((r) => ({ name: r.metric, quantity: r.quantity, values: r.values })),
    }),
  }
}
