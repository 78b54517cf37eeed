/** Reads a site file with the models and recordings that ship; a file with mistakes gives every one of them. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { loadSite } from '../domain/site-load.ts'
import { showMistake } from '../domain/yaml-check.ts'
import { loadModels } from '../models/load.ts'

export const TOP = join(import.meta.dirname, '..')

/** @throws PlumblineError SITE_UNREADABLE, SITE_INVALID, MODEL_INVALID */
export async function readSite(path: string): Promise<Site> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new PlumblineError('SITE_UNREADABLE', `${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
  const known = {
    models: await loadModels(await foldersOf('models')),
    recordings: new Set(await foldersOf('recordings')),
  }
  const loaded = loadSite(text, path, known, (name) => process.env[name])
  if ('site' in loaded) return loaded.site
  const count = loaded.mistakes.length
  throw new PlumblineError(
    'SITE_INVALID',
    `${count} mistake${count === 1 ? '' : 's'} in ${path}\n${loaded.mistakes.map((m) => `  ${showMistake(m)}`).join('\n')}`,
  )
}

async function foldersOf(room: string): Promise<string[]> {
  const entries = await readdir(join(TOP, room), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'test').map((entry) => entry.name)
}
