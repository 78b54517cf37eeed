/** The command line: finds the command, runs it, and turns every failure into one clear line and an exit code. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { commands } from './commands/index.ts'
import { EXIT_CODE, PlumblineError } from './domain/errors.ts'

const [name = 'help', ...args] = process.argv.slice(2)
// Compiled code of an earlier run, where this folder may be written: a command starts in a third of the time.
enableCompileCache(join(import.meta.dirname, 'node_modules', '.cache', 'node'))
/** They measure and alarm whether or not anybody still reads what they print. */
const STAY = ['start', 'broker', 'ingest', 'desk', 'edge', 'sim']
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  // `./plumbline decode | head`: nobody reads on.
  if (!STAY.includes(name)) process.exit()
})

try {
  const load = commands.get(name)
  if (load === undefined)
    throw new PlumblineError('USAGE', `expected a command (${[...commands.keys()].join(', ')}), got "${name}"`)
  process.exitCode = await (await load()).run(args)
} catch (error) {
  if (error instanceof PlumblineError && error.fault !== 'bug') {
    process.stderr.write(`${error.message}\n  (./plumbline explain ${error.code})\n`)
    process.exit(EXIT_CODE[error.fault])
  }
  process.stderr.write(`BUG: ${error instanceof Error ? error.stack : String(error)}\n  (./plumbline explain BUG)\n`)
  process.exit(EXIT_CODE.bug)
}
