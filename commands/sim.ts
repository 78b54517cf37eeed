/**
 * `sim`: the simulated devices of a site alone in their process; or with `--scale` as many of a kind as are asked for, on a
 * site file that is made for it, so that what reads them can be put to the test.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { PlumblineError } from '../domain/errors.ts'
import { type Scale, scaleSite } from '../firmware-sim/scale-site.ts'
import { operatingError } from '../runtime/file-errors.ts'
import { type Command, readFlags } from './command.ts'
import { runStack } from './run-stack.ts'

const FLAGS = { site: 'text', data: 'text', scale: 'text', 'first-port': 'port' } as const
const FIRST_PORT = 5100
const SITE_FILE = 'scale-site.yaml'

export const sim: Command = {
  name: 'sim',
  summary: 'the simulated devices of the site, or a scale run with its own site file',
  usage: './plumbline sim --site … | --scale scalars=N|accelerometers=N [--first-port 5100] [--data …]',
  run: async (args) => {
    const { flags } = readFlags(sim, args, FLAGS)
    const { site, scale, data = './data' } = flags
    if ((site === undefined) === (scale === undefined))
      throw new PlumblineError('USAGE', `expected --site or --scale; usage: ${sim.usage}`)
    if (scale === undefined) return runStack(['sim'], { site: site!, data })
    const path = await writeScaleSite(data, scaleOf(scale), flags['first-port'] ?? FIRST_PORT)
    process.stdout.write(
      `Site file of this run: ${path}\n  read it with: ./plumbline edge --site ${path} --node edge-1\n`,
    )
    return runStack(['sim'], { site: path, data })
  },
}

function scaleOf(text: string): Scale {
  const [kind, number] = text.split('=')
  const count = Number(number)
  if (number !== undefined && Number.isInteger(count) && count > 0) {
    if (kind === 'scalars') return { scalars: count }
    if (kind === 'accelerometers') return { accelerometers: count }
  }
  throw new PlumblineError('USAGE', `--scale: expected scalars=N or accelerometers=N, got "${text}"`)
}

async function writeScaleSite(data: string, scale: Scale, firstPort: number): Promise<string> {
  const site = scaleSite(scale, firstPort)
  const path = resolve(join(data, SITE_FILE))
  try {
    await mkdir(data, { recursive: true })
    await writeFile(path, stringify(site, { aliasDuplicateObjects: false }))
  } catch (error) {
    throw operatingError(error, path)
  }
  return path
}
