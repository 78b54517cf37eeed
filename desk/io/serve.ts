/**
 * Serves a route of `domain/api-schemas/`: who may ask is the route's word, params, query and body are read by its schemas
 * before anything is done, and the answer has its type.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { ApiRoute } from '../../domain/api-schemas/route.ts'
import { csvOf, wantsCsv } from '../csv.ts'
import { etagOf } from '../etag.ts'
import { readBody, readParams, readQuery } from '../request.ts'

type Read<T> = T extends TSchema ? Static<T> : undefined
export type Asked<R extends ApiRoute> = {
  readonly params: Read<R['params']>
  readonly query: Read<R['query']>
  readonly body: Read<R['body']>
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export function serve<R extends ApiRoute>(
  app: FastifyInstance,
  route: R,
  handle: (
    asked: Asked<R>,
  ) => Static<R['answer']> | Promise<Static<R['answer']>> | FastifyReply | Promise<FastifyReply>,
  options: RouteShorthandOptions = {},
): void {
  const read = <T>(schema: TSchema | undefined, how: () => unknown): T => (schema && how()) as T
  app.route({
    ...options,
    method: route.method,
    url: route.path,
    config: { access: route.access },
    handler: async (request, reply) => {
      const answer = await handle({
        params: read(route.params, () => readParams(route.params!, request.params)),
        query: read(route.query, () => readQuery(route.query!, request.query)),
        body: read(route.body, () => readBody(route.body!, request.body ?? {})),
        request,
        reply,
      })
      return route.csv === undefined || reply.sent ? answer : list(answer as object, request, reply)
    },
  })
}

/** A list: as CSV where that is asked for, and not at all where the client has it already. */
export function list(answer: object, request: FastifyRequest, reply: FastifyReply): object | string | FastifyReply {
  const csv = wantsCsv((request.query as { format?: unknown }).format, request.headers.accept)
  const etag = etagOf(answer, csv)
  reply.header('etag', etag).header('vary', 'accept')
  // What was read before must be asked about again, not kept from it.
  reply.header('cache-control', 'private, no-cache')
  if (request.headers['if-none-match']?.split(',').some((known) => known.trim() === etag)) return reply.code(304).send()
  return csv ? reply.type('text/csv; charset=utf-8; header=present').send(csvOf(answer)) : answer
}
