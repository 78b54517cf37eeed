/**
 * The hydrograph on uPlot: stage with its range per column, named levels as lines with labels, spans without data
 * hatched. It draws what `hydrograph-data.ts` worked out and knows neither the desk nor the clock.
 */
import uPlot from 'uplot'
import { type HydrographData, placeLabels, stageRange } from './hydrograph-data.ts'
import { type ChartTheme, hatch, LEVEL_DASH } from './theme.ts'

export type LevelLine = { readonly label: string; readonly stage_m: number; readonly severity: string }

/** From the newest value to a level: the likely instant and the range, drawn as a fan of dashes; a line, not a forecast. */
export type Fan = {
  readonly from_s: number
  readonly from_m: number
  readonly to_m: number
  readonly soonest_s: number
  readonly likely_s: number
  /** Null = open to the right. */
  readonly latest_s: number | null
}

export type HydrographView = {
  readonly data: HydrographData
  readonly from_s: number
  readonly to_s: number
  readonly levels: readonly LevelLine[]
  readonly fan: Fan | null
  readonly theme: ChartTheme
  time(at_s: number, step_s: number): string
  /** Stage [m] in the unit and above the datum of the screen. */
  shown(stage_m: number): number
  stage(shown: number): string
}

export const HYDROGRAPH_HEIGHT = 260
const LABEL_STEP = 15
/** Ticks at whole seconds, minutes, hours. */
const TICKS_S = [
  1,
  5,
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((min) => min * 60),
  ...[1, 2, 3, 6, 12, 24].map((h) => h * 3600),
  ...[2, 5, 10].map((d) => d * 86_400),
]

export type Hydrograph = { update(view: HydrographView): void; resize(width: number): void; destroy(): void }

export function createHydrograph(container: HTMLElement, width: number, first: HydrographView): Hydrograph {
  let view = first
  const plot = new uPlot(
    options(() => view, width),
    aligned(view),
    container,
  )
  return {
    update: (next) => {
      view = next
      plot.setData(aligned(next))
    },
    resize: (next) => plot.setSize({ width: next, height: HYDROGRAPH_HEIGHT }),
    destroy: () => plot.destroy(),
  }
}

function aligned({ data: d, shown }: HydrographView): uPlot.AlignedData {
  const onScreen = (values: ReadonlyArray<number | null>) => values.map((v) => (v === null ? null : shown(v)))
  return [d.x_s, onScreen(d.mean), onScreen(d.high), onScreen(d.low), onScreen(d.suspect), onScreen(d.failed)]
}

/** All that must lie on the axis, as it is drawn. */
function range({ data, levels, shown, fan }: HydrographView): [number, number] {
  const onScreen = (values: ReadonlyArray<number | null>) => values.map((v) => (v === null ? null : shown(v)))
  const more = [...levels.map((l) => l.stage_m), ...(fan === null ? [] : [fan.to_m])]
  return stageRange({ low: onScreen(data.low), high: onScreen(data.high) }, more.map(shown))
}

function options(view: () => HydrographView, width: number): uPlot.Options {
  const axis = {
    stroke: () => view().theme.muted,
    grid: { stroke: () => view().theme.grid, width: 1 },
    ticks: { stroke: () => view().theme.grid, width: 1, size: 4 },
    font: view().theme.font,
    gap: 4,
  } satisfies Partial<uPlot.Axis>
  const hidden = { stroke: 'transparent', width: 0, points: { show: false } }
  return {
    width,
    height: HYDROGRAPH_HEIGHT,
    padding: [8, 28, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [view().from_s, view().to_s] },
      y: {
        range: () => range(view()),
      },
    },
    series: [
      {},
      { stroke: () => view().theme.trace, width: 2, points: { show: false } },
      hidden,
      hidden,
      {
        stroke: 'transparent',
        width: 0,
        points: { show: true, size: 7, width: 1.5, stroke: () => view().theme.suspect },
      },
      // Failed values are drawn as crosses by `drawFailed`.
      hidden,
    ],
    bands: [{ series: [2, 3], fill: () => view().theme.band }],
    axes: [
      {
        ...axis,
        size: 30,
        incrs: TICKS_S,
        space: (_u, _axis, min, max) => (max - min > 86_400 ? 110 : 70),
        values: (_u, at, _i, _s, step) => at.map((s) => view().time(s, step)),
      },
      { ...axis, size: 52, space: 34, values: (_u, at) => at.map((v) => view().stage(v)) },
    ],
    hooks: {
      drawClear: [(u) => drawGaps(u, view())],
      draw: [(u) => drawLevels(u, view()), (u) => drawFailed(u, view()), (u) => drawFan(u, view())],
    },
  }
}

