/** Every water with its hydrograph and named levels, or the one that the address names, live or a recorded stretch of it. */
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { href, stretchOf } from '../../state/route.ts'
import type { ScreenProps } from '../index.ts'
import { WaterPanel } from './water-panel.tsx'
import { words as WORDS } from './words.ts'

export default function WaterScreen({ route }: ScreenProps) {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const site = app.site.value
  if (site === null) return <p class="panel muted">{words.siteNotLoaded}</p>
  if (site.waters.length === 0) return <p class="panel muted">{own.none}</p>
  const shown = site.waters.filter((w) => route.id === null || w.id === route.id)
  return (
    <div class="stack">
      {site.waters.length > 1 && (
        <nav class="tabs" aria-label={words.page.water}>
          <ul>
            <li>
              <a href={href('water')} aria-current={route.id === null ? 'page' : undefined}>
                {own.all}
              </a>
            </li>
            {site.waters.map((w) => (
              <li key={w.id}>
                <a href={href('water', w.id)} aria-current={route.id === w.id ? 'page' : undefined}>
                  {w.name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {shown.length === 0 && <p class="panel unknown">{words.noWater}</p>}
      {shown.map((water) => (
        <WaterPanel key={water.id} water={water} stretch={stretchOf(route.query)} />
      ))}
    </div>
  )
}
