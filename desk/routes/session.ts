/** Who is signed in: sign-in, sign-out, and the first user. The token travels in a cookie that no script can read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { SessionJson } from '../../domain/api.ts'
import { Attempts } from '../attempts.ts'
import { badRequest, forbidden, HttpError, tooMany } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { cookieName, tokenOf, whoAsks } from '../io/guard.ts'
import { LOCAL_PREFIX } from '../io/local-access.ts'
import { NAME_MAX, PASSPHRASE_MAX, PASSPHRASE_MIN, type SignedIn } from '../io/user-book.ts'
import { readBody } from '../request.ts'

const Name = Type.String({ minLength: 1, maxLength: NAME_MAX })
const SignIn = Type.Object(
  { name: Name, passphrase: Type.String({ minLength: 1, maxLength: PASSPHRASE_MAX }) },
  { additionalProperties: false },
)
const FirstUser = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 128 }),
    name: Name,
    passphrase: Type.String({ minLength: PASSPHRASE_MIN, maxLength: PASSPHRASE_MAX }),
  },
  { additionalProperties: false },
)
/** The idle time is the desk's to count; the browser keeps the cookie for a day. */
const COOKIE_S = 24 * 3600

export function sessionRoutes(app: FastifyInstance, desk: DeskContext): void {
  const open = { config: { access: 'open' } } as const
  const attempts = new Attempts()
  const json = (user: SignedIn | undefined): SessionJson => ({
    user: user ?? null,
    first_user_needed: desk.users.firstUserNeeded,
  })
  const limited = (request: FastifyRequest) => {
    const attempt = attempts.take(request.ip, desk.clock.monotonic())
    if (!attempt.allowed) throw tooMany(`too many attempts; wait ${attempt.wait_s} s`, attempt.wait_s)
  }
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: 'auto' } as const
  const name = cookieName(desk.site.file.site)
  const signedIn = (reply: FastifyReply, token: string): SessionJson => {
    reply.setCookie(name, token, { ...cookie, maxAge: COOKIE_S })
    return json(desk.users.who(token))
  }

  app.get('/api/v1/session', open, (request) => json(whoAsks(request, desk)))

  app.post('/api/v1/session', open, async (request, reply): Promise<SessionJson> => {
    const body = readBody(SignIn, request.body)
    limited(request)
    const token = await desk.users.signIn(body.name.trim().normalize('NFC'), body.passphrase)
    if (token === 'busy') throw tooMany('too many people are signing in', 5)
    if (token === undefined) {
      desk.log.warn('sign-in refused', { name: body.name, address: request.ip })
      throw new HttpError(401, 'WRONG_CREDENTIALS', 'name or passphrase is wrong')
    }
    const session = signedIn(reply, token)
    await desk.alarms.note('session', session.user!.name, { what: 'sign-in', address: request.ip })
    return session
  })

  app.delete('/api/v1/session', open, async (request, reply): Promise<SessionJson> => {
    const who = await desk.users.signOut(tokenOf(request, desk))
    reply.clearCookie(name, cookie)
    if (who !== undefined) await desk.alarms.note('session', who.name, { what: 'sign-out', address: request.ip })
    return json(undefined)
  })

  app.post('/api/v1/first-user', open, async (request, reply): Promise<SessionJson> => {
    const body = readBody(FirstUser, request.body)
    limited(request)
    const made = await desk.users.makeFirstUser(body.token, readName(body.name, desk), body.passphrase)
    if ('refused' in made) {
      if (made.refused === 'busy') throw tooMany('too many people are signing in', 5)
      throw forbidden('this link has been used or replaced: the desk prints a new one at its next start')
    }
    const session = signedIn(reply, made.token)
    const what = { what: 'first user made', role: session.user!.role, address: request.ip }
    await desk.alarms.note('session', session.user!.name, what)
    return session
  })
}

/** The journal names people and machines in one column: nobody may be called like a machine. */
function readName(text: string, desk: DeskContext): string {
  const name = text.trim().normalize('NFC')
  const taken =
    name.toLowerCase() === 'desk' ||
    name.toLowerCase().startsWith(LOCAL_PREFIX) ||
    desk.site.file.nodes.some((node) => node.id === name.toLowerCase())
  if (name === '' || taken || /\p{C}/u.test(name))
    throw badRequest(`body.name: expected a person's name, got ${JSON.stringify(text)}`)
  return name
}
