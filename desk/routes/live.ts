/** What changes, as it changes: server-sent events, and waveforms over WebSocket. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { devicesOf } from '../../domain/channel.ts'
import { sampledOf } from '../../domain/model.ts'
import { HttpError, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { mayRead } from '../io/guard.ts'
import { readQuery } from '../request.ts'

const Query = Type.Object({ device: Type.String({ minLength: 1, maxLength: 160 }) })

export const BLOCKS_PATH = '/api/v1/live/blocks'

export function liveRoutes(app: FastifyInstance, desk: DeskContext): void {
  const read = { config: { access: 'read' } } as const
  const givesBlocks = (id: string): boolean =>
    devicesOf(desk.siteNow()).some(({ device, model }) => device.id === id && sampledOf(model) !== undefined)

  // Asking for the head alone would open a stream that nobody reads.
  app.get('/api/v1/live', { ...read, exposeHeadRoute: false }, (request, reply) => {
    if (desk.stream.full) throw new HttpError(503, 'TOO_MANY_CLIENTS', 'too many live clients', 5)
    reply.hijack()
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    })
    desk.stream.add(reply.raw, () => mayRead(request, desk))
  })

  // The checks run before the upgrade, so that a refusal is still an HTTP answer.
  const preHandler = async (request: FastifyRequest) => {
    const { device } = readQuery(Query, request.query)
    if (!givesBlocks(device)) throw notFound(`there is no device ${device} that gives blocks`)
    if (desk.blocks.full) throw new HttpError(503, 'TOO_MANY_CLIENTS', 'too many waveform viewers', 5)
  }
  app.get(BLOCKS_PATH, { ...read, websocket: true, preHandler }, (socket, request) =>
    desk.blocks.add((request.query as { device: string }).device, socket, () => mayRead(request, desk)),
  )
}
