/** What changes, as it changes: server-sent events, and waveforms over WebSocket. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LIVE_ROUTES } from '../../domain/api-schemas/live.ts'
import { devicesOf } from '../../domain/channel.ts'
import { sampledOf } from '../../domain/model.ts'
import { HttpError, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { mayRead } from '../io/guard.ts'
import { serve } from '../io/serve.ts'
import { readQuery } from '../request.ts'

export const BLOCKS_PATH = LIVE_ROUTES.liveBlocks.path

export function liveRoutes(app: FastifyInstance, desk: DeskContext): void {
  const givesBlocks = (id: string): boolean =>
    devicesOf(desk.siteNow()).some(({ device, model }) => device.id === id && sampledOf(model) !== undefined)
  const full = (what: string) => new HttpError(503, 'TOO_MANY_CLIENTS', `too many ${what}`, 5)

  // Asking for the head alone would open a stream that nobody reads.
  serve(
    app,
    LIVE_ROUTES.live,
    ({ query, request, reply }) => {
      if (desk.stream.full) throw full('live clients')
      const header = request.headers['last-event-id']
      const last = query.last_event_id ?? (typeof header === 'string' ? header : undefined)
      reply.hijack()
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      })
      desk.stream.add(reply.raw, () => mayRead(request, desk), last)
      return reply
    },
    { exposeHeadRoute: false },
  )

  // The checks run before the upgrade, so that a refusal is still an HTTP answer.
  const { query: Query, access } = LIVE_ROUTES.liveBlocks
  const preHandler = async (request: FastifyRequest) => {
    const { device } = readQuery(Query, request.query)
    if (!givesBlocks(device)) throw notFound(`there is no device ${device} that gives blocks`)
    if (desk.blocks.full) throw full('waveform viewers')
  }
  app.get(BLOCKS_PATH, { config: { access }, websocket: true, preHandler }, (socket, request) =>
    desk.blocks.add((request.query as { device: string }).device, socket, () => mayRead(request, desk)),
  )
}
