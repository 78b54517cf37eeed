/** The shakings that were recorded, newest first, the largest marked: each opens its figures or stands beside the shown one. */
import type { EventJson } from '../../../../domain/api-desk.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { ExerciseMark } from '../../components/marks.tsx'
import { isWorkedOut, worstOf } from '../../state/events.ts'
import { msOf } from '../../state/instants.ts'
import { words as WORDS } from './words.ts'

type Props = {
  events: readonly EventJson[]
  shown: EventJson | null
  /** The address that shows an event, and the one that compares with it. */
  to(event: EventJson): string
  against(event: EventJson): string
}

export function Events({ events, shown, to, against }: Props) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const worst = worstOf(events)
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{own.onset}</th>
          <th scope="col">{own.measureName.pga}</th>
          <th scope="col">{own.intensity}</th>
          <th scope="col">{own.complete}</th>
          <th scope="col">
            <span class="unseen">{own.compare}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => {
          const time = format.instant(msOf(event.onset_ns), app.now_ms.value)
          return (
            <tr key={event.id}>
              <th scope="row" class="number">
                <a class="row-link" href={to(event)} aria-label={own.open(time)}>
                  {time}
                </a>{' '}
                {event === worst && events.length > 1 && <span class="level-mark level-mark-held">{own.worst}</span>}{' '}
                {event.id === shown?.id && <span class="muted">{own.shown}</span>} {event.exercise && <ExerciseMark />}
              </th>
              <td class="number" data-label={own.measureName.pga}>
                {event.pga_m_s2 === null ? words.unknownValue : format.quantity(event.pga_m_s2, 'acceleration')}
              </td>
              <td class="number" data-label={own.intensity}>
                {event.intensity ?? (isWorkedOut(event) ? words.unknownValue : own.notWorkedOut)}
              </td>
              <td class="number" data-label={own.complete}>
                {isWorkedOut(event) &&
                  own.channelsComplete(
                    format.number(event.channels_complete, 0),
                    format.number(event.channels_expected, 0),
                  )}
              </td>
              <td>
                {shown !== null && event.id !== shown.id && (
                  <a class="row-link" href={against(event)} aria-label={own.compareWith(time)}>
                    {own.compare}
                  </a>
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
