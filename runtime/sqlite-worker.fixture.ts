/** A database program for the tests of the SQLite thread: a table of notes, and ways to misbehave. */
import type { DatabaseSync } from 'node:sqlite'
import { PlumblineError } from '../domain/errors.ts'
import { type Running, type SqliteProgram, transferred } from './sqlite-worker.ts'

export function open(db: DatabaseSync, options: unknown, running: Running): SqliteProgram {
  const writable = options !== 'reader'
  if (writable) {
    db.exec('CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, t_ns INTEGER, body BLOB) STRICT')
    if (typeof options === 'number') db.exec(`PRAGMA max_page_count = ${options}`)
  }
  const insert = writable ? db.prepare('INSERT INTO note (t_ns, body) VALUES (?, ?)') : undefined
  const select = db.prepare('SELECT t_ns, body FROM note ORDER BY id')
  select.setReadBigInts(true)
  return {
    add: (t_ns: bigint, body: Uint8Array) => Number(insert!.run(t_ns, body).lastInsertRowid),
    all: () => {
      const rows = select.all() as Array<{ t_ns: bigint; body: Uint8Array<ArrayBuffer> }>
      return transferred(
        rows.map((row) => ({ t_ns: row.t_ns, body: row.body })),
        rows.map((row) => row.body.buffer),
      )
    },
    pragma: (name: string) => db.prepare(`PRAGMA ${name}`).get(),
    refuse: () => {
      throw new PlumblineError('DATA_IN_USE', 'said the program')
    },
    stumble: () => (undefined as unknown as string).length,
    die: () => process.exit(3),
    /** For ever, unless it is given up. */
    spin: () => {
      for (;;) running.check()
    },
    hang: (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  }
}
