/** Two small pictures of a water: the stage against its levels, and its course. Numbers stand beside them as text. */
import { useSpeech, useWords } from '../../components/app-context.ts'
import { isDrawn, type Series } from '../../state/series.ts'
import type { WaterView } from '../../state/water.ts'
import { words as WORDS } from './words.ts'

/** Stage as a bar, levels as ticks in their colour and dash; the scale ends a little beyond the highest of both. */
export function LevelBar({ view }: { view: WaterView }) {
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const { levels, stage_m } = view
  if (stage_m === null || levels.length === 0) return null
  const values = [0, stage_m, ...levels.map(({ level }) => level.stage_m)]
  const low = Math.min(...values)
  const high = Math.max(...values) + 0.08 * (Math.max(...values) - low || 1)
  const x = (value: number) => `${((value - low) / (high - low)) * 100}%`
  const summary = own.barSummary(
    format.quantity(stage_m, 'stage'),
    format.quantity(low, 'stage'),
    format.quantity(high, 'stage'),
  )
  return (
    <svg class="level-bar" role="img" aria-label={summary} width="100%" height="18">
      <rect class="bar-ground" x="0" y="5" width="100%" height="8" />
      <rect class="bar-stage" x="0" y="5" width={x(stage_m)} height="8" />
      {levels.map(({ level }) => (
        <line
          key={level.id}
          class={`bar-level bar-level-${level.severity}`}
          x1={x(level.stage_m)}
          x2={x(level.stage_m)}
          y1="0"
          y2="18"
        />
      ))}
    </svg>
  )
}

const WIDTH = 240
const HEIGHT = 40

type SparkProps = { series: Series; window_ms: number; now_ms: number; gap_ms: number; summary: string }

/** The course of the window as a line that breaks where nothing was heard. */
export function Sparkline({ series, window_ms, now_ms, gap_ms, summary }: SparkProps) {
  const from_ms = now_ms - window_ms
  const columns = series.columns.filter((c) => isDrawn(c) && c.last_ms >= from_ms)
  if (columns.length < 2) return null
  const low = Math.min(...columns.map((c) => c.low))
  const high = Math.max(...columns.map((c) => c.high))
  const span = Math.max(high - low, 0.02)
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
