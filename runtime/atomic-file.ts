/** Files that are either the old or the new one, never half: written aside, synced, renamed, folder synced. */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { operatingError } from './file-errors.ts'

export async function writeFileDurably(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  const aside = `${path}.new`
  try {
    const file = await open(aside, 'w', mode)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
    await syncFolder(dirname(path))
  } catch (error) {
    throw operatingError(error, path)
  }
}

/** Makes a rename or a new file in `folder` survive power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function readFileIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw operatingError(error, path)
  }
}
