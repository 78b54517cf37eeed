/** The journal, in the order in which it was written. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { DeskContext } from '../io/desk-context.ts'
import { readQuery } from '../request.ts'

const Query = Type.Object({
  /** Row number; without it the newest entries. */
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
})

export function journalRoutes(app: FastifyInstance, desk: DeskContext): void {
  app.get('/api/v1/journal', { config: { access: 'read' } }, async (request) => {
    const { after, limit } = readQuery(Query, request.query)
    return { entries: await desk.journal.entries(after, limit) }
  })
}
