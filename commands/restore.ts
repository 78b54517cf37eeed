/** `restore`: a backup into an empty data folder; services of the site must not run on it meanwhile. */
import { resolve } from 'node:path'
import { PlumblineError } from '../domain/errors.ts'
import { restore as restoreInto } from '../store/io/restore.ts'
import { type Command, readFlags } from './command.ts'

export const restore: Command = {
  name: 'restore',
  summary: 'a backup into an empty data folder, every file checked against its manifest',
  usage: './plumbline restore BACKUP --site … [--data …]',
  run: async (args) => {
    const { flags, words } = readFlags(restore, args, { site: 'text', data: 'text' }, { min: 1, max: 1 })
    if (flags.site === undefined)
      throw new PlumblineError('USAGE', `expected --site, where the site file goes; usage: ${restore.usage}`)
    const data = resolve(flags.data ?? './data')
    const { site, made_at, files } = await restoreInto(words[0]!, data, resolve(flags.site))
    process.stdout.write(`${site}: ${files.length} files as of ${made_at}, each as its manifest says\n`)
    process.stdout.write('Edge nodes go on with new outboxes; what was stored after the backup is not in it.\n')
    return 0
  },
}
