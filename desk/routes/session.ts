/**
 * Who is signed in: sign-in, sign-out, the first user, invitations, one's own passphrase. The token travels in a cookie that
 * no script can read, and is a new one after each of these.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SessionJson } from '../../domain/api.ts'
import { PEOPLE_ROUTES } from '../../domain/api-schemas/people.ts'
import type { Role } from '../../domain/roles.ts'
import { Attempts, addressKey, BY_NAME } from '../attempts.ts'
import { deviceOf, makeDeviceCookie } from '../device-cookie.ts'
import { badRequest, forbidden, HttpError, tooMany } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { cookieName, person, tokenOf, whoAsks } from '../io/guard.ts'
import { serve } from '../io/serve.ts'
import { type Entered, isPersonName } from '../io/user-book.ts'
import { NAME_MAX, nameKey } from '../people.ts'

const DEVICE_COOKIE_S = 180 * 24 * 3600
/** Refused sign-ins that are journalled: thirty, then one a minute; the log has every one. */
const JOURNALLED = { burst: 30, refill_ns: 60_000_000_000n }

export function sessionRoutes(app: FastifyInstance, desk: DeskContext): void {
  const byAddress = new Attempts()
  const byName = new Attempts(BY_NAME)
  const journalled = new Attempts(JOURNALLED)
  const name = cookieName(desk.site.file.site)
  const deviceName = `${name}_device`
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: 'auto' } as const
  const json = (user: { name: string; role: Role } | undefined): SessionJson => ({
    user: user ?? null,
    first_user_needed: desk.users.firstUserNeeded,
  })
  const take = (attempts: Attempts, key: string) => {
    const attempt = attempts.take(key, desk.clock.monotonic())
    if (!attempt.allowed) throw tooMany(`too many attempts; wait ${attempt.wait_s} s`, attempt.wait_s)
  }
  const note = (who: string, what: string, request: FastifyRequest, more = {}) =>
    desk.alarms.note('session', who, { what, address: request.ip, ...more })

  /** Sets the cookies of a session that has just begun; busy is said alike wherever it happens. */
  const enter = (reply: FastifyReply, entered: Entered): SessionJson | undefined => {
    if ('refused' in entered) {
      if (entered.refused === 'busy') throw tooMany('too many people are signing in', 5)
      return undefined
    }
    const seconds = Math.round(desk.site.file.desk.sessions.longest_h * 3600)
    reply.setCookie(name, entered.token, { ...cookie, maxAge: seconds })
    const device = makeDeviceCookie(desk.users.deviceKey, entered.name)
    reply.setCookie(deviceName, device, { ...cookie, path: '/api/v1/session', maxAge: DEVICE_COOKIE_S })
    return json(desk.sessions.who(entered.token))
  }

  serve(app, PEOPLE_ROUTES.session, ({ request }) => json(whoAsks(request, desk)))

  serve(app, PEOPLE_ROUTES.signIn, async ({ body, request, reply }) => {
    const asked = body.name.trim().normalize('NFC')
    take(byAddress, addressKey(request.ip))
    const device = deviceOf(desk.users.deviceKey, asked, request.cookies[deviceName])
    const counted = device ?? `name ${nameKey(asked)}`
    take(byName, counted)
    const asking = { known: device !== undefined, former: tokenOf(request, desk) }
    const session = enter(reply, await desk.users.signIn(asked, body.passphrase, asking))
    if (session === undefined) {
      desk.log.warn('sign-in refused', { name: asked, address: request.ip })
      if (journalled.take('all', desk.clock.monotonic()).allowed)
        await note('desk', 'sign-in refused', request, { name: asked })
      throw new HttpError(401, 'WRONG_CREDENTIALS', 'name or passphrase is wrong')
    }
    if (device !== undefined) byName.forget(counted)
    await note(session.user!.name, 'sign-in', request)
    return session
  })

  serve(app, PEOPLE_ROUTES.signOut, async ({ request, reply }) => {
    const who = await desk.sessions.signOut(tokenOf(request, desk))
    reply.clearCookie(name, cookie)
    if (who !== undefined) await note(who.name, 'sign-out', request)
    return json(undefined)
  })

  serve(app, PEOPLE_ROUTES.changePassphrase, async ({ body, request, reply }) => {
    const who = person(request, desk)
    if (desk.sessions.who(tokenOf(request, desk))?.name !== who.name)
      throw forbidden('a passphrase is changed by the person who is signed in with it')
    take(byName, `own ${nameKey(who.name)}`)
    const { passphrase, new_passphrase } = body
    const session = enter(reply, await desk.users.changePassphrase(who.name, passphrase, new_passphrase))
    if (session === undefined) throw new HttpError(401, 'WRONG_CREDENTIALS', 'the present passphrase is wrong')
    await note(who.name, 'passphrase changed', request)
    return session
  })

  serve(app, PEOPLE_ROUTES.firstUser, async ({ body, request, reply }) => {
    take(byAddress, addressKey(request.ip))
    const entered = await desk.users.makeFirstUser(body.token, readName(body.name, desk), body.passphrase)
    const session = enter(reply, entered)
    if (session === undefined)
      throw forbidden('this link has been used or replaced: the desk prints a new one at its next start')
    await note(session.user!.name, 'first user made', request, { role: session.user!.role })
    return session
  })

  serve(app, PEOPLE_ROUTES.invitation, async ({ body, request, reply }) => {
    take(byAddress, addressKey(request.ip))
    const asking = { former: tokenOf(request, desk) }
    const session = enter(reply, await desk.users.acceptInvitation(body.token, body.passphrase, asking))
    if (session === undefined)
      throw forbidden('this invitation has been used, replaced or has ended: ask an admin for a new one')
    await note(session.user!.name, 'invitation taken up', request, { role: session.user!.role })
    return session
  })
}

/** The journal names people and machines in one column: nobody may be called like a machine. @throws HttpError 400 */
export function readName(text: string, desk: DeskContext): string {
  const name = text.trim().normalize('NFC')
  const machines = ['desk', 'edge', 'ingest', 'first-user link', ...desk.site.file.nodes.map(({ id }) => id)]
  if (name.length > NAME_MAX || !isPersonName(name, machines))
    throw badRequest(`body.name: expected a person's name, got ${JSON.stringify(text)}`)
  return name
}
