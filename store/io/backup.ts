/**
 * Backup of a site while it runs: databases, journal, outboxes, users, passwords, keys, the site file; and the check of databases.
 * Each copy is read whole before the backup counts; a backup is a folder that has its name only once all of it is there.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { PlumblineError } from '../../domain/errors.ts'
import { syncFolder, writeFileDurably } from '../../runtime/atomic-file.ts'
import { operatingError } from '../../runtime/file-errors.ts'
import { filesBelow, type Kind, kindOf } from '../../runtime/whole-folder.ts'
import { copyDatabase, type FileState, stateOf } from './database-files.ts'

/** `version` and `rows` of databases. */
export type BackedUp = {
  readonly path: string
  readonly bytes: number
  readonly mode: number
  readonly sha256: string
} & Partial<Pick<FileState, 'version' | 'rows'>>
export type Checked = { readonly path: string } & FileState

/** Database files under `folders` (`*.db`), by name. */
export async function databasesIn(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      return names.filter((name) => name.endsWith('.db')).map((name) => join(folder, name))
    }),
  )
  return found.flat().sort()
}

/** @throws PlumblineError STORE_UNAVAILABLE where there is nothing to check */
export async function checkDatabases(paths: readonly string[]): Promise<Checked[]> {
  const out: Checked[] = []
  for (const path of paths) out.push({ path, ...(await stateOf(path)) })
  return out
}

/**
 * Copies everything of a site that cannot be remade, which lies under `root`, and the site file into the new folder `to`, with a
 * `manifest.json` of what there is. Services may run: a file that goes meanwhile is left out.
 * @throws PlumblineError STORE_UNAVAILABLE, DATA_FULL, DATA_READ_ONLY, DATA_CORRUPT; `to` is not there then
 */
export async function backUp(
  root: string,
  about: { readonly site: string; readonly siteFile: Uint8Array; readonly at: Date },
  to: string,
): Promise<readonly BackedUp[]> {
  const aside = `${to}.partial`
  try {
    if (await exists(to)) throw new PlumblineError('USAGE', `${to} is there already; name a new folder`)
    await rm(aside, { recursive: true, force: true })
    await mkdir(aside, { recursive: true, mode: 0o700 })
    const files: BackedUp[] = []
    for (const path of await filesBelow(root)) {
      const kind = kindOf(path)
      const copy = kind && (await copied(root, path, kind, join(aside, SITE_FOLDER)))
      if (copy !== undefined) files.push(copy)
    }
    await writeFile(join(aside, 'site.yaml'), about.siteFile)
    const manifest: Manifest = { site: about.site, made_at: about.at.toISOString(), files }
    await writeFileDurably(join(aside, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    await rename(aside, to)
    await syncFolder(dirname(to))
    return files
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => {})
    throw operatingError(error, to)
  }
}

export const MANIFEST = 'manifest.json'
/** Holds the files as they lie in the folder of the site. */
export const SITE_FOLDER = 'data'
export type Manifest = { readonly site: string; readonly made_at: string; readonly files: readonly BackedUp[] }

async function copied(root: string, path: string, kind: Kind, aside: string): Promise<BackedUp | undefined> {
  const [from, copy] = [join(root, path), join(aside, path)]
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
  if (kind === 'sqlite') await copyDatabase(from, copy)
  else if (!(await copyIfThere(from, copy))) return undefined
  const { mode } = await stat(from).catch(() => stat(copy))
  await chmod(copy, mode & 0o777)
  const { size } = await stat(copy)
  const known = { path, bytes: size, mode: mode & 0o777, sha256: await sha256Of(copy) }
  if (kind !== 'sqlite') return known
  const { broken, version, rows } = await stateOf(copy)
  if (broken.length > 0) throw new PlumblineError('DATA_CORRUPT', `${from}: ${broken[0]}; no backup was made`)
  return { ...known, version, rows }
}

/** An outbox drops segments whose records have arrived. */
async function copyIfThere(from: string, copy: string): Promise<boolean> {
  try {
    await copyFile(from, copy)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
