/** Drills: who started which, what runs, and what people did in it. The report is made from the journal when asked for. */
import type { FastifyInstance } from 'fastify'
import type { JournalEntryJson } from '../../domain/alarm.ts'
import { DRILL_ROUTES } from '../../domain/api-schemas/drills.ts'
import { type Drill, isOver } from '../drill.ts'
import { drillReport } from '../drill-report.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { serve } from '../io/serve.ts'

/** The newest; the journal keeps all. */
const LISTED_MAX = 200
const BODY_MAX = 512 * 1024
const PAGE = 1000
/** Twelve hours with five entries a second. */
const REPORT_ROWS_MAX = 200_000

export function drillRoutes(app: FastifyInstance, desk: DeskContext): void {
  const drillOf = (id: string): Drill => {
    const drill = desk.drills.get(id)
    if (drill === undefined) throw notFound(`there is no drill ${id}`)
    return drill
  }

  serve(app, DRILL_ROUTES.drills, () => ({ drills: desk.drills.list().slice(0, LISTED_MAX) }))

  serve(app, DRILL_ROUTES.drill, async ({ params }) => {
    const drill = drillOf(params.id)
    const { rows, whole } = await rowsOf(drill, desk)
    return { drill: desk.drills.json(drill), report: drillReport(drill, rows, isOver(drill) && whole) }
  })

  serve(
    app,
    DRILL_ROUTES.startDrill,
    ({ body, request }) => {
      const { name } = person(request, desk)
      oneOfNameOrText(body.scenario)
      const [called, owner] = [line(body.name, 'name'), line(body.owner, 'owner')]
      const recipients = (body.recipients ?? []).map((text, i) => line(text, `recipients.${i}`))
      return desk.drills.start({ ...body, name: called, owner, recipients }, name)
    },
    { bodyLimit: BODY_MAX },
  )

  serve(app, DRILL_ROUTES.endDrill, ({ params, request }) => desk.drills.end(params.id, person(request, desk).name))
}

/** @throws HttpError 400 */
export function oneOfNameOrText({ name, text }: { name?: string; text?: string }): void {
  if ((name === undefined) === (text === undefined))
    throw badRequest('body.scenario: expected either name or text of a scenario')
}

/** Text that stands in one line of a report. */
function line(text: string, where: string): string {
  const trimmed = text.trim().normalize('NFC')
  if (trimmed === '' || /\p{C}/u.test(trimmed))
    throw badRequest(`body.${where}: expected a line of text, got ${JSON.stringify(text)}`)
  return trimmed
}

/** Rows about alarms from the drill's start to its end, or to now. */
async function rowsOf(drill: Drill, desk: DeskContext): Promise<{ rows: JournalEntryJson[]; whole: boolean }> {
  const rows: JournalEntryJson[] = []
  let after = drill.first_seq
  let read = 0
  for (;;) {
    const page = await desk.journal.entries(after, PAGE)
    for (const row of page) {
      if (drill.last_seq !== null && row.seq > drill.last_seq) return { rows, whole: true }
      if (row.alarm !== null) rows.push(row)
    }
    read += page.length
    after = page.at(-1)?.seq ?? after
    if (page.length < PAGE) return { rows, whole: true }
    if (read >= REPORT_ROWS_MAX) return { rows, whole: false }
  }
}
