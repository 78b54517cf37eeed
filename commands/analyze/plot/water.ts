/**
 * The hydrograph: stage over time with the named levels, the peak, the values that are suspect, fail or are missing, and
 * under it a lane for each level that shows its episodes.
 */
import { FAIL, SUSPECT } from '../../../domain/reading.ts'
import type { Moment, WaterResult } from '../result.ts'
import { span, when } from '../text.ts'
import type { WaterAnalysis } from '../water.ts'
import { linear, linearTicks, type Scale, tickLabel, timeTicks } from './scale.ts'
import { FAINT, group, INK, line, page, path, RULE, text, wrapped } from './svg.ts'
import { tracePath } from './trace.ts'
import {
  BOTTOM,
  breaksOf,
  episodeLane,
  flagLane,
  LANE,
  LEFT,
  type Level,
  legend,
  levelShade,
  marks,
  peakMark,
  RIGHT,
  type StageScale,
  shortened,
  TOP,
} from './water-marks.ts'

const WIDTH = 1280
const WATER = '#0b6fa4'
/** From the lowest level to the highest: yellow, orange, red, violet. */
const LEVEL_COLOURS = ['#a87c00', '#d3590b', '#b3142c', '#7a1fa2'] as const

export function plotWater(analysis: WaterAnalysis): string {
  const { result, t_s } = analysis
  const levels = ranked(result.water.levels)
  const time = linear(0, t_s.at(-1)!, LEFT, RIGHT)
  const stage = stageScale(analysis, levels)
  const lanes = BOTTOM + 14
  const axis = lanes + (levels.length + 1) * LANE + 4
  const footer = footerLines(result)
  const height = axis + 56 + footer.length * 16 + 12
  return page(WIDTH, height, `${result.name}: hydrograph`, facts(result).join('. '), [
    ...header(result),
    timeGrid(analysis, time, axis),
    stageAxis(stage),
    ...levels.map((level) => levelShade(analysis, level, time)),
    path(
      tracePath(used(analysis), (k) => time(t_s[k]!), stage.y, breaksOf(analysis)),
      { class: 'stage', stroke: WATER, 'stroke-width': 1.5, 'stroke-linejoin': 'round' },
    ),
    levelLines(levels, stage.y),
    marks(analysis, time, stage),
    peakMark(analysis, time, stage.y),
    flagLane(analysis, time, lanes),
    legend(analysis, axis + 36),
    ...levels.map((level, k) => episodeLane(analysis, level, time, lanes + (k + 1) * LANE)),
    group(
      { class: 'conventions' },
      footer.map((words, k) =>
        text(LEFT, height - 12 - (footer.length - 1 - k) * 16, words, { size: 11, fill: FAINT }),
      ),
    ),
  ])
}

/** Highest first, as they stand on the page. */
function ranked(levels: WaterResult['water']['levels']): Level[] {
  const rising = [...levels].sort((a, b) => a.stage_m - b.stage_m)
  return rising
    .map((level, k) => ({ ...level, colour: LEVEL_COLOURS[Math.min(k, LEVEL_COLOURS.length - 1)]! }))
    .reverse()
}

const used = ({ values, flags }: WaterAnalysis): Float64Array =>
  values.map((x, i) => (flags[i] === FAIL ? Number.NaN : x))

function stageScale(analysis: WaterAnalysis, levels: readonly Level[]): StageScale {
  const there = used(analysis).filter((x) => !Number.isNaN(x))
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const x of [...there, ...levels.map((l) => l.stage_m)]) {
    low = Math.min(low, x)
    high = Math.max(high, x)
  }
  if (low > high) [low, high] = [0, 1]
  const room = Math.max(0.06 * (high - low), 0.01)
  const [from, to] = [low - room, high + 1.6 * room]
  return { y: linear(from, to, BOTTOM, TOP), from, to }
}

const metres = (value: number | null): string => (value === null ? '-' : `${value.toFixed(2)} m`)
const at = (moment: Moment | null): string => (moment === null ? '' : ` at ${when(moment)}`)

