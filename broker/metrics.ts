/** The numbers of the broker as a Prometheus page. Pure; labels are reasons, never names of clients. */
import { Page } from '../runtime/prometheus.ts'
import type { RefusalReason } from './refusals.ts'

export type BrokerStats = {
  readonly clients: number
  /** End of the certificate that clients are shown; undefined without TLS. */
  readonly certificateUntil?: Date | undefined
  readonly refusals: ReadonlyMap<RefusalReason, number>
}

export function renderMetrics({ clients, certificateUntil, refusals }: BrokerStats): string {
  const page = new Page()
  page.family('plumbline_broker_clients', 'gauge', 'Clients that were let in.', [[{}, clients]])
  page.family('plumbline_broker_certificate_until_timestamp_seconds', 'gauge', 'When its TLS certificate ends.', [
    [{}, certificateUntil && certificateUntil.getTime() / 1000],
  ])
  page.family(
    'plumbline_broker_refusals_total',
    'counter',
    'What was refused, by reason.',
    [...refusals].map(([reason, count]) => [{ reason }, count] as const),
  )
  return page.toString()
}
