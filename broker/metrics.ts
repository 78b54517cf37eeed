/** The numbers of the broker as a Prometheus page. Pure; labels are reasons, never names of clients. */
import { Page } from '../runtime/prometheus.ts'
import type { RefusalReason } from './refusals.ts'

export type BrokerStats = {
  readonly clients: number
  readonly refusals: ReadonlyMap<RefusalReason, number>
}

export function renderMetrics({ clients, refusals }: BrokerStats): string {
  const page = new Page()
  page.family('plumbline_broker_clients', 'gauge', 'Clients that were let in.', [[{}, clients]])
  page.family(
    'plumbline_broker_refusals_total',
    'counter',
    'What was refused, by reason.',
    [...refusals].map(([reason, count]) => [{ reason }, count] as const),
  )
  return page.toString()
}
