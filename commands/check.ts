/** `check SITE`: judges a site file and starts nothing. */
import { channelsOf, devicesOf } from '../domain/channel.ts'
import { type Command, readFlags } from './command.ts'
import { readSite } from './load-site.ts'

export const check: Command = {
  name: 'check',
  summary: 'judge a site file: every mistake at once, nothing is started',
  usage: './plumbline check SITE',
  run: async (args) => {
    const { words } = readFlags(check, args, {}, { min: 1, max: 1 })
    const site = await readSite(words[0]!)
    const counts = [
      `${site.file.nodes.length} edge node(s)`,
      `${devicesOf(site).length} device(s)`,
      `${channelsOf(site).length} channel(s)`,
      `${site.file.limits.length} limit(s) and ${site.limits.length - site.file.limits.length} automatic`,
    ]
    process.stdout.write(
      `${words[0]}: right. Site ${site.file.site}: ${counts.join(', ')}; hash ${site.hash.slice(0, 12)}\n`,
    )
    return 0
  },
}
