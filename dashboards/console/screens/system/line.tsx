/** The line as it is now: every part with its state, how long it has been so, and its figures; worst are marked, not moved. */
import type { SystemJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { msOf, msOrNull } from '../../state/instants.ts'
import { figureName, figureText, partDetail, partName } from '../../state/system-part.ts'
import { words as PARTS } from './parts-words.ts'
import { words as WORDS } from './words.ts'

const ASK_MS = 5000
/** In the order in which a reading goes; what is none of these stands after them. */
const WAY = ['node/', 'broker', 'ingest', 'store', 'desk', 'journal']

const place = (id: string): number => {
  const at = WAY.findIndex((one) => id === one || (one.endsWith('/') && id.startsWith(one)))
  return at === -1 ? WAY.length : at
}

export function Line() {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const asked = useAsked(() => app.api.get<SystemJson>('/system'), [], ASK_MS)
  return (
    <section class="panel" aria-labelledby="line-title">
      <h2 id="line-title">{own.tab.line}</h2>
      <p class="muted">{own.flow}</p>
      <Await asked={asked}>
        {(system) => (
          <>
            <p>{own.running(system.software, format.duration(msOf(system.now_ns) - msOf(system.started_ns)))}</p>
            {system.parts.length === 0 && <p class="unknown">{own.partsNone}</p>}
            <ol class="parts">
              {[...system.parts]
                .sort((a, b) => place(a.id) - place(b.id))
                .map((part) => (
                  <Part key={part.id} part={part} now_ms={msOf(system.now_ns)} />
                ))}
            </ol>
          </>
        )}
      </Await>
    </section>
  )
}

function Part({ part, now_ms }: { part: SystemJson['parts'][number]; now_ms: number }) {
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const parts = useWords(PARTS)
  const since_ms = msOrNull(part.since_ns)
  return (
    <li class={`part part-${part.state}`}>
      <div class="tile-head">
        <h3>{partName(part.id, parts)}</h3>
        <span class={`mark part-mark-${part.state}${part.state === 'unknown' ? ' unknown' : ''}`}>
          {own.health[part.state]}
        </span>
      </div>
      <p>
        {partDetail(part.detail, parts, format)}{' '}
        {since_ms !== null && <span class="muted">({own.since(format.duration(now_ms - since_ms))})</span>}
      </p>
      <dl class="part-figures">
        {Object.entries(part.figures).map(([name, value]) => (
          <div key={name}>
            <dt>{figureName(name, parts)}</dt>
            <dd class="number">{figureText(name, value, format)}</dd>
          </div>
        ))}
      </dl>
    </li>
  )
}
