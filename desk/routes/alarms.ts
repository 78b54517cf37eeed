/** Alarms, and what people do about them. Every answer names the person of the session, never one from the body. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { AlarmJson } from '../../domain/alarm.ts'
import type { RefusalCode } from '../alarm-machine.ts'
import { badRequest, HttpError, notFound } from '../http-error.ts'
import type { CommandResult } from '../io/alarm-desk.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { readBody } from '../request.ts'

const TEXT_MAX = 2000
export const Etag = Type.String({ minLength: 1, maxLength: 32 })
const Acknowledge = Type.Object(
  {
    occurrence: Type.Integer({ minimum: 0 }),
    etag: Etag,
    comment: Type.Optional(Type.String({ maxLength: TEXT_MAX })),
  },
  { additionalProperties: false },
)
const Comment = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: TEXT_MAX }) },
  { additionalProperties: false },
)
const Reset = Type.Object({ etag: Etag }, { additionalProperties: false })

type Params = { Params: { id: string } }

export function alarmRoutes(app: FastifyInstance, desk: DeskContext): void {
  const operator = { config: { access: 'operator' } } as const

  app.get('/api/v1/alarms', { config: { access: 'read' } }, () => ({
    alarms: desk.alarms.list(),
    now_ns: String(desk.clock.now()),
  }))

  app.post<Params>('/api/v1/alarms/:id/acknowledge', operator, async (request): Promise<AlarmJson> => {
    const { name } = person(request, desk)
    const { occurrence, etag, comment } = readBody(Acknowledge, request.body)
    const text = comment?.trim()
    const event = { kind: 'acknowledge', occurrence, etag, by: name, ...(text && { comment: text }) } as const
    return changed(request.params.id, await desk.alarms.command(request.params.id, event))
  })

  app.post<Params>('/api/v1/alarms/:id/comment', operator, async (request): Promise<AlarmJson> => {
    const { name } = person(request, desk)
    const text = readBody(Comment, request.body).text.trim()
    if (text === '') throw badRequest('body.text: expected a text, got only spaces')
    return changed(request.params.id, await desk.alarms.command(request.params.id, { kind: 'comment', by: name, text }))
  })

  app.post<Params>('/api/v1/alarms/:id/reset', operator, async (request): Promise<AlarmJson> => {
    const { name } = person(request, desk)
    const { etag } = readBody(Reset, request.body)
    return changed(request.params.id, await desk.alarms.command(request.params.id, { kind: 'reset', etag, by: name }))
  })
}

/** A wish beyond what the site allows is wrong in itself; the others are wrong now. */
const REFUSAL_STATUS: Readonly<Record<RefusalCode, number>> = { STALE: 409, REFUSED: 409, SHELVE_TOO_LONG: 400 }

export function changed(id: string, result: CommandResult): AlarmJson {
  if ('alarm' in result) return result.alarm
  if ('refused' in result) throw new HttpError(REFUSAL_STATUS[result.code], result.code, result.refused)
  if ('unknown' in result) throw notFound(`there is no alarm ${id}`)
  throw new HttpError(503, 'JOURNAL_UNAVAILABLE', `nothing was done, it cannot be journalled: ${result.away}`, 5)
}
