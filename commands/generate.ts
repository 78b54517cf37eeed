/** `generate [--check]`: writes the files that come from code, or says which of them are out of step. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Command, readFlags } from './command.ts'
import { everyGenerated } from './generated.ts'
import { TOP } from './load-site.ts'

export const generate: Command = {
  name: 'generate',
  summary: 'write the files that come from code (site example, schema, reference)',
  usage: './plumbline generate [--check]',
  run: async (args) => {
    const { flags } = readFlags(generate, args, { check: 'flag' })
    const stale: string[] = []
    for (const [path, text] of await everyGenerated()) {
      const there = await readFile(join(TOP, path), 'utf8').catch(() => undefined)
      if (there === text) continue
      stale.push(path)
      if (flags.check) continue
      await mkdir(dirname(join(TOP, path)), { recursive: true })
      await writeFile(join(TOP, path), text)
    }
    if (flags.check && stale.length > 0)
      process.stdout.write(`out of step: ${stale.join(', ')}; repair with ./plumbline generate\n`)
    return flags.check && stale.length > 0 ? 2 : 0
  },
}
