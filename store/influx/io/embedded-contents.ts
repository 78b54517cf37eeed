/** What an embedded store holds, by name; its rows are read through its own reader. The files are opened for reading only. */
import { access } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { PlumblineError } from '../../../domain/errors.ts'
import type { Ranges, RejectedRecord, Stream } from '../../../domain/record.ts'
import { SERIES_FILE, TABLE } from '../../../domain/series.ts'
import { type Instant, instant } from '../../../domain/time.ts'
import { SERIES_KINDS } from '../../files.ts'
import type { GroupKey } from '../queries.ts'

export type CommittedRanges = { node: string; outbox: string; stream: Stream; ranges: Ranges }

export class EmbeddedContents {
  readonly #files: ReadonlyArray<{ db: DatabaseSync; exercise: boolean }>

  private constructor(files: ReadonlyArray<{ db: DatabaseSync; exercise: boolean }>) {
    this.#files = files
  }

  /** @throws PlumblineError STORE_UNAVAILABLE: there is no embedded store. */
  static async open(folder: string): Promise<EmbeddedContents> {
    const files: Array<{ db: DatabaseSync; exercise: boolean }> = []
    for (const kind of SERIES_KINDS) {
      const path = `${folder}/${SERIES_FILE[kind]}`
      await access(path).catch((cause: unknown) => {
        throw new PlumblineError('STORE_UNAVAILABLE', `${path} is not there: there is nothing to migrate`, { cause })
      })
      const db = new DatabaseSync(path, { readOnly: true, readBigInts: true })
      db.exec('PRAGMA busy_timeout = 5000')
      files.push({ db, exercise: kind === 'exercise' })
    }
    return new EmbeddedContents(files)
  }

  channels(): string[] {
    const names = this.#all(`SELECT name FROM ${TABLE.channel}`).map(({ name }) => String(name))
    return [...new Set(names)].sort()
  }

  groups(): GroupKey[] {
    const rows = this.#all('SELECT device, name FROM block_group')
    const all = new Map(
      rows.map(({ device, name }) => [`${device}/${name}`, { device: String(device), group: String(name) }]),
    )
    return [...all.keys()].sort().map((key) => all.get(key)!)
  }

  /** Start of the first block at or after `from`. */
  nextBlock({ device, group }: GroupKey, from: Instant): Instant | undefined {
    const found = this.#all(
      `SELECT min(t0_ns) AS at FROM ${TABLE.block} WHERE t0_ns >= ?
       AND block_group = (SELECT id FROM block_group WHERE device = ? AND name = ?)`,
      from,
      device,
      group,
    )
    return earliest(found.map(({ at }) => at))
  }

  /** Start of the first gap at or after `from`. */
  nextGap(from: Instant): Instant | undefined {
    return earliest(
      this.#all(`SELECT min(from_ns) AS at FROM ${TABLE.gap} WHERE from_ns >= ?`, from).map(({ at }) => at),
    )
  }

  committed(): CommittedRanges[] {
    const owners = new Map<string, CommittedRanges & { ranges: Array<readonly [number, number]> }>()
    const rows = this.#all(`SELECT node, outbox, stream, from_offset, to_offset FROM ${TABLE.committed}`)
    for (const { node, outbox, stream, from_offset, to_offset } of rows) {
      const key = JSON.stringify([node, outbox, stream])
      const owner = owners.get(key) ?? {
        node: String(node),
        outbox: String(outbox),
        stream: stream as Stream,
        ranges: [],
      }
      owner.ranges.push([Number(from_offset), Number(to_offset)])
      owners.set(key, owner)
    }
    return [...owners.values()]
  }

  quarantined(): RejectedRecord[] {
    return this.#files.flatMap(({ db, exercise }) =>
      db
        .prepare(`SELECT node, outbox, stream, record_offset, device, reason, body FROM ${TABLE.quarantine}`)
        .all()
        .map((row) => ({
          identity: {
            node: String(row['node']),
            outbox: String(row['outbox']),
            stream: row['stream'] as Stream,
            offset: Number(row['record_offset']),
          },
          device: String(row['device']),
          exercise,
          reason: String(row['reason']),
          body: String(row['body']),
        })),
    )
  }

  close(): void {
    for (const { db } of this.#files) db.close()
  }

  #all(sql: string, ...values: Array<bigint | string>): Array<Record<string, unknown>> {
    return this.#files.flatMap(({ db }) => db.prepare(sql).all(...values))
  }
}

function earliest(values: readonly unknown[]): Instant | undefined {
  const found = values.filter((value): value is bigint => typeof value === 'bigint')
  return found.length === 0 ? undefined : instant(found.reduce((a, b) => (b < a ? b : a)))
}
