/** A small picture of a water: the stage against its levels. Numbers stand beside it as text. */
import { useSpeech, useWords } from '../../components/app-context.ts'
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
