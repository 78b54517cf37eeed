/**
 * Drops rows that are older than the site keeps them, a short span at a time. No row goes before the rollup of its hour is
 * made, and how far rows have gone is written in the same transaction.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type EventLevel, eventsNear, type Horizons, keptAround, notKept } from '../retention.ts'
import { GRAIN_S, HOUR_NS, hourOf, hourStart, joined, MINUTE_NS, SOURCE, type Span } from '../rollup.ts'
import type { RollupTable } from './rollup-table.ts'
import { tablesIn } from './schema.ts'
import type { SealedTable } from './sealed-table.ts'
import type { Touched, TouchedTable } from './touched-table.ts'

export type Dropped = { readings: number; blocks: number; rollups: number }
type Sweep = { readonly kind: keyof typeof SPAN_NS; readonly source: number }

/** So much of one source goes in one step. */
const SPAN_NS = { readings: HOUR_NS, blocks: 10n * MINUTE_NS, events: 10n * MINUTE_NS, rollups: 24n * HOUR_NS } as const

type File = { readonly rollups: RollupTable; readonly touched: TouchedTable; readonly sealed: SealedTable }

export class Sweeper {
  readonly dropped: Dropped = { readings: 0, blocks: 0, rollups: 0 }
  readonly #rollups: RollupTable
  readonly #touched: TouchedTable
  readonly #sealed: SealedTable
  readonly #all: Readonly<Record<'channels' | 'groups', StatementSync>>
  readonly #oldest: Readonly<Record<keyof typeof SPAN_NS, StatementSync>>
  readonly #newest: Readonly<Record<'readings' | 'blocks', StatementSync>>
  readonly #drop: Readonly<Record<'readings' | 'blocks' | 'rollups', StatementSync>>
  readonly #horizon: StatementSync
  readonly #setHorizon: StatementSync
  readonly #channel: StatementSync
  readonly #events: StatementSync

