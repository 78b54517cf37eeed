/**
 * Who may ask what: the checks that run before every route. Each route says in its `config.access` what it needs; one
 * that says nothing under `/api/` is for admins.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../../domain/api-schemas/route.ts'
import { mayActAs, ROLES, type Role } from '../../domain/roles.ts'
import { fetchedHere, hostAllowed, originAllowed, readingIsOpen } from '../access.ts'
import { forbidden, HttpError, noSession } from '../http-error.ts'
import type { DeskContext } from './desk-context.ts'
import type { SignedIn } from './session-book.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Takes a plain form of a page of ours, which holds its right in its address. */
    form?: boolean
  }
}

/** Cookies do not know ports: two desks on one machine need two names. */
export const cookieName = (site: string): string => `plumbline_${site}`

export const tokenOf = (request: FastifyRequest, desk: Pick<DeskContext, 'site'>): string | undefined =>
  request.cookies[cookieName(desk.site.file.site)]

/**
 * The person of the session, a program with its token, or one of this machine with the desk's own token.
 * @throws HttpError 401, 429
 */
export const whoAsks = (
  request: FastifyRequest,
  desk: Pick<DeskContext, 'site' | 'sessions' | 'bearers'>,
): SignedIn | undefined => desk.bearers.who(request) ?? desk.sessions.who(tokenOf(request, desk))

/** @throws HttpError 401 */
export function person(request: FastifyRequest, desk: DeskContext): SignedIn {
  const who = whoAsks(request, desk)
  if (who === undefined) throw noSession()
  return who
}

/** @throws HttpError 401, 403 */
export function personAs(request: FastifyRequest, desk: DeskContext, needed: Role): SignedIn {
  const who = person(request, desk)
  if (!mayActAs(who.role, needed)) throw forbidden(`this needs the role ${needed}, and ${who.name} is ${who.role}`)
  return who
}

/** Asked again and again for as long as a line is open. */
export function mayRead(request: FastifyRequest, desk: DeskContext): boolean {
  if (readingIsOpen(desk.doors, desk.site)) return true
  try {
    return whoAsks(request, desk) !== undefined
  } catch {
    return false
  }
}

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
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}
/** A year: who came by TLS once is not led back to plain http. */
const HSTS = 'max-age=31536000'

export function guard(app: FastifyInstance, desk: DeskContext): void {
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    reply.headers(HEADERS)
    if (request.protocol === 'https') reply.header('strict-transport-security', HSTS)
    const isApi = request.url.startsWith('/api/')
    if (isApi) reply.header('cache-control', 'no-store')
    fromHere(request, desk)
    const access = request.routeOptions.config.access ?? (isApi ? (request.is404 ? 'viewer' : 'admin') : 'open')
    if (access === 'open' || (access === 'read' && readingIsOpen(desk.doors, desk.site))) return
    if (isRole(access)) personAs(request, desk, access)
    else person(request, desk)
  })
}

/** Against other pages that use a browser as their hand. @throws HttpError 403, 415 */
function fromHere(request: FastifyRequest, desk: DeskContext): void {
  const { origin, 'sec-fetch-site': site, 'content-type': type } = request.headers
  const { host, protocol } = request
  if (!hostAllowed(desk.doors, host))
    throw forbidden(`this desk is not called ${host || 'nothing'}: use 127.0.0.1, localhost or its public_url`)
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  if (!changes && !request.ws) return
  if (!originAllowed(origin, { host, protocol }, desk.doors.public_url) || !fetchedHere(site as string | undefined))
    throw forbidden(`the page ${origin ?? 'that asks'} is not of this desk`)
  // A form on a foreign page can send text but not JSON.
  if (request.routeOptions.config.form === true) return
  if (changes && request.method !== 'DELETE' && mediaOf(type) !== 'application/json')
    throw new HttpError(415, 'NOT_JSON', `content-type: expected application/json, got ${type ?? 'none'}`)
}

const mediaOf = (type: string | undefined): string | undefined => /^[^;\s]+/.exec(type ?? '')?.[0].toLowerCase()
