/** Small marks that stand on rows: exercise, priority, health. Each says in text what its colour and shape say. */
import type { Priority } from '../../../domain/condition.ts'
import type { HealthKind } from '../state/health.ts'
import { useSpeech } from './app-context.ts'

export function ExerciseMark() {
  const { words } = useSpeech()
  return <span class="mark exercise-mark">{words.exercise}</span>
}

/** Colour, shape, letter and word. */
export function PriorityMark({ priority, quiet }: { priority: Priority; quiet?: boolean }) {
  const { words } = useSpeech()
  return (
    <span class={`priority priority-${priority}${quiet ? ' is-quiet' : ''}`}>
      <span class="priority-shape" aria-hidden="true">
        <span>{words.priorityLetter[priority]}</span>
      </span>
      <span class="priority-word">{words.priority[priority]}</span>
    </span>
  )
}

export function HealthMark({ kind }: { kind: HealthKind }) {
  const { words } = useSpeech()
  return <span class={`mark health health-${kind}`}>{words.health[kind]}</span>
}
