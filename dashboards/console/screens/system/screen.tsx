/** System. */
import { useSpeech } from '../../components/app-context.ts'

export default function SystemScreen() {
  const { words } = useSpeech()
  return <p class="panel unknown">{words.notOnThisDesk}</p>
}
