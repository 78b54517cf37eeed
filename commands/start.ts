/** `start`: everything of a site in one process; without --site the demo site, wholly simulated. */
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { applyScenario } from '../firmware-sim/scenario/apply.ts'
import { loadScenario } from '../firmware-sim/scenario/load.ts'
import { loadRecording } from '../recordings/load.ts'
import { SERVICE_NAMES } from '../stack.ts'
import { type Command, readFlags } from './command.ts'
import { TOP } from './load-site.ts'
import { type Prepared, runStack, STACK_FLAGS, type StackFlags } from './run-stack.ts'

const FLAGS = { ...STACK_FLAGS, scenario: 'text', seed: 'text' } as const
const SEED_MAX = 2 ** 32 - 1

export const start: Command = {
  name: 'start',
  summary: 'everything in one process; without --site the simulated demo site',
  usage: './plumbline start [--site …] [--data …] [--port …] [--mqtt-port …] [--scenario NAME|FILE [--seed N]]',
  run: async (args) => {
    const { flags } = readFlags(start, args, FLAGS)
    const site = flags.site ?? join(TOP, 'site.example.yaml')
    const { scenario, seed } = flags
    if (seed !== undefined && scenario === undefined)
      throw new PlumblineError('USAGE', '--seed: expected with --scenario')
    return runStack(SERVICE_NAMES, { ...flags, site } as StackFlags, {
      ...(scenario !== undefined && { prepare: (loaded) => playing(loaded, scenario, seedOf(seed)) }),
      started: (loaded) => {
        const port = flags.port ?? loaded.file.desk.port
        process.stdout.write(
          `Plumbline: ${loaded.file.name} at http://${loaded.file.desk.host}:${port}  (Ctrl-C stops)\n`,
        )
      },
    })
  },
}

/** Everything of the site runs on what the scenario makes of it: gauges get its time scale, too. */
async function playing(site: Site, name: string, seed: number | undefined): Promise<Prepared> {
  const applied = await applyScenario(await loadScenario(name, site), site, {
    loadRecording,
    ...(seed !== undefined && { seed }),
  })
  process.stdout.write(`Scenario ${applied.name} (seed ${applied.seed}): ${applied.description}\n`)
  for (const step of applied.skipped) process.stdout.write(`  left out: ${step}\n`)
  return { site: applied.site, loadRecording: applied.loadRecording, scenario: applied.faults }
}

function seedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seed = Number(text)
  if (Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX) return seed
  throw new PlumblineError('USAGE', `--seed: expected a whole number from 0 to ${SEED_MAX}, got "${text}"`)
}
