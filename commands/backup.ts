/** `backup`: a verified copy of series, ingest's state and the alarm journal, while everything runs. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyJournal } from '../desk/io/journal.ts'
import { deskFolder, ingestFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { instantFromMs } from '../domain/time.ts'
import { backUp, databasesIn } from '../store/io/backup.ts'
import { noteBackup } from '../store/io/last-backup.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

export const backup: Command = {
  name: 'backup',
  summary: 'a verified copy of series, ingest state and alarm journal, while everything runs',
  usage: './plumbline backup --site … --to FOLDER [--data …]',
  run: async (args) => {
    const { flags } = readFlags(backup, args, { site: 'text', data: 'text', to: 'text' })
    const { site: path, to, data = './data' } = flags
    if (path === undefined || to === undefined)
      throw new PlumblineError('USAGE', `expected --site and --to; usage: ${backup.usage}`)
    const site = (await readSite(path)).file.site
    const databases = await databasesIn([ingestFolder(data, site), deskFolder(data, site)])
    if (databases.length === 0)
      throw new PlumblineError('STORE_UNAVAILABLE', `${join(data, site)}: there is no database to back up`)
    const now = new Date()
    const folder = join(to, `${site}-${now.toISOString().replace(/[:.]/g, '-')}`)
    const files = await backUp(join(data, site), databases, await readFile(path), folder, now)
    for (const { path: name, bytes, rows } of files) {
      const total = Object.values(rows).reduce((a, b) => a + b, 0)
      process.stdout.write(`${name}: ${total} rows, ${bytes} bytes, sound\n`)
      if (name.endsWith('journal.db')) await journalIsWhole(join(folder, name))
    }
    await noteBackup(ingestFolder(data, site), instantFromMs(now.getTime()), folder)
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
