/** The natural frequency before, during and after an event, and over the last events: figures, a small picture, no verdict. */
import { useState } from 'preact/hooks'
import type { EventDetailJson, EventJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { changeOf } from '../../state/events.ts'
import { msOf } from '../../state/instants.ts'
import { words as WORDS } from './words.ts'

/** One after the other, and only so many: one that has just ended is measured for it. */
const TREND_MAX = 6
type Frequency = EventDetailJson['frequency_hz']

export function FrequencyNow({ frequency }: { frequency: Frequency }) {
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const hz = (value: number | null) => (value === null ? words.unknownValue : `${format.number(value, 2)} Hz`)
  const change = changeOf(frequency)
  const all: Array<[string, string]> = [
    [own.before, hz(frequency.before)],
    [own.during, hz(frequency.during)],
    [own.after, hz(frequency.after)],
    [own.change, change === null ? words.unknownValue : `${format.number(change * 100, 1)} %`],
  ]
  return (
    <>
      <h3>{own.frequency}</h3>
      <dl class="readout">
        {all.map(([name, value]) => (
          <div class="fact" key={name}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
      {frequency.before === null && frequency.during === null && <p class="unknown">{own.frequencyNone}</p>}
      <p class="muted">{own.frequencyNote}</p>
    </>
  )
}

type Point = { readonly event: EventJson; readonly frequency: Frequency | null }

export function FrequencyTrend({ events }: { events: readonly EventJson[] }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const [points, setPoints] = useState<readonly Point[]>([])
  const [busy, setBusy] = useState(false)
  const wanted = events.slice(0, TREND_MAX).reverse()
  if (wanted.length < 2) return null
  const load = async () => {
    setBusy(true)
    const found: Point[] = []
    for (const event of wanted) {
      const answer = await app.api.get<EventDetailJson>(`/events/${encodeURIComponent(event.id)}`)
      found.push({ event, frequency: answer.ok ? answer.value.frequency_hz : null })
      setPoints([...found])
    }
    setBusy(false)
  }
  return (
    <>
      <h3>{own.trend}</h3>
      {points.length === 0 ? (
        <p class="actions">
          <button type="button" class="button" disabled={busy} onClick={() => void load()}>
            {own.trendShow(format.number(wanted.length, 0))}
          </button>
        </p>
      ) : (
        <Trend points={points} />
      )}
    </>
  )
}

const [WIDTH, HEIGHT, EDGE] = [360, 120, 16]
const PARTS = ['before', 'during', 'after'] as const

function Trend({ points }: { points: readonly Point[] }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const all = points.flatMap(({ frequency: f }) => (f === null ? [] : PARTS.flatMap((p) => f[p] ?? [])))
  const before = points.flatMap(({ frequency: f }) => f?.before ?? [])
  const [low, high] = [Math.min(...all) * 0.95, Math.max(...all) * 1.05]
  const missing = points.filter((p) => p.frequency === null).length
  const hz = (value: number | null | undefined) =>
    value == null ? words.unknownValue : `${format.number(value, 2)} Hz`
  const y = (value: number) => HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE)
  const x = (i: number, part: number) => EDGE + ((i + 0.5 + (part - 1) * 0.22) / points.length) * (WIDTH - 2 * EDGE)
  return (
    <figure class="elevation frequency-trend">
      {all.length > 0 && (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
          <line x1={EDGE} x2={WIDTH - EDGE} y1={HEIGHT - EDGE / 2} y2={HEIGHT - EDGE / 2} class="ground" />
          {points.map(({ event, frequency: f }, i) => (
            <g key={event.id}>
              {f !== null && (
                <polyline
                  class="trace-line"
                  points={PARTS.flatMap((p, k) => (f[p] === null ? [] : `${x(i, k)},${y(f[p])}`)).join(' ')}
                />
              )}
              {f !== null &&
                PARTS.map(
                  (p, k) =>
                    f[p] !== null && (
                      <circle
                        key={p}
                        cx={x(i, k)}
                        cy={y(f[p])}
                        r="4"
                        class={p === 'during' ? 'sensor is-silent' : 'sensor'}
                      />
                    ),
                )}
            </g>
          ))}
        </svg>
      )}
      <figcaption>
        {before.length > 0 && (
          <p>{own.trendSummary(hz(Math.min(...before)), hz(Math.max(...before)), format.number(before.length, 0))}</p>
        )}
        {missing > 0 && <p class="unknown">{own.trendMissing(format.number(missing, 0))}</p>}
      </figcaption>
      <table class="table">
        <thead>
          <tr>
            {[own.onset, own.before, own.during, own.after].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map(({ event, frequency: f }) => (
            <tr key={event.id}>
              <th scope="row" class="number">
                {format.instant(msOf(event.onset_ns), app.now_ms.value)}
              </th>
              {PARTS.map((p) => (
                <td key={p} class="number" data-label={own[p]}>
                  {hz(f?.[p])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
