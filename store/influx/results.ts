/** Answers to InfluxQL as rows. Instants are text with nine digits and integers beyond 2^53 stay whole. */
import { fromIso, type Instant } from '../../domain/time.ts'

/** Integers are numbers where a number holds them, else bigints. */
export type Value = string | number | bigint | boolean | null
export type Row = {
  readonly t_ns: Instant
  readonly tags: Readonly<Record<string, string>>
  readonly get: (field: string) => Value
}
/** The rows of one statement. */
export type Answer = readonly Row[]

type Series = { tags?: Record<string, string>; columns: string[]; values?: Value[][]; partial?: boolean }
type Results = Array<{ statement_id?: number; series?: Series[]; error?: string; partial?: boolean }>
type Body = { error?: string; results?: Results }

/** 3.x, of a measurement that nobody has written yet; 1.x and 2.x give no rows then. */
const TABLE_MISSING = /table .{0,300}not found/i
const LONG_INTEGER = /^-?\d{16,}$/

/** JSON.parse rounds the last digits of a nanosecond count: where the text holds one, numbers are read from their source. */
function parseExactly(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  const exact = (_key: string, value: unknown, context: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && LONG_INTEGER.test(context.source ?? '')
      ? BigInt(context.source!)
      : value
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown)
}

/** The server understood and said no. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
}

/**
 * Answers of a chunked response: a JSON document a line, a long answer in several of them. Not chunked, 1.x would call any
 * answer beyond 10,000 rows partial, cut or whole alike.
 * @throws StatementError with what the server said of a statement that failed; Error where the end is missing.
 */
export function answersOf(text: string): Answer[] {
  const results: Results = []
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const body = parseExactly(line) as Body
    if (body.error !== undefined) throw new StatementError(body.error)
    for (const one of body.results ?? []) results.push({ ...one, statement_id: one.statement_id ?? results.length })
  }
  const answers: Row[][] = []
  const goesOn = new Set<number>()
  for (const { statement_id: id = 0, series = [], error, partial } of results) {
    if (error !== undefined && TABLE_MISSING.test(error)) {
      answers[id] ??= []
      continue
    }
    if (error !== undefined)
      throw new StatementError(firstError(results) ?? `${error} (1.x says so where a database is not found)`)
    answers[id] ??= []
    for (const row of series.flatMap(rowsOf)) answers[id].push(row)
    if (partial === true || series.at(-1)?.partial === true) goesOn.add(id)
    else goesOn.delete(id)
  }
  if (goesOn.size > 0) throw new Error('the end of the answer is missing')
  return answers
}

/** What stood behind an error is "not executed", and may be answered before it. */
const firstError = (results: Results): string | undefined =>
  results.find(({ error }) => error !== undefined && error !== 'not executed')?.error

function rowsOf({ tags = {}, columns, values = [] }: Series): Row[] {
  const place = new Map(columns.map((column, i) => [column, i]))
  const time = place.get('time') ?? -1
  return values.map((row) => ({
    t_ns: instantOf(row[time] ?? null),
    tags,
    get: (field) => row[place.get(field) ?? -1] ?? null,
  }))
}

function instantOf(value: Value): Instant {
  const at = typeof value === 'string' ? fromIso(value) : undefined
  if (at === undefined) throw new Error(`expected an instant as text, got ${value}`)
  return at
}

/** Whatever width an integer came in. */
export const bigintOf = (value: Value): bigint => BigInt(value as number | bigint)
