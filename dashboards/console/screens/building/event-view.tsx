/** One event of a structure: its floors by a measure, what was exceeded in the recorded data, its frequency, its record. */
import type { StructureJson } from '../../../../domain/api.ts'
import type { EventDetailJson, EventJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { ExerciseMark } from '../../components/marks.tsx'
import { stretchAround } from '../../state/events.ts'
import { eventFloors, type Measure, topOf } from '../../state/floors.ts'
import { msOf, msOrNull } from '../../state/instants.ts'
import { href, stretchQuery } from '../../state/route.ts'
import type { StructureSensor } from '../../state/structure.ts'
import { ElevationPicture, Legend } from './elevation-picture.tsx'
import { FloorTable } from './floor-table.tsx'
import { FrequencyNow } from './frequency.tsx'
import { words as WORDS } from './words.ts'

/** While it goes on, its figures change. */
const AGAIN_MS = 5000

const useDetail = (event: EventJson | null) => {
  const app = useApp()
  return useAsked<EventDetailJson | null>(
    async () =>
      event === null
        ? { ok: true, value: null }
        : app.api.get<EventDetailJson>(`/events/${encodeURIComponent(event.id)}`),
    [event?.id],
    event?.ended_ns === null ? AGAIN_MS : undefined,
  )
}

type Props = {
  structure: StructureJson
  sensors: readonly StructureSensor[]
  event: EventJson
  other: EventJson | null
  measure: Measure
}

export function EventView({ structure, sensors, event, other, measure }: Props) {
  const app = useApp()
  const own = useWords(WORDS)
  const detail = useDetail(event)
  const past = useDetail(other)
  const around = stretchQuery(stretchAround(event, app.now_ms.value))
  return (
    <Await asked={detail}>
      {(found) => {
        if (found === null) return null
        const rows = eventFloors(structure, sensors, found.floors, measure)
        const others = past.value === null ? null : eventFloors(structure, sensors, past.value.floors, measure)
        const top = Math.max(topOf(rows), others === null ? 0 : topOf(others))
        const device = sensors[0]?.device.id
        return (
          <>
            <div class="side-by-side">
              <section aria-labelledby="event-shown">
                <EventHead event={found.event} id="event-shown" />
                <ElevationPicture rows={rows} measure={measure} top={top} name="shown" alarms={event.alarms.length} />
              </section>
              {other !== null && (
                <section aria-labelledby="event-past">
                  <EventHead event={past.value?.event ?? other} id="event-past" />
                  <Await asked={past}>
                    {() =>
                      others && (
                        <ElevationPicture
                          rows={others}
                          measure={measure}
                          top={top}
                          name="past"
                          alarms={other.alarms.length}
                        />
                      )
                    }
                  </Await>
                </section>
              )}
            </div>
            <Legend />
            <FloorTable rows={rows} other={others} measure={measure} query={around} />
            <FrequencyNow frequency={found.frequency_hz} />
            <details class="data">
              <summary>{own.method}</summary>
              <p>{found.method}</p>
            </details>
            <p class="actions no-print">
              {device !== undefined && (
                <a class="button" href={href('waveforms', device, around)}>
                  {own.waveforms}
                </a>
              )}
              {(['miniseed', 'csv'] as const).map((format) => (
                <a
                  key={format}
                  class="button"
                  download
                  href={`/api/v1/events/${encodeURIComponent(event.id)}/record?format=${format}`}
                >
                  {own[format]}
                </a>
              ))}
            </p>
          </>
        )
      }}
    </Await>
  )
}

function EventHead({ event, id }: { event: EventJson; id: string }) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const ended_ms = msOrNull(event.ended_ns)
  const onset_ms = msOf(event.onset_ns)
  return (
    <>
      <h3 id={id}>
        {own.eventTitle(format.instant(onset_ms, app.now_ms.value))} {event.exercise && <ExerciseMark />}
      </h3>
      <p class="muted">
        {[
          ended_ms === null ? own.ongoing : own.lasted(format.duration(ended_ms - onset_ms)),
          own.channelsComplete(format.number(event.channels_complete, 0), format.number(event.channels_expected, 0)),
          ...(event.alarms.length > 0 ? [own.raised(format.number(event.alarms.length, 0))] : []),
        ].join(' · ')}
      </p>
    </>
  )
}
