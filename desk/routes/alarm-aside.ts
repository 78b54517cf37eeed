/** Alarms put aside and taken back: shelved by an operator, out of service by an engineer, maintenance windows. */
import type { FastifyInstance } from 'fastify'
import type { AlarmJson } from '../../domain/alarm.ts'
import type { MaintenanceJson } from '../../domain/api-desk.ts'
import { EtagBody, MaintenanceBody, OutOfServiceBody, ShelveBody } from '../../domain/api-schemas/alarms.ts'
import { Nothing } from '../../domain/api-schemas/common.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../../domain/time.ts'
import { badRequest } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { readBody } from '../request.ts'
import { changed } from './alarms.ts'

type Params = { Params: { id: string } }

export function asideRoutes(app: FastifyInstance, desk: DeskContext): void {
  const operator = { config: { access: 'operator' } } as const
  const engineer = { config: { access: 'engineer' } } as const

  app.post<Params>('/api/v1/alarms/:id/shelve', operator, async (request): Promise<AlarmJson> => {
    const by = person(request, desk).name
    const { etag, minutes, one_shot = false, reason } = readBody(ShelveBody, request.body)
    const until_ns = addNs(desk.clock.now(), BigInt(Math.round(minutes * 60)) * NS_PER_S)
    const event = { kind: 'shelve', etag, until_ns, one_shot, reason: said(reason), by } as const
    return changed(request.params.id, await desk.alarms.command(request.params.id, event))
  })

  app.post<Params>('/api/v1/alarms/:id/out-of-service', engineer, async (request): Promise<AlarmJson> => {
    const by = person(request, desk).name
    const { etag, reason, until_ns = null } = readBody(OutOfServiceBody, request.body)
    const until = until_ns === null ? null : nanoseconds(until_ns, 'until_ns')
    const event = { kind: 'out-of-service', etag, until_ns: until, reason: said(reason), by } as const
    return changed(request.params.id, await desk.alarms.command(request.params.id, event))
  })

  const back = (kind: 'unshelve' | 'return-to-service', access: typeof operator | typeof engineer) =>
    app.post<Params>(`/api/v1/alarms/:id/${kind}`, access, async (request): Promise<AlarmJson> => {
      const by = person(request, desk).name
      const { etag } = readBody(EtagBody, request.body)
      return changed(request.params.id, await desk.alarms.command(request.params.id, { kind, etag, by }))
    })
  back('unshelve', operator)
  back('return-to-service', engineer)

  app.get('/api/v1/maintenance', { config: { access: 'read' } }, (): { windows: MaintenanceJson[] } => ({
    windows: desk.watch.maintenance.book.list(),
  }))

  app.post('/api/v1/maintenance', engineer, (request): Promise<MaintenanceJson> => {
    const by = person(request, desk).name
    const { from_ns, until_ns, ...rest } = readBody(MaintenanceBody, request.body)
    const asked = {
      ...rest,
      name: said(rest.name, 'name'),
      reason: said(rest.reason),
      until_ns: nanoseconds(until_ns, 'until_ns'),
    }
    const from = from_ns === undefined ? {} : { from_ns: nanoseconds(from_ns, 'from_ns') }
    return desk.watch.maintenance.plan({ ...asked, ...from }, by)
  })

  app.post<Params>('/api/v1/maintenance/:id/end', engineer, (request): Promise<MaintenanceJson> => {
    const by = person(request, desk).name
    readBody(Nothing, request.body ?? {})
    return desk.watch.maintenance.end(request.params.id, by)
  })
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
