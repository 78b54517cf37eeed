/**
 * Readings and gaps of one series file. What is stored is never overwritten: the same again is no news, other is a conflict.
 * Nearly all readings are newer than all of their channel: those need no look-up, and many go in with one statement.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { splitChannel } from '../../domain/ids.ts'
import type { Gap, Reading } from '../../domain/reading.ts'
import { instant, toIso } from '../../domain/time.ts'
import { type PackedReadings, readingAt } from '../packed-readings.ts'
import { SOURCE } from '../rollup.ts'
import { PageCache } from './page-cache.ts'
import { tablesIn } from './schema.ts'
import type { SealedTable } from './sealed-table.ts'
import type { TouchedTable } from './touched-table.ts'

/** `same`: it was there already, equal in all that matters. */
export type Verdict = 'stored' | 'same' | { readonly conflict: string }

/** `newest_ns`: no reading of it that is stored, or waits in the open statement, is newer. */
type Channel = { readonly id: number; newest_ns: bigint }

/** Readings of one statement: what is gained by more is little. */
const ROWS = 32
/** Of a reading without reason and detail. */
const ROW_VALUES = 5

export class ReadingTable {
  readonly #touched: TouchedTable
  readonly #sealed: SealedTable
  readonly #channels = new Map<string, Channel>()
  readonly #pages: PageCache
  readonly #newest: StatementSync
  readonly #insertRow: StatementSync
  readonly #insertRows: StatementSync
  readonly #rows: Array<number | bigint | null> = []
  readonly #findChannel: StatementSync
  readonly #addChannel: StatementSync
  readonly #insert: StatementSync
  readonly #stored: StatementSync

  constructor(db: DatabaseSync, schema: string, touched: TouchedTable, sealed: SealedTable) {
    const t = tablesIn(schema)
    this.#touched = touched
    this.#sealed = sealed
    this.#pages = new PageCache(db, schema)
    this.#findChannel = db.prepare(`SELECT id FROM ${t('channel')} WHERE name = ?`)
    this.#addChannel = db.prepare(`INSERT INTO ${t('channel')} (name, device) VALUES (?, ?)`)
    this.#insert = db.prepare(`INSERT INTO ${t('reading')} VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
    const row = '(?, ?, ?, ?, ?, NULL, NULL)'
    this.#insertRow = db.prepare(`INSERT INTO ${t('reading')} VALUES ${row}`)
    this.#insertRows = db.prepare(`INSERT INTO ${t('reading')} VALUES ${Array(ROWS).fill(row).join(', ')}`)
    this.#newest = db.prepare(`SELECT max(t_ns) AS t_ns FROM ${t('reading')} WHERE channel = ?`)
    this.#newest.setReadBigInts(true)
    this.#stored = db.prepare(`SELECT value, flag FROM ${t('reading')} WHERE channel = ? AND t_ns = ?`)
  }

  /**
   * Those at `places`, each channel's together (`byChannel`).
   * @param told of each, by its place
   */
  addAll(columns: PackedReadings, places: Uint32Array, told: (place: number, verdict: Verdict) => void): void {
    let of = -1
    let channel: Channel | undefined
    for (const place of places) {
      const next = columns.channel[place]!
      if (next !== of) channel = this.#channel(columns.channels[next]!)
      of = next
      if (this.#addNewer(channel!, columns, place)) told(place, 'stored')
      else {
        this.#flush()
        told(place, this.add(readingAt(columns, place)))
      }
    }
    this.#flush()
  }

  /** One that may be older than others of its channel, or be there already. */
  add(reading: Reading): Verdict {
    const { t_ns, value, half_width_ns, flag } = reading
    const channel = this.#channel(reading.channel)
    const sealed = this.#sealed.at(channel.id, t_ns)
    if (sealed === undefined) {
      const { reason = null, detail = null } = reading
      if (this.#insert.run(channel.id, t_ns, value, half_width_ns, flag, reason, detail).changes === 1) {
        if (t_ns > channel.newest_ns) channel.newest_ns = t_ns
        this.#touched.touch(SOURCE.readings, channel.id, t_ns)
        return 'stored'
      }
    }
    const stored = sealed ?? (this.#stored.get(channel.id, t_ns) as { value: number | null; flag: number })
    if (stored.value === value && stored.flag === flag) return 'same'
    const was = `${stored.value} (flag ${stored.flag})`
    return { conflict: `${reading.channel} at ${toIso(instant(t_ns))}: stored is ${was}, came ${value} (flag ${flag})` }
  }

  /** False where it is not newer than all of its channel, or has more to say than a value: nothing is done then. */
  #addNewer(channel: Channel, { t_ns, value, half_width_ns, flag, why }: PackedReadings, place: number): boolean {
    const at = t_ns[place]!
    if (at <= channel.newest_ns || (why.size > 0 && why.has(place))) return false
    const number = value[place]!
    this.#rows.push(channel.id, at, Number.isNaN(number) ? null : number, half_width_ns[place]!, flag[place]!)
    channel.newest_ns = at
    this.#touched.touch(SOURCE.readings, channel.id, at)
    if (this.#rows.length === ROWS * ROW_VALUES) {
      this.#insertRows.run(...this.#rows)
      this.#rows.length = 0
    }
    return true
  }

  #flush(): void {
    const rows = this.#rows
    for (let i = 0; i < rows.length; i += ROW_VALUES) this.#insertRow.run(...rows.slice(i, i + ROW_VALUES))
    rows.length = 0
  }

  /** After a rollback: channels made in it are gone, and so is what they stored. */
  forget(): void {
    this.#channels.clear()
    this.#rows.length = 0
  }

  /** Number of a channel, made where it is new. */
  channel(name: string): number {
    return this.#channel(name).id
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const found = this.#findChannel.get(name) as { id: number } | undefined
    const id = found?.id ?? Number(this.#addChannel.run(name, splitChannel(name).device).lastInsertRowid)
    const { t_ns } = this.#newest.get(id) as { t_ns: bigint | null }
    const sealed_ns = this.#sealed.end(id) - 1n
    const channel = { id, newest_ns: t_ns === null || t_ns < sealed_ns ? sealed_ns : t_ns }
    this.#channels.set(name, channel)
    this.#pages.makeRoomFor(this.#channels.size)
    return channel
  }
}

export class GapTable {
  readonly #insert: StatementSync
  readonly #stored: StatementSync

  constructor(db: DatabaseSync, schema: string) {
    const table = tablesIn(schema)('gap')
    this.#insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
    this.#stored = db.prepare(
      `SELECT expected, missing FROM ${table} WHERE from_ns = ? AND to_ns = ? AND channels = ? AND reason = ?`,
    )
  }

  add({ from_ns, to_ns, channels, reason, expected, missing }: Gap): Verdict {
    const names = JSON.stringify(channels)
    if (this.#insert.run(from_ns, to_ns, names, reason, expected, missing).changes === 1) return 'stored'
    const stored = this.#stored.get(from_ns, to_ns, names, reason) as { expected: number; missing: number }
    if (stored.expected === expected && stored.missing === missing) return 'same'
    const came = `${missing} of ${expected}`
    return {
      conflict: `gap of ${channels[0]} from ${toIso(from_ns)}: stored is ${stored.missing} of ${stored.expected}, came ${came}`,
    }
  }
}
