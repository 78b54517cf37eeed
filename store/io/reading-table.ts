/** Readings and gaps of one series file. What is stored is never overwritten: the same again is no news, other is a conflict. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { splitChannel } from '../../domain/ids.ts'
import type { Gap, Reading } from '../../domain/reading.ts'
import { instant, toIso } from '../../domain/time.ts'
import { SOURCE } from '../rollup.ts'
import { tablesIn } from './schema.ts'
import type { SealedTable } from './sealed-table.ts'
import type { TouchedTable } from './touched-table.ts'

/** `same`: it was there already, equal in all that matters. */
export type Verdict = 'stored' | 'same' | { readonly conflict: string }

export class ReadingTable {
  readonly #touched: TouchedTable
  readonly #sealed: SealedTable
  readonly #channels = new Map<string, number>()
  readonly #findChannel: StatementSync
  readonly #addChannel: StatementSync
  readonly #insert: StatementSync
  readonly #stored: StatementSync

  constructor(db: DatabaseSync, schema: string, touched: TouchedTable, sealed: SealedTable) {
    const t = tablesIn(schema)
    this.#touched = touched
    this.#sealed = sealed
    this.#findChannel = db.prepare(`SELECT id FROM ${t('channel')} WHERE name = ?`)
    this.#addChannel = db.prepare(`INSERT INTO ${t('channel')} (name, device) VALUES (?, ?)`)
    this.#insert = db.prepare(`INSERT INTO ${t('reading')} VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
    this.#stored = db.prepare(`SELECT value, flag FROM ${t('reading')} WHERE channel = ? AND t_ns = ?`)
  }

  add(reading: Reading): Verdict {
    const { t_ns, value, half_width_ns, flag } = reading
    const channel = this.channel(reading.channel)
    const detail = reading.detail ?? null
    const sealed = this.#sealed.at(channel, t_ns)
    if (sealed === undefined) {
      const { changes } = this.#insert.run(channel, t_ns, value, half_width_ns, flag, reading.reason ?? null, detail)
      if (changes === 1) {
        this.#touched.touch(SOURCE.readings, channel, t_ns)
        return 'stored'
      }
    }
    const stored = sealed ?? (this.#stored.get(channel, t_ns) as { value: number | null; flag: number })
    if (stored.value === value && stored.flag === flag) return 'same'
    const was = `${stored.value} (flag ${stored.flag})`
    return { conflict: `${reading.channel} at ${toIso(instant(t_ns))}: stored is ${was}, came ${value} (flag ${flag})` }
  }

  /** After a rollback: channels made in it are gone. */
  forget(): void {
    this.#channels.clear()
  }

  /** Number of a channel, made where it is new. */
  channel(name: string): number {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const found = this.#findChannel.get(name) as { id: number } | undefined
    const id = found?.id ?? Number(this.#addChannel.run(name, splitChannel(name).device).lastInsertRowid)
    this.#channels.set(name, id)
    return id
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
