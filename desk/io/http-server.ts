/**
 * The HTTP server: Fastify with its plugins, the guard, the routes and the console's files. What each route answers
 * stands in `routes/`; the shapes are `domain/api.ts`.
 */
import { access } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import cookie from '@fastify/cookie'
import serveFiles from '@fastify/static'
import websocket from '@fastify/websocket'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { PROBLEM_MEDIA, problemJson } from '../../domain/api-schemas/problem.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { HttpError } from '../http-error.ts'
import { asideRoutes } from '../routes/alarm-aside.ts'
import { figureRoutes } from '../routes/alarm-figures.ts'
import { groupRoutes } from '../routes/alarm-groups.ts'
import { alarmRoutes } from '../routes/alarms.ts'
import { answerRoutes } from '../routes/answer.ts'
import { capRoutes } from '../routes/cap.ts'
import { commandRoutes } from '../routes/commands.ts'
import { docsRoutes } from '../routes/docs.ts'
import { drillRoutes } from '../routes/drills.ts'
import { eventRoutes } from '../routes/events.ts'
import { healthRoutes } from '../routes/health.ts'
import { journalRoutes } from '../routes/journal.ts'
import { BLOCKS_PATH, liveRoutes } from '../routes/live.ts'
import { noticeRoutes } from '../routes/notices.ts'
import { peopleRoutes } from '../routes/people.ts'
import { secondPathRoutes } from '../routes/second-path.ts'
import { seriesRoutes } from '../routes/series.ts'
import { sessionRoutes } from '../routes/session.ts'
import { simulatorRoutes } from '../routes/simulator.ts'
import { siteRoutes } from '../routes/site.ts'
import type { DeskContext } from './desk-context.ts'
import { guard } from './guard.ts'

/** Node takes 16 KiB of head; a name is judged by its route, not by the router. */
const PARAM_MAX = 16 * 1024
/** The longest body is a comment. */
const BODY_MAX = 64 * 1024
/**
 * How long a request may take to arrive: who sends a byte now and then holds a connection for no longer. Node looks for them
 * every `look_ms`. The longest body passes a line of 56 kbit/s in ten seconds.
 */
export const PATIENCE = { head_ms: 10_000, request_ms: 30_000, look_ms: 5_000 } as const
export type Patience = Readonly<Record<keyof typeof PATIENCE, number>>
/** A viewer sends nothing. */
const SOCKET_MESSAGE_MAX = 1024

const ROUTES = [
  siteRoutes,
  seriesRoutes,
  alarmRoutes,
  asideRoutes,
  groupRoutes,
  figureRoutes,
  journalRoutes,
  sessionRoutes,
  peopleRoutes,
  docsRoutes,
  eventRoutes,
  drillRoutes,
  commandRoutes,
  secondPathRoutes,
  simulatorRoutes,
  liveRoutes,
  noticeRoutes,
  answerRoutes,
  capRoutes,
  healthRoutes,
]

/** `tls`: speaks https. */
export async function buildHttp(
  desk: DeskContext,
  consoleDir: string,
  tls?: SecureContextOptions,
  { head_ms, request_ms, look_ms }: Patience = PATIENCE,
): Promise<FastifyInstance> {
  const { proxy } = desk.site.file.desk
  const server = { shouldUpgradeCallback, headersTimeout: head_ms, connectionsCheckingInterval: look_ms }
  const app = fastify({
    bodyLimit: BODY_MAX,
    requestTimeout: request_ms,
    forceCloseConnections: true,
    logger: false,
    // What the router itself refuses is answered like everything else.
    routerOptions: { maxParamLength: PARAM_MAX },
    frameworkErrors: (error, _, reply) => void answerError(error, reply as unknown as FastifyReply, desk),
    // X-Forwarded-* is believed from these only: from anybody else it is what the request claims to be.
    trustProxy: proxy === undefined ? false : [...proxy.addresses],
    ...(tls ? { https: { ...tls, ...server } } : { http: server }),
  }) as FastifyInstance
  readJsonOnly(app)
  app.setErrorHandler((error: FastifyError, _, reply) => answerError(error, reply, desk))
  app.setNotFoundHandler((_, reply) => answer(reply, 404, 'NOT_FOUND', 'there is nothing here'))
  await app.register(cookie)
  await app.register(websocket, { options: { maxPayload: SOCKET_MESSAGE_MAX } })
  guard(app, desk)
  for (const routes of ROUTES) app.register(async (scope) => routes(scope, desk))
  await serveConsole(app, consoleDir, desk)
  await app.ready()
  return app
}

