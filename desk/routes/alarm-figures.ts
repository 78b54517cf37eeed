/** Alarms looked at: everything about one, the quality of all over a span, and how the line itself is. */
import type { FastifyInstance } from 'fastify'
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { ExplainJson } from '../../domain/api-desk.ts'
import { ALARM_ROUTES } from '../../domain/api-schemas/alarms.ts'
import { NOTICE_ROUTES } from '../../domain/api-schemas/notices.ts'
import { QualityTally } from '../alarm-quality.ts'
import { conditionIsTrue } from '../alarm-table.ts'
import { occurrencesOf } from '../explain.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { serve } from '../io/serve.ts'
import { readSpan } from '../request.ts'
import { systemParts } from '../system.ts'
import { deliveriesOf, deliveryJson } from '../telling/delivery-json.ts'

const PAGE = 1000
/** Five entries a second for eleven hours: a longer span is asked for in parts. */
const ROWS_MAX = 200_000
const OCCURRENCES = 20
const STALE_NS = 86_400n * 1_000_000_000n
const LISTED = 100

export function figureRoutes(app: FastifyInstance, desk: DeskContext): void {
  const started_ns = String(desk.clock.now())

  serve(app, ALARM_ROUTES.explain, async ({ params: { id } }): Promise<ExplainJson> => {
    const definition = desk.alarms.book.definition(id)
    const alarm = desk.alarms.book.get(id)
    if (definition === undefined || alarm === undefined) throw notFound(`there is no alarm ${id}`)
    const onsets = await desk.journal.page({ alarm: id, kind: 'onset' }, OCCURRENCES)
    const after = (onsets[0]?.seq ?? desk.alarms.journalSeq + 1) - 1
    const rows = await desk.journal.page({ alarm: id, after }, PAGE)
    const reading = desk.model.reading(definition.limit.channel)
    const n = alarm.present?.n
    const place = desk.places().get(definition.limit.id)
    return {
      alarm: id,
      rule: definition.rule ?? null,
      limit: definition.limit,
      site_line: place?.line ?? null,
      site_text: place?.text ?? null,
      now:
        reading === undefined
          ? null
          : { value: reading.value, t_ns: reading.t_ns, flag: reading.flag, reason: reading.reason },
      occurrences: occurrencesOf(rows).slice(0, OCCURRENCES),
      journal_seqs: rows.filter(({ occurrence }) => n !== undefined && occurrence === n).map(({ seq }) => seq),
      deliveries: deliveriesOf(desk.outreach.teller?.book, id).slice(0, LISTED).map(deliveryJson),
    }
  })

  serve(app, ALARM_ROUTES.quality, async ({ query }) => {
    const { from, to } = readSpan(query)
    const tally = new QualityTally()
    let read = 0
    for (let after = 0; ; ) {
      const rows: readonly JournalEntryJson[] = await desk.journal.page(
        { after, from_ns: String(from), to_ns: String(to) },
        PAGE,
      )
      for (const row of rows) tally.take(row)
      read += rows.length
      if (rows.length < PAGE) break
      if (read >= ROWS_MAX)
        throw badRequest(`query.to: expected a span of at most ${ROWS_MAX} entries, ask for it in parts`)
      after = rows.at(-1)!.seq
    }
    return tally.json(from, to, standing(desk))
  })

  serve(app, NOTICE_ROUTES.system, () => ({
    now_ns: String(desk.clock.now()),
    software: desk.software,
    started_ns,
    parts: systemParts(desk.watch.line.state(), desk.watch.line.nodes, {
      free_bytes: desk.watch.line.disk?.free_bytes ?? null,
      journal_seq: desk.alarms.journalSeq,
      clients: desk.stream.clients,
    }),
  }))
}

/** As it is now, whatever the span. */
function standing({ alarms, clock, site }: DeskContext) {
  const now = clock.now()
  const all = [...alarms.book.alarms()]
  const stale = all.flatMap(({ id, state, present }) =>
    conditionIsTrue(state) && present !== null && now - BigInt(present.onset_ns) > STALE_NS
      ? [{ alarm: id, since_ns: present.onset_ns }]
      : [],
  )
  const shelved = all
    .flatMap(({ id, aside: { shelved: one } }) =>
      one === null ? [] : [{ alarm: id, since_ns: one.at_ns, until_ns: one.until_ns, by: one.by }],
    )
    .sort((a, b) => (BigInt(a.since_ns) < BigInt(b.since_ns) ? -1 : 1))
  return { stale: stale.slice(0, LISTED), shelved: shelved.slice(0, LISTED), targets: { ...site.file.alarms.targets } }
}
