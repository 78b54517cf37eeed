/** `check SITE`: judges a site file and starts nothing. */
import { summaryOf } from '../domain/site-report.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

export const check: Command = {
  name: 'check',
  summary: 'judge a site file: every mistake at once, nothing is started',
  usage: './plumbline check SITE',
  run: async (args) => {
    const { words } = readFlags(check, args, {}, { min: 1, max: 1 })
    const site = await readSite(words[0]!)
    process.stdout.write(`${words[0]}: right. ${summaryOf(site)}\n`)
    return 0
  },
}
