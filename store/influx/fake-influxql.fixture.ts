/**
 * Answers exactly the part of InfluxQL that `queries.ts` writes, from the points of a fake; anything else is refused, so
 * that no question leaves the portable part unseen. `fake-influxql.test.ts` holds its answers against a real influxd.
 */
import { fromIso, instant, toIso } from '../../domain/time.ts'
import type { FieldValue } from './fake-lines.fixture.ts'
import type { FakeDatabase, Series } from './fake-points.fixture.ts'

type Cell = FieldValue | null
type Row = { readonly t_ns: bigint; readonly cells: readonly Cell[] }
type Item = { readonly name: string; readonly as: string; readonly fn: string | undefined }
type Condition = { readonly name: string; readonly op: string; readonly value: string | bigint }
export type Statement = {
  readonly items: readonly Item[]
  readonly policy: string
  readonly measurement: string
  readonly where: readonly Condition[]
  readonly tag: string | undefined
  readonly window: { readonly width_ns: bigint; readonly offset_ns: bigint } | undefined
  readonly newestFirst: boolean
  readonly limit: number | undefined
}

const TOKEN = /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|-?\d+(?:ns)?|[A-Za-z_]+|!=|<=|>=|[=<>(),.;*]/gy
type Token = { readonly kind: 'name' | 'text' | 'other'; readonly text: string }

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))

function tokensOf(text: string): Token[] {
  const out: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) throw new Error(`error parsing query: found ${text.slice(from, from + 20)}`)
    if (match[1] !== undefined) out.push({ kind: 'name', text: unescaped(match[1]) })
    else if (match[2] !== undefined) out.push({ kind: 'text', text: unescaped(match[2]) })
    else if (match[0].trim() !== '') out.push({ kind: 'other', text: match[0] })
  }
  return out
}

/** @throws Error where the text is not in the portable part. */
export function parseInfluxQl(text: string): Statement[] {
  const tokens = tokensOf(text)
  let at = 0
  const fail = (wanted: string): never => {
    throw new Error(`error parsing query: found ${tokens[at]?.text ?? 'EOF'}, expected ${wanted}`)
  }
  const take = (kind: Token['kind'], wanted: string): string =>
    tokens[at]?.kind === kind ? tokens[at++]!.text : fail(wanted)
  const is = (...words: readonly string[]): boolean => {
    if (!words.every((word, i) => tokens[at + i]?.kind === 'other' && tokens[at + i]!.text === word)) return false
    at += words.length
    return true
  }
  const need = (...words: readonly string[]): void => {
    if (!is(...words)) fail(words.join(' '))
  }
  const item = (): Item => {
    if (tokens[at]?.kind === 'name') {
      const name = take('name', 'a field')
      return { name, as: name, fn: undefined }
    }
    const fn = take('other', 'a function')
    if (!['min', 'mean', 'max', 'count', 'sum'].includes(fn)) fail('min, mean, max, count or sum')
    need('(')
    const name = take('name', 'a field')
    need(')', 'AS')
    return { name, as: take('name', 'an alias'), fn }
  }
  const condition = (): Condition => {
    const name = is('time') ? 'time' : take('name', 'a name')
    const op = take('other', 'an operator')
    if (tokens[at]?.kind !== 'text') return { name, op, value: BigInt(take('other', 'a number')) }
    const value = take('text', 'a text')
    if (name !== 'time') return { name, op, value }
    return { name, op, value: fromIso(value) ?? fail('an instant') }
  }
  const ns = (): bigint => BigInt(take('other', 'a duration').replace(/ns$/, '') || fail('nanoseconds'))
  const statement = (): Statement => {
    need('SELECT')
    const items = [item()]
    while (is(',')) items.push(item())
    need('FROM')
    const policy = take('name', 'a policy')
    need('.')
    const measurement = take('name', 'a measurement')
    const where: Condition[] = []
    if (is('WHERE')) {
      where.push(condition())
      while (is('AND')) where.push(condition())
    }
    let tag: string | undefined
    let window: Statement['window']
    if (is('GROUP', 'BY')) {
      if (is('time', '(')) {
        const width_ns = ns()
        need(',')
        window = { width_ns, offset_ns: ns() }
        need(')', 'fill', '(', 'none', ')')
      } else tag = take('name', 'a tag')
    }
    const ordered = is('ORDER', 'BY', 'time')
    const newestFirst = ordered && is('DESC')
    const limit = is('LIMIT') ? Number(take('other', 'a number')) : undefined
    return { items, policy, measurement, where, tag, window, newestFirst, limit }
  }
  const out = [statement()]
  while (is(';')) out.push(statement())
  if (at < tokens.length) fail('the end')
  return out
}

