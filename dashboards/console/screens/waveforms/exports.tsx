/** Files of the recorded stretch: CSV of what is shown, miniSEED of the events that lie in it. */
import type { EventJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { saveText } from '../../io/save-text.ts'
import { msOf, nsOf } from '../../state/instants.ts'
import { type Filter, recordCsv } from '../../state/record.ts'
import { href, type Stretch } from '../../state/route.ts'
import type { SensorRecord } from './values.tsx'
import { words as WORDS } from './words.ts'

type Props = { sensors: readonly SensorRecord[]; stretch: Stretch; filter: Filter }

export function Exports({ sensors, stretch, filter }: Props) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const { from_ms, to_ms } = stretch
  const asked = useAsked(
    () => app.api.get<{ events: EventJson[] }>('/events', { from: nsOf(from_ms), to: nsOf(to_ms) }),
    [from_ms, to_ms],
  )
  const name = (device: string) => `${device}-${new Date(from_ms).toISOString().slice(0, 19).replaceAll(':', '')}.csv`
  return (
    <div class="no-print">
      <h3>{own.export}</h3>
      <p class="actions">
        {sensors
          .filter((s) => s.share > 0)
          .map(({ device, axes, runs }) => (
            <button
              key={device.id}
              type="button"
              class="button"
              onClick={() => saveText(name(device.id), recordCsv(device.id, axes, runs, filter))}
            >
              {own.csv(device.name)}
            </button>
          ))}
      </p>
      <Await asked={asked}>
        {({ events }) =>
          events.length === 0 ? (
            <p class="muted">{own.noEvent}</p>
          ) : (
            <p class="actions">
              {events.flatMap((event) => {
                const time = format.instant(msOf(event.onset_ns), app.now_ms.value)
                return [
                  <a
                    key={`${event.id} file`}
                    class="button"
                    download
                    href={`/api/v1/events/${encodeURIComponent(event.id)}/record?format=miniseed`}
                  >
                    {own.miniseed(time)}
                  </a>,
                  <a
                    key={`${event.id} floors`}
                    class="button"
                    href={href('building', event.structure, { event: event.id })}
                  >
                    {own.building(time)}
                  </a>,
                ]
              })}
            </p>
          )
        }
      </Await>
    </div>
  )
}
