/**
 * What a hydrograph marks: episodes, peak, and the values that are suspect, fail or are missing; on the line itself and in
 * lanes under it. The page around it is `water.ts`.
 */
import { FAIL, MISSING, SUSPECT } from '../../../domain/reading.ts'
import { when } from '../text.ts'
import type { WaterAnalysis } from '../water.ts'
import type { Scale } from './scale.ts'
import { circle, FAINT, group, INK, path, rect, text } from './svg.ts'
import { runsOf } from './trace.ts'

export const [LEFT, RIGHT] = [76, 1080]
export const [TOP, BOTTOM] = [112, 512]
export const LANE = 26
const SUSPECT_COLOUR = '#b45309'
const FAIL_COLOUR = '#b3142c'
const MISSING_COLOUR = '#8b929b'
const ABSENT_COLOUR = '#c3c8ce'
/** Marks of single values that are drawn; beyond them the lane and the header still tell their number. */
const MARKS_MAX = 2000

export type Level = {
  readonly level: string
  readonly stage_m: number
  readonly given: string
  readonly colour: string
}

export type StageScale = { readonly y: Scale; readonly from: number; readonly to: number }

/** The line does not lead over rows that are not there. */
export function breaksOf({ t_s, result }: WaterAnalysis): (k: number) => boolean {
  const longest_s = 1.5 * (result.sample_interval_s ?? 0)
  return (k) => k > 0 && t_s[k]! - t_s[k - 1]! > longest_s
}

const spansOf = ({ spans, t_s }: WaterAnalysis, { level }: Level, time: Scale) =>
  spans
    .filter((s) => s.level === level)
    .map(({ from, to }) => {
      const x = time(t_s[from]!)
      return { x, width: Math.max(2, time(to === null ? t_s.at(-1)! : t_s[to]!) - x), open: to === null }
    })

export const levelShade = (analysis: WaterAnalysis, level: Level, time: Scale): string =>
  group(
    { class: 'episodes' },
    spansOf(analysis, level, time).map(({ x, width }) =>
      rect(x, TOP, width, BOTTOM - TOP, { fill: level.colour, 'fill-opacity': 0.1 }),
    ),
  )

export const shortened = (words: string, most: number): string =>
  words.length <= most ? words : `${words.slice(0, most - 1)}…`

/** Suspect: an open triangle on the value; failed: a cross, at the edge where it lies outside the picture. */
export function marks({ values, flags, t_s }: WaterAnalysis, time: Scale, { y, from, to }: StageScale): string {
  const marked = flags
    .flatMap((flag, k) => (flag === SUSPECT || flag === FAIL ? [{ flag, k }] : []))
    .slice(0, MARKS_MAX)
  return group(
    { class: 'marks' },
    marked.flatMap(({ flag, k }) => {
      const value = values[k]!
      const [cx, cy] = [time(t_s[k]!), y(Math.min(Math.max(value, from), to))]
      if (flag === SUSPECT)
        return [
          path(`M${cx - 5} ${cy + 4}L${cx} ${cy - 5}L${cx + 5} ${cy + 4}Z`, {
            class: 'suspect',
            stroke: SUSPECT_COLOUR,
            'stroke-width': 1.5,
            fill: '#fff',
          }),
        ]
      const outside = value < from || value > to
      const anchor = cx > (LEFT + RIGHT) / 2 ? 'end' : 'start'
      return [
        path(`M${cx - 5} ${cy - 5}L${cx + 5} ${cy + 5}M${cx - 5} ${cy + 5}L${cx + 5} ${cy - 5}`, {
          class: 'fail',
          stroke: FAIL_COLOUR,
          'stroke-width': 2,
        }),
        outside
          ? text(cx + (anchor === 'end' ? -9 : 9), cy + 4, `${value.toFixed(2)} m, failed`, {
              size: 11,
              fill: FAIL_COLOUR,
              anchor,
              halo: true,
            })
          : '',
      ]
    }),
  )
}

