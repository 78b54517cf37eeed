/**
 * Sealed hours of one series file: the readings of a channel and hour as one body, and what of them must be known without
 * unpacking it. Rows that came after an hour was sealed stand beside it in the table of readings until it is sealed anew.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { PlumblineError } from '../../domain/errors.ts'
import { type Chunk, type Row, unpackChunk } from '../chunk/chunk.ts'
import { hourOf, hourStart, type Span } from '../rollup.ts'
import { tablesIn } from './schema.ts'

export type Sealed = {
  readonly channel: number
  readonly hour: number
  readonly n: number
  readonly first_ns: bigint
  readonly last_ns: bigint
  readonly chunk: number
}
type Head = Record<'channel' | 'hour' | 'n' | 'first_ns' | 'last_ns' | 'chunk', bigint>

/** Some hundred unpacked hours of 1 Hz. */
const CACHE_BYTES_MAX = 16 * 1024 * 1024
const NEVER_NS = 1n - 2n ** 63n

export class SealedTable {
  readonly #file: string
  readonly #find: StatementSync
  readonly #within: StatementSync
  readonly #last: StatementSync
  readonly #body: StatementSync
  readonly #addBody: StatementSync
  readonly #addHead: StatementSync
  readonly #dropBody: StatementSync
  readonly #dropHead: StatementSync
  /** Bodies never change and their numbers are never used again. The one asked for last is last. */
  readonly #unpacked = new Map<number, Chunk>()
  #unpackedBytes = 0
  /** By channel: no sealed hour reaches beyond. */
  readonly #sealedTo = new Map<number, bigint>()

  constructor(db: DatabaseSync, schema: string) {
    const t = tablesIn(schema)
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      return statement
    }
    this.#file = db.location(schema) ?? schema
    this.#find = prepare(`SELECT * FROM ${t('sealed')} WHERE channel = ? AND hour = ?`)
    this.#within = prepare(`SELECT * FROM ${t('sealed')} WHERE channel = ? AND hour >= ? AND hour <= ? ORDER BY hour`)
    this.#last = prepare(`SELECT max(hour) AS hour FROM ${t('sealed')} WHERE channel = ?`)
    this.#body = db.prepare(`SELECT body FROM ${t('chunk')} WHERE id = ?`)
    this.#addBody = db.prepare(`INSERT INTO ${t('chunk')} (body) VALUES (?)`)
    this.#addHead = db.prepare(`INSERT INTO ${t('sealed')} VALUES (?, ?, ?, ?, ?, ?)`)
    this.#dropBody = db.prepare(`DELETE FROM ${t('chunk')} WHERE id = ?`)
    this.#dropHead = db.prepare(`DELETE FROM ${t('sealed')} WHERE channel = ? AND hour = ?`)
  }

  /** The sealed row of an instant, or `undefined`. What is newer than all that is sealed costs no look-up. */
  at(channel: number, t_ns: bigint): Row | undefined {
    if (t_ns >= this.end(channel)) return undefined
    const head = this.hour(channel, hourOf(t_ns))
    if (head === undefined || t_ns < head.first_ns || t_ns > head.last_ns) return undefined
    const chunk = this.unpackIfWhole(head)
    const place = chunk?.from(t_ns) ?? 0
    const row = chunk !== undefined && place < chunk.length ? chunk.row(place) : undefined
    return row?.t_ns === t_ns ? row : undefined
  }

  hour(channel: number, hour: number): Sealed | undefined {
    const found = this.#find.get(channel, hour) as Head | undefined
    return found && sealedOf(found)
  }

  /** Sealed hours with rows in a span, in order. */
  *within(channel: number, { from, to }: Span): Generator<Sealed> {
    if (to <= from) return
    for (const found of this.#within.all(channel, hourOf(from), hourOf(to - 1n)) as Head[]) {
      const head = sealedOf(found)
      if (head.last_ns >= from && head.first_ns < to) yield head
    }
  }

  /** @throws PlumblineError DATA_CORRUPT */
  unpack({ chunk: id, channel, hour }: Sealed): Chunk {
    const known = this.#unpacked.get(id)
    if (known !== undefined) {
      this.#unpacked.delete(id)
      this.#unpacked.set(id, known)
      return known
    }
    const { body } = this.#body.get(id) as { body: Uint8Array }
    let chunk: Chunk
    try {
      chunk = unpackChunk(body)
    } catch (cause) {
      const where = `channel ${channel}, ${new Date(Number(hourStart(hour) / 1_000_000n)).toISOString()}`
      throw new PlumblineError('DATA_CORRUPT', `${this.#file}: sealed readings of ${where} are spoilt`, { cause })
    }
    this.#remember(id, chunk)
    return chunk
  }

  /** For the writer: one spoilt hour must not hold up what comes. Its body stays as it is, for `store check` and a person. */
  unpackIfWhole(head: Sealed): Chunk | undefined {
    try {
      return this.unpack(head)
    } catch (error) {
      if (error instanceof PlumblineError && error.code === 'DATA_CORRUPT') return undefined
      throw error
    }
  }

  /** Within the open transaction; in place of what was sealed of the hour. */
  put(channel: number, hour: number, rows: readonly Row[], body: Uint8Array): void {
    this.drop(channel, hour)
    const { lastInsertRowid } = this.#addBody.run(body)
    this.#addHead.run(channel, hour, rows.length, rows[0]!.t_ns, rows.at(-1)!.t_ns, lastInsertRowid)
    const end = hourStart(hour + 1)
    if (end > this.end(channel)) this.#sealedTo.set(channel, end)
  }

  /** @returns how many rows went */
  drop(channel: number, hour: number): number {
    const head = this.hour(channel, hour)
    if (head === undefined) return 0
    this.#dropHead.run(channel, hour)
    this.#dropBody.run(head.chunk)
    return head.n
  }

  /** After a rollback: numbers of bodies that were given in it are given again. */
  forget(): void {
    this.#unpacked.clear()
    this.#unpackedBytes = 0
    this.#sealedTo.clear()
  }

  /** No sealed hour reaches beyond. */
  end(channel: number): bigint {
    const known = this.#sealedTo.get(channel)
    if (known !== undefined) return known
    const { hour } = this.#last.get(channel) as { hour: bigint | null }
    const end = hour === null ? NEVER_NS : hourStart(Number(hour) + 1)
    this.#sealedTo.set(channel, end)
    return end
  }

  #remember(id: number, chunk: Chunk): void {
    this.#unpacked.set(id, chunk)
    this.#unpackedBytes += chunk.bytes
    for (const [oldest, { bytes }] of this.#unpacked) {
      if (this.#unpackedBytes <= CACHE_BYTES_MAX || oldest === id) return
      this.#unpacked.delete(oldest)
      this.#unpackedBytes -= bytes
    }
  }
}

const sealedOf = ({ channel, hour, n, first_ns, last_ns, chunk }: Head): Sealed => ({
  channel: Number(channel),
  hour: Number(hour),
  n: Number(n),
  first_ns,
  last_ns,
  chunk: Number(chunk),
})
