/** Waveforms: live strips, a recorded stretch that the address names, or a day in lines; of one sensor or several. */
import type { DeviceJson } from '../../../../domain/api.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { href, stretchOf, stretchQuery } from '../../state/route.ts'
import type { ScreenProps } from '../index.ts'
import { SENSORS_MAX, sensorsOf } from './choice.ts'
import { HelicorderView } from './helicorder-view.tsx'
import { LiveView } from './live-view.tsx'
import { RecordView } from './record-view.tsx'
import { words as WORDS } from './words.ts'

/** What the view of the record shows before a stretch was chosen. */
const LAST_MS = 60_000

export default function WaveformsScreen({ route }: ScreenProps) {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const all = [...app.live.value.devices.values()].filter((d) => d.channels.some((c) => c.kind === 'axis'))
  const devices = sensorsOf(all, route.id, route.query.with)
  const first = devices[0]
  if (first === undefined) return <p class="panel muted">{words.noAccelerometer}</p>
  const stretch = stretchOf(route.query)
  const view = stretch !== null ? 'record' : route.query.view === 'day' ? 'day' : 'live'
  const kept = { with: route.query.with }
  const now_ms = app.now_ms.value
  const views = {
    live: href('waveforms', first.id, kept),
    record: href('waveforms', first.id, { ...kept, ...stretchQuery({ from_ms: now_ms - LAST_MS, to_ms: now_ms }) }),
    day: href('waveforms', first.id, { ...kept, view: 'day' }),
  }
  return (
    <section class="panel" aria-labelledby="waveforms-title">
      <h2 id="waveforms-title">{words.page.waveforms}</h2>
      <nav class="tabs" aria-label={own.views}>
        <ul>
          {(['live', 'record', 'day'] as const).map((name) => (
            <li key={name}>
              <a href={views[name]} aria-current={view === name ? 'page' : undefined}>
                {own[name]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Choose all={all} chosen={devices} query={route.query} several={view !== 'day'} />
      {view === 'record' && <RecordView devices={devices} stretch={stretch!} route={route} />}
      {view === 'day' && <HelicorderView device={first} route={route} />}
      {view === 'live' && <LiveView devices={devices} route={route} />}
    </section>
  )
}

type ChooseProps = {
  all: readonly DeviceJson[]
  chosen: readonly DeviceJson[]
  query: Readonly<Record<string, string>>
  several: boolean
}

function Choose({ all, chosen, query, several }: ChooseProps) {
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const [first, ...others] = chosen.map((d) => d.id)
  const go = (id: string | undefined, more: readonly string[]) => {
    location.hash = href('waveforms', id, { ...query, with: more.length === 0 ? undefined : more.join(',') })
  }
  return (
    <>
      <label class="field is-inline">
        {words.chooseSensor}
        <select
          value={first}
          onChange={(event) => {
            const id = event.currentTarget.value
            go(
              id,
              others.filter((o) => o !== id),
            )
          }}
        >
          {all.map((d) => (
            <option key={d.id} value={d.id}>
              {d.name}
            </option>
          ))}
        </select>
      </label>
      {several && all.length > 1 && (
        <fieldset class="choices no-print">
          <legend class="muted">{own.sensors}</legend>
          {all
            .filter((d) => d.id !== first)
            .map((d) => (
              <label key={d.id}>
                <input
                  type="checkbox"
                  checked={others.includes(d.id)}
                  disabled={!others.includes(d.id) && chosen.length >= SENSORS_MAX}
                  onChange={(event) =>
                    go(first, event.currentTarget.checked ? [...others, d.id] : others.filter((o) => o !== d.id))
                  }
                />
                {d.name}
              </label>
            ))}
        </fieldset>
      )}
    </>
  )
}
