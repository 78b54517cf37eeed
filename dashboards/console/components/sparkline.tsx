/** The course of a channel as a small line. Numbers stand beside it as text. */
import { isDrawn, type Series } from '../state/series.ts'

const WIDTH = 240
const HEIGHT = 40

type SparkProps = {
  series: Series
  window_ms: number
  now_ms: number
  gap_ms: number
  summary: string
  /** What is drawn at least from bottom to top, so that noise does not look like a change. */
  span_least?: number
}

/** The course of the window as a line that breaks where nothing was heard. */
export function Sparkline({ series, window_ms, now_ms, gap_ms, summary, span_least = 0.02 }: SparkProps) {
  const from_ms = now_ms - window_ms
  const columns = series.columns.filter((c) => isDrawn(c) && c.last_ms >= from_ms)
  if (columns.length < 2) return null
  const low = Math.min(...columns.map((c) => c.low))
  const high = Math.max(...columns.map((c) => c.high))
  const span = Math.max(high - low, span_least)
  let last_ms = Number.NEGATIVE_INFINITY
  const path = columns
    .map((c) => {
      const x = (((c.t_ms + c.last_ms) / 2 - from_ms) / window_ms) * WIDTH
      const y = HEIGHT - 3 - ((c.mean - low) / span) * (HEIGHT - 6)
      const pen = c.t_ms - last_ms > gap_ms + series.width_ms ? 'M' : 'L'
      last_ms = c.last_ms
      return `${pen}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={summary}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <path d={path} />
    </svg>
  )
}
