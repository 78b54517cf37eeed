/**
 * What ingest must know of an InfluxDB store and InfluxDB cannot tell in one transaction: which records are committed,
 * how far each channel and each boot's counters reach, gaps, and the quarantine. Written only after InfluxDB has the points.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { PlumblineError } from '../../../domain/errors.ts'
import { addRange, addRanges, inRanges } from '../../../domain/ranges.ts'
import type { Identity, Ranges, RejectedRecord, Stream } from '../../../domain/record.ts'
import type { SeriesKind } from '../../../domain/series.ts'
import type { SqliteProgram } from '../../../runtime/sqlite-worker.ts'
import type { DeadLetter } from '../../dead-letter.ts'
import { copyBeside } from '../../io/copy-beside.ts'
import type { Mark, Missing } from '../rollups.ts'
import type { Commit, GapRow, Known, Question } from '../state.ts'

/** "PLMI" */
const APPLICATION_ID = 0x504c4d49
const VERSION = 2

/** Since version 2: hours whose rollups are behind. */
const TOUCHED_DDL = `
  CREATE TABLE touched (owner TEXT NOT NULL, hour INTEGER NOT NULL, PRIMARY KEY (owner, hour)) STRICT, WITHOUT ROWID;`

const DDL = `
  CREATE TABLE range (owner TEXT NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    PRIMARY KEY (owner, low)) STRICT, WITHOUT ROWID;
  CREATE TABLE mark (owner TEXT PRIMARY KEY, newest_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE gap (
    owner TEXT NOT NULL, from_ns INTEGER NOT NULL, shift_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL,
    channels TEXT NOT NULL, expected INTEGER NOT NULL, missing INTEGER NOT NULL,
    PRIMARY KEY (owner, from_ns, shift_ns)) STRICT, WITHOUT ROWID;
  CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY, node TEXT NOT NULL, outbox TEXT NOT NULL, stream TEXT NOT NULL,
    record_offset INTEGER NOT NULL, device TEXT NOT NULL, exercise INTEGER NOT NULL, reason TEXT NOT NULL,
    body TEXT NOT NULL) STRICT;
  ${TOUCHED_DDL}
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};`

const ownerOf = ({ node, outbox, stream }: Pick<Identity, 'node' | 'outbox' | 'stream'>): string =>
  JSON.stringify([node, outbox, stream])

export type Letter = Omit<DeadLetter, 'id'> & { readonly id: number; readonly exercise: 0 | 1 }

