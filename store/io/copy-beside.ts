/** Before a file is made one of a newer version: a whole copy of it, `series.db.v1`. It may be deleted once all is well. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** The copy bears its name only once it is whole and on the disk. */
export function copyBeside(db: DatabaseSync, schema: string, path: string, version: number): void {
  const copy = `${path}.v${version}`
  rmSync(`${copy}.new`, { force: true })
  db.prepare(`VACUUM "${schema}" INTO ?`).run(`${copy}.new`)
  const written = openSync(`${copy}.new`, 'r')
  fsyncSync(written)
  closeSync(written)
  renameSync(`${copy}.new`, copy)
}
