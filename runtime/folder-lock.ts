/**
 * A service's folder: made when missing, probed for writing, and held by one process at a time. The lock is a file with
 * the holder's process id; one left by a process that is gone is taken over.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../domain/errors.ts'
import { operatingError } from './file-errors.ts'

/** @throws PlumblineError DATA_READ_ONLY, DATA_FULL, DATA_IN_USE */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await claim(path, folder)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENOENT')
      throw new PlumblineError('DATA_READ_ONLY', `cannot make the folder ${folder} (${code})`, { cause: error })
    throw operatingError(error, folder)
  }
  return () => rm(path, { force: true })
}

/** Locks that this process holds: a second stack in one process is refused like one in another. */
const held = new Set<string>()

async function claim(path: string, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(path, 'wx', 0o600)
      try {
        await file.writeFile(`${process.pid}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      held.add(path)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        await rm(path, { force: true }).catch(() => {})
        throw error
      }
      const holder = Number(await readFile(path, 'utf8').catch(() => ''))
      if (await alive(holder, path)) throw new PlumblineError('DATA_IN_USE', `process ${holder} already uses ${folder}`)
      await rm(path, { force: true })
    }
  }
  throw new PlumblineError('DATA_IN_USE', `another process is taking ${folder} at this moment`)
}

async function alive(pid: number, path: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  if (pid === process.pid)
    return (
      held.has(path) &&
      (await readFile(path).then(
        () => true,
        () => false,
      ))
    )
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return startedBeforeLock(pid)
}

/** A process id may have been given out anew (containers always start at 1): it must at least be one of ours. */
async function startedBeforeLock(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return command === undefined || /plumbline|node|vitest/.test(command)
}
