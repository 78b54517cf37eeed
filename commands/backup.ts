/** `backup`: a verified copy of everything of a site that cannot be remade, while everything runs. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyJournal } from '../desk/io/journal.ts'
import { ingestFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { instantFromMs } from '../domain/time.ts'
import { backUp, SITE_FOLDER } from '../store/io/backup.ts'
import { noteBackup } from '../store/io/last-backup.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

export const backup: Command = {
  name: 'backup',
  summary: 'a verified copy of everything of a site that cannot be remade, while everything runs',
  usage: './plumbline backup --site … --to FOLDER [--data …]',
  run: async (args) => {
    const { flags } = readFlags(backup, args, { site: 'text', data: 'text', to: 'text' })
    const { site: path, to, data = './data' } = flags
    if (path === undefined || to === undefined)
      throw new PlumblineError('USAGE', `expected --site and --to; usage: ${backup.usage}`)
    const site = (await readSite(path)).file.site
    if (!existsSync(join(data, site)))
      throw new PlumblineError('STORE_UNAVAILABLE', `${join(data, site)}: there is nothing to back up`)
    const now = new Date()
    const folder = join(to, `${site}-${now.toISOString().replace(/[:.]/g, '-')}`)
    const files = await backUp(join(data, site), { site, siteFile: await readFile(path), at: now }, folder)
    for (const { path: name, bytes, rows } of files) {
      if (rows === undefined) continue
      const total = Object.values(rows).reduce((a, b) => a + b, 0)
      process.stdout.write(`${name}: ${total} rows, ${bytes} bytes, sound\n`)
      if (name.endsWith('journal.db')) await journalIsWhole(join(folder, SITE_FOLDER, name))
    }
    if (existsSync(ingestFolder(data, site)))
      await noteBackup(ingestFolder(data, site), instantFromMs(now.getTime()), folder)
    const others = files.filter(({ rows }) => rows === undefined)
    process.stdout.write(
      `${others.length} files of outboxes, users, passwords and keys: keep this folder as secret as the data folder\n`,
    )
    process.stdout.write(`${folder}\n`)
    return 0
  },
}

async function journalIsWhole(path: string): Promise<void> {
  const { rows, broken } = await verifyJournal(path)
  if (broken !== undefined)
    throw new PlumblineError(
      'DATA_CORRUPT',
      `${path}: row ${broken.seq}: ${broken.why}; the copy is kept for inspection`,
    )
  process.stdout.write(`  journal: ${rows} rows, the chain is whole\n`)
}
