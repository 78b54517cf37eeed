/** `start`: everything of a site in one process; without --site the demo site, wholly simulated, playing the scenario `demo`. */
import { join } from 'node:path'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { applyScenario } from '../firmware-sim/scenario/apply.ts'
import { buildingLine } from '../firmware-sim/scenario/building-answer.ts'
import { loadScenario } from '../firmware-sim/scenario/load.ts'
import { loadRecording } from '../recordings/load.ts'
import { SERVICE_NAMES } from '../stack.ts'
import { type Command, readFlags } from './command.ts'
import { TOP } from './load-site.ts'
import { type Prepared, runStack, STACK_FLAGS, type StackFlags } from './run-stack.ts'

const FLAGS = { ...STACK_FLAGS, scenario: 'text', seed: 'text' } as const
const SEED_MAX = 2 ** 32 - 1
/** In place of a scenario's name: simulated devices play what the site file says. */
const NO_SCENARIO = 'none'

export const start: Command = {
  name: 'start',
  summary: 'everything in one process; without --site the simulated demo site',
  usage: './plumbline start [--site …] [--data …] [--port …] [--mqtt-port …] [--scenario NAME|FILE|none [--seed N]]',
  run: async (args) => {
    const { flags } = readFlags(start, args, FLAGS)
    const site = flags.site ?? join(TOP, 'site.example.yaml')
    const { seed, scenario = flags.site === undefined ? 'demo' : NO_SCENARIO } = flags
    if (seed !== undefined && (flags.scenario ?? NO_SCENARIO) === NO_SCENARIO)
      throw new PlumblineError('USAGE', '--seed: expected with --scenario')
    return runStack(SERVICE_NAMES, { ...flags, site } as StackFlags, {
      ...(scenario !== NO_SCENARIO && { prepare: (loaded) => playing(loaded, scenario, seedOf(seed)) }),
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
  for (const building of applied.buildings) process.stdout.write(`  ${buildingLine(building)}\n`)
  return {
    site: applied.site,
    loadRecording: applied.loadRecording,
    scenario: {
      start: (simulator, clock, log) => applied.faults.start(simulator, clock, log),
      stop: () => applied.faults.stop(),
      about: applied,
    },
    ...(applied.needsUplink && { uplinks: applied.faults }),
  }
}

function seedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seed = Number(text)
  if (Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX) return seed
  throw new PlumblineError('USAGE', `--seed: expected a whole number from 0 to ${SEED_MAX}, got "${text}"`)
}