const COMPARE: Readonly<Record<string, (a: Cell, b: string | bigint) => boolean>> = {
  // biome-ignore lint/suspicious/noDoubleEquals: an integer field may be a bigint and a float a number
  '=': (a, b) => a == b,
  // biome-ignore lint/suspicious/noDoubleEquals: as above
  '!=': (a, b) => a != b,
  '<': (a, b) => a! < b,
  '<=': (a, b) => a! <= b,
  '>': (a, b) => a! > b,
  '>=': (a, b) => a! >= b,
}

/** Rows of a group and its tags, as the servers give them: by time, several series merged. */
function rowsOf(series: readonly Series[], statement: Statement, oldest_ns: bigint): Row[] {
  const { items, where, window } = statement
  const rows: Row[] = []
  for (const { tags, points } of series)
    for (const [t_ns, fields] of points) {
      if (t_ns < oldest_ns) continue
      const cellOf = (name: string): Cell => fields.get(name)?.value ?? tags.get(name) ?? null
      const holds = where.every(({ name, op, value }) => {
        const cell = name === 'time' ? t_ns : cellOf(name)
        return cell !== null && COMPARE[op]!(cell, value)
      })
      // A point that has none of the fields gives no row; tags alone are no row either.
      if (holds && items.some(({ name }) => fields.has(name)))
        rows.push({ t_ns, cells: items.map(({ name }) => cellOf(name)) })
    }
  rows.sort((a, b) => (a.t_ns < b.t_ns ? -1 : a.t_ns > b.t_ns ? 1 : 0))
  return window === undefined ? rows : windowsOf(rows, items, window)
}

function windowsOf(rows: readonly Row[], items: readonly Item[], window: NonNullable<Statement['window']>): Row[] {
  const { width_ns, offset_ns } = window
  const windows = new Map<bigint, Row[]>()
  for (const row of rows) {
    const past = (((row.t_ns - offset_ns) % width_ns) + width_ns) % width_ns
    const start = row.t_ns - past
    windows.set(start, [...(windows.get(start) ?? []), row])
  }
  return [...windows].map(([t_ns, inside]) => ({
    t_ns,
    cells: items.map((item, i) =>
      aggregate(
        item.fn!,
        inside.flatMap(({ cells }) => cells[i] ?? []),
      ),
    ),
  }))
}

function aggregate(fn: string, cells: readonly FieldValue[]): Cell {
  if (fn === 'count') return cells.length
  if (cells.length === 0) return null
  const numbers = cells.map(Number)
  if (fn === 'sum') return numbers.reduce((a, b) => a + b)
  if (fn === 'mean') return numbers.reduce((a, b) => a + b) / numbers.length
  return fn === 'min' ? Math.min(...numbers) : Math.max(...numbers)
}

/** The statement's result as JSON text: integers whole, instants as RFC 3339 with as many digits as there are. */
export function answerInfluxQl(id: number, database: FakeDatabase, statement: Statement, oldest_ns: bigint): string {
  const all = [...(database.measurements.get(statement.measurement)?.values() ?? [])]
  const groups = new Map<string | undefined, Series[]>()
  for (const series of all) {
    const key = statement.tag === undefined ? undefined : (series.tags.get(statement.tag) ?? '')
    groups.set(key, [...(groups.get(key) ?? []), series])
  }
  const names = [...groups.keys()].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1))
  // 1.x turns the order of the series with that of time.
  if (statement.newestFirst) names.reverse()
  const texts = names.flatMap((key) => {
    let rows = rowsOf(groups.get(key)!, statement, oldest_ns)
    if (statement.newestFirst) rows.reverse()
    if (statement.limit !== undefined) rows = rows.slice(0, statement.limit)
    if (rows.length === 0) return []
    const tags = key === undefined ? '' : `"tags":${JSON.stringify({ [statement.tag!]: key })},`
    const columns = JSON.stringify(['time', ...statement.items.map((item) => item.as)])
    const values = rows.map(
      ({ t_ns, cells }) => `["${timeText(t_ns)}"${cells.map((cell) => `,${json(cell)}`).join('')}]`,
    )
    return [
      `{"name":${JSON.stringify(statement.measurement)},${tags}"columns":${columns},"values":[${values.join(',')}]}`,
    ]
  })
  return `{"statement_id":${id}${texts.length === 0 ? '' : `,"series":[${texts.join(',')}]`}}`
}

const json = (cell: Cell): string => (typeof cell === 'bigint' ? String(cell) : JSON.stringify(cell))
/** Go trims the fraction's zeros, the point with them. */
const timeText = (t_ns: bigint): string => toIso(instant(t_ns)).replace(/\.?0*Z$/, 'Z')
