/** Draws the lines of a day; what is not there is hatched, what lies ahead stays empty. */
import type { HelicorderJson } from '../../../domain/api.ts'
import { middleOf } from './helicorder-layout.ts'
import { type ChartTheme, hatch } from './theme.ts'

export const LINE_HEIGHT = 22
/** How far a trace reaches at most, in lines: more would hide the rest of the day. */
const REACH_LINES = 2.5

export function drawHelicorder(
  canvas: HTMLCanvasElement,
  { lines, columns_per_line }: HelicorderJson,
  look: {
    scale: number
    width: number
    now_ms: number
    line_ms: number
    from_ms: readonly number[]
    theme: ChartTheme
  },
): void {
  const { scale, width, now_ms, line_ms, from_ms, theme } = look
  const ratio = globalThis.devicePixelRatio || 1
  canvas.width = Math.max(1, Math.round(width * ratio))
  canvas.height = Math.round(LINE_HEIGHT * lines.length * ratio)
  canvas.style.height = `${LINE_HEIGHT * lines.length}px`
  const ctx = canvas.getContext('2d')
  if (ctx === null) return
  const [height, column] = [LINE_HEIGHT * ratio, canvas.width / columns_per_line]
  lines.forEach((line, i) => {
    const y = (i + 0.5) * height
    const past = Math.min(1, Math.max(0, (now_ms - from_ms[i]!) / line_ms)) * canvas.width
    drawMissing(ctx, line.min, past, column, i * height, height, theme)
    ctx.fillStyle = theme.grid
    ctx.fillRect(0, Math.round(y), canvas.width, 1)
  })
  // Traces after all grounds: a large motion reaches over its neighbours.
  ctx.fillStyle = theme.trace
  lines.forEach((line, i) => {
    const middle = middleOf(line)
    if (middle === null || !(scale > 0)) return
    const perUnit = height / 2 / scale
    const y = (i + 0.5) * height
    line.min.forEach((low, k) => {
      const high = line.max[k]
      if (low === null || high == null) return
      const reach = (v: number) =>
        Math.max(-REACH_LINES, Math.min(REACH_LINES, ((v - middle) * perUnit) / height)) * height
      const [top, bottom] = [y - reach(high), y - reach(low)]
      ctx.fillRect(k * column, top - ratio / 2, Math.max(1, column), bottom - top + ratio)
    })
  })
}

function drawMissing(
  ctx: CanvasRenderingContext2D,
  values: ReadonlyArray<number | null>,
  past: number,
  column: number,
  top: number,
  height: number,
  theme: ChartTheme,
): void {
  let from = -1
  for (let k = 0; k <= values.length; k += 1) {
    const missing = k < values.length && values[k] === null && (k + 1) * column <= past
    if (missing && from < 0) from = k
    if (!missing && from >= 0) {
      hatch(ctx, theme.hatch, [from * column, top, (k - from) * column, height])
      from = -1
    }
  }
}
