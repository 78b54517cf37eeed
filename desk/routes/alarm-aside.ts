/** Alarms put aside and taken back: shelved by an operator, out of service by an engineer, maintenance windows. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ALARM_ROUTES } from '../../domain/api-schemas/alarms.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../../domain/time.ts'
import { badRequest } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { serve } from '../io/serve.ts'
import { changed } from './alarms.ts'

export function asideRoutes(app: FastifyInstance, desk: DeskContext): void {
  const byOf = (request: FastifyRequest): string => person(request, desk).name

  serve(app, ALARM_ROUTES.shelve, async ({ params: { id }, body, request }) => {
    const { etag, minutes, one_shot = false, reason } = body
    const until_ns = addNs(desk.clock.now(), BigInt(Math.round(minutes * 60)) * NS_PER_S)
    const event = { kind: 'shelve', etag, until_ns, one_shot, reason: said(reason), by: byOf(request) } as const
    return changed(id, await desk.alarms.command(id, event))
  })

  serve(
    app,
    ALARM_ROUTES.outOfService,
    async ({ params: { id }, body: { etag, reason, until_ns = null }, request }) => {
      const until = until_ns === null ? null : nanoseconds(until_ns, 'until_ns')
      const event = { kind: 'out-of-service', etag, until_ns: until, reason: said(reason), by: byOf(request) } as const
      return changed(id, await desk.alarms.command(id, event))
    },
  )

  serve(app, ALARM_ROUTES.unshelve, async ({ params: { id }, body: { etag }, request }) =>
    changed(id, await desk.alarms.command(id, { kind: 'unshelve', etag, by: byOf(request) })),
  )
  serve(app, ALARM_ROUTES.returnToService, async ({ params: { id }, body: { etag }, request }) =>
    changed(id, await desk.alarms.command(id, { kind: 'return-to-service', etag, by: byOf(request) })),
  )

  serve(app, ALARM_ROUTES.maintenance, () => ({ windows: desk.watch.maintenance.book.list() }))

  serve(app, ALARM_ROUTES.planMaintenance, ({ body: { from_ns, until_ns, ...rest }, request }) => {
    const asked = {
      ...rest,
      name: said(rest.name, 'name'),
      reason: said(rest.reason),
      until_ns: nanoseconds(until_ns, 'until_ns'),
    }
    const from = from_ns === undefined ? {} : { from_ns: nanoseconds(from_ns, 'from_ns') }
    return desk.watch.maintenance.plan({ ...asked, ...from }, byOf(request))
  })

  serve(app, ALARM_ROUTES.endMaintenance, ({ params: { id }, request }) =>
    desk.watch.maintenance.end(id, byOf(request)),
  )
}

/** Somebody will read it in the journal. @throws HttpError 400 */
function said(text: string, where = 'reason'): string {
  const trimmed = text.trim().normalize('NFC')
  if (trimmed === '') throw badRequest(`body.${where}: expected a text, got only spaces`)
  return trimmed
}

const NS_MAX = 2n ** 63n - 1n
/** @throws HttpError 400 */
function nanoseconds(text: string, where: string): Instant {
  if (BigInt(text) > NS_MAX)
    throw badRequest(`body.${where}: expected nanoseconds since 1970 within 63 bits, got ${text}`)
  return instant(BigInt(text))
}
