/** Ground-motion events: what the structure did, and its record to take away. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { EVENT_ROUTES } from '../../domain/api-schemas/events.ts'
import type { ExportSeries } from '../../domain/ports.ts'
import { HttpError, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { serve } from '../io/serve.ts'
import { readInstant } from '../request.ts'

/** Exports at once: each reads the store page by page. */
const EXPORTS_MAX = 4

export function eventRoutes(app: FastifyInstance, desk: DeskContext): void {
  let exporting = 0
  const eventOf = (id: string) => {
    const event = desk.events.get(id)
    if (event === undefined) throw notFound(`there is no event ${id}`)
    return event
  }

  serve(app, EVENT_ROUTES.events, ({ query }) => {
    const at = (text: string | undefined, name: string) => (text === undefined ? undefined : readInstant(text, name))
    const span = { from: at(query.from, 'from'), to: at(query.to, 'to'), structure: query.structure }
    return { events: desk.events.list(span, query.limit) }
  })

  serve(app, EVENT_ROUTES.event, ({ params }) => desk.events.measure(eventOf(params.id)))

  serve(app, EVENT_ROUTES.eventRecord, ({ params, query, reply }) => {
    const { exportSeries } = desk
    const event = eventOf(params.id)
    if (exportSeries === undefined) throw new HttpError(503, 'STORE_UNAVAILABLE', 'this desk was given no store')
    if (exporting >= EXPORTS_MAX) throw new HttpError(503, 'TOO_MANY_CLIENTS', 'too many exports at once', 10)
    exporting++
    const pieces = Readable.from(recordOf(exportSeries, desk.events.record(event), query.format), { objectMode: false })
    pieces.once('close', () => exporting--)
    const name = `${event.id}.${query.format === 'csv' ? 'csv' : 'mseed'}`
    return reply
      .type(query.format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/vnd.fdsn.mseed')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(pieces)
  })
}

/** One floor after the other; ends where the client goes. Of CSV only the first header stays. */
async function* recordOf(
  exportSeries: ExportSeries,
  { channels, from, to }: ReturnType<DeskContext['events']['record']>,
  format: 'csv' | 'miniseed',
): AsyncGenerator<Uint8Array> {
  for (const [i, channel] of channels.entries()) {
    let headed = i === 0 || format !== 'csv'
    for await (const piece of exportSeries({ channel, from, to, format })) {
      if (headed) yield piece
      else yield piece.subarray(piece.indexOf(0x0a) + 1)
      headed = true
    }
  }
}
