/** Whether the desk lives, whether it can do its work, and its counts for Prometheus. */
import type { FastifyInstance } from 'fastify'
import type { AlarmState } from '../../domain/alarm.ts'
import { NOTICE_ROUTES } from '../../domain/api-schemas/notices.ts'
import { type Checks, check, notConnected, readinessOf } from '../../runtime/health.ts'
import { processStats, renderProcess } from '../../runtime/process-metrics.ts'
import { CONTENT_TYPE } from '../../runtime/prometheus.ts'
import { shownState } from '../alarm.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { serve } from '../io/serve.ts'
import { type DeskMetrics, prometheusText } from '../prometheus.ts'

export function healthRoutes(app: FastifyInstance, desk: DeskContext): void {
  serve(app, NOTICE_ROUTES.livez, () => ({ live: true as const }))

  serve(app, NOTICE_ROUTES.readyz, ({ reply }) => {
    const readiness = readinessOf(deskChecks(desk))
    return reply.code(readiness.ready ? 200 : 503).send(readiness)
  })

  serve(app, NOTICE_ROUTES.metrics, ({ reply }) =>
    reply.type(CONTENT_TYPE).send(deskPage(desk) + renderProcess(processStats(desk.dataDir))),
  )
}

/** What the desk needs to do its work. */
export const deskChecks = (desk: DeskContext): Checks => ({
  journal: check(desk.alarms.away),
  store: check(desk.store.away),
  broker: check(desk.brokerAway() && notConnected(desk.brokerAway())),
})

export const deskPage = (desk: DeskContext): string => prometheusText(metricsOf(desk))

function metricsOf(desk: DeskContext): DeskMetrics {
  const alarms = new Map<AlarmState, number>()
  let late_listed = 0
  for (const alarm of desk.alarms.book.alarms()) {
    const state = shownState(alarm)
    alarms.set(state, (alarms.get(state) ?? 0) + 1)
    late_listed += alarm.late.length + alarm.late_unlisted
  }
  return {
    alarms,
    late_listed,
    journal_seq: desk.alarms.journalSeq,
    journal_up: desk.alarms.away === undefined,
    store_up: desk.store.away === undefined,
    broker_up: desk.brokerAway() === undefined,
    stream_clients: desk.stream.clients,
    stream_dropped: desk.stream.dropped,
    block_watchers: desk.blocks.watchers,
    block_dropped: desk.blocks.dropped,
    inputs_dropped: desk.alarms.dropped,
    payloads_unreadable: desk.payloadsUnreadable(),
  }
}
