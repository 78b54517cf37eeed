/** `explain CODE`: what an error means and what to do. */
import { ERRORS, type ErrorCode, EXIT_CODE, PlumblineError } from '../domain/errors.ts'
import { type Command, readFlags } from './command.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'what an error code means and what to do',
  usage: './plumbline explain CODE',
  run: async (args) => {
    const { words } = readFlags(explain, args, {}, { min: 1, max: 1 })
    const code = words[0]!.toUpperCase()
    if (!Object.hasOwn(ERRORS, code))
      throw new PlumblineError('USAGE', `expected a code (${Object.keys(ERRORS).join(', ')}), got "${words[0]}"`)
    const entry = ERRORS[code as ErrorCode]
    process.stdout.write(
      `${code} (exit code ${EXIT_CODE[entry.fault]})\n\n${entry.what}\n\nWhat to do: ${entry.todo}\n`,
    )
    return 0
  },
}
