/** The stretch that is shown as rows to read, and as CSV to take along. */
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { saveText } from '../../io/save-text.ts'
import { tableRows, toCsv } from '../../state/series-table.ts'
import type { WaterView } from '../../state/water.ts'
import type { Shown } from './stretch.ts'
import { words as WORDS } from './words.ts'

export function DataTable({ view, shown, offset }: { view: WaterView; shown: Shown; offset: number }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const { series, from_ms, to_ms } = shown
  const number = (value: number) =>
    Number.isNaN(value) ? '–' : format.number(format.onScreen(value + offset, 'stage'), 2)
  const unit = format.unitName('stage')
  const { gauge, id } = view.water
  return (
    <>
      <details class="data">
        <summary>{own.tableTitle}</summary>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{own.time}</th>
              <th scope="col">{`${own.lowest} [${unit}]`}</th>
              <th scope="col">{`${own.mean} [${unit}]`}</th>
              <th scope="col">{`${own.highest} [${unit}]`}</th>
              <th scope="col">{own.readings}</th>
              <th scope="col">{own.quality}</th>
            </tr>
          </thead>
          <tbody>
            {tableRows(series, from_ms, to_ms).map((row) => (
              <tr key={row.t_ms}>
                <th scope="row" class="number">
                  {format.instant(row.t_ms, app.now_ms.value)}
                </th>
                <td class="number" data-label={own.lowest}>
                  {number(row.low)}
                </td>
                <td class="number" data-label={own.mean}>
                  {number(row.mean)}
                </td>
                <td class="number" data-label={own.highest}>
                  {number(row.high)}
                </td>
                <td class="number" data-label={own.readings}>
                  {format.number(row.count, 0)}
                </td>
                <td data-label={own.quality}>{words.flagLabel(row.flag, words.flag[row.flag])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <div class="actions">
        <button
          type="button"
          class="button"
          onClick={() =>
            saveText(`${id}-${new Date(from_ms).toISOString().slice(0, 16).replace(':', '')}.csv`, toCsv(gauge, series))
          }
        >
          {own.csv}
        </button>
      </div>
    </>
  )
}
