/**
 * Water of a series of stage: peak, rises, what is missing, quality flags, and episodes above the levels asked for. The
 * measures themselves are `measures/water/` and `measures/quality/`.
 */
import { PlumblineError } from '../../domain/errors.ts'
import { FAIL, type Flag, NOT_EVALUATED, SUSPECT } from '../../domain/reading.ts'
import { type Instant, instant, toIso } from '../../domain/time.ts'
import { judgeSeries, type TestName } from '../../measures/quality/channel-quality.ts'
import { countFlags } from '../../measures/quality/combine.ts'
import { findGaps, medianStep_s } from '../../measures/quality/gap.ts'
import { episodes } from '../../measures/water/episodes.ts'
import { type LargestRise, largestRise } from '../../measures/water/rise.ts'
import type { Series } from '../../recordings/recording.ts'
import { unitOf } from '../../recordings/unit.ts'
import { RANGE_M, RATE_OF_CHANGE, ROUNDING, SPIKE, waterConventions } from './conventions.ts'
import type { AnalyzeOptions, Length } from './options.ts'
import { type Moment, Reasons, rounded, type WaterMeasures, type WaterResult } from './result.ts'
import { when } from './text.ts'

/** For the plot: flags of every value, and the indices of each episode. */
export type WaterAnalysis = {
  readonly result: WaterResult
  /** Seconds after the first row. */
  readonly t_s: Float64Array
  readonly values: Float64Array
  readonly flags: readonly Flag[]
  /** Those of `result.water.episodes`, in their order, as indices. */
  readonly spans: ReadonlyArray<{ readonly level: string; readonly from: number; readonly to: number | null }>
}

/** @throws PlumblineError USAGE for a level without unit where the record's own is not known */
export function analyzeSeries(series: Series, files: readonly string[], options: AnalyzeOptions): WaterAnalysis {
  const { values } = series
  const momentOf = (i: number): Moment => momentAt(series, series.t[i]! as Instant)
  const t_s = Float64Array.from(series.t, (t) => Number(t - series.t[0]!) / 1e9)
  const judged = judge(t_s, values)
  const flags = judged.map((j) => j.flag)
  const used = values.map((x, i) => (flags[i] === FAIL ? Number.NaN : x))
  const interval_s = medianStep_s(t_s)
  const levels = options.levels.map(({ name, stage }) => ({
    level: name,
    stage_m: rounded(metres(stage, series)),
    given: written(stage, series),
  }))
  const deadband_m = metres(options.deadband, series)
  const found = levels.flatMap(({ level, stage_m }) =>
    episodes(used, { limit: stage_m, deadband: deadband_m, rounding: ROUNDING }).map((e) => ({ level, ...e })),
  )
  const reasons = new Reasons()
  const failed = flags.filter((flag) => flag === FAIL).length
  const water: WaterMeasures = {
    ...extremes(used, flags, momentOf, reasons),
    ...rises(t_s, used, interval_s, momentOf, reasons),
    missing: values.filter(Number.isNaN).length,
    time_gaps: timeGaps(t_s, interval_s),
    flags: countFlags(flags) as Record<string, number>,
    levels,
    episodes: found.map(({ level, raised, cleared, peak }) => ({
      level,
      raised: momentOf(raised),
      cleared: cleared === null ? null : momentOf(cleared),
      peak_m: rounded(used[peak]!),
      peak_time: momentOf(peak),
    })),
    ...reasons.found,
  }
  const last = values.length - 1
  const unit = series.original?.unit ?? series.unit
  return {
    result: {
      kind: 'water',
      files,
      name: series.name,
      format: series.format ?? 'unknown',
      source: series.source,
      station: series.station ?? null,
      start: series.start_known === false ? null : toIso(series.t[0]! as Instant),
      end: momentOf(last),
      sample_rate_hz: interval_s === null ? null : rounded(1 / interval_s),
      sample_interval_s: interval_s,
      samples: values.length,
      duration_s: rounded(t_s[last]!),
      water,
      conventions: waterConventions(unit, written(options.deadband, series)),
      notes: [...(series.notes ?? []), ...(failed === 0 ? [] : [failedNote(judged, momentOf)])],
    },
    t_s,
    values,
    flags,
    spans: found.map(({ level, raised, cleared }) => ({ level, from: raised, to: cleared })),
  }
}