  constructor(db: DatabaseSync, schema: string, { rollups, touched, sealed }: File) {
    const t = tablesIn(schema)
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      return statement
    }
    const blocks = `${t('block')} WHERE block_group = ?1`
    this.#rollups = rollups
    this.#touched = touched
    this.#sealed = sealed
    this.#all = {
      channels: db.prepare(`SELECT id FROM ${t('channel')}`),
      groups: db.prepare(`SELECT id FROM ${t('block_group')}`),
    }
    this.#oldest = {
      readings: prepare(
        `SELECT min(t_ns) AS t_ns FROM (SELECT min(t_ns) AS t_ns FROM ${t('reading')} WHERE channel = ?1
           UNION ALL SELECT * FROM (SELECT first_ns FROM ${t('sealed')} WHERE channel = ?1 ORDER BY hour LIMIT 1))`,
      ),
      blocks: prepare(
        `SELECT min(t0_ns) AS t_ns FROM ${blocks} AND t0_ns >= coalesce((SELECT before_ns FROM ${t('horizon')}
           WHERE kind = ${SOURCE.blocks} AND source = ?1), ${-(2n ** 62n)})`,
      ),
      events: prepare(`SELECT min(t0_ns) AS t_ns FROM ${blocks}`),
      rollups: prepare(
        `SELECT min(t_ns) AS t_ns FROM ${t('rollup')} WHERE channel = ?1 AND grain_s = ${GRAIN_S.minute}`,
      ),
    }
    this.#newest = {
      readings: prepare(`SELECT max(t_ns) AS t_ns FROM ${t('reading')} WHERE channel = ?`),
      blocks: prepare(`SELECT max(t0_ns) AS t_ns FROM ${t('block')} WHERE block_group = ?`),
    }
    this.#drop = {
      readings: db.prepare(`DELETE FROM ${t('reading')} WHERE channel = ? AND t_ns >= ? AND t_ns < ?`),
      blocks: db.prepare(`DELETE FROM ${t('block')} WHERE block_group = ? AND t0_ns >= ? AND t0_ns < ?`),
      rollups: db.prepare(
        `DELETE FROM ${t('rollup')} WHERE channel = ? AND grain_s IN (${Object.values(GRAIN_S).join()}) AND t_ns >= ? AND t_ns < ?`,
      ),
    }
    this.#horizon = prepare(`SELECT before_ns FROM ${t('horizon')} WHERE kind = ? AND source = ?`)
    this.#setHorizon = db.prepare(
      `INSERT INTO ${t('horizon')} VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET before_ns = max(before_ns, excluded.before_ns)`,
    )
    this.#channel = db.prepare(`SELECT id FROM ${t('channel')} WHERE name = ?`)
    this.#events = prepare(
      `SELECT t_ns FROM ${t('rollup')} WHERE channel = ?1 AND grain_s = ${GRAIN_S.minute} AND t_ns >= ?2 AND t_ns < ?3
         AND (max >= ?4 OR min <= ?5)`,
    )
  }

  /** Instant of the newest row of the file. */
  newest(): bigint | undefined {
    const instants = [
      ...this.#ids('channels').map((id) => this.#at(this.#newest.readings, id)),
      ...this.#ids('groups').map((id) => this.#at(this.#newest.blocks, id)),
    ].filter((t_ns) => t_ns !== undefined)
    return instants.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined)
  }

  /** Sources that hold something older than its class is kept. */
  due(before: Horizons): Sweep[] {
    const of = (kind: Sweep['kind'], table: 'channels' | 'groups'): Sweep[] => {
      if (before[kind] === undefined) return []
      const sweeps = this.#ids(table).map((source) => ({ kind, source }))
      return sweeps.filter((sweep) => this.#next(sweep, before[kind]!) !== undefined)
    }
    return [
      ...of('readings', 'channels'),
      ...of('blocks', 'groups'),
      ...of('events', 'groups'),
      ...of('rollups', 'channels'),
    ]
  }

  /** One step, within the open transaction; false once there is nothing left to drop. */
  step(sweep: Sweep, before: Horizons, events: readonly EventLevel[]): boolean {
    const { kind, source } = sweep
    const span = this.#next(sweep, before[kind]!)
    if (span === undefined) return false
    if (kind === 'rollups') this.dropped.rollups += Number(this.#drop.rollups.run(source, span.from, span.to).changes)
    else if (kind === 'readings') {
      const hour = hourOf(span.from)
      this.#settle({ kind: SOURCE.readings, source, hour })
      this.dropped.readings += this.#sealed.drop(source, hour)
      this.dropped.readings += Number(this.#drop.readings.run(source, span.from, span.to).changes)
      this.#setHorizon.run(SOURCE.readings, source, span.to)
    } else {
      for (const hour of hoursOf(span)) this.#settle({ kind: SOURCE.blocks, source, hour })
      const kept = kind === 'events' ? [] : this.#keptIn(span, events)
      this.#dropBlocks(source, notKept(span, kept))
      this.#setHorizon.run(SOURCE.blocks, source, span.to)
    }
    return true
  }

  /** Rows that came after their hour had been swept go the same way, once they are looked at. */
  late({ kind, source, hour }: Touched, before: Horizons, events: readonly EventLevel[]): void {
    const swept = (this.#horizon.get(kind, source) as { before_ns: bigint } | undefined)?.before_ns
    const limit = kind === SOURCE.readings ? before.readings : before.blocks
    if (swept === undefined || limit === undefined) return
    const from = hourStart(hour)
    const to = [from + HOUR_NS, swept, limit].reduce((a, b) => (b < a ? b : a))
    if (to <= from) return
    if (kind === SOURCE.readings) this.dropped.readings += Number(this.#drop.readings.run(source, from, to).changes)
    else this.#dropBlocks(source, notKept({ from, to }, this.#keptIn({ from, to }, events)))
  }

  #dropBlocks(group: number, spans: readonly Span[]): void {
    for (const { from, to } of spans) this.dropped.blocks += Number(this.#drop.blocks.run(group, from, to).changes)
  }

  /** The oldest span of a source that may go. */
  #next({ kind, source }: Sweep, before: bigint): Span | undefined {
    const oldest = this.#at(this.#oldest[kind], source)
    if (oldest === undefined || oldest >= before) return undefined
    const length = SPAN_NS[kind]
    const from = hourStart(hourOf(oldest)) + ((oldest - hourStart(hourOf(oldest))) / length) * length
    if (from + length <= before) return { from, to: from + length }
    // A sealed hour goes whole.
    return kind === 'readings' ? undefined : { from, to: before }
  }

  #keptIn(span: Span, events: readonly EventLevel[]): Span[] {
    const near = eventsNear(span)
    return joined(
      events.flatMap(({ channel, above, below }) => {
        const found = this.#channel.get(channel) as { id: number } | undefined
        if (found === undefined) return []
        for (const hour of hoursOf(near)) this.#settle({ kind: SOURCE.readings, source: found.id, hour })
        const rows = this.#events.all(found.id, near.from - MINUTE_NS, near.to, above ?? null, below ?? null)
        return (rows as Array<{ t_ns: bigint }>).map(({ t_ns }) => keptAround(t_ns))
      }),
    )
  }

  /** Makes the rollup of an hour that changed since. */
  #settle(touched: Touched): void {
    if (!this.#touched.has(touched)) return
    this.#rollups.make(touched)
    this.#touched.clear(touched)
  }

  #ids(table: 'channels' | 'groups'): number[] {
    return (this.#all[table].all() as Array<{ id: number }>).map(({ id }) => id)
  }

  #at(statement: StatementSync, source: number): bigint | undefined {
    return (statement.get(source) as { t_ns: bigint | null }).t_ns ?? undefined
  }
}

function hoursOf({ from, to }: Span): number[] {
  const out: number[] = []
  for (let hour = hourOf(from); hourStart(hour) < to; hour++) out.push(hour)
  return out
}
