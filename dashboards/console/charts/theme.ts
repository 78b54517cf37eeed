/** Colours that canvases draw with, read from the style sheet so that light and dark are decided in one place. */

export type ChartTheme = {
  readonly text: string
  readonly muted: string
  readonly grid: string
  readonly panel: string
  readonly trace: string
  readonly band: string
  readonly hatch: string
  readonly alarm: string
  readonly suspect: string
  readonly severity: Readonly<Record<string, string>>
  readonly font: string
}

export function readTheme(element: Element): ChartTheme {
  const style = getComputedStyle(element)
  const color = (name: string) => style.getPropertyValue(name).trim()
  return {
    text: color('--text'),
    muted: color('--muted'),
    grid: color('--grid'),
    panel: color('--panel'),
    trace: color('--trace'),
    band: color('--trace-band'),
    hatch: color('--hatch'),
    alarm: color('--critical'),
    suspect: color('--medium'),
    severity: Object.fromEntries(['action', 'minor', 'moderate', 'major'].map((s) => [s, color(`--level-${s}`)])),
    font: `12px ${style.fontFamily}`,
  }
}

/** Each severity has its own dashes too: colour is never the only difference. */
export const LEVEL_DASH: Readonly<Record<string, number[]>> = {
  action: [2, 3],
  minor: [6, 3],
  moderate: [12, 3],
  major: [],
}

/** Diagonal hatching over a rectangle: the look of "nothing is known here". */
export function hatch(ctx: CanvasRenderingContext2D, color: string, box: [number, number, number, number]): void {
  const [x, y, width, height] = box
  const step = 7 * (globalThis.devicePixelRatio || 1)
  ctx.save()
  ctx.beginPath()
  ctx.rect(x, y, width, height)
  ctx.clip()
  ctx.strokeStyle = color
  ctx.lineWidth = Math.max(1, step / 7)
  ctx.beginPath()
  for (let d = Math.floor((x - height) / step) * step; d < x + width; d += step) {
    ctx.moveTo(d, y + height)
    ctx.lineTo(d + height, y)
  }
  ctx.stroke()
  ctx.restore()
}
