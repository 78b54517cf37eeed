/** One command a service: `broker`, `ingest`, `desk`, `edge`, each alone in its process; `sim` has its own file. */
import { PlumblineError } from '../domain/errors.ts'
import type { ServiceName } from '../stack.ts'
import { type Command, type FlagKind, readFlags } from './command.ts'
import { runStack, type StackFlags } from './run-stack.ts'

function service(name: ServiceName, summary: string, flags: Record<string, FlagKind>): Command {
  const required = name === 'edge' ? ['site', 'node'] : ['site']
  const show = (flag: string) => (required.includes(flag) ? `--${flag} …` : `[--${flag} …]`)
  const command: Command = {
    name,
    summary,
    usage: `./plumbline ${name} ${Object.keys(flags).map(show).join(' ')}`,
    run: async (args) => {
      const given = readFlags(command, args, flags).flags as Partial<StackFlags>
      for (const flag of required)
        if (given[flag as keyof StackFlags] === undefined)
          throw new PlumblineError('USAGE', `--${flag} is missing; usage: ${command.usage}`)
      return runStack([name], given as StackFlags)
    },
  }
  return command
}

const BASE = { site: 'text', data: 'text', 'mqtt-port': 'port' } as const

export const services: readonly Command[] = [
  service('broker', 'the embedded MQTT broker', BASE),
  service('ingest', 'stores what edge nodes send and acknowledges it', BASE),
  service('desk', 'alarms, journal, HTTP API and console', { ...BASE, port: 'port' }),
  service('edge', 'one edge node: polls, decides, records, publishes', { ...BASE, node: 'text' }),
]
