/** The journal with its filters, newest first, page by page, and as CSV: who did what, and what the line said of itself. */
import { useState } from 'preact/hooks'
import type { JournalEntryJson } from '../../../../domain/alarm.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { msOf } from '../../state/instants.ts'
import { filterOf, type JournalFilter, joinPages, journalQuery, PAGE } from '../../state/journal.ts'
import { href, type Page } from '../../state/route.ts'
import { entryText } from './entry-text.ts'
import { words as ENTRY_WORDS } from './entry-words.ts'
import { HistoryFilter } from './history-filter.tsx'
import { words as WORDS } from './words.ts'

type Props = {
  query: Readonly<Record<string, string>>
  /** Where the filter's address leads; default the alarm screen. */
  at?: { page: Page; id: string | null; query: Record<string, string> }
}

const HERE = { page: 'alarms' as const, id: null, query: { list: 'history' } }

export function History({ query, at = HERE }: Props) {
  const own = useWords(WORDS)
  const filter = filterOf(query)
  const key = JSON.stringify(filter)
  return (
    <section class="panel" aria-labelledby="history-title">
      <h2 id="history-title">{own.entries}</h2>
      <HistoryFilter
        key={key}
        filter={filter}
        onShow={(next) => {
          location.hash = href(at.page, at.id, { ...at.query, ...next })
        }}
      />
      <Entries key={`${key} rows`} filter={filter} />
    </section>
  )
}

function Entries({ filter }: { filter: JournalFilter }) {
  const app = useApp()
  const own = useWords(WORDS)
  const [older, setOlder] = useState<JournalEntryJson[]>([])
  const [done, setDone] = useState(false)
  const ask = (before?: number) =>
    app.api.get<{ entries: JournalEntryJson[] }>('/journal', journalQuery(filter, before))
  const asked = useAsked(() => ask(), [])
  const csv = new URLSearchParams(
    Object.entries({ ...filter, format: 'csv' }).filter((e): e is [string, string] => e[1] !== undefined),
  )
  return (
    <Await asked={asked}>
      {({ entries }) => {
        const rows = joinPages(entries, older)
        const more = async () => {
          const answer = await ask(rows.at(-1)?.seq)
          if (!answer.ok) return
          // A desk that knows no pages answers with the same rows again.
          const next = joinPages(rows, answer.value.entries)
          setDone(next.length === rows.length || answer.value.entries.length < PAGE)
          setOlder(next)
        }
        return (
          <>
            {rows.length === 0 && <p>{own.historyNone}</p>}
            {rows.length > 0 && <EntryTable rows={rows} />}
            <div class="actions">
              {rows.length >= PAGE && !done && (
                <button type="button" class="button" onClick={() => void more()}>
                  {own.older}
                </button>
              )}
              {rows.length > 0 && (
                <a class="button" href={`/api/v1/journal?${csv}`} download="journal.csv">
                  {own.csv}
                </a>
              )}
            </div>
          </>
        )
      }}
    </Await>
  )
}

function EntryTable({ rows }: { rows: readonly JournalEntryJson[] }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const { alarms } = app.live.value
  const ofEntries = useWords(ENTRY_WORDS)
  const speech = { words, format, own: ofEntries, groupKind: own.groupKind, now_ms: app.now_ms.value }
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{own.at}</th>
          <th scope="col">{own.kind}</th>
          <th scope="col">{own.alarm}</th>
          <th scope="col">{own.actor}</th>
          <th scope="col">{own.entry}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((entry) => (
          <tr key={entry.seq}>
            <th scope="row" class="number" data-label={own.at}>
              {format.instant(msOf(entry.at_ns), app.now_ms.value)}
            </th>
            <td data-label={own.kind}>{own.journalKind[entry.kind] ?? entry.kind}</td>
            <td data-label={own.alarm}>
              {entry.alarm !== null && (
                <a class="row-link" href={href('alarms', entry.alarm)}>
                  {alarms.get(entry.alarm)?.name ?? entry.alarm}
                </a>
              )}
            </td>
            <td data-label={own.actor}>{entry.actor}</td>
            <td data-label={own.entry} class="comment-text">
              {entryText(entry, speech, alarms.get(entry.alarm ?? '')?.kind)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
