/**
 * Blocks of one series file, each sample counter of (device, group, boot id) stored once: stored blocks of a boot never
 * overlap. The first stored copy wins, in samples and in t0; a newcomer that differs is a conflict.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SampleArray } from '../../domain/reading.ts'
import { instant } from '../../domain/time.ts'
import { cut, overlap, type Run, type Samples, sameSamples, statsOf, uncovered } from '../block-runs.ts'
import { endOf } from '../check.ts'
import { axesOf, type PackedBlock, samplesFrom } from '../packed.ts'
import { SOURCE } from '../rollup.ts'
import type { Verdict } from './reading-table.ts'
import { tablesIn } from './schema.ts'
import type { TouchedTable } from './touched-table.ts'

type Group = { readonly id: number; longest_ns: bigint }
type StoredRow = { first: number; n: number; format: number; samples: Uint8Array }

/** Samples are stored as the machine holds them. */
const asBytes = (array: SampleArray | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

export class BlockTable {
  readonly #touched: TouchedTable
  readonly #groups = new Map<string, Group>()
  readonly #formats = new Map<string, number>()
  readonly #findGroup: StatementSync
  readonly #addGroup: StatementSync
  readonly #lengthen: StatementSync
  readonly #findFormat: StatementSync
  readonly #addFormat: StatementSync
  readonly #newestBefore: StatementSync
  readonly #overlapping: StatementSync
  readonly #insert: StatementSync

  constructor(db: DatabaseSync, schema: string, touched: TouchedTable) {
    const t = tablesIn(schema)
    this.#touched = touched
    const ofBoot = 'block_group = ? AND boot_id = ? AND first_counter'
    this.#findGroup = db.prepare(`SELECT id, longest_ns FROM ${t('block_group')} WHERE device = ? AND name = ?`)
    this.#findGroup.setReadBigInts(true)
    this.#addGroup = db.prepare(`INSERT INTO ${t('block_group')} (device, name, longest_ns) VALUES (?, ?, 0)`)
    this.#lengthen = db.prepare(`UPDATE ${t('block_group')} SET longest_ns = ? WHERE id = ?`)
    this.#findFormat = db.prepare(`SELECT id FROM ${t('block_format')} WHERE axes = ? AND unit = ? AND scale = ?`)
    this.#addFormat = db.prepare(`INSERT INTO ${t('block_format')} (axes, unit, scale) VALUES (?, ?, ?)`)
    this.#newestBefore = db.prepare(
      `SELECT first_counter AS first, n FROM ${t('block')} WHERE ${ofBoot} < ? ORDER BY first_counter DESC LIMIT 1`,
    )
    this.#overlapping = db.prepare(
      `SELECT first_counter AS first, n, block_format AS format, samples FROM ${t('block')}
       WHERE ${ofBoot} < ? AND first_counter + n > ?
         AND first_counter >= coalesce((SELECT max(first_counter) FROM ${t('block')} WHERE ${ofBoot} <= ?), 0)
       ORDER BY first_counter`,
    )
    this.#insert = db.prepare(
      `INSERT INTO ${t('block')} (block_group, block_format, boot_id, first_counter, n, t0_ns, half_width_ns,
         sample_rate_hz, stats, samples) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  /** `data` holds the block's samples, axis after axis. */
  add(block: PackedBlock, data: SampleArray): Verdict {
    const group = this.#group(block.device, block.group)
    const format = this.#format(block)
    const samples: Samples = { data, axes: axesOf(block.axes).length, first: block.first_counter, n: block.n }
    const end = samples.first + samples.n
    const newest = this.#newestBefore.get(group.id, block.boot_id, end) as Run | undefined
    if (newest === undefined || newest.first + newest.n <= samples.first) {
      this.#store(group, format, block, samples)
      return 'stored'
    }
    const first = samples.first
    const stored = this.#overlapping.all(group.id, block.boot_id, end, first, group.id, block.boot_id, first)
    return this.#addBeside(stored as StoredRow[], group, format, block, samples)
  }

  #addBeside(
    stored: readonly StoredRow[],
    group: Group,
    format: number,
    block: PackedBlock,
    samples: Samples,
  ): Verdict {
    for (const row of stored) {
      const data = samplesFrom(row.samples, row.n * samples.axes)
      const there: Samples = { data, axes: samples.axes, first: row.first, n: row.n }
      const both = overlap(samples, row)
      if (both === undefined || (row.format === format && sameSamples(there, samples, both))) continue
      const where = `${block.device}/${block.group} boot ${block.boot_id} counters ${both.first} to ${both.first + both.n - 1}`
      return { conflict: `${where}: other ${row.format === format ? 'samples' : 'axes or scale'} are stored` }
    }
    const pieces = uncovered(samples, stored)
    for (const piece of pieces) this.#store(group, format, block, cut(samples, piece))
    return pieces.length > 0 ? 'stored' : 'same'
  }

  #store(group: Group, format: number, block: PackedBlock, samples: Samples): void {
    const t0_ns = endOf(block.t0_ns, samples.first - block.first_counter, block.sample_rate_hz)
    const { boot_id, half_width_ns, sample_rate_hz } = block
    const { first, n, data } = samples
    const blobs = [asBytes(statsOf(samples)), asBytes(data)] as const
    this.#insert.run(group.id, format, boot_id, first, n, t0_ns, half_width_ns, sample_rate_hz, ...blobs)
    const length_ns = endOf(instant(0n), n, sample_rate_hz)
    this.#touched.touch(SOURCE.blocks, group.id, t0_ns)
    this.#touched.touch(SOURCE.blocks, group.id, t0_ns + length_ns)
    if (length_ns <= group.longest_ns) return
    this.#lengthen.run(length_ns, group.id)
    group.longest_ns = length_ns
  }

  /** A gap changes what was to be expected of a group, where it is known. */
  touchSpan(device: string, name: string, from_ns: bigint, to_ns: bigint): void {
    const found = this.#findGroup.get(device, name) as { id: bigint } | undefined
    if (found !== undefined) this.#touched.touchSpan(SOURCE.blocks, Number(found.id), from_ns, to_ns)
  }

  /** After a rollback: groups and formats made in it are gone. */
  forget(): void {
    this.#groups.clear()
    this.#formats.clear()
  }

  #group(device: string, name: string): Group {
    const key = `${device} ${name}`
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const found = this.#findGroup.get(device, name) as { id: bigint; longest_ns: bigint } | undefined
    const group = found
      ? { id: Number(found.id), longest_ns: found.longest_ns }
      : { id: Number(this.#addGroup.run(device, name).lastInsertRowid), longest_ns: 0n }
    this.#groups.set(key, group)
    return group
  }

  #format({ axes, unit, scale }: PackedBlock): number {
    const key = `${scale} ${unit} ${axes}`
    const known = this.#formats.get(key)
    if (known !== undefined) return known
    const found = this.#findFormat.get(axes, unit, scale) as { id: number } | undefined
    const id = found?.id ?? Number(this.#addFormat.run(axes, unit, scale).lastInsertRowid)
    this.#formats.set(key, id)
    return id
  }
}
