/** `journal verify|export`: proves the hash chain of the desk's journal, and writes its entries as CSV or JSON lines. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exportJournal, type JournalFilter, verifyJournal } from '../desk/io/journal.ts'
import { csvHead, csvLine } from '../desk/journal-csv.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { fromIso } from '../domain/time.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

const FLAGS = {
  site: 'text',
  data: 'text',
  from: 'text',
  to: 'text',
  alarm: 'text',
  actor: 'text',
  kind: 'text',
  format: 'text',
  out: 'text',
} as const

export const journal: Command = {
  name: 'journal',
  summary: 'prove that no row of the alarm journal was changed, added or taken away; write it as CSV or JSON lines',
  usage:
    './plumbline journal verify|export --site … [--data …] [--from …] [--to …] [--alarm …] [--actor …] [--kind …] [--format csv|json] [--out FILE]',
  run: async (args) => {
    const { flags, words } = readFlags(journal, args, FLAGS, { min: 1, max: 1 })
    if ((words[0] !== 'verify' && words[0] !== 'export') || flags.site === undefined)
      throw new PlumblineError('USAGE', `expected verify or export, and --site; usage: ${journal.usage}`)
    const site = await readSite(flags.site)
    const path = join(deskFolder(flags.data ?? './data', site.file.site), 'journal.db')
    const { rows, removed_to, broken } = await verified(path)
    if (broken !== undefined) throw new PlumblineError('DATA_CORRUPT', `${path}: row ${broken.seq}: ${broken.why}`)
    if (words[0] === 'verify') {
      const sealed =
        removed_to === undefined
          ? ''
          : `; rows to ${removed_to} were removed for their age, which the chain itself seals`
      process.stdout.write(`${path}: ${rows} rows, the chain is whole${sealed}\n`)
      return 0
    }
    const { format = 'csv', out, alarm, actor, kind } = flags
    if (format !== 'csv' && format !== 'json')
      throw new PlumblineError('USAGE', `--format: expected csv or json, got "${format}"`)
    const filter = { alarm, actor, kind, from_ns: instantFlag('from', flags.from), to_ns: instantFlag('to', flags.to) }
    const lines = Readable.from(text(path, filter, format))
    if (out === undefined) for await (const line of lines) process.stdout.write(line as string)
    else await pipeline(lines, createWriteStream(out, { mode: 0o600 }))
    return 0
  },
}

function* text(path: string, filter: JournalFilter, format: 'csv' | 'json'): Iterable<string> {
  if (format === 'csv') yield csvHead()
  for (const entry of exportJournal(path, filter))
    yield format === 'csv' ? csvLine(entry) : `${JSON.stringify(entry)}\n`
}

/** @throws PlumblineError USAGE */
function instantFlag(name: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const at = fromIso(given)
  if (at === undefined)
    throw new PlumblineError(
      'USAGE',
      `--${name}: expected an instant with zone, e.g. 2018-06-03T18:00:00Z, got "${given}"`,
    )
  return String(at)
}

async function verified(path: string): ReturnType<typeof verifyJournal> {
  try {
    return await verifyJournal(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new PlumblineError('STORE_UNAVAILABLE', `${path}: ${code}`, { cause: error })
  }
}
