/**
 * The panels of a ground motion over time: one row for each component in each of acceleration, velocity and displacement,
 * on one scale per quantity, with the peak marked. The page around them is `ground-motion.ts`.
 */
import { M_S2_PER_GAL } from '../../../domain/units.ts'
import { peakAbs } from '../../../measures/ground-motion/peaks.ts'
import type { Trace } from '../ground-motion.ts'
import { linear, niceFloor, type Scale, tickLabel } from './scale.ts'
import { circle, colourOf, FAINT, group, INK, line, path, rect, text } from './svg.ts'
import { runsOf, tracePath } from './trace.ts'

export const [LEFT, RIGHT] = [76, 860]
export const ROW = 78
export const GAP = 34

type Quantity = {
  readonly name: string
  readonly unit: string
  readonly peak: string
  readonly of: (t: Trace) => Float64Array | undefined
  readonly factor: number
}
const QUANTITIES: readonly Quantity[] = [
  { name: 'Acceleration', unit: 'gal', peak: 'PGA', of: (t) => t.acceleration_m_s2, factor: 1 / M_S2_PER_GAL },
  { name: 'Velocity', unit: 'cm/s', peak: 'PGV', of: (t) => t.velocity_m_s, factor: 100 },
  { name: 'Displacement', unit: 'cm', peak: 'PGD', of: (t) => t.displacement_m, factor: 100 },
]

type Row = {
  readonly axis: string
  readonly colour: string
  /** In the unit of the quantity; absent where it could not be computed. */
  readonly x: Float64Array | undefined
  readonly peak: { readonly value: number; readonly signed: number; readonly at_s: number }
}
export type History = Quantity & { readonly rows: readonly Row[]; readonly rate_hz: number }

export function historiesOf(traces: readonly Trace[], rate_hz: number): History[] {
  return QUANTITIES.map((q) => ({
    ...q,
    rate_hz,
    rows: traces.map((trace, k) => {
      const x = q.of(trace)?.map((v) => v * q.factor)
      const { value, index, signed } = peakAbs(x?.map((v) => (Number.isNaN(v) ? 0 : v)) ?? Float64Array.of(0))
      return { axis: trace.axis, colour: colourOf(k), x, peak: { value, signed, at_s: index / rate_hz } }
    }),
  }))
}

export type Window = { readonly from_s: number; readonly to_s: number; readonly whole: boolean }

/** Seconds shown before and after the strong part. */
const [BEFORE_S, AFTER_S] = [15, 20]

/** Where the motion is: the strong part of all components with every peak, unless that is most of the record anyway. */
export function strongPart(traces: readonly Trace[], histories: readonly History[], duration_s: number): Window {
  const whole = { from_s: 0, to_s: duration_s, whole: true }
  const strong = traces.map((t) => t.strong_s)
  if (strong.includes(undefined)) return whole
  const peaks = histories.flatMap((h) => h.rows.map((r) => r.peak.at_s))
  const from_s = Math.min(...strong.map((s) => s!.from_s - BEFORE_S), ...peaks.map((s) => s - 2))
  const to_s = Math.max(...strong.map((s) => s!.to_s + AFTER_S), ...peaks.map((s) => s + 2))
  const part = { from_s: Math.max(0, Math.floor(from_s)), to_s: Math.min(duration_s, Math.ceil(to_s)), whole: false }
  return part.to_s - part.from_s < 0.6 * duration_s ? part : whole
}

export function quantitySection(h: History, shown: Window, time: Scale, top: number): string {
  const largest = Math.max(...h.rows.map((r) => r.peak.value))
  // One scale for all components: their sizes can be compared by eye.
  const step = largest === 0 ? 1 : niceFloor(largest * 0.85)
  const half = largest === 0 ? 1.2 : largest * 1.1
  const middle = top + (h.rows.length * ROW) / 2
  return group({ class: h.name.toLowerCase() }, [
    group({ transform: `rotate(-90 18 ${middle})` }, [
      text(18, middle + 4, `${h.name}  [${h.unit}]`, { size: 13, weight: 600, anchor: 'middle' }),
    ]),
    ...h.rows.map((row, k) => {
      const y = linear(-half, half, top + (k + 1) * ROW - 3, top + k * ROW + 3)
      return componentRow(h, row, shown, { time, y, step })
    }),
  ])
}

type Scales = { readonly time: Scale; readonly y: Scale; readonly step: number }

function componentRow(h: History, row: Row, shown: Window, { time, y, step }: Scales): string {
  const top = y(0) - ROW / 2
  const grid = [-step, 0, step].flatMap((v) => [
    line(LEFT, y(v), RIGHT, y(v), v === 0 ? { stroke: '#aab2bc' } : { 'stroke-dasharray': '2 3' }),
    text(LEFT - 6, y(v) + 4, tickLabel(v, step), { size: 10, fill: FAINT, anchor: 'end' }),
  ])
  const frame = [...grid, line(LEFT, top, RIGHT, top)]
  const name = text(LEFT + 6, top + 15, row.axis.toUpperCase(), { fill: row.colour, weight: 700, halo: true })
  if (row.x === undefined) {
    const why = text((LEFT + RIGHT) / 2, top + ROW / 2 - 8, 'not computed: the record has gaps', {
      fill: FAINT,
      anchor: 'middle',
      halo: true,
    })
    return group({ class: 'row' }, [...frame, name, why])
  }
  const { value, signed, at_s } = row.peak
  const words = `${h.peak} ${fourDigits(value)} ${h.unit} at ${at_s.toFixed(2)} s`
  return group({ class: 'row' }, [
    ...frame,
    ...gapsOf(row.x, h.rate_hz, time, top),
    historyPath(row, h.rate_hz, shown, time, y),
    name,
    circle(time(at_s), y(signed), 4, { class: 'peak', fill: '#fff', stroke: INK, 'stroke-width': 1.5 }),
    text(RIGHT - 6, top + 15, words, { size: 11, anchor: 'end', weight: 600, halo: true }),
  ])
}

function historyPath({ x, colour }: Row, rate_hz: number, shown: Window, time: Scale, y: Scale): string {
  const first = Math.floor(shown.from_s * rate_hz)
  const part = x!.subarray(first, Math.ceil(shown.to_s * rate_hz) + 1)
  const d = tracePath(part, (i) => time((first + i) / rate_hz), y)
  return path(d, { stroke: colour, 'stroke-width': 1, 'stroke-linejoin': 'round' })
}

const gapsOf = (x: Float64Array, rate_hz: number, time: Scale, top: number): string[] =>
  runsOf(x.length, (i) => Number.isNaN(x[i]!)).map(([first, last]) => {
    const [from, to] = [time(Math.max(0, first - 1) / rate_hz), time(Math.min(x.length - 1, last + 1) / rate_hz)]
    return rect(from, top + 1, Math.max(1.5, to - from), ROW - 2, {
      class: 'gap',
      fill: '#8b929b',
      'fill-opacity': 0.35,
    })
  })

/** All components of a quantity on one strip. */
export function overview(h: History, time: Scale, top: number, height: number): string {
  const largest = Math.max(...h.rows.map((r) => r.peak.value), 1e-12)
  const y = linear(-largest, largest, top + height - 2, top + 2)
  const whole = { from_s: 0, to_s: Number.POSITIVE_INFINITY, whole: true }
  return group(
    { class: 'whole' },
    h.rows.map((row) => historyPath(row, h.rate_hz, whole, time, y)),
  )
}

/** Four digits, no exponent. */
const fourDigits = (value: number): string =>
  value.toFixed(value === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(value)))))
