/** Asks for the columns of a channel as `columns-plan.ts` plans them, and puts what comes together. */
import type { SeriesColumn } from '../../../domain/ports.ts'
import { NOT_EVALUATED } from '../../../domain/reading.ts'
import { FIELD } from '../../../domain/series.ts'
import { type Instant, instant } from '../../../domain/time.ts'
import { Columns, RANKED } from '../../columns.ts'
import { asAsked, planColumns } from '../../columns-plan.ts'
import { hourOf, type Span } from '../../rollup.ts'
import type { GroupKey, Queries } from '../queries.ts'
import type { Answer, Row } from '../results.ts'
import { sourcesOf, wholeHours } from '../sources.ts'

export type Ask = (statements: readonly string[]) => Promise<Answer[]>
/** An axis of blocks where there is a group. */
export type Source = { readonly channel: string; readonly axis?: readonly [GroupKey, string] }

/** Of one request. */
const STATEMENTS_MAX = 50
/** A window of more pieces is read from points as a whole: right, and slower. */
const SPANS_MAX = 500
const AXIS_RANK = RANKED.indexOf(NOT_EVALUATED)

export async function askColumns(
  ask: Ask,
  queries: Queries,
  { channel, axis }: Source,
  window: { readonly from: Instant; readonly to: Instant },
  points: number,
): Promise<SeriesColumn[]> {
  const wide = planColumns(window, points, axis === undefined ? ['1h', '1m'] : ['1h', '1m', '1s'])
  const known = wide.grain === undefined ? [] : await knownHours(ask, queries, channel, window)
  const found = sourcesOf(window, wide.grain, known)
  const pieces = found.points.length + found.rollups.length
  const useful = found.rollups.length > 0 && pieces <= SPANS_MAX
  const sources = useful ? found : { rollups: [], points: [window] }
  // Of points alone columns are as wide as was asked.
  const { start, width_ns, grain } = useful ? wide : asAsked(window, points)
  const columns = new Columns(window.from, window.to, width_ns, instant(start))
  const asks = [
    ...sources.rollups.map(
      (span): Part => [
        [queries.rollupColumns(grain!, channel, span, start, width_ns)],
        (rows) => addRollups(columns, rows),
      ],
    ),
    ...sources.points.map((span): Part => pointsOf(columns, queries, { channel, axis }, span, start, width_ns)),
  ]
  for (let at = 0; at < asks.length; at += STATEMENTS_MAX / 2) {
    const some = asks.slice(at, at + STATEMENTS_MAX / 2)
    const answers = await ask(some.flatMap(([statements]) => statements))
    for (const [statements, take] of some) take(...answers.splice(0, statements.length))
  }
  return columns.result()
}

type Part = readonly [statements: readonly string[], take: (...answers: Answer[]) => void]

async function knownHours(ask: Ask, queries: Queries, channel: string, window: Span): Promise<number[]> {
  const [rows] = await ask([queries.rolledHours(channel, wholeHours(window))])
  return rows!.filter((row) => row.get(FIELD.rollup.stale) === 0).map(({ t_ns }) => hourOf(t_ns))
}

function pointsOf(
  columns: Columns,
  queries: Queries,
  { channel, axis }: Source,
  span: Span,
  start: bigint,
  width_ns: bigint,
): Part {
  if (axis !== undefined) {
    const [group, name] = axis
    return [
      [queries.axisColumns(group, name, span, start, width_ns)],
      (rows) => addFigures(columns, rows, () => AXIS_RANK),
    ]
  }
  return [
    queries.readingColumns(channel, span, start, width_ns),
    (figures, ranks) => {
      for (const row of ranks!) columns.add(placeOf(columns, row), { ...NOTHING, rank: number(row, 'rank') })
      addFigures(columns, figures!, () => 0)
    },
  ]
}

const NOTHING = { min: 0, max: 0, sum: 0, count: 0, rank: 0 }
const number = (row: Row, field: string): number => Number(row.get(field))
/** Columns are told by their start, which the server counts from 1970 and the offset. */
const placeOf = (columns: Columns, row: Row): number => Math.round(columns.offset_ns(row.t_ns) / columns.width_ns)

function addFigures(columns: Columns, rows: Answer, rankOf: (row: Row) => number): void {
  for (const row of rows) {
    const count = number(row, 'count')
    const [min, max, sum] = [number(row, 'min'), number(row, 'max'), number(row, 'mean') * count]
    columns.add(placeOf(columns, row), { min, max, sum, count, rank: rankOf(row) })
  }
}

function addRollups(columns: Columns, rows: Answer): void {
  for (const row of rows) {
    const [count, rank] = [number(row, 'count'), number(row, 'rank')]
    const usable = count === 0 ? {} : { min: number(row, 'min'), max: number(row, 'max'), sum: number(row, 'total') }
    columns.add(placeOf(columns, row), { ...NOTHING, ...usable, count, rank })
  }
}
