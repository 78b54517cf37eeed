/**
 * Pages of the journal by time, alarm, person and kind, each found by an index. The order is that of `seq`, whatever the
 * clock said: `at_ns` is the wall clock as it was, and where that was set back the rows behind it begin a new stretch. In a
 * stretch no row lies more than `DISORDER_NS` before an earlier one, so that a time is found by halving.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JournalRow } from '../journal-chain.ts'

export type JournalFilter = {
  /** Rows behind it, oldest first. */
  readonly after?: number | undefined
  /** The newest rows before it. */
  readonly before?: number | undefined
  readonly from_ns?: string | undefined
  readonly to_ns?: string | undefined
  readonly alarm?: string | undefined
  readonly actor?: string | undefined
  readonly kind?: string | undefined
}

/** Entries wait for their turn for less than this; a clock that goes back further was set. */
export const DISORDER_NS = 60_000_000_000n
/** JavaScript numbers do not hold nanoseconds: they leave SQLite as text. */
export const COLUMNS = 'seq, CAST(at_ns AS TEXT) AS at_ns, kind, alarm, occurrence, actor, body, dedupe, prev, hash'

/** Each end by the index: of both in one SELECT, SQLite reads every row. Null of an empty journal. */
export const SPAN = 'SELECT (SELECT min(seq) FROM journal) AS first, (SELECT max(seq) FROM journal) AS last'

export const STRETCHES = `
  CREATE TABLE IF NOT EXISTS journal_stretch (seq INTEGER PRIMARY KEY) STRICT;
  CREATE INDEX IF NOT EXISTS journal_kind ON journal (kind, seq);
  CREATE INDEX IF NOT EXISTS journal_alarm ON journal (alarm, seq) WHERE alarm IS NOT NULL;
  CREATE INDEX IF NOT EXISTS journal_alarm_kind ON journal (alarm, kind, seq) WHERE alarm IS NOT NULL;
  CREATE INDEX IF NOT EXISTS journal_actor ON journal (actor, seq);
  CREATE INDEX IF NOT EXISTS journal_actor_kind ON journal (actor, kind, seq);
  DROP INDEX IF EXISTS journal_at;
`

type Range = readonly [from: number, to: number]

export class JournalQueries {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, known)
    return known
  }

  /** In the order of `seq`: the first ones behind `after`, else the last ones before `before` or of all. */
  page(filter: JournalFilter, limit: number): JournalRow[] {
    const forward = filter.after !== undefined
    const ranges = this.#ranges(filter)
    const rows: JournalRow[] = []
    for (const range of forward ? ranges : ranges.reverse()) {
      if (rows.length >= limit) break
      const { sql, values } = statementOf(filter, forward)
      const found = this.#prepare(sql).all(...range, ...values, limit - rows.length)
      rows.push(...(found as unknown as JournalRow[]))
    }
    return forward ? rows : rows.reverse()
  }

  /** First and last row number that there is. */
  span(): Range | undefined {
    const { first, last } = this.#prepare(SPAN).get() as {
      first: number | null
      last: number | null
    }
    return first === null || last === null ? undefined : [first, last]
  }

  #ranges({ after, before, from_ns, to_ns }: JournalFilter): Range[] {
    const span = this.span()
    if (span === undefined) return []
    const low = Math.max(span[0], (after ?? 0) + 1)
    const high = Math.min(span[1], (before ?? Number.MAX_SAFE_INTEGER) - 1)
    const all: Range[] = from_ns === undefined && to_ns === undefined ? [span] : this.stretches(span)
    return all.flatMap(([first, last]): Range[] => {
      const a = from_ns === undefined ? first : this.firstAt(first, last, BigInt(from_ns) - DISORDER_NS)
      const b = to_ns === undefined ? last : this.firstAt(first, last, BigInt(to_ns) + DISORDER_NS) - 1
      const cut: Range = [Math.max(a, low), Math.min(b, high)]
      return cut[0] <= cut[1] ? [cut] : []
    })
  }

  stretches([first, last]: Range): Range[] {
    const begins = this.#prepare('SELECT seq FROM journal_stretch WHERE seq > ? ORDER BY seq').all(
      first,
    ) as unknown as Array<{ seq: number }>
    const starts = [first, ...begins.map(({ seq }) => seq)]
    return starts.map((start, i) => [start, (starts[i + 1] ?? last + 1) - 1])
  }

  /** Of [first, last] a row at or after the instant whose predecessor is before it; behind the last where there is none. */
  firstAt(first: number, last: number, at: bigint): number {
    const instant = this.#prepare('SELECT CAST(at_ns AS TEXT) AS at_ns FROM journal WHERE seq = ?')
    let [low, high] = [first, last + 1]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (BigInt((instant.get(middle) as { at_ns: string }).at_ns) >= at) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Exported for the test that asks SQLite how it finds the rows. */
export function statementOf({ from_ns, to_ns, alarm, actor, kind }: JournalFilter, forward: boolean) {
  const wheres = ['seq BETWEEN ? AND ?']
  const values: Array<string | bigint> = []
  const put = (sql: string, value: string | bigint | undefined) => {
    if (value === undefined) return
    wheres.push(sql)
    values.push(value)
  }
  put('at_ns >= ?', from_ns === undefined ? undefined : BigInt(from_ns))
  put('at_ns < ?', to_ns === undefined ? undefined : BigInt(to_ns))
  put('alarm = ?', alarm)
  put('actor = ?', actor)
  put('kind = ?', kind)
  const order = forward ? 'ASC' : 'DESC'
  return { sql: `SELECT ${COLUMNS} FROM journal WHERE ${wheres.join(' AND ')} ORDER BY seq ${order} LIMIT ?`, values }
}
