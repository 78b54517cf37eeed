/** The gauges upstream and downstream with their stage and trend: what comes, and where it goes. */
import type { WaterJson } from '../../../../domain/api.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { neighboursOf } from '../../state/elevation.ts'
import { href } from '../../state/route.ts'
import { trendText, whyUnknown } from '../../state/status-sentence.ts'
import { waterView } from '../../state/water.ts'
import { words as WORDS } from './words.ts'

export function Neighbours({ water }: { water: WaterJson }) {
  const app = useApp()
  const own = useWords(WORDS)
  const { upstream, downstream } = neighboursOf(app.site.value?.waters ?? [], water)
  if (upstream.length + downstream.length === 0) return null
  return (
    <nav class="neighbours" aria-label={own.neighbours}>
      <ul class="plain-list">
        {upstream.map((w) => (
          <Neighbour key={w.id} water={w} side={own.upstream} />
        ))}
        {downstream.map((w) => (
          <Neighbour key={w.id} water={w} side={own.downstream} />
        ))}
      </ul>
    </nav>
  )
}

function Neighbour({ water, side }: { water: WaterJson; side: string }) {
  const app = useApp()
  const speech = useSpeech()
  const view = waterView(water, app.live.value, app.now_ms.value)
  return (
    <li>
      <span class="muted">{side}</span>
      <a class="row-link" href={href('water', water.id)}>
        {water.name}
      </a>
      {view.stage_m === null ? (
        <span class="unknown">{whyUnknown(view.health, speech)}</span>
      ) : (
        <span class="number">
          {speech.format.quantity(view.stage_m, 'stage')} {trendText(view, speech)}
          {view.top !== null && ` · ${view.top.level.name}`}
        </span>
      )}
    </li>
  )
}
