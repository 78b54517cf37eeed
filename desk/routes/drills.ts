/** Drills: who started which, what runs, and what people did in it. The report is made from the journal when asked for. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { JournalEntryJson } from '../../domain/alarm.ts'
import type { DrillJson, DrillReportJson } from '../../domain/api.ts'
import { DRILL_MAX_H } from '../../domain/drill.ts'
import { type Drill, isOver } from '../drill.ts'
import { drillReport } from '../drill-report.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { DeskContext } from '../io/desk-context.ts'
import { person } from '../io/guard.ts'
import { readBody } from '../request.ts'

const NAME_MAX = 100
const RECIPIENTS_MAX = 200
/** What an edge node takes in one command. */
const SHADOWS_MAX = 200
/** The newest; the journal keeps all. */
const LISTED_MAX = 200
/** A scenario is a short file. */
const SCENARIO_MAX = 256 * 1024
const BODY_MAX = 512 * 1024
const PAGE = 1000
/** Twelve hours with five entries a second. */
const REPORT_ROWS_MAX = 200_000

const Text = Type.String({ minLength: 1, maxLength: NAME_MAX })
export const Scenario = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: NAME_MAX })),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: SCENARIO_MAX })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })),
  },
  { additionalProperties: false },
)
const Start = Type.Object(
  {
    name: Text,
    owner: Text,
    recipients: Type.Optional(Type.Array(Text, { maxItems: RECIPIENTS_MAX })),
    scenario: Scenario,
    shadows: Type.Optional(Type.Array(Text, { maxItems: SHADOWS_MAX })),
    max_minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: DRILL_MAX_H * 60 })),
  },
  { additionalProperties: false },
)
const End = Type.Object({}, { additionalProperties: false })

type Params = { Params: { id: string } }

export function drillRoutes(app: FastifyInstance, desk: DeskContext): void {
  const read = { config: { access: 'read' } } as const
  // A drill is the exercise of those who answer alarms; no real sensor is touched by it.
  const operator = { config: { access: 'operator' } } as const
  const drillOf = (id: string): Drill => {
    const drill = desk.drills.get(id)
    if (drill === undefined) throw notFound(`there is no drill ${id}`)
    return drill
  }

  app.get('/api/v1/drills', read, (): { drills: DrillJson[] } => ({ drills: desk.drills.list().slice(0, LISTED_MAX) }))

  app.get<Params>(
    '/api/v1/drills/:id',
    read,
    async (request): Promise<{ drill: DrillJson; report: DrillReportJson }> => {
      const drill = drillOf(request.params.id)
      const { rows, whole } = await rowsOf(drill, desk)
      return { drill: desk.drills.json(drill), report: drillReport(drill, rows, isOver(drill) && whole) }
    },
  )

  app.post('/api/v1/drills', { ...operator, bodyLimit: BODY_MAX }, (request): Promise<DrillJson> => {
    const { name } = person(request, desk)
    const body = readBody(Start, request.body)
    oneOfNameOrText(body.scenario)
    const [called, owner] = [line(body.name, 'name'), line(body.owner, 'owner')]
    const recipients = (body.recipients ?? []).map((text, i) => line(text, `recipients.${i}`))
    return desk.drills.start({ ...body, name: called, owner, recipients }, name)
  })

  app.post<Params>('/api/v1/drills/:id/end', operator, (request): Promise<DrillJson> => {
    const { name } = person(request, desk)
    readBody(End, request.body ?? {})
    return desk.drills.end(request.params.id, name)
  })
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
