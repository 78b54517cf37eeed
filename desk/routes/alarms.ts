/** Alarms, and what people do about them. Every answer names the person of the session, never one from the body. */
import type { FastifyInstance } from 'fastify'
import type { AlarmJson } from '../../domain/alarm.ts'
import { ALARM_ROUTES } from '../../domain/api-schemas/alarms.ts'
import type { RefusalCode } from '../alarm-machine.ts'
import { badRequest, HttpError, notFound } from '../http-error.ts'
import type { CommandResult } from '../io/alarm-desk.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { serve } from '../io/serve.ts'

export function alarmRoutes(app: FastifyInstance, desk: DeskContext): void {
  serve(app, ALARM_ROUTES.alarms, () => ({ alarms: desk.alarms.list(), now_ns: String(desk.clock.now()) }))

  serve(app, ALARM_ROUTES.acknowledge, async ({ params, body, request }) => {
    const { name } = person(request, desk)
    const { occurrence, etag, comment } = body
    const text = comment?.trim()
    const event = { kind: 'acknowledge', occurrence, etag, by: name, ...(text && { comment: text }) } as const
    return changed(params.id, await desk.alarms.command(params.id, event))
  })

  serve(app, ALARM_ROUTES.comment, async ({ params, body, request }) => {
    const { name } = person(request, desk)
    const text = body.text.trim()
    if (text === '') throw badRequest('body.text: expected a text, got only spaces')
    return changed(params.id, await desk.alarms.command(params.id, { kind: 'comment', by: name, text }))
  })

  serve(app, ALARM_ROUTES.reset, async ({ params, body, request }) => {
    const { name } = person(request, desk)
    return changed(params.id, await desk.alarms.command(params.id, { kind: 'reset', etag: body.etag, by: name }))
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