export const momentAt = (series: Pick<Series, 'start_known'>, t: Instant): Moment =>
  series.start_known === false ? rounded(Number(t) / 1e9) : toIso(instant(t))

type Judged = { readonly flag: Flag; readonly test: TestName | null }

function judge(t_s: Float64Array, values: Float64Array): Judged[] {
  const middle = median(values)
  return judgeSeries(t_s, values, {
    grossRange: { fail: [middle - RANGE_M, middle + RANGE_M] },
    spike: SPIKE,
    rateOfChange: RATE_OF_CHANGE,
  })
}

function median(values: Float64Array): number {
  const sorted = values.filter((x) => !Number.isNaN(x)).sort()
  return sorted[sorted.length >> 1] ?? 0
}

function failedNote(judged: readonly Judged[], momentOf: (i: number) => Moment): string {
  const failed = judged.flatMap(({ flag, test }, i) => (flag === FAIL ? [{ i, test }] : []))
  const first = failed[0]!
  const which = failed.length === 1 ? `at ${when(momentOf(first.i))}` : `the first at ${when(momentOf(first.i))}`
  return `${failed.length} value(s) fail (${first.test}), ${which}: left out of peak, rises and episodes`
}

/** In metres; a length without a unit is in the record's own. */
function metres({ value, unit }: Length, series: Series): number {
  if (value === 0 && unit === undefined) return 0
  const factor = unit === undefined ? series.original?.scale : unitOf(unit)?.factor
  if (factor === undefined)
    throw new PlumblineError('USAGE', `expected a unit after ${value}: ${series.name} states none`)
  return value * factor
}

const written = ({ value, unit }: Length, series: Series): string =>
  `${value} ${unit ?? series.original?.unit ?? series.unit}`

function extremes(used: Float64Array, flags: readonly Flag[], momentOf: (i: number) => Moment, reasons: Reasons) {
  let [high, low] = [-1, -1]
  used.forEach((x, i) => {
    if (Number.isNaN(x)) return
    if (high < 0 || x > used[high]!) high = i
    if (low < 0 || x < used[low]!) low = i
  })
  if (high < 0) {
    reasons.refuse(['peak_m', 'peak_time', 'peak_flag', 'min_m'], 'no value is there that does not fail')
    return { peak_m: null, peak_time: null, peak_flag: null, min_m: null }
  }
  return {
    peak_m: rounded(used[high]!),
    peak_time: momentOf(high),
    peak_flag: flags[high] ?? NOT_EVALUATED,
    min_m: rounded(used[low]!),
  }
}

function rises(
  t_s: Float64Array,
  used: Float64Array,
  interval_s: number | null,
  momentOf: (i: number) => Moment,
  reasons: Reasons,
) {
  const over = (minutes: 15 | 60): LargestRise | null => {
    const keys = [`max_rise_m_per_${minutes}min`, `max_rise_${minutes}min_time`]
    if (interval_s === null) return reasons.refuse(keys, 'needs two values')
    // A value an hour back says nothing of a quarter of an hour.
    if (interval_s > minutes * 60)
      return reasons.refuse(keys, `values are ${rounded(interval_s / 60)} min apart, longer than the window`)
    const rise = largestRise(t_s, used, { window_s: minutes * 60, period_s: interval_s })
    return rise ?? reasons.refuse(keys, `no two values lie ${minutes} min apart`)
  }
  const [quarter, hour] = [over(15), over(60)]
  return {
    max_rise_m_per_15min: quarter && rounded(quarter.rise_m),
    max_rise_15min_time: quarter && momentOf(quarter.index),
    max_rise_m_per_60min: hour && rounded(hour.rise_m),
    max_rise_60min_time: hour && momentOf(hour.index),
  }
}

function timeGaps(t_s: Float64Array, interval_s: number | null): WaterMeasures['time_gaps'] {
  if (interval_s === null) return { count: 0, values: 0, longest_s: 0 }
  // Rows without a value are counted in `missing`; here a row counts whether it holds a value or not.
  const gaps = findGaps(t_s, new Float64Array(t_s.length), { period_s: interval_s })
  return {
    count: gaps.length,
    values: gaps.reduce((sum, g) => sum + g.missing, 0),
    longest_s: rounded(gaps.reduce((max, g) => Math.max(max, g.to_s - g.from_s), 0)),
  }
}

/** Flags that a plot marks. */
export const isMarked = (flag: Flag): boolean => flag === FAIL || flag === SUSPECT
