/** Users and tokens, for admins. Every change is journalled with who made it; without a journal none is made. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { JournalKind } from '../../domain/alarm.ts'
import { PEOPLE_ROUTES } from '../../domain/api-schemas/people.ts'
import { instant } from '../../domain/time.ts'
import type { Json } from '../alarm.ts'
import { badRequest, conflict, HttpError, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { cookieName, person, tokenOf } from '../io/guard.ts'
import { LOCAL_PREFIX } from '../io/local-access.ts'
import { serve } from '../io/serve.ts'
import type { Refused } from '../io/user-book.ts'
import { nameKey, USERS_MAX } from '../people.ts'
import { readName } from './session.ts'

export function peopleRoutes(app: FastifyInstance, desk: DeskContext): void {
  /** Who asks; nothing is changed that could not be written down. */
  const asking = (request: FastifyRequest): string => {
    const { name } = person(request, desk)
    const { away } = desk.alarms
    if (away !== undefined)
      throw new HttpError(503, 'JOURNAL_UNAVAILABLE', `nothing was done, it cannot be journalled: ${away}`, 5)
    return name
  }
  const note = (kind: JournalKind, by: string, request: FastifyRequest, body: Json & object) =>
    desk.alarms.note(kind, by, { ...body, address: request.ip } as Json)

  serve(app, PEOPLE_ROUTES.users, () => ({ users: desk.users.list() }))

  serve(app, PEOPLE_ROUTES.invite, async ({ body, request }) => {
    const by = asking(request)
    const invited = await desk.users.invite({ ...body, name: readName(body.name, desk) }, by)
    if ('refused' in invited) throw refusal(invited, body.name)
    const { name, role } = invited.user
    await note('user', by, request, { what: 'invited', name, role, expires_ns: invited.expires_ns })
    return invited
  })

  serve(app, PEOPLE_ROUTES.changeUser, async ({ params, body, request, reply }) => {
    const by = asking(request)
    if (Object.keys(body).length === 0) throw badRequest('body: expected role, disabled or reset')
    const own = nameKey(by) === nameKey(params.name) && desk.sessions.who(tokenOf(request, desk)) !== undefined
    const changed = await desk.users.change(params.name, body, own, by.startsWith(LOCAL_PREFIX))
    if ('refused' in changed) throw refusal(changed, params.name)
    if (changed.session !== undefined)
      reply.setCookie(cookieName(desk.site.file.site), changed.session, {
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        secure: 'auto',
        maxAge: Math.round(desk.site.file.desk.sessions.longest_h * 3600),
      })
    await note('user', by, request, { what: 'changed', name: changed.user.name, ...body })
    return changed.link ?? changed.user
  })

  serve(app, PEOPLE_ROUTES.removeUser, async ({ params, request }) => {
    const by = asking(request)
    const removed = await desk.users.remove(params.name)
    if ('refused' in removed) throw refusal(removed, params.name)
    await note('user', by, request, { what: 'removed', name: removed.name, role: removed.role })
    return {}
  })

  serve(app, PEOPLE_ROUTES.tokens, () => ({ tokens: desk.tokens.list() }))

  serve(app, PEOPLE_ROUTES.makeToken, async ({ body, request }) => {
    const by = asking(request)
    const { expires_ns = null } = body
    if (expires_ns !== null && instant(BigInt(expires_ns)) <= desk.clock.now())
      throw badRequest('body.expires_ns: expected an instant that is still to come')
    const made = await desk.tokens.make({ ...body, name: readName(body.name, desk) }, by)
    if (made === undefined) throw conflict(`there is a token ${body.name} already, or there are too many`)
    const { id, name, role } = made.token
    await note('token', by, request, { what: 'made', id, name, role, expires_ns })
    return made
  })

  serve(app, PEOPLE_ROUTES.revokeToken, async ({ params, request }) => {
    const by = asking(request)
    const revoked = await desk.tokens.revoke(params.id)
    if (revoked === undefined) throw notFound(`there is no token ${params.id}`)
    await note('token', by, request, { what: 'revoked', id: revoked.id, name: revoked.name, role: revoked.role })
    return {}
  })
}

function refusal({ refused }: Refused, name: string): HttpError {
  if (refused === 'unknown') return notFound(`there is no user ${name}`)
  if (refused === 'taken') return conflict(`there is a user ${name} already`)
  if (refused === 'full') return conflict(`there are ${USERS_MAX} users already`)
  return new HttpError(409, 'LAST_ADMIN', `${name} is the last admin who can sign in: make another one first`)
}
