/** Every command by name, in the order of the help text. */
import { check } from './check.ts'
import type { Command } from './command.ts'
import { explain } from './explain.ts'
import { generate } from './generate.ts'
import { journal } from './journal.ts'
import { services } from './services.ts'
import { start } from './start.ts'

const help: Command = {
  name: 'help',
  summary: 'this text',
  usage: './plumbline help',
  run: async () => {
    process.stdout.write('Plumbline: edge gateway and monitoring for building sensors and flood gauges\n\n')
    for (const command of commands.values()) process.stdout.write(`  ${command.usage.padEnd(74)} ${command.summary}\n`)
    return 0
  },
}

export const commands: ReadonlyMap<string, Command> = new Map(
  [start, ...services, check, journal, explain, generate, help].map((command) => [command.name, command]),
)
