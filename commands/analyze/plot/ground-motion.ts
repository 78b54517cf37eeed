/**
 * The plot of a ground motion: acceleration, velocity and displacement of every component over one time axis with their
 * peaks and the triggers, and beside them the spectra (`spectra.ts`). The panels themselves are `histories.ts`.
 */
import type { GroundMotionAnalysis } from '../ground-motion.ts'
import type { GroundMotionResult, Moment, Trigger } from '../result.ts'
import { span, when } from '../text.ts'
import {
  GAP,
  type History,
  historiesOf,
  LEFT,
  overview,
  quantitySection,
  RIGHT,
  ROW,
  strongPart,
  type Window,
} from './histories.ts'
import { linear, linearTicks, type Scale, tickLabel } from './scale.ts'
import { fourierPanel, responsePanel } from './spectra.ts'
import { FAINT, group, INK, line, page, RULE, rect, text, wrapped } from './svg.ts'

const WIDTH = 1280
const SPECTRUM = { x: 944, width: WIDTH - 944 - 24, height: 300 }
const TOP = 116
/** What the strip of the whole record takes, where the panels show a part of it. */
const OVERVIEW = 78
const TRIGGER = '#b45309'

export function plotGroundMotion({ result, traces }: GroundMotionAnalysis): string {
  const rate_hz = result.sample_rate_hz!
  const histories = historiesOf(traces, rate_hz)
  const shown = strongPart(traces, histories, result.duration_s)
  const top = shown.whole ? TOP : TOP + OVERVIEW
  const section = traces.length * ROW + GAP
  const bottom = top + histories.length * section - GAP
  const time = linear(shown.from_s, shown.to_s, LEFT, RIGHT)
  const footer = footerLines(result)
  const height = Math.max(bottom + 62, TOP + 2 * SPECTRUM.height + 150) + footer.length * 16 + 12
  const triggers = result.combined.triggers ?? []
  return page(WIDTH, height, `${result.name}: ground motion`, headline(result).join('. '), [
    ...header(result),
    shown.whole ? '' : wholeRecord(result, histories[0]!, shown, triggers),
    shades(triggers, shown, time, top, bottom),
    ...histories.map((h, k) => quantitySection(h, shown, time, top + k * section)),
    timeAxis(result.start, shown, time, top, bottom),
    responsePanel(traces, rate_hz, { ...SPECTRUM, y: TOP }),
    fourierPanel(traces, rate_hz, { ...SPECTRUM, y: TOP + SPECTRUM.height + 78 }),
    group(
      { class: 'conventions' },
      footer.map((words, k) =>
        text(LEFT, height - 12 - (footer.length - 1 - k) * 16, words, { size: 11, fill: FAINT }),
      ),
    ),
  ])
}

function headline({ combined: c, ...r }: GroundMotionResult): [string, string] {
  const start = r.start === null ? 'start not stated' : when(r.start)
  const found = [
    c.pga_vector_gal === null ? '' : `vector PGA ${c.pga_vector_gal.toFixed(1)} gal`,
    c.jma_intensity === null
      ? `no intensity: ${c.reasons?.jma_intensity}`
      : `JMA intensity ${c.jma_intensity.toFixed(1)} (class ${c.jma_class})`,
    c.cwa_class === null ? '' : `CWA class ${c.cwa_class}`,
    c.triggers === null ? '' : c.triggers.length === 0 ? 'no trigger' : `${c.triggers.length} trigger(s)`,
  ].filter((fact) => fact !== '')
  return [
    `${r.format}${r.station === null ? '' : `, station ${r.station}`}; ${start}; ${r.sample_rate_hz} Hz; ${span(r.duration_s)}`,
    found.join('  ·  '),
  ]
}

function header(result: GroundMotionResult): string[] {
  const [about, combined] = headline(result)
  return [
    text(LEFT, 34, result.name, { size: 20, weight: 600 }),
    text(LEFT, 56, `${about}; source: ${result.source}`, { fill: FAINT }),
    text(LEFT, 80, combined, { size: 14, weight: 600 }),
  ]
}

const footerLines = ({ conventions, notes }: GroundMotionResult): string[] =>
  wrapped(
    [
      ...notes.map((note) => `Note: ${note}.`),
      `Baseline: ${conventions.baseline}.`,
      `Velocity: ${conventions.velocity}.`,
      `Triggers: STA/LTA ${conventions.sta_lta}.`,
    ].join(' '),
    WIDTH - LEFT - 24,
    11,
  )

function wholeRecord(
  { duration_s }: GroundMotionResult,
  acceleration: History,
  shown: Window,
  triggers: readonly Trigger[],
): string {
  const time = linear(0, duration_s, LEFT, RIGHT)
  const y = TOP - 12
  const words = `whole record, ${span(duration_s)}; shown below: ${shown.from_s.toFixed(0)}-${shown.to_s.toFixed(0)} s`
  return group({ class: 'overview' }, [
    rect(LEFT, y, RIGHT - LEFT, OVERVIEW - 36, { fill: '#f2f4f6' }),
    ...triggers.map((t) => triggerRect(t, time, y, OVERVIEW - 36)),
    overview(acceleration, time, y, OVERVIEW - 36),
    rect(time(shown.from_s), y, time(shown.to_s) - time(shown.from_s), OVERVIEW - 36, { fill: 'none', stroke: INK }),
    text(RIGHT, y - 4, words, { size: 11, fill: FAINT, anchor: 'end' }),
  ])
}

const triggerRect = ({ on_s, off_s }: Trigger, time: Scale, y: number, height: number): string =>
  rect(time(on_s), y, Math.max(1, time(off_s) - time(on_s)), height, {
    class: 'trigger',
    fill: TRIGGER,
    'fill-opacity': 0.14,
  })

/** Spans of the triggers behind all panels; written out where the words have room. */
function shades(triggers: readonly Trigger[], shown: Window, time: Scale, top: number, bottom: number): string {
  const inside = triggers
    .filter((t) => t.off_s >= shown.from_s && t.on_s <= shown.to_s)
    .map((t) => ({ ...t, on: Math.max(t.on_s, shown.from_s), off: Math.min(t.off_s, shown.to_s) }))
  let free = LEFT
  return group(
    { class: 'triggers' },
    inside.flatMap(({ on_s, off_s, on, off }) => {
      const words = `trigger ${on_s.toFixed(2)}-${off_s.toFixed(2)} s`
      const x = Math.min(time(on), RIGHT - words.length * 5.6)
      const room = x >= free
      if (room) free = x + words.length * 5.6 + 8
      return [
        triggerRect({ on_s: on, off_s: off }, time, top - 6, bottom - top + 6),
        room ? text(x, top - 10, words, { size: 11, fill: TRIGGER }) : '',
      ]
    }),
  )
}

function timeAxis(start: Moment | null, { from_s, to_s }: Window, time: Scale, top: number, bottom: number): string {
  const ticks = linearTicks(from_s, to_s, 10)
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  const after = start === null ? 'the first sample' : when(start)
  return group({ class: 'time-axis' }, [
    line(LEFT, bottom, RIGHT, bottom, { stroke: INK }),
    ...ticks.flatMap((t) => [
      line(time(t), top, time(t), bottom, { stroke: RULE, 'stroke-opacity': 0.6 }),
      line(time(t), bottom, time(t), bottom + 5, { stroke: INK }),
      text(time(t), bottom + 19, tickLabel(t, step), { size: 11, anchor: 'middle' }),
    ]),
    text((LEFT + RIGHT) / 2, bottom + 38, `Time after ${after}  [s]`, { anchor: 'middle' }),
  ])
}
