/** One list of the alarm-quality page as a table; an empty one says that there is none. */
import { useApp, useWords } from '../../components/app-context.ts'
import { href } from '../../state/route.ts'
import { words as WORDS } from './words.ts'

export type Cell = string | { readonly alarm: string }
type Props = { title: string; heads: readonly string[]; rows: ReadonlyArray<readonly Cell[]> }

export function QualityTable({ title, heads, rows }: Props) {
  const own = useWords(WORDS)
  return (
    <section class="quality-list">
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p class="muted">{own.none_}</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={JSON.stringify(row[0]) + i}>
                {row.map((cell, column) => (
                  <td key={heads[column]} data-label={heads[column]} class={column > 0 ? 'number' : ''}>
                    <CellText cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function CellText({ cell }: { cell: Cell }) {
  const app = useApp()
  if (typeof cell === 'string') return <>{cell}</>
  return (
    <a class="row-link" href={href('alarms', cell.alarm)}>
      {app.live.value.alarms.get(cell.alarm)?.name ?? cell.alarm}
    </a>
  )
}
