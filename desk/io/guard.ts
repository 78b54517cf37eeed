/**
 * Who may ask what: the checks that run before every route. Each route says in its `config.access` what it needs; one
 * that says nothing under `/api/` needs a session.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { mayActAs, ROLES, type Role } from '../../domain/roles.ts'
import { hostAllowed, originAllowed, readingIsOpen } from '../access.ts'
import { forbidden, noSession } from '../http-error.ts'
import type { DeskContext } from './desk-context.ts'
import type { SignedIn } from './user-book.ts'

/**
 * `open`: anybody; `read`: a session, except for the demo site on loopback; `session`: a session or the local token of
 * whatever role; a role: such a session of that role or one above it.
 */
export type Access = 'open' | 'read' | 'session' | Role
declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
}

/** Cookies do not know ports: two desks on one machine need two names. */
export const cookieName = (site: string): string => `plumbline_${site}`

export const tokenOf = (request: FastifyRequest, desk: Pick<DeskContext, 'site'>): string | undefined =>
  request.cookies[cookieName(desk.site.file.site)]

/** The person of the session, or a program of this machine with the desk's own token. @throws HttpError 401, 429 */
export const whoAsks = (
  request: FastifyRequest,
  desk: Pick<DeskContext, 'site' | 'users' | 'local'>,
): SignedIn | undefined => desk.local.who(request) ?? desk.users.who(tokenOf(request, desk))

/** @throws HttpError 401 */
export function person(request: FastifyRequest, desk: DeskContext): SignedIn {
  const who = whoAsks(request, desk)
  if (who === undefined) throw noSession()
  return who
}

export const mayRead = (request: FastifyRequest, desk: DeskContext): boolean =>
  readingIsOpen(desk.host, desk.site) || whoAsks(request, desk) !== undefined

const isRole = (access: Access): access is Role => (ROLES as readonly string[]).includes(access)

const HEADERS = {
  // The console brings everything it needs: nothing is loaded from, sent to or framed by anybody else.
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export function guard(app: FastifyInstance, desk: DeskContext): void {
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    reply.headers(HEADERS)
    const isApi = request.url.startsWith('/api/')
    if (isApi) reply.header('cache-control', 'no-store')
    const { host, origin } = request.headers
    if (!hostAllowed(desk.host, host))
      throw forbidden(
        `this desk listens on loopback and is not called ${host ?? 'nothing'}: use 127.0.0.1 or localhost`,
      )
    const changes = request.method !== 'GET' && request.method !== 'HEAD'
    if ((changes || request.ws) && !originAllowed(origin, host))
      throw forbidden(`the page ${origin} is not of this desk`)
    const access = request.routeOptions.config.access ?? (isApi ? 'session' : 'open')
    if (access === 'open' || (access === 'read' && readingIsOpen(desk.host, desk.site))) return
    const { name, role } = person(request, desk)
    if (isRole(access) && !mayActAs(role, access))
      throw forbidden(`this needs the role ${access}, and ${name} is ${role}`)
  })
}
