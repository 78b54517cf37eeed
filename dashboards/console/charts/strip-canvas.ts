/** Draws the live strip: one lane per axis with its zero line, all to one scale; what to draw is `strip-layout.ts`'s. */
import { type AxisStats, axisStats, niceScale, type StripBlock, stripColumns } from './strip-layout.ts'
import { type ChartTheme, hatch } from './theme.ts'

export const LANE_HEIGHT = 64

export type StripWindow = { readonly from_ms: number; readonly to_ms: number }
export type StripPicture = { readonly scale: number; readonly axes: readonly AxisStats[] }

/** Sizes the canvas to `width` CSS pixels at the screen's own resolution. */
export function sizeStrip(canvas: HTMLCanvasElement, width: number, lanes: number): void {
  const ratio = globalThis.devicePixelRatio || 1
  canvas.width = Math.max(1, Math.round(width * ratio))
  canvas.height = Math.round(LANE_HEIGHT * lanes * ratio)
  canvas.style.height = `${LANE_HEIGHT * lanes}px`
}

/**
 * @param least_peak what must fit too: strips that stand together share it, so that their lanes can be compared
 * @returns the scale (half-range of a lane, SI) and the numbers that stand beside the lanes
 */
export function drawStrip(
  canvas: HTMLCanvasElement,
  blocks: readonly StripBlock[],
  lanes: number,
  window: StripWindow,
  theme: ChartTheme,
  least_peak = 0,
): StripPicture {
  const axes = Array.from({ length: lanes }, (_, axis) => axisStats(blocks, axis, window.from_ms, window.to_ms))
  const scale = niceScale(Math.max(least_peak, ...axes.map((a) => a.peak)))
  const ctx = canvas.getContext('2d')
  if (ctx === null) return { scale, axes }
  const { width, height } = canvas
  ctx.clearRect(0, 0, width, height)
  axes.forEach((stats, axis) => {
    const lane = { top: (height / lanes) * axis, height: height / lanes, scale }
    drawLane(ctx, blocks, axis, stats.mean, window, lane, theme)
  })
  return { scale, axes }
}

type Lane = { readonly top: number; readonly height: number; readonly scale: number }

function drawLane(
  ctx: CanvasRenderingContext2D,
  blocks: readonly StripBlock[],
  axis: number,
  mean: number,
  window: StripWindow,
  lane: Lane,
  theme: ChartTheme,
): void {
  const { width } = ctx.canvas
  const ratio = globalThis.devicePixelRatio || 1
  const { low, high, clipped } = stripColumns(blocks, axis, window.from_ms, window.to_ms, width, mean)
  const middle = Math.round(lane.top + lane.height / 2) + 0.5
  const perUnit = (lane.height / 2 - 3 * ratio) / lane.scale
  drawEmpty(ctx, low, lane, theme)
  ctx.fillStyle = theme.grid
  ctx.fillRect(0, lane.top + lane.height - 1, width, 1)
  ctx.strokeStyle = theme.muted
  ctx.setLineDash([2 * ratio, 4 * ratio])
  ctx.beginPath()
  ctx.moveTo(0, middle)
  ctx.lineTo(width, middle)
  ctx.stroke()
  ctx.setLineDash([])
  ctx.fillStyle = theme.trace
  for (let x = 0; x < width; x += 1) {
    if (Number.isNaN(low[x])) continue
    const top = middle - high[x]! * perUnit
    ctx.fillRect(x, top - ratio / 2, 1, Math.max(ratio, (high[x]! - low[x]!) * perUnit + ratio))
  }
  ctx.fillStyle = theme.alarm
  for (let x = 0; x < width; x += 1)
    if (clipped[x] === 1) {
      ctx.fillRect(x - ratio, lane.top, 2 * ratio + 1, 5 * ratio)
      ctx.fillRect(x - ratio, lane.top + lane.height - 6 * ratio, 2 * ratio + 1, 5 * ratio)
    }
}

/** Runs of columns without samples are hatched: no trace must not look like no motion. */
function drawEmpty(ctx: CanvasRenderingContext2D, low: Float64Array, lane: Lane, theme: ChartTheme): void {
  let from = -1
  for (let x = 0; x <= low.length; x += 1) {
    const empty = x < low.length && Number.isNaN(low[x])
    if (empty && from === -1) from = x
    if (!empty && from !== -1) {
      if (x - from > 1) hatch(ctx, theme.hatch, [from, lane.top, x - from, lane.height])
      from = -1
    }
  }
}
