/** The page of the command line, `docs/reference/cli.md`: from the commands themselves. */
import { EXIT_CODE } from '../../domain/errors.ts'
import type { Command } from '../command.ts'

const HEAD = `# The command line

Made by \`./plumbline generate\` from the commands; \`./plumbline help\` prints the same in short.

Exit codes: 0 good, ${EXIT_CODE.bug} our bug, ${EXIT_CODE.usage} the call or the site file is wrong, ${EXIT_CODE.operating} the world is (a port, a disk, a device).
Every failure is one line that opens with a code: \`./plumbline explain CODE\` says what it means and what to do.
`

export const cliReference = (commands: readonly Command[]): string =>
  [HEAD, ...commands.map(({ name, summary, usage }) => `## ${name}\n\n${sentence(summary)}\n\n    ${usage}\n`)].join(
    '\n',
  )

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`
