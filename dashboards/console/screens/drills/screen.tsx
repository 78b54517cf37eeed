/** Drills. */
import { useSpeech } from '../../components/app-context.ts'

export default function DrillsScreen() {
  const { words } = useSpeech()
  return <p class="panel unknown">{words.notOnThisDesk}</p>
}
