/** `journal verify`: walks the hash chain of the desk's journal and names the first row that does not fit. */
import { join } from 'node:path'
import { verifyJournal } from '../desk/io/journal.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

export const journal: Command = {
  name: 'journal',
  summary: 'check that no row of the alarm journal was changed, added or taken away',
  usage: './plumbline journal verify --site … [--data …]',
  run: async (args) => {
    const { flags, words } = readFlags(journal, args, { site: 'text', data: 'text' }, { min: 1, max: 1 })
    if (words[0] !== 'verify' || flags.site === undefined)
      throw new PlumblineError('USAGE', `expected verify and --site; usage: ${journal.usage}`)
    const site = await readSite(flags.site)
    const path = join(deskFolder(flags.data ?? './data', site.file.site), 'journal.db')
    const { rows, broken } = await verified(path)
    if (broken !== undefined) throw new PlumblineError('DATA_CORRUPT', `${path}: row ${broken.seq}: ${broken.why}`)
    process.stdout.write(`${path}: ${rows} rows, the chain is whole\n`)
    return 0
  },
}

async function verified(path: string): ReturnType<typeof verifyJournal> {
  try {
    return await verifyJournal(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new PlumblineError('STORE_UNAVAILABLE', `${path}: ${code}`, { cause: error })
  }
}
