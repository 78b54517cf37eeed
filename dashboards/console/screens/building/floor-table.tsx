/** The floors as rows to read, with their sensors; with a second event beside it, how many times as much. */
import { useSpeech, useWords } from '../../components/app-context.ts'
import type { FloorRow, Measure } from '../../state/floors.ts'
import { href } from '../../state/route.ts'
import { figure } from './say.ts'
import { words as WORDS } from './words.ts'

type Props = {
  rows: readonly FloorRow[]
  other: readonly FloorRow[] | null
  measure: Measure
  /** Of the addresses of the sensors' waveforms. */
  query: Record<string, string | undefined>
}

export function FloorTable({ rows, other, measure, query }: Props) {
  const speech = useSpeech()
  const { words, format } = speech
  const own = useWords(WORDS)
  return (
    <details class="data">
      <summary>{own.floorTable}</summary>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{own.floor}</th>
            <th scope="col">{own.height}</th>
            <th scope="col">{own.measureName[measure]}</th>
            {other !== null && <th scope="col">{own.ratio}</th>}
            <th scope="col">{own.limit}</th>
            <th scope="col">{own.record}</th>
            <th scope="col">{own.sensors}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.name}</th>
              <td class="number" data-label={own.height}>{`${format.number(row.height_m, 1)} m`}</td>
              <td class="number" data-label={own.value}>
                {figure(row, measure, speech, own)}{' '}
                {row.exceeded && <span class="level-mark level-mark-exceeded">{words.mark.exceeded}</span>}
              </td>
              {other !== null && (
                <td class="number" data-label={own.ratio}>
                  {against(row, other)}
                </td>
              )}
              <td class="number" data-label={own.limit}>
                {row.limit === null ? words.noLimit : format.quantity(row.limit, 'acceleration')}
              </td>
              <td class="number" data-label={own.record}>
                {row.complete === null ? words.unknownValue : own.shareOf(format.number(row.complete * 100, 0))}
              </td>
              <td data-label={own.sensors}>
                {row.sensors.length === 0
                  ? own.noSensor
                  : row.sensors.map((s) => (
                      <a key={s.id} class="row-link" href={href('waveforms', s.id, query)}>
                        {s.name}
                        {s.usable ? '' : ` (${own.silent})`}
                      </a>
                    ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )

  /** An intensity is a class: the quotient of two says nothing. */
  function against(row: FloorRow, others: readonly FloorRow[]): string {
    const before = others.find((o) => o.id === row.id)
    if (before === undefined) return words.unknownValue
    if (measure === 'intensity') return figure(before, measure, speech, own)
    if (row.value === null || before.value === null || before.value === 0) return words.unknownValue
    return own.times(format.number(row.value / before.value, 2))
  }
}
