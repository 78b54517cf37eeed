/** One structure: its elevation now or in an event, the events, and how its frequency went. What is chosen stands in the address. */
import { useEffect } from 'preact/hooks'
import type { SiteJson, StructureJson } from '../../../../domain/api.ts'
import type { EventJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { SelectField } from '../../components/select-field.tsx'
import { chosenEvent, newestFirst, overlaps, recentEvent } from '../../state/events.ts'
import { floorsNow, MEASURES, type Measure, measureOf, topOf } from '../../state/floors.ts'
import { msOf } from '../../state/instants.ts'
import { href, type Route, stretchOf } from '../../state/route.ts'
import { type StructureView, structureView } from '../../state/structure.ts'
import { AmbientTrend } from './ambient-trend.tsx'
import { ElevationPicture, Legend } from './elevation-picture.tsx'
import { EventView } from './event-view.tsx'
import { Events } from './events.tsx'
import { FloorTable } from './floor-table.tsx'
import { FrequencyTrend } from './frequency.tsx'
import { words as WORDS } from './words.ts'

/** Newly ended shaking is seen without asking. */
const EVENTS_EVERY_MS = 10_000
/** As many as the desk gives at once. */
const EVENTS_LIMIT = 200

type Props = { structure: StructureJson; site: SiteJson; route: Route }

export function StructureEvents({ structure, site, route }: Props) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const view = structureView(structure, site, app.live.value, app.now_ms.value)
  const { sensors } = view
  const measure = measureOf(route.query.measure)
  const stretch = stretchOf(route.query)
  const at = (change: Record<string, string | undefined>) =>
    href('building', structure.id, { ...route.query, ...change })
  const asked = useAsked(
    () => app.api.get<{ events: EventJson[] }>('/events', { structure: structure.id, limit: String(EVENTS_LIMIT) }),
    [structure.id],
    EVENTS_EVERY_MS,
  )
  // A new alarm may be a new event: nobody waits for the next round of asking.
  useEffect(asked.again, [view.active.length])
  const all = newestFirst(asked.value?.events ?? [])
  const event = chosenEvent(all, route.query.event, stretch, app.now_ms.value)
  const recent = recentEvent(all, app.now_ms.value)
  const other = all.find((e) => e.id === route.query.with && e.id !== event?.id) ?? null
  const listed = stretch === null ? all : all.filter((e) => overlaps(e, stretch, app.now_ms.value))
  return (
    <section class="panel" aria-labelledby={`elevation-${structure.id}`}>
      <h2 id={`elevation-${structure.id}`}>
        {structure.name} <span class="kind">{own.elevation}</span>
      </h2>
      <div class="controls no-print">
        <SelectField
          inline
          label={own.measure}
          value={measure}
          options={MEASURES.map((m) => [m, own.measureName[m]])}
          onChange={(next) => {
            location.hash = at({ measure: next })
          }}
        />
        {event !== null && (
          <a class="button" href={href('building', structure.id, { measure: route.query.measure })}>
            {own.backToNow}
          </a>
        )}
        {other !== null && (
          <a class="button" href={at({ with: undefined })}>
            {own.compareEnd}
          </a>
        )}
      </div>
      {route.query.event !== undefined && asked.value !== null && event === null && <p class="unknown">{own.gone}</p>}
      {event === null && recent !== null && (
        <p>
          <a class="button is-primary" href={at({ event: recent.id, with: undefined })}>
            {own.recent(format.instant(msOf(recent.onset_ns), app.now_ms.value))}
          </a>
        </p>
      )}
      {event === null ? (
        <Now view={view} measure={measure} />
      ) : (
        <EventView structure={structure} sensors={sensors} event={event} other={other} measure={measure} />
      )}
      <AmbientTrend sensors={sensors} />
      <h3>{own.events}</h3>
      {stretch !== null && (
        <p class="actions">
          <a class="button" href={at({ from: undefined, to: undefined })}>
            {own.allEvents}
          </a>
        </p>
      )}
      <Await asked={asked}>
        {() =>
          listed.length === 0 ? (
            <p class="muted">{stretch === null ? own.noEvents : own.noEventsStretch}</p>
          ) : (
            <>
              <Events
                events={listed}
                shown={event}
                to={(e) => at({ event: e.id, with: undefined })}
                against={(e) => at({ event: event?.id, with: e.id })}
              />
              <FrequencyTrend key={structure.id} events={all} />
            </>
          )
        }
      </Await>
    </section>
  )
}

function Now({ view, measure }: { view: StructureView; measure: Measure }) {
  const { structure, sensors, active, held } = view
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const rows = floorsNow(structure, sensors, measure)
  if (rows.length === 0) return <p class="unknown">{words.structureNoSensors(structure.name)}</p>
  return (
    <>
      <h3>{own.now}</h3>
      {measure !== 'pga' && <p class="notice">{own.nowNote}</p>}
      <ElevationPicture
        rows={rows}
        measure={measure}
        top={topOf(rows)}
        name={`now-${structure.id}`}
        live
        alarms={active.length + held.length}
      />
      <Legend />
      <FloorTable rows={rows} other={null} measure={measure} query={{}} />
    </>
  )
}
