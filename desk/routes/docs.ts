/** The API's own description: OpenAPI 3.1, and pages for people. It tells nothing of the site, so it is open. */
import type { FastifyInstance } from 'fastify'
import { routes as known } from '../../domain/api-schemas/index.ts'
import type { ApiRoute } from '../../domain/api-schemas/route.ts'
import { openApi } from '../../domain/openapi.ts'
import { apiPage, DOCS_STYLE, errorsPage } from '../docs-page.ts'
import type { DeskContext } from '../io/desk-context.ts'

export function docsRoutes(app: FastifyInstance, desk: DeskContext): void {
  const open = { config: { access: 'open' } } as const
  const HTML = 'text/html; charset=utf-8'
  /** What this desk serves; all routes stand once it listens. */
  let served: readonly ApiRoute[] | undefined
  const routes = () => (served ??= known.filter(({ method, path }) => app.hasRoute({ method, url: path })))
  app.get('/docs', open, (_, reply) => reply.type(HTML).send(apiPage(routes(), desk.software)))
  app.get('/docs/errors', open, (_, reply) => reply.type(HTML).send(errorsPage()))
  app.get('/docs/style.css', open, (_, reply) => reply.type('text/css; charset=utf-8').send(DOCS_STYLE))
  app.get('/docs/openapi.json', open, () => openApi(routes(), desk.software))
}
