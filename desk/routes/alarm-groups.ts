/** Alarms with one cause: earthquakes, rises of water, dead nodes, alarm floods. */
import type { FastifyInstance } from 'fastify'
import { ALARM_ROUTES } from '../../domain/api-schemas/alarms.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { serve } from '../io/serve.ts'

/** The newest; the journal keeps all. */
const LISTED_MAX = 200

export function groupRoutes(app: FastifyInstance, desk: DeskContext): void {
  serve(app, ALARM_ROUTES.groups, ({ query: { open } }) => {
    const groups = desk.watch.groups.list().filter(({ ended_ns }) => open !== true || ended_ns === null)
    return { groups: groups.slice(0, LISTED_MAX) }
  })
}
