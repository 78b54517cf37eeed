/**
 * The numbers of ingest as a Prometheus page. Pure; labels are outcomes and reasons, never names: as many series for one node
 * as for a thousand.
 */
import { type Checks, check, notConnected } from '../runtime/health.ts'
import { type Labels, Page } from '../runtime/prometheus.ts'
import type { IngestStats } from './tally.ts'

const byLabel = (label: string, counts: Iterable<readonly [string, number]>): Array<readonly [Labels, number]> =>
  [...counts].map(([name, count]) => [{ [label]: name }, count] as const)

export function renderMetrics(stats: IngestStats): string {
  const page = new Page()
  const one = (name: string, kind: 'counter' | 'gauge', help: string, value: number) =>
    page.family(`plumbline_ingest_${name}`, kind, help, [[{}, value]])
  const { stored, duplicate, quarantined, deadLetters, lag, foreign } = stats
  page.family(
    'plumbline_ingest_records_total',
    'counter',
    'Records by outcome.',
    byLabel('outcome', Object.entries({ stored, duplicate, quarantined })),
  )
  page.family(
    'plumbline_ingest_dead_letters_total',
    'counter',
    'Records put aside, by reason.',
    byLabel('reason', Object.entries(deadLetters)),
  )
  one('acknowledged_total', 'counter', 'Records that edge nodes were told are committed.', stats.acknowledged)
  one('not_taken_total', 'counter', 'Records not taken because too much waited; they are sent again.', stats.dropped)
  one('faults_total', 'counter', 'Data that name no record, or that nothing could store.', stats.faults)
  one('refused_messages_total', 'counter', 'Messages that were not understood.', stats.refusedMessages)
  one('rivals_total', 'counter', 'Messages of nodes by whose name two gateways go.', stats.rivals)
  one('rebirths_asked_total', 'counter', 'Requests for births.', stats.rebirthsAsked)
  one('nodes_online', 'gauge', 'Sparkplug nodes born in this session.', stats.nodesOnline)
  one('connected', 'gauge', '1 while the broker session stands.', Number(stats.up))
  one('serving', 'gauge', '1 while STATE says online: the store keeps up.', Number(stats.serving))
  one('store_failing', 'gauge', '1 while the store fails.', Number(stats.storeFailing !== undefined))
  storeHealth(one, stats.store)
  one('waiting_records', 'gauge', 'Records that wait for the store.', stats.waitingRecords)
  one('waiting_bytes', 'gauge', 'What they hold in memory.', stats.waitingBytes)
  one('waiting_oldest_seconds', 'gauge', 'Age of the oldest of them.', stats.oldest_s)
  page.histogram('plumbline_ingest_commit_seconds', 'Duration of transactions.', [[{}, stats.commitTime]])
  page.histogram('plumbline_ingest_lag_seconds', 'Age of records when they were stored.', [
    [{ sent: 'live' }, lag.live],
    [{ sent: 'again' }, lag.resent],
  ])
  one('foreign_gaps_total', 'counter', 'Gap records of foreign nodes.', foreign.gaps)
  one('foreign_lost_messages_total', 'counter', 'Messages of foreign nodes that never came.', foreign.lost)
  page.family(
    'plumbline_ingest_foreign_unstored_total',
    'counter',
    'Metrics of foreign nodes that are not stored, by reason.',
    byLabel('reason', foreign.unstored),
  )
  return page.toString()
}

/** What ingest needs to do its work. */
export const readiness = ({ up, away, storeFailing, serving }: IngestStats): Checks => ({
  broker: check(up ? undefined : notConnected(away)),
  store: check(storeFailing ?? (serving ? undefined : 'it does not keep up: edge nodes keep their backlog')),
})

/** What the store does not tell of itself is left out. */
function storeHealth(
  one: (name: string, kind: 'gauge', help: string, value: number) => void,
  store: IngestStats['store'],
): void {
  const seconds = (at: bigint | undefined): number | undefined => (at === undefined ? undefined : Number(at) / 1e9)
  const gauges = [
    ['store_bytes', 'Size of the databases on this machine.', store?.bytes],
    ['store_free_bytes', 'Room left on their disk.', store?.free_bytes],
    ['store_oldest_timestamp_seconds', 'Oldest that is stored.', seconds(store?.oldest_ns)],
    ['store_newest_timestamp_seconds', 'Newest that is stored.', seconds(store?.newest_ns)],
    ['dead_letters', 'Parts that stand in quarantine.', store?.quarantined],
    ['last_backup_timestamp_seconds', 'When the last backup was whole.', seconds(store?.last_backup_ns)],
  ] as const
  for (const [name, help, value] of gauges) if (value !== undefined) one(name, 'gauge', help, value)
}
