/** The command line: finds the command, runs it, and turns every failure into one clear line and an exit code. */
import { commands } from './commands/index.ts'
import { EXIT_CODE, PlumblineError } from './domain/errors.ts'

const [name = 'help', ...args] = process.argv.slice(2)

try {
  const command = commands.get(name)
  if (command === undefined)
    throw new PlumblineError('USAGE', `expected a command (${[...commands.keys()].join(', ')}), got "${name}"`)
  process.exitCode = await command.run(args)
} catch (error) {
  if (error instanceof PlumblineError && error.fault !== 'bug') {
    process.stderr.write(`${error.message}\n  (./plumbline explain ${error.code})\n`)
    process.exit(EXIT_CODE[error.fault])
  }
  process.stderr.write(`BUG: ${error instanceof Error ? error.stack : String(error)}\n  (./plumbline explain BUG)\n`)
  process.exit(EXIT_CODE.bug)
}
