/** Every water with its hydrograph and named levels, or the one that the address names. */
import { useApp, useSpeech } from '../../components/app-context.ts'
import { WaterPanel } from '../../components/water-panel.tsx'
import type { ScreenProps } from '../index.ts'

export default function WaterScreen({ route }: ScreenProps) {
  const app = useApp()
  const { words } = useSpeech()
  const site = app.site.value
  if (site === null) return <p class="panel muted">{words.siteNotLoaded}</p>
  const shown = site.waters.filter((w) => route.id === null || w.id === route.id)
  if (shown.length === 0) return <p class="panel unknown">{words.noWater}</p>
  return (
    <div class="stack">
      {shown.map((water) => (
        <WaterPanel key={water.id} water={water} />
      ))}
    </div>
  )
}
