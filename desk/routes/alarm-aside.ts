/** Alarms put aside and taken back: shelved by an operator, out of service by an engineer, maintenance windows. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { AlarmJson } from '../../domain/alarm.ts'
import type { MaintenanceJson } from '../../domain/api-desk.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../../domain/time.ts'
import { badRequest } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { readBody } from '../request.ts'
import { changed, Etag } from './alarms.ts'

const REASON_MAX = 500
const NAME_MAX = 120
const DEVICES_MAX = 1000
const closed = { additionalProperties: false } as const
const Reason = Type.String({ minLength: 1, maxLength: REASON_MAX })
const Ns = Type.String({ pattern: '^\\d{1,19}$' })

const Shelve = Type.Object(
  {
    etag: Etag,
    minutes: Type.Number({ exclusiveMinimum: 0, maximum: 525_600 }),
    one_shot: Type.Optional(Type.Boolean()),
    reason: Reason,
  },
  closed,
)
const OutOfService = Type.Object(
  { etag: Etag, reason: Reason, until_ns: Type.Optional(Type.Union([Ns, Type.Null()])) },
  closed,
)
const Back = Type.Object({ etag: Etag }, closed)
const Plan = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: NAME_MAX }),
    devices: Type.Array(Type.String({ minLength: 1, maxLength: 160 }), { minItems: 1, maxItems: DEVICES_MAX }),
    from_ns: Type.Optional(Ns),
    until_ns: Ns,
    reason: Reason,
  },
  closed,
)
const Nothing = Type.Object({}, closed)

type Params = { Params: { id: string } }

export function asideRoutes(app: FastifyInstance, desk: DeskContext): void {
  const operator = { config: { access: 'operator' } } as const
  const engineer = { config: { access: 'engineer' } } as const

  app.post<Params>('/api/v1/alarms/:id/shelve', operator, async (request): Promise<AlarmJson> => {
    const by = person(request, desk).name
    const { etag, minutes, one_shot = false, reason } = readBody(Shelve, request.body)
    const until_ns = addNs(desk.clock.now(), BigInt(Math.round(minutes * 60)) * NS_PER_S)
    const event = { kind: 'shelve', etag, until_ns, one_shot, reason: said(reason), by } as const
    return changed(request.params.id, await desk.alarms.command(request.params.id, event))
  })

  app.post<Params>('/api/v1/alarms/:id/out-of-service', engineer, async (request): Promise<AlarmJson> => {
    const by = person(request, desk).name
    const { etag, reason, until_ns = null } = readBody(OutOfService, request.body)
    const until = until_ns === null ? null : nanoseconds(until_ns, 'until_ns')
    const event = { kind: 'out-of-service', etag, until_ns: until, reason: said(reason), by } as const
    return changed(request.params.id, await desk.alarms.command(request.params.id, event))
  })

  const back = (kind: 'unshelve' | 'return-to-service', access: typeof operator | typeof engineer) =>
    app.post<Params>(`/api/v1/alarms/:id/${kind}`, access, async (request): Promise<AlarmJson> => {
      const by = person(request, desk).name
      const { etag } = readBody(Back, request.body)
      return changed(request.params.id, await desk.alarms.command(request.params.id, { kind, etag, by }))
    })
  back('unshelve', operator)
  back('return-to-service', engineer)

  app.get('/api/v1/maintenance', { config: { access: 'read' } }, (): { windows: MaintenanceJson[] } => ({
    windows: desk.watch.maintenance.book.list(),
  }))

  app.post('/api/v1/maintenance', engineer, (request): Promise<MaintenanceJson> => {
    const by = person(request, desk).name
    const { from_ns, until_ns, ...rest } = readBody(Plan, request.body)
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
