/** Reads a site file with the models and recordings that ship; a file with mistakes gives every one of them. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { SiteText } from '../domain/ports.ts'
import { type Known, loadSite } from '../domain/site-load.ts'
import { siteReport } from '../domain/site-report.ts'
import { showMistake } from '../domain/yaml-check.ts'
import { loadModels } from '../models/load.ts'

export const TOP = join(import.meta.dirname, '..')

const environment = (name: string) => process.env[name]

/** @throws PlumblineError SITE_UNREADABLE, SITE_INVALID, MODEL_INVALID */
export const readSite = async (path: string): Promise<Site> => (await openSite(path)).site

/** The site, and the text that it was made from. @throws PlumblineError SITE_UNREADABLE, SITE_INVALID, MODEL_INVALID */
export async function openSite(path: string): Promise<{ readonly site: Site; readonly text: SiteText }> {
  const text = await readText(path)
  const loaded = loadSite(text, path, await known(), environment)
  if ('site' in loaded) return { site: loaded.site, text: { text, read: () => report(path) } }
  const count = loaded.mistakes.length
  throw new PlumblineError(
    'SITE_INVALID',
    `${count} mistake${count === 1 ? '' : 's'} in ${path}\n${loaded.mistakes.map((m) => `  ${showMistake(m)}`).join('\n')}`,
  )
}

const report = async (path: string) => siteReport(await readText(path), path, await known(), environment)

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new PlumblineError('SITE_UNREADABLE', `${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}

const known = async (): Promise<Known> => ({
  models: await loadModels(await foldersOf('models')),
  recordings: new Set(await foldersOf('recordings')),
})

async function foldersOf(room: string): Promise<string[]> {
  const entries = await readdir(join(TOP, room), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'test').map((entry) => entry.name)
}
