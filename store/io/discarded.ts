/**
 * Dead letters that a person has discarded: a line each in `discarded.jsonl` beside the store, whole, with who, when and why. A
 * letter leaves the quarantine only once its line is durable; a kill in between leaves it in both, and nowhere missing.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { PlumblineError } from '../../domain/errors.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { readFileIfThere, syncFolder } from '../../runtime/atomic-file.ts'
import { operatingError } from '../../runtime/file-errors.ts'
import type { DeadLetter, DeadLetters } from '../dead-letter.ts'

export const DISCARDED_FILE = 'discarded.jsonl'
export const REASON_MAX = 500

export type Discarding = { readonly by: string; readonly because: string; readonly at: Instant }

/** @throws PlumblineError USAGE where there is no such letter or no reason; DATA_FULL, DATA_READ_ONLY: it stays where it is */
export async function discard(letters: DeadLetters, folder: string, id: string, why: Discarding): Promise<void> {
  const because = why.because.trim()
  if (because === '' || because.length > REASON_MAX)
    throw new PlumblineError('USAGE', `--reason: expected why, in 1 to ${REASON_MAX} letters`)
  const letter = await letters.find(id)
  if (letter === undefined) throw new PlumblineError('USAGE', `${id}: there is no such dead letter`)
  const path = join(folder, DISCARDED_FILE)
  try {
    await append(path, lineOf(letter, { ...why, because }))
    await syncFolder(folder)
  } catch (error) {
    throw operatingError(error, path)
  }
  await letters.drop(id)
}

/** Lines that are there; a line torn by a power cut counts too: it is there for a person to read. */
export async function countDiscarded(folder: string): Promise<number> {
  const text = (await readFileIfThere(join(folder, DISCARDED_FILE)))?.toString('utf8') ?? ''
  return text.split('\n').filter((line) => line !== '').length
}

const lineOf = (letter: DeadLetter, { by, because, at }: Discarding): string =>
  `${JSON.stringify({ discarded_at: toIso(at), discarded_by: by, discarded_because: because, ...letter })}\n`

async function append(path: string, line: string): Promise<void> {
  const file = await open(path, 'a+', 0o600)
  try {
    const { size } = await file.stat()
    const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString('latin1')
    await file.appendFile(last === '\n' ? line : `\n${line}`)
    await file.sync()
  } finally {
    await file.close()
  }
}
