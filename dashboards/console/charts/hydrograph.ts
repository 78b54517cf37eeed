/**
 * The hydrograph on uPlot: stage with its range per column, named levels as lines with labels, spans without data
 * hatched. It draws what `hydrograph-data.ts` worked out and knows neither the desk nor the clock.
 */
import uPlot from 'uplot'
import { type HydrographData, placeLabels, stageRange } from './hydrograph-data.ts'
import { type ChartTheme, hatch, LEVEL_DASH } from './theme.ts'

export type LevelLine = { readonly label: string; readonly stage_m: number; readonly severity: string }

export type HydrographView = {
  readonly data: HydrographData
  readonly from_s: number
  readonly to_s: number
  readonly levels: readonly LevelLine[]
  readonly theme: ChartTheme
  time(at_s: number, step_s: number): string
  stage(value_m: number): string
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
]

export type Hydrograph = { update(view: HydrographView): void; resize(width: number): void; destroy(): void }

export function createHydrograph(container: HTMLElement, width: number, first: HydrographView): Hydrograph {
  let view = first
  const plot = new uPlot(
    options(() => view, width),
    aligned(view.data),
    container,
  )
  return {
    update: (next) => {
      view = next
      plot.setData(aligned(next.data))
    },
    resize: (next) => plot.setSize({ width: next, height: HYDROGRAPH_HEIGHT }),
    destroy: () => plot.destroy(),
  }
}

const aligned = (d: HydrographData): uPlot.AlignedData => [d.x_s, d.mean, d.high, d.low, d.suspect]

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
        range: () =>
          stageRange(
            view().data,
            view().levels.map((l) => l.stage_m),
          ),
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
    ],
    bands: [{ series: [2, 3], fill: () => view().theme.band }],
    axes: [
      {
        ...axis,
        size: 30,
        incrs: TICKS_S,
        space: 70,
        values: (_u, at, _i, _s, step) => at.map((s) => view().time(s, step)),
      },
      { ...axis, size: 48, space: 34, values: (_u, at) => at.map((m) => view().stage(m)) },
    ],
    hooks: {
      drawClear: [(u) => drawGaps(u, view())],
      draw: [(u) => drawLevels(u, view())],
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

function drawLevels(u: uPlot, { levels, theme }: HydrographView): void {
  const { ctx } = u
  const { left, top, width, height } = u.bbox
  const ratio = uPlot.pxRatio
  const lines = levels.map((l) => Math.round(u.valToPos(l.stage_m, 'y', true)))
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
