/** Every structure with its floors, events and sensors, or the one that the address names. */
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { BuildingPanel } from '../../components/building-panel.tsx'
import { href } from '../../state/route.ts'
import type { ScreenProps } from '../index.ts'
import { StructureEvents } from './structure-screen.tsx'
import { words as WORDS } from './words.ts'

export default function BuildingScreen({ route }: ScreenProps) {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const site = app.site.value
  if (site === null) return <p class="panel muted">{words.siteNotLoaded}</p>
  const shown = site.structures.filter((s) => route.id === null || s.id === route.id)
  return (
    <div class="stack">
      {site.structures.length > 1 && (
        <nav class="tabs" aria-label={words.page.building}>
          <ul>
            <li>
              <a href={href('building')} aria-current={route.id === null ? 'page' : undefined}>
                {own.all}
              </a>
            </li>
            {site.structures.map((s) => (
              <li key={s.id}>
                <a href={href('building', s.id)} aria-current={route.id === s.id ? 'page' : undefined}>
                  {s.name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {shown.length === 0 && <p class="panel unknown">{words.noStructure}</p>}
      {shown.map((structure) => (
        <div class="stack" key={structure.id}>
          {(route.id !== null || site.structures.length === 1) && (
            <StructureEvents structure={structure} site={site} route={route} />
          )}
          <BuildingPanel structure={structure} site={site} />
        </div>
      ))}
    </div>
  )
}