export function peakMark({ result, t_s, values, flags }: WaterAnalysis, time: Scale, y: Scale): string {
  const { peak_m, peak_time } = result.water
  if (peak_m === null) return ''
  let peak = -1
  values.forEach((x, i) => {
    if (flags[i] !== FAIL && !Number.isNaN(x) && (peak < 0 || x > values[peak]!)) peak = i
  })
  const [cx, cy] = [time(t_s[peak]!), y(peak_m)]
  const anchor = cx > (LEFT + RIGHT) / 2 ? 'end' : 'start'
  return group({ class: 'peak' }, [
    circle(cx, cy, 4.5, { fill: '#fff', stroke: INK, 'stroke-width': 1.6 }),
    text(cx + (anchor === 'end' ? -10 : 10), cy - 4, `peak ${peak_m.toFixed(2)} m, ${when(peak_time!)}`, {
      anchor,
      weight: 600,
      halo: true,
    }),
  ])
}

function lane(name: string, y: number, children: readonly string[], colour = FAINT): string {
  return [
    rect(LEFT, y + 4, RIGHT - LEFT, LANE - 10, { fill: '#f2f4f6' }),
    ...children,
    text(RIGHT + 16, y + 16, name, { size: 11, fill: colour }),
  ].join('\n')
}

export function flagLane({ flags, t_s, result }: WaterAnalysis, time: Scale, y: number): string {
  const COLOUR = { [SUSPECT]: SUSPECT_COLOUR, [FAIL]: FAIL_COLOUR, [MISSING]: MISSING_COLOUR } as const
  const bars = ([MISSING, SUSPECT, FAIL] as const).flatMap((flag) =>
    runsOf(flags.length, (k) => flags[k] === flag).map(([from, to]) => {
      const x = time(t_s[from]!)
      return rect(x - 1, y + 4, Math.max(2.5, time(t_s[to]!) - x), LANE - 10, {
        class: `flag-${flag}`,
        fill: COLOUR[flag],
      })
    }),
  )
  const breaks = breaksOf({ t_s, result } as WaterAnalysis)
  const absent = runsOf(flags.length, breaks).flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, k) => {
      const [a, b] = [time(t_s[from + k - 1]!), time(t_s[from + k]!)]
      return rect(a, y + 4, Math.max(1.5, b - a), LANE - 10, { class: 'absent', fill: ABSENT_COLOUR })
    }),
  )
  const none = bars.length + absent.length === 0
  return group({ class: 'flags' }, [lane(none ? 'flags: all good' : 'flags', y, [...absent, ...bars])])
}

export const episodeLane = (analysis: WaterAnalysis, level: Level, time: Scale, y: number): string => {
  const spans = spansOf(analysis, level, time)
  const count = spans.length === 0 ? 'never reached' : `${spans.length} episode${spans.length === 1 ? '' : 's'}`
  return group({ class: 'episode-lane' }, [
    lane(
      `${shortened(level.level, 14)}: ${count}`,
      y,
      spans.map(({ x, width, open }) =>
        rect(x, y + 4, width, LANE - 10, { class: 'episode', fill: level.colour, 'fill-opacity': open ? 0.6 : 1 }),
      ),
      level.colour,
    ),
  ])
}

/** Only what occurs is explained. */
export function legend({ flags, result }: WaterAnalysis, y: number): string {
  const box = (fill: string) => (x: number) => rect(x, y - 9, 10, 10, { fill })
  const suspect = (x: number) =>
    path(`M${x} ${y}L${x + 5} ${y - 9}L${x + 10} ${y}Z`, { stroke: SUSPECT_COLOUR, 'stroke-width': 1.5, fill: '#fff' })
  const cross = (x: number) =>
    path(`M${x} ${y - 9}L${x + 10} ${y}M${x} ${y}L${x + 10} ${y - 9}`, { stroke: FAIL_COLOUR, 'stroke-width': 2 })
  const entries = [
    { there: flags.includes(SUSPECT), words: 'suspect', mark: suspect },
    { there: flags.includes(FAIL), words: 'failed', mark: cross },
    { there: flags.includes(MISSING), words: 'no value', mark: box(MISSING_COLOUR) },
    { there: result.water.time_gaps.count > 0, words: 'no rows', mark: box(ABSENT_COLOUR) },
  ].filter((entry) => entry.there)
  return group(
    { class: 'legend' },
    entries.flatMap(({ words, mark }, k) => [mark(LEFT + k * 84), text(LEFT + k * 84 + 16, y, words, { size: 11 })]),
  )
}
