/** The door of the second alarm path: Grafana's webhook, with a token of the desk. What it says is compared, never obeyed. */
import type { FastifyInstance } from 'fastify'
import { SECOND_PATH_ROUTES } from '../../domain/api-schemas/second-path.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { serve } from '../io/serve.ts'

/** A notification of many rules with all that Grafana tells of each. */
const BODY_MAX = 4 * 1024 * 1024

export function secondPathRoutes(app: FastifyInstance, desk: DeskContext): void {
  serve(app, SECOND_PATH_ROUTES.grafanaAlerts, ({ body }) => ({ taken: desk.secondPath.hear(body.alerts) }), {
    bodyLimit: BODY_MAX,
  })
}
