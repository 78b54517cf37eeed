/**
 * Backup of every database of a site while it runs, and the check of them. Each copy is read whole before the backup counts;
 * a backup is a folder that has its name only once all of it is there.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { PlumblineError } from '../../domain/errors.ts'
import { syncFolder, writeFileDurably } from '../../runtime/atomic-file.ts'
import { operatingError } from '../../runtime/file-errors.ts'
import { copyDatabase, type FileState, stateOf } from './database-files.ts'

export type BackedUp = { readonly path: string; readonly bytes: number; readonly sha256: string } & Pick<
  FileState,
  'version' | 'rows'
>
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
 * Copies `paths`, which lie under `root`, and the site file into the new folder `to`, with a `manifest.json` of what there is.
 * @throws PlumblineError STORE_UNAVAILABLE, DATA_FULL, DATA_READ_ONLY, DATA_CORRUPT; `to` is not there then
 */
export async function backUp(
  root: string,
  paths: readonly string[],
  siteFile: Uint8Array,
  to: string,
  at: Date,
): Promise<readonly BackedUp[]> {
  const aside = `${to}.partial`
  try {
    if (await exists(to)) throw new PlumblineError('USAGE', `${to} is there already; name a new folder`)
    await rm(aside, { recursive: true, force: true })
    await mkdir(aside, { recursive: true, mode: 0o700 })
    const files: BackedUp[] = []
    for (const path of paths) files.push(await copied(root, path, aside))
    await writeFile(join(aside, 'site.yaml'), siteFile)
    const manifest = { made_at: at.toISOString(), files }
    await writeFileDurably(join(aside, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    await rename(aside, to)
    await syncFolder(dirname(to))
    return files
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => {})
    throw operatingError(error, to)
  }
}

async function copied(root: string, path: string, aside: string): Promise<BackedUp> {
  const name = relative(root, path)
  const copy = join(aside, name)
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
  await copyDatabase(path, copy)
  const { broken, version, rows } = await stateOf(copy)
  if (broken.length > 0) throw new PlumblineError('DATA_CORRUPT', `${path}: ${broken[0]}; no backup was made`)
  const { size } = await stat(copy)
  return { path: name, bytes: size, sha256: await sha256Of(copy), version, rows }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
