/** The journal, in the order in which it was written: pages, and the whole of what a filter leaves as CSV. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { ALARM_ROUTES } from '../../domain/api-schemas/alarms.ts'
import type { DeskContext } from '../io/desk-context.ts'
import type { JournalFilter } from '../io/journal.ts'
import { serve } from '../io/serve.ts'
import { csvHead, csvLine } from '../journal-csv.ts'
import { readInstant } from '../request.ts'

const PAGE = 1000

export function journalRoutes(app: FastifyInstance, desk: DeskContext): void {
  serve(app, ALARM_ROUTES.journal, async ({ query, request, reply }) => {
    const { limit, from, to, after, before, alarm, actor, kind } = query
    const filter: JournalFilter = {
      ...{ after, before, alarm, actor, kind },
      from_ns: from === undefined ? undefined : String(readInstant(from, 'from')),
      to_ns: to === undefined ? undefined : String(readInstant(to, 'to')),
    }
    if ((request.query as { format?: string }).format !== 'csv')
      return { entries: [...(await desk.journal.page(filter, limit))] }
    reply.header('content-disposition', 'attachment; filename="journal.csv"')
    return reply.type('text/csv; charset=utf-8').send(Readable.from(csv(desk, filter)))
  })
}

/** Page by page, so that a long journal is never held in memory; a client that does not read stops it. */
async function* csv({ journal }: DeskContext, filter: JournalFilter): AsyncIterable<string> {
  yield csvHead()
  for (let after = filter.after ?? 0; ; ) {
    const rows = await journal.page({ ...filter, after }, PAGE)
    if (rows.length > 0) yield rows.map(csvLine).join('')
    if (rows.length < PAGE) return
    after = rows.at(-1)!.seq
  }
}
