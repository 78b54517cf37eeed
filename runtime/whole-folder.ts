/**
 * A data folder as a backup holds it: every file that cannot be remade, and what of it is copied how. Pure but for listing: what is
 * in use, on its way or only of this boot is left out.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** `sqlite`: copied as of one moment by its own engine; `outbox`: grows at its end; `whole`: small and replaced as a whole. */
export type Kind = 'sqlite' | 'outbox' | 'whole'

/** Of one run: locks, addresses, what SQLite keeps beside a file, what was being written, copies from before a migration. */
const LEFT_OUT = [
  /(^|\/)lock$/,
  /(^|\/)(local|control)\.json$/,
  /\.sock$/,
  /\.db-(wal|shm|journal)$/,
  /\.(new|partial)$/,
  /\.db\.v\d+$/,
  /(^|\/)sim\//,
]

/** `undefined` where a file is not part of a backup. `path` is relative to the folder of the site. */
export function kindOf(path: string): Kind | undefined {
  if (LEFT_OUT.some((pattern) => pattern.test(path))) return undefined
  if (path.endsWith('.db')) return 'sqlite'
  return path.endsWith('.seg') ? 'outbox' : 'whole'
}

/** Files below `folder`, relative to it, in the order of their names. Symbolic links are not followed. */
export async function filesBelow(folder: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
      if (entry.isDirectory()) return filesBelow(folder, path)
      return entry.isFile() ? [path] : []
    }),
  )
  return found.flat().sort()
}