class State {
  readonly #db: DatabaseSync
  readonly #ranges = new Map<string, Ranges>()
  readonly #selectRanges: StatementSync
  readonly #putRange: StatementSync
  readonly #dropRange: StatementSync
  readonly #mark: StatementSync
  readonly #putMark: StatementSync
  readonly #gapsNear: StatementSync
  readonly #putGap: StatementSync
  readonly #quarantine: StatementSync
  readonly #touch: StatementSync
  readonly #rolled: StatementSync
  readonly #gapsIn: StatementSync

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#selectRanges = db.prepare('SELECT low, high FROM range WHERE owner = ? ORDER BY low')
    this.#putRange = db.prepare('INSERT OR REPLACE INTO range VALUES (?, ?, ?)')
    this.#dropRange = db.prepare('DELETE FROM range WHERE owner = ? AND low = ?')
    this.#mark = db.prepare('SELECT newest_ns FROM mark WHERE owner = ?')
    this.#mark.setReadBigInts(true)
    this.#putMark = db.prepare(
      'INSERT INTO mark VALUES (?1, ?2) ON CONFLICT DO UPDATE SET newest_ns = max(newest_ns, ?2)',
    )
    this.#gapsNear = db.prepare(
      'SELECT from_ns, shift_ns, to_ns, channels, expected, missing FROM gap WHERE owner = ? AND from_ns > ? AND from_ns < ?',
    )
    this.#gapsNear.setReadBigInts(true)
    this.#putGap = db.prepare('INSERT OR REPLACE INTO gap VALUES (?, ?, ?, ?, ?, ?, ?)')
    this.#touch = db.prepare('INSERT OR IGNORE INTO touched VALUES (?, ?)')
    this.#rolled = db.prepare('DELETE FROM touched WHERE owner = ? AND hour = ?')
    this.#gapsIn = db.prepare(
      'SELECT owner, from_ns, to_ns, channels, missing FROM gap WHERE from_ns < ?2 AND to_ns > ?1',
    )
    this.#gapsIn.setReadBigInts(true)
    this.#quarantine = db.prepare(
      `INSERT INTO quarantine (node, outbox, stream, record_offset, device, exercise, reason, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  look({ identities, marks, ranges, gaps }: Question): Known {
    return {
      committed: identities.map((identity) => inRanges(this.#rangesOf(ownerOf(identity)), identity.offset)),
      marks: marks.map((owner) => (this.#mark.get(owner) as { newest_ns: bigint } | undefined)?.newest_ns),
      ranges: ranges.map((owner) => this.#rangesOf(owner)),
      gaps: gaps.map(([owner, from_ns]) =>
        (this.#gapsNear.all(owner, from_ns - 1_000n, from_ns + 1_000n) as Array<Record<string, bigint | string>>).map(
          (row) =>
            ({
              ...row,
              shift_ns: Number(row['shift_ns']),
              expected: Number(row['expected']),
              missing: Number(row['missing']),
            }) as GapRow,
        ),
      ),
    }
  }

  commit({ identities, marks, ranges, gaps, refused, touched }: Commit): void {
    this.#transaction((changed) => {
      for (const { owner, hour } of touched) this.#touch.run(owner, hour)
      for (const { identity, device, exercise, reason, body } of refused)
        this.#putAside({ identity, device, exercise, reason, body })
      for (const [owner, newest_ns] of marks) this.#putMark.run(owner, newest_ns)
      for (const [owner, gap] of gaps) {
        const { from_ns, shift_ns, to_ns, channels, expected, missing } = gap
        this.#putGap.run(owner, from_ns, shift_ns, to_ns, channels, expected, missing)
      }
      for (const [owner, added] of ranges)
        changed.set(owner, addRanges(changed.get(owner) ?? this.#rangesOf(owner), added))
      for (const identity of identities) this.#add(changed, identity)
    })
  }

  quarantine(rejected: readonly RejectedRecord[]): void {
    this.#transaction((changed) => {
      for (const one of rejected) {
        const owner = ownerOf(one.identity)
        if (inRanges(changed.get(owner) ?? this.#rangesOf(owner), one.identity.offset)) continue
        this.#putAside(one)
        this.#add(changed, one.identity)
      }
    })
  }

  adopt(owners: ReadonlyArray<{ node: string; outbox: string; stream: Stream; ranges: Ranges }>): void {
    this.#transaction((changed) => {
      for (const { ranges, ...identity } of owners) {
        const owner = ownerOf(identity)
        changed.set(owner, addRanges(changed.get(owner) ?? this.#rangesOf(owner), ranges))
      }
    })
  }

  committed(node: string, outbox: string, stream: Stream): Ranges {
    return this.#rangesOf(ownerOf({ node, outbox, stream }))
  }

  touched(): Mark[] {
    return this.#db.prepare('SELECT owner, hour FROM touched').all() as Mark[]
  }

  rolled(marks: readonly Mark[]): void {
    this.#transaction(() => {
      for (const { owner, hour } of marks) this.#rolled.run(owner, hour)
    })
  }

  gapsIn(kind: SeriesKind, from_ns: bigint, to_ns: bigint): Array<Missing & { channels: string }> {
    const rows = this.#gapsIn.all(from_ns, to_ns) as Array<Missing & { owner: string; channels: string }>
    const own = rows.filter(({ owner }) => (JSON.parse(owner) as string[])[0] === kind)
    return own.map(({ from_ns, to_ns, channels, missing }) => ({ from_ns, to_ns, channels, missing: Number(missing) }))
  }

  /** What stands in quarantine, in order, from a row on. */
  letters(after: number, limit: number): Letter[] {
    return this.#db
      .prepare(
        `SELECT id, node, outbox, stream, record_offset AS offset, device, exercise, reason, body
         FROM quarantine WHERE id > ? ORDER BY id LIMIT ?`,
      )
      .all(after, limit) as Letter[]
  }

  /** A letter was tried again as a record of an outbox of its own: nothing of that stays, nor the letter where it is stored. */
  settle(id: number, stored: boolean, identity: Identity): void {
    this.#transaction((changed) => {
      this.#db.prepare('DELETE FROM quarantine WHERE outbox = ?').run(identity.outbox)
      if (stored) this.#db.prepare('DELETE FROM quarantine WHERE id = ?').run(id)
      this.#ranges.delete(ownerOf(identity))
      changed.set(ownerOf(identity), [])
    })
  }

  drop(id: number): void {
    this.#db.prepare('DELETE FROM quarantine WHERE id = ?').run(id)
  }

  health(): { quarantined: number } {
    return this.#db.prepare('SELECT count(*) AS quarantined FROM quarantine').get() as { quarantined: number }
  }

  #add(changed: Map<string, Ranges>, identity: Identity): void {
    const owner = ownerOf(identity)
    changed.set(owner, addRange(changed.get(owner) ?? this.#rangesOf(owner), identity.offset, identity.offset))
  }

  #putAside({ identity, device, exercise, reason, body }: RejectedRecord): void {
    const { node, outbox, stream, offset } = identity
    this.#quarantine.run(node, outbox, stream, offset, device, exercise ? 1 : 0, reason, body)
  }

  #rangesOf(owner: string): Ranges {
    const known = this.#ranges.get(owner)
    if (known !== undefined) return known
    const rows = this.#selectRanges.all(owner) as Array<{ low: number; high: number }>
    const ranges = rows.map(({ low, high }) => [low, high] as const)
    this.#ranges.set(owner, ranges)
    return ranges
  }

  /** What is remembered changes only once it is durable. */
  #transaction(work: (changed: Map<string, Ranges>) => void): void {
    const changed = new Map<string, Ranges>()
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      work(changed)
      for (const [owner, after] of changed) this.#writeRanges(owner, this.#rangesOf(owner), after)
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
    for (const [owner, after] of changed) this.#ranges.set(owner, after)
  }

  #writeRanges(owner: string, before: Ranges, after: Ranges): void {
    const old = new Map(before)
    for (const [low, high] of after) {
      if (old.get(low) !== high) this.#putRange.run(owner, low, high)
      old.delete(low)
    }
    for (const low of old.keys()) this.#dropRange.run(owner, low)
  }
}

function prepare(db: DatabaseSync): void {
  const [{ n }] = db.prepare('SELECT count(*) AS n FROM sqlite_schema').all() as [{ n: number }]
  if (n === 0) {
    db.exec(`BEGIN IMMEDIATE; ${DDL} COMMIT;`)
    return
  }
  const application = db.prepare('PRAGMA application_id').get()?.['application_id']
  const version = db.prepare('PRAGMA user_version').get()?.['user_version']
  if (application === APPLICATION_ID && version === 1) {
    copyBeside(db, 'main', db.location()!, version)
    db.exec(`BEGIN IMMEDIATE; ${TOUCHED_DDL} PRAGMA user_version = ${VERSION}; COMMIT;`)
    return
  }
  if (application !== APPLICATION_ID || version !== VERSION)
    throw new PlumblineError(
      'DATA_CORRUPT',
      `${db.location()}: expected a store state of version ${VERSION}, got application ${application} version ${version}`,
    )
}

export function open(db: DatabaseSync): SqliteProgram {
  prepare(db)
  const state = new State(db)
  return {
    look: (question: Question) => state.look(question),
    commit: (commit: Commit) => state.commit(commit),
    quarantine: (rejected: readonly RejectedRecord[]) => state.quarantine(rejected),
    adopt: (owners: Parameters<State['adopt']>[0]) => state.adopt(owners),
    committed: (node: string, outbox: string, stream: Stream) => state.committed(node, outbox, stream),
    letters: (after: number, limit: number) => state.letters(after, limit),
    settle: (id: number, stored: boolean, identity: Identity) => state.settle(id, stored, identity),
    drop: (id: number) => state.drop(id),
    health: () => state.health(),
    touched: () => state.touched(),
    rolled: (marks: readonly Mark[]) => state.rolled(marks),
    gapsIn: (kind: SeriesKind, from_ns: bigint, to_ns: bigint) => state.gapsIn(kind, from_ns, to_ns),
  }
}
