/** How a drill was answered: counts, times, and each alarm with who acknowledged it after how long. */
import type { DrillReportJson } from '../../../../domain/api.ts'
import { useSpeech, useWords } from '../../components/app-context.ts'
import { words as WORDS } from './words.ts'

export function Score({ report }: { report: DrillReportJson }) {
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const { summary, occurrences, real, complete } = report
  const seconds = (s: number | null) => (s === null ? '–' : format.duration(s * 1000))
  const figures: Array<[string, string]> = [
    [own.raised, String(summary.raised)],
    [own.told, String(summary.told)],
    [own.acknowledged, String(summary.acknowledged)],
    [own.notAcknowledged, String(summary.not_acknowledged)],
    [own.median, seconds(summary.ack_median_s)],
    [own.longest, seconds(summary.ack_longest_s)],
  ]
  return (
    <>
      <dl class="readout">
        {figures.map(([name, value]) => (
          <div key={name} class="fact is-big">
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
      {!complete && <p class="unknown">{own.incomplete}</p>}
      <p class={real.count > 0 ? 'problem' : 'muted'}>{own.real(real.count)}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{own.alarm}</th>
            <th scope="col">{own.toldAfter}</th>
            <th scope="col">{own.ackBy}</th>
          </tr>
        </thead>
        <tbody>
          {occurrences.map((o) => (
            <tr key={`${o.alarm} ${o.occurrence}`}>
              <th scope="row" data-label={own.alarm}>
                {o.name} <span class="muted">{words.occurrence(o.occurrence)}</span>
              </th>
              <td class="number" data-label={own.toldAfter}>
                {seconds(o.told_after_s)}
              </td>
              <td data-label={own.ackBy}>
                {o.acknowledged === null
                  ? own.nobody
                  : `${o.acknowledged.by}, ${seconds(o.acknowledged.after_s)}${o.acknowledged.comment === null ? '' : `: ${o.acknowledged.comment}`}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