/**
 * Whoever asks for another protocol anywhere else is answered as if they had not (RFC 9110, 7.8): an upgraded connection is the
 * route's own to end, and one that no route takes would stay for ever.
 */
const shouldUpgradeCallback = ({ url, headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?')[0] === BLOCKS_PATH

/** A form on a foreign page can send text but not JSON; a DELETE may come with the header and no body. */
function readJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parse(request, body as string, done)
  })
}

async function serveConsole(app: FastifyInstance, consoleDir: string, desk: DeskContext): Promise<void> {
  const built = await access(join(consoleDir, 'index.html')).then(
    () => true,
    () => false,
  )
  if (built) {
    await app.register(serveFiles, { root: consoleDir, dotfiles: 'deny' })
    app.get('/lobby/:structure', (_, reply) => reply.sendFile('lobby.html'))
    return
  }
  // Alarms must not wait for pages: the API runs, and the page says what is missing.
  const { message } = new PlumblineError('CONSOLE_NOT_BUILT', 'run `npm run build`, then start the desk again')
  desk.log.warn(message)
  app.get('/', (_, reply) => reply.code(503).type('text/plain; charset=utf-8').send(`${message}\n`))
}

/** Well said, and not to be done now; what else is wrong with a call is wrong in itself. */
const REFUSED: ReadonlySet<string> = new Set(['DRILL_REFUSED', 'PLAY_REFUSED', 'COMMAND_REFUSED'])

function answerError(error: FastifyError, reply: FastifyReply, desk: DeskContext): FastifyReply {
  if (error instanceof HttpError) {
    if (error.retryAfter_s !== undefined) reply.header('retry-after', error.retryAfter_s)
    return answer(reply, error.status, error.code, error.message)
  }
  if (error instanceof PlumblineError && error.fault === 'operating')
    return answer(reply, 503, error.code, error.message)
  if (error instanceof PlumblineError && error.fault === 'usage')
    return answer(reply, REFUSED.has(error.code) ? 409 : 400, error.code, error.message)
  const status = error.statusCode ?? 500
  if (status < 500) return answer(reply, status, CODE_OF[status] ?? 'BAD_REQUEST', error.message)
  const { method, url } = reply.request
  desk.log.error(new PlumblineError('BUG', `${method} ${url}: ${error.message}`).message, { cause: error })
  return answer(reply, 500, 'BUG', 'Plumbline itself did something it must never do; the log says more')
}

const answer = (reply: FastifyReply, status: number, code: string, message: string): FastifyReply =>
  reply
    .code(status)
    .type(PROBLEM_MEDIA)
    .send(problemJson(status, code, message))

/** What Fastify refuses by itself. */
const CODE_OF: Readonly<Record<number, string>> = { 404: 'NOT_FOUND', 413: 'TOO_LARGE', 415: 'NOT_JSON' }

/** Listens; returns the port. @throws PlumblineError PORT_IN_USE, or USAGE for an address that is not this machine's. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  const how = 'move it with desk.port in the site file or --port'
  try {
    await app.listen({ host, port })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const options = { cause: error }
    if (code === 'EADDRINUSE')
      throw new PlumblineError('PORT_IN_USE', `${host}:${port} is already in use; ${how}`, options)
    if (code === 'EACCES')
      throw new PlumblineError('USAGE', `this user may not listen on ${host}:${port}; ${how}`, options)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      throw new PlumblineError('USAGE', `desk.host ${host} is not an address of this machine (${code})`, options)
    throw error
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}
