/** The desk's own state in the text format of Prometheus (exposition format 0.0.4). Pure. */
import { type AlarmState, STATE_LETTER } from '../domain/alarm.ts'
import { type Labels, Page } from '../runtime/prometheus.ts'

export type DeskMetrics = {
  readonly alarms: ReadonlyMap<AlarmState, number>
  readonly late_listed: number
  readonly journal_seq: number
  readonly journal_up: boolean
  readonly store_up: boolean
  readonly broker_up: boolean
  readonly stream_clients: number
  readonly stream_dropped: number
  readonly block_watchers: number
  readonly block_dropped: number
  readonly inputs_dropped: number
  readonly payloads_unreadable: number
}

export function prometheusText(m: DeskMetrics): string {
  const page = new Page()
  const put = (
    name: string,
    kind: 'gauge' | 'counter',
    help: string,
    values: ReadonlyArray<readonly [Labels, number]>,
  ) => page.family(`plumbline_desk_${name}`, kind, help, values)
  const states = Object.keys(STATE_LETTER) as AlarmState[]
  put('up', 'gauge', 'Whether the part answers.', [
    [{ part: 'journal' }, Number(m.journal_up)],
    [{ part: 'store' }, Number(m.store_up)],
    [{ part: 'broker' }, Number(m.broker_up)],
  ])
  put(
    'alarms',
    'gauge',
    'Alarms by state of ISA-18.2.',
    states.map((state) => [{ state, letter: STATE_LETTER[state] }, m.alarms.get(state) ?? 0]),
  )
  put('alarms_late', 'gauge', 'Late occurrences not acknowledged.', [[{}, m.late_listed]])
  put('journal_seq', 'gauge', 'Row number of the newest journal entry.', [[{}, m.journal_seq]])
  put('stream_clients', 'gauge', 'Clients of the live event stream.', [[{}, m.stream_clients]])
  put('stream_dropped_total', 'counter', 'Stream clients dropped for being slow.', [[{}, m.stream_dropped]])
  put('block_watchers', 'gauge', 'Viewers of live waveforms.', [[{}, m.block_watchers]])
  put('block_dropped_total', 'counter', 'Waveform viewers dropped for being slow.', [[{}, m.block_dropped]])
  put('inputs_dropped_total', 'counter', 'Alarm inputs refused while the journal was away.', [[{}, m.inputs_dropped]])
  put('payloads_unreadable_total', 'counter', 'Payloads that were not whole.', [[{}, m.payloads_unreadable]])
  return page.toString()
}
