/** Whether the desk lives, whether it can do its work, and its counts for Prometheus. */
import type { FastifyInstance } from 'fastify'
import type { AlarmState } from '../../domain/alarm.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { type DeskMetrics, prometheusText } from '../prometheus.ts'

export function healthRoutes(app: FastifyInstance, desk: DeskContext): void {
  app.get('/livez', { config: { access: 'open' } }, () => ({ live: true }))

  app.get('/readyz', { config: { access: 'open' } }, (_, reply) => {
    const checks = {
      journal: check(desk.alarms.away),
      store: check(desk.store.away),
      broker: check(desk.brokerUp() ? undefined : 'not connected'),
    }
    const ready = Object.values(checks).every(({ ok }) => ok)
    return reply.code(ready ? 200 : 503).send({ ready, checks })
  })

  app.get('/metrics', { config: { access: 'read' } }, (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(prometheusText(metricsOf(desk))),
  )
}

const check = (why: string | undefined) => (why === undefined ? { ok: true } : { ok: false, why })

function metricsOf(desk: DeskContext): DeskMetrics {
  const alarms = new Map<AlarmState, number>()
  let late_listed = 0
  for (const alarm of desk.alarms.book.alarms()) {
    alarms.set(alarm.state, (alarms.get(alarm.state) ?? 0) + 1)
    late_listed += alarm.late.length + alarm.late_unlisted
  }
  return {
    alarms,
    late_listed,
    journal_seq: desk.alarms.journalSeq,
    journal_up: desk.alarms.away === undefined,
    store_up: desk.store.away === undefined,
    broker_up: desk.brokerUp(),
    stream_clients: desk.stream.clients,
    stream_dropped: desk.stream.dropped,
    block_watchers: desk.blocks.watchers,
    block_dropped: desk.blocks.dropped,
    inputs_dropped: desk.alarms.dropped,
    payloads_unreadable: desk.payloadsUnreadable(),
  }
}
