/** Every structure with its sensors and their shaking, or the one that the address names. */
import { useApp, useSpeech } from '../../components/app-context.ts'
import { BuildingPanel } from '../../components/building-panel.tsx'
import type { ScreenProps } from '../index.ts'

export default function BuildingScreen({ route }: ScreenProps) {
  const app = useApp()
  const { words } = useSpeech()
  const site = app.site.value
  if (site === null) return <p class="panel muted">{words.siteNotLoaded}</p>
  const shown = site.structures.filter((s) => route.id === null || s.id === route.id)
  if (shown.length === 0) return <p class="panel unknown">{words.noStructure}</p>
  return (
    <div class="stack">
      {shown.map((structure) => (
        <BuildingPanel key={structure.id} structure={structure} site={site} />
      ))}
    </div>
  )
}