function facts({ water: w, ...r }: WaterResult): string[] {
  const every = r.sample_interval_s === null ? 'one value' : `every ${span(r.sample_interval_s)}`
  return [
    `${r.format}${r.station === null ? '' : `, station ${r.station}`}; ${r.start ?? 'start not stated'} to ${when(r.end)}; ${every}; ${r.samples} rows; source: ${r.source}`,
    `peak ${metres(w.peak_m)}${at(w.peak_time)}  ·  largest rise ${metres(w.max_rise_m_per_15min)} in 15 min, ${metres(w.max_rise_m_per_60min)} in 60 min  ·  ${w.missing} missing, ${w.flags[SUSPECT] ?? 0} suspect, ${w.flags[FAIL] ?? 0} failed`,
  ]
}

function header(result: WaterResult): string[] {
  const [about, numbers] = facts(result)
  return [
    text(LEFT, 34, result.name, { size: 20, weight: 600 }),
    text(LEFT, 56, about!.replace(/\.000Z/g, 'Z'), { fill: FAINT }),
    text(LEFT, 82, numbers!, { size: 14, weight: 600 }),
  ]
}

const footerLines = ({ conventions, notes }: WaterResult): string[] =>
  wrapped(
    [
      ...notes.map((note) => `Note: ${note}.`),
      `Episodes: ${conventions.episodes}.`,
      `Quality: ${conventions.quality}.`,
    ].join(' '),
    WIDTH - LEFT - 24,
    11,
  )

function timeGrid({ result, t_s }: WaterAnalysis, time: Scale, axis: number): string {
  const last_s = t_s.at(-1)!
  const start_s = typeof result.start === 'string' ? Date.parse(result.start) / 1000 : undefined
  const seconds = linearTicks(0, last_s, 8)
  const step = (seconds[1] ?? 1) - (seconds[0] ?? 0)
  const ticks =
    start_s === undefined
      ? seconds.map((s) => ({ x: time(s), label: tickLabel(s, step) }))
      : timeTicks(start_s, start_s + last_s, 9).map((t) => ({ x: time(t.at_s - start_s), label: t.label }))
  return group({ class: 'time-axis' }, [
    ...ticks.flatMap(({ x, label }) => [
      line(x, TOP, x, axis),
      text(x, axis + 17, label, { size: 11, anchor: 'middle' }),
    ]),
    line(LEFT, axis, RIGHT, axis, { stroke: INK }),
    text((LEFT + RIGHT) / 2, axis + 36, start_s === undefined ? 'Time of the file  [s]' : 'Time  [UTC]', {
      anchor: 'middle',
    }),
  ])
}

function stageAxis({ y, from, to }: StageScale): string {
  const ticks = linearTicks(from, to, 7)
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  return group({ class: 'stage-axis' }, [
    ...ticks.flatMap((v) => [
      line(LEFT, y(v), RIGHT, y(v), { stroke: RULE }),
      text(LEFT - 8, y(v) + 4, tickLabel(v, step), { size: 11, anchor: 'end' }),
    ]),
    line(LEFT, TOP, LEFT, BOTTOM, { stroke: INK }),
    group({ transform: `rotate(-90 22 ${(TOP + BOTTOM) / 2})` }, [
      text(22, (TOP + BOTTOM) / 2, 'Stage  [m]', { size: 13, weight: 600, anchor: 'middle' }),
    ]),
  ])
}

/** Names stand to the right; where levels lie close, the names make room for one another. */
function levelLines(levels: readonly Level[], y: Scale): string {
  let free = TOP - 20
  return group(
    { class: 'levels' },
    levels.flatMap(({ level, stage_m, given, colour }) => {
      const at = y(stage_m)
      const name = Math.max(at, free + 30)
      free = name
      const value = given === `${stage_m} m` ? `${stage_m.toFixed(2)} m` : `${stage_m.toFixed(2)} m (${given})`
      return [
        line(LEFT, at, RIGHT, at, { stroke: colour, 'stroke-width': 1.4, 'stroke-dasharray': '7 4' }),
        line(RIGHT, at, RIGHT + 12, name - 4, { stroke: colour }),
        text(RIGHT + 16, name - 2, shortened(level, 24), { fill: colour, weight: 700 }),
        text(RIGHT + 16, name + 12, value, { size: 11, fill: colour }),
      ]
    }),
  )
}
