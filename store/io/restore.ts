/**
 * Brings a backup into an empty data folder: every file is checked against the manifest, the folder gets its name only once all of it
 * is there, and edge nodes get new outboxes. Killed in the middle, it is simply begun again.
 */
import { randomUUID } from 'node:crypto'
import { chmod, copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { readFileIfThere, syncFolder, writeFileDurably } from '../../runtime/atomic-file.ts'
import { operatingError } from '../../runtime/file-errors.ts'
import { type BackedUp, MANIFEST, type Manifest, SITE_FOLDER, sha256Of } from './backup.ts'

const refused = (what: string): PlumblineError => new PlumblineError('RESTORE_REFUSED', what)

/** @throws PlumblineError RESTORE_REFUSED */
export async function readManifest(backup: string): Promise<Manifest> {
  const path = join(backup, MANIFEST)
  const text = await readFileIfThere(path)
  if (text === undefined) throw refused(`${path} is not there: this is no backup, or one that was not finished`)
  try {
    const manifest = JSON.parse(text.toString('utf8')) as Manifest
    if (/^[a-z0-9-]{1,64}$/.test(manifest.site) && Array.isArray(manifest.files)) return manifest
  } catch {
    // Told below.
  }
  throw refused(`${path}: expected a manifest of site and files, got something else`)
}

/**
 * @param data root of the data folder; the folder of the site in it must not be there, or be empty
 * @param sitePath where the site file goes; one that is there must be the same
 * @throws PlumblineError RESTORE_REFUSED, DATA_FULL, DATA_READ_ONLY; nothing is changed then
 */
export async function restore(backup: string, data: string, sitePath: string): Promise<Manifest> {
  const manifest = await readManifest(backup)
  const target = join(data, manifest.site)
  const aside = `${target}.partial`
  try {
    if ((await readdir(target).catch(() => [])).length > 0) throw refused(`${target} is not empty`)
    const site = await readFile(join(backup, 'site.yaml'))
    const there = await readFileIfThere(sitePath)
    if (there !== undefined && !there.equals(site)) throw refused(`${sitePath} is there and is another site file`)
    await rm(aside, { recursive: true, force: true })
    for (const file of manifest.files) await place(file, join(backup, SITE_FOLDER), aside)
    await newOutboxes(manifest.files, aside)
    await mkdir(aside, { recursive: true, mode: 0o700 })
    await rm(target, { recursive: true, force: true })
    await rename(aside, target)
    await syncFolder(data)
    if (there === undefined) {
      await mkdir(dirname(sitePath), { recursive: true })
      await writeFileDurably(sitePath, site)
    }
    return manifest
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => {})
    throw operatingError(error, target)
  }
}

async function place({ path, sha256, bytes, mode }: BackedUp, from: string, aside: string): Promise<void> {
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw refused(`${path}: expected a path within the backup`)
  const [source, copy] = [join(from, path), join(aside, path)]
  const size = await stat(source).then(
    (found) => found.size,
    () => undefined,
  )
  if (size !== bytes) throw refused(`${source}: expected ${bytes} bytes, got ${size ?? 'nothing'}`)
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
  await copyFile(source, copy)
  await chmod(copy, mode)
  const got = await sha256Of(copy)
  if (got !== sha256) throw refused(`${source}: its SHA-256 is not that of the manifest`)
  const file = await open(copy, 'r')
  await file.sync()
  await file.close()
}

/**
 * What an edge node has sent since the backup bore offsets and occurrences that it would give out again: under the old name they would
 * be taken for known, and an alarm for told. Under a new one they are new, and what is sent twice is recognised by its own key.
 */
async function newOutboxes(files: readonly BackedUp[], aside: string): Promise<void> {
  for (const { path } of files)
    if (/^edge\/[^/]+\/outbox\/outbox\.json$/.test(path))
      await writeFileDurably(join(aside, path), `${JSON.stringify({ id: randomUUID() })}\n`, 0o600)
}
