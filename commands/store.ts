/** `store check`: reads every page of a site's databases and says whether they are sound; a running site is not disturbed. */
import { join } from 'node:path'
import { deskFolder, ingestFolder } from '../domain/data-folder.ts'
import { PlumblineError } from '../domain/errors.ts'
import { checkDatabases, databasesIn } from '../store/io/backup.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

export const store: Command = {
  name: 'store',
  summary: 'read every page of series and journal and say whether they are sound',
  usage: './plumbline store check --site … [--data …]',
  run: async (args) => {
    const { flags, words } = readFlags(store, args, { site: 'text', data: 'text' }, { min: 1, max: 1 })
    if (words[0] !== 'check' || flags.site === undefined)
      throw new PlumblineError('USAGE', `expected check and --site; usage: ${store.usage}`)
    const { site } = (await readSite(flags.site)).file
    const data = flags.data ?? './data'
    const databases = await databasesIn([ingestFolder(data, site), deskFolder(data, site)])
    if (databases.length === 0)
      throw new PlumblineError('STORE_UNAVAILABLE', `${join(data, site)}: there is no database to check`)
    const checked = await checkDatabases(databases)
    for (const { path, broken, version, rows } of checked) {
      const held = Object.entries(rows).flatMap(([table, n]) => (n > 0 ? [`${n} ${table}`] : []))
      process.stdout.write(`${path}: ${broken.length === 0 ? 'sound' : 'BROKEN'}, version ${version}`)
      process.stdout.write(`${held.length === 0 ? '' : `; ${held.join(', ')}`}\n`)
      for (const problem of broken) process.stdout.write(`  ${problem}\n`)
    }
    const bad = checked.filter(({ broken }) => broken.length > 0)
    if (bad.length > 0) throw new PlumblineError('DATA_CORRUPT', `${bad.map(({ path }) => path).join(', ')}: see above`)
    return 0
  },
}