function drawGaps(u: uPlot, { data, theme }: HydrographView): void {
  const { top, height } = u.bbox
  for (const gap of data.gaps) {
    const x = u.valToPos(gap.from_ms / 1000, 'x', true)
    hatch(u.ctx, theme.hatch, [x, top, Math.max(2, u.valToPos(gap.to_ms / 1000, 'x', true) - x), height])
  }
}

function drawLevels(u: uPlot, { levels, theme, shown }: HydrographView): void {
  const { ctx } = u
  const { left, top, width, height } = u.bbox
  const ratio = uPlot.pxRatio
  const lines = levels.map((l) => Math.round(u.valToPos(shown(l.stage_m), 'y', true)))
  const labels = placeLabels(
    lines.map((y) => y - 4 * ratio),
    LABEL_STEP * ratio,
    top + 12 * ratio,
    top + height - 2 * ratio,
  )
  ctx.save()
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.font = theme.font.replace(/^\d+px/, `${12 * ratio}px`)
  levels.forEach((level, i) => {
    const y = lines[i]!
    ctx.strokeStyle = theme.severity[level.severity] ?? theme.muted
    ctx.lineWidth = 1.5 * ratio
    ctx.setLineDash((LEVEL_DASH[level.severity] ?? [4, 4]).map((d) => d * ratio))
    ctx.beginPath()
    ctx.moveTo(left, y)
    ctx.lineTo(left + width, y)
    ctx.stroke()
    // A rim in the panel's colour keeps the label readable where it crosses a line.
    const x = left + 6 * ratio
    ctx.setLineDash([])
    ctx.lineJoin = 'round'
    ctx.lineWidth = 4 * ratio
    ctx.strokeStyle = theme.panel
    ctx.strokeText(level.label, x, labels[i]!)
    ctx.fillStyle = theme.text
    ctx.fillText(level.label, x, labels[i]!)
  })
  ctx.restore()
}

/** A cross where a value failed its tests and was left out. */
function drawFailed(u: uPlot, { data, theme, shown }: HydrographView): void {
  const { ctx } = u
  const size = 4 * uPlot.pxRatio
  ctx.save()
  ctx.strokeStyle = theme.alarm
  ctx.lineWidth = 1.5 * uPlot.pxRatio
  ctx.beginPath()
  data.failed.forEach((value, i) => {
    if (value === null) return
    const [x, y] = [u.valToPos(data.x_s[i]!, 'x', true), u.valToPos(shown(value), 'y', true)]
    ctx.moveTo(x - size, y - size)
    ctx.lineTo(x + size, y + size)
    ctx.moveTo(x - size, y + size)
    ctx.lineTo(x + size, y - size)
  })
  ctx.stroke()
  ctx.restore()
}

function drawFan(u: uPlot, { fan, theme, shown, to_s }: HydrographView): void {
  if (fan === null) return
  const { ctx } = u
  const { left, top, width, height } = u.bbox
  const at = (s: number, m: number): [number, number] => [u.valToPos(s, 'x', true), u.valToPos(shown(m), 'y', true)]
  const start = at(fan.from_s, fan.from_m)
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  ctx.fillStyle = theme.band
  ctx.beginPath()
  ctx.moveTo(...start)
  ctx.lineTo(...at(fan.soonest_s, fan.to_m))
  // Without a latest instant the fan is open: its lower edge stays at the stage of now.
  ctx.lineTo(...(fan.latest_s === null ? at(to_s, fan.to_m) : at(fan.latest_s, fan.to_m)))
  if (fan.latest_s === null) ctx.lineTo(...at(to_s, fan.from_m))
  ctx.closePath()
  ctx.fill()
  ctx.strokeStyle = theme.muted
  ctx.lineWidth = 2 * uPlot.pxRatio
  ctx.setLineDash([5 * uPlot.pxRatio, 5 * uPlot.pxRatio])
  ctx.beginPath()
  ctx.moveTo(...start)
  ctx.lineTo(...at(fan.likely_s, fan.to_m))
  ctx.stroke()
  ctx.restore()
}
