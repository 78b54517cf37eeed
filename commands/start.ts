/** `start`: everything of a site in one process; without --site the demo site, wholly simulated. */
import { join } from 'node:path'
import { SERVICE_NAMES } from '../stack.ts'
import { type Command, readFlags } from './command.ts'
import { TOP } from './load-site.ts'
import { runStack, STACK_FLAGS, type StackFlags } from './run-stack.ts'

export const start: Command = {
  name: 'start',
  summary: 'everything in one process; without --site the simulated demo site',
  usage: './plumbline start [--site …] [--data …] [--port …] [--mqtt-port …]',
  run: async (args) => {
    const { flags } = readFlags(start, args, STACK_FLAGS)
    const site = flags.site ?? join(TOP, 'site.example.yaml')
    return runStack(SERVICE_NAMES, { ...flags, site } as StackFlags, {
      started: (loaded) => {
        const port = flags.port ?? loaded.file.desk.port
        process.stdout.write(
          `Plumbline: ${loaded.file.name} at http://${loaded.file.desk.host}:${port}  (Ctrl-C stops)\n`,
        )
      },
    })
  },
}
