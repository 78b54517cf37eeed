/**
 * Every command by name, in the order of the help text. A command is loaded when it is called: `analyze` then starts without
 * broker, store and desk, and `explain` without anything.
 */
import type { Command } from './command.ts'

const COLUMN = 74

type Load = () => Promise<Command>

const service =
  (name: string): Load =>
  async () =>
    (await import('./services.ts')).services.find((command) => command.name === name)!

const help: Command = {
  name: 'help',
  summary: 'this text',
  usage: './plumbline help',
  run: async () => {
    process.stdout.write('Plumbline: edge gateway and monitoring for building sensors and flood gauges\n\n')
    for (const load of commands.values()) {
      const { usage, summary } = await load()
      // A usage longer than its column stands on a line of its own.
      const left = usage.length <= COLUMN ? usage.padEnd(COLUMN) : `${usage}\n  ${''.padEnd(COLUMN)}`
      process.stdout.write(`  ${left} ${summary}\n`)
    }
    return 0
  },
}

export const commands: ReadonlyMap<string, Load> = new Map<string, Load>([
  ['start', async () => (await import('./start.ts')).start],
  ...['broker', 'ingest', 'desk', 'edge'].map((name): [string, Load] => [name, service(name)]),
  ['sim', async () => (await import('./sim.ts')).sim],
  ['check', async () => (await import('./check.ts')).check],
  ['healthcheck', async () => (await import('./healthcheck.ts')).healthcheck],
  ['doctor', async () => (await import('./doctor.ts')).doctor],
  ['secrets', async () => (await import('./secrets.ts')).secrets],
  ['probe', async () => (await import('./probe.ts')).probe],
  ['analyze', async () => (await import('./analyze.ts')).analyze],
  ['replay', async () => (await import('./replay.ts')).replay],
  ['wire', async () => (await import('./wire.ts')).wire],
  ['drill', async () => (await import('./drill.ts')).drill],
  ['write', async () => (await import('./field.ts')).write],
  ['silence', async () => (await import('./field.ts')).silence],
  ['export', async () => (await import('./export.ts')).exportCommand],
  ['dead-letter', async () => (await import('./dead-letter.ts')).deadLetter],
  ['backup', async () => (await import('./backup.ts')).backup],
  ['restore', async () => (await import('./restore.ts')).restore],
  ['store', async () => (await import('./store.ts')).store],
  ['alarms', async () => (await import('./alarms.ts')).alarms],
  ['journal', async () => (await import('./journal.ts')).journal],
  ['clients', async () => (await import('./clients.ts')).clients],
  ['users', async () => (await import('./users.ts')).users],
  ['tokens', async () => (await import('./users.ts')).tokens],
  ['tls', async () => (await import('./tls.ts')).tls],
  ['migrate', async () => (await import('./migrate.ts')).migrate],
  ['dashboards', async () => (await import('./dashboards.ts')).dashboards],
  ['explain', async () => (await import('./explain.ts')).explain],
  ['generate', async () => (await import('./generate.ts')).generate],
  ['help', async () => help],
])
