/** The filter of the journal: a stretch of time, an alarm, a person, a kind. It becomes the address, so it can be sent on. */
import { useState } from 'preact/hooks'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { sortAlarms } from '../../state/alarms.ts'
import type { JournalFilter } from '../../state/journal.ts'
import { words as WORDS } from './words.ts'

type Props = { filter: JournalFilter; onShow: (filter: Record<string, string | undefined>) => void }

export function HistoryFilter({ filter, onShow }: Props) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const [now, setNow] = useState(filter)
  const set = (name: keyof JournalFilter) => (event: { currentTarget: { value: string } }) =>
    setNow({ ...now, [name]: event.currentTarget.value === '' ? undefined : event.currentTarget.value })
  const shown = (iso: string | undefined) => {
    const at_ms = Date.parse(iso ?? '')
    return Number.isNaN(at_ms) ? '' : format.toField(at_ms)
  }
  const setInstant = (name: 'from' | 'to') => (event: { currentTarget: { value: string } }) => {
    const at_ms = format.fromField(event.currentTarget.value)
    setNow({ ...now, [name]: at_ms === null ? undefined : new Date(at_ms).toISOString() })
  }
  return (
    <form
      class="filter no-print"
      onSubmit={(event) => {
        event.preventDefault()
        onShow({ ...now })
      }}
    >
      <label class="field">
        {own.from}
        <input type="datetime-local" value={shown(now.from)} onInput={setInstant('from')} />
      </label>
      <label class="field">
        {own.to}
        <input type="datetime-local" value={shown(now.to)} onInput={setInstant('to')} />
      </label>
      <label class="field">
        {own.alarm}
        <select value={now.alarm ?? ''} onChange={set('alarm')}>
          <option value="">{own.anyAlarm}</option>
          {sortAlarms(app.live.value.alarms.values()).map((alarm) => (
            <option key={alarm.id} value={alarm.id}>
              {alarm.name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {own.kind}
        <select value={now.kind ?? ''} onChange={set('kind')}>
          <option value="">{own.anyKind}</option>
          {Object.entries(own.journalKind).map(([kind, name]) => (
            <option key={kind} value={kind}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {own.actor}
        <input value={now.actor ?? ''} placeholder={own.anyActor} maxLength={100} onInput={set('actor')} />
      </label>
      <button type="submit" class="button is-primary">
        {own.show}
      </button>
    </form>
  )
}
