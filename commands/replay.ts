/**
 * `replay FILE… --as CHANNEL`: plays a recording of one's own into a simulated device of the site that runs, or a folder
 * into an array. A real device is never masked; everything is marked EXERCISE. `--alone` runs a line of its own instead.
 */
import { join } from 'node:path'
import { PlumblineError } from '../domain/errors.ts'
import type { PlayRequest } from '../domain/simulator-control.ts'
import { M_S2_PER_GAL } from '../domain/units.ts'
import { readRecording } from '../recordings/detect.ts'
import { readInputs } from './analyze/inputs.ts'
import { type Command, type FlagKind, type Flags, readFlags } from './command.ts'
import { TOP } from './load-site.ts'
import { asOf, FILES_MAX, filesOf, requestFiles } from './replay/files.ts'
import { follow } from './replay/follow.ts'
import { simulatorOf } from './simulator.ts'

const LIVE = ['scale', 'pga', 'start', 'loop'] as const
const ALONE = ['lead', 'quiet', 'port', 'mqtt-port'] as const
const FLAGS = {
  as: 'texts',
  speed: 'positive',
  scale: 'positive',
  pga: 'positive',
  start: 'positive',
  loop: 'flag',
  unit: 'text',
  dt: 'positive',
  site: 'text',
  data: 'text',
  alone: 'flag',
  lead: 'positive',
  quiet: 'positive',
  port: 'port',
  'mqtt-port': 'port',
} as const satisfies Record<string, FlagKind>
type ReplayFlags = Flags<typeof FLAGS>

export const replay: Command = {
  name: 'replay',
  summary: 'your own recording into the running site, played by simulated devices',
  usage:
    './plumbline replay FILE…|FOLDER --as CHANNEL|DEVICE|DEVICE=FILE… [--speed 0.1-100] [--scale N|--pga GAL] [--start S] [--loop] [--unit U] [--dt S] [--site …] [--data …] [--alone]',
  run: async (args) => {
    const { flags, words } = readFlags(replay, args, FLAGS, { min: 1, max: FILES_MAX })
    if (flags.as.length === 0) throw new PlumblineError('USAGE', `--as is missing; usage: ${replay.usage}`)
    if (flags.scale !== undefined && flags.pga !== undefined)
      throw new PlumblineError('USAGE', '--scale: expected --scale or --pga, got both')
    const strange = (flags.alone ? LIVE : ALONE).find((name) => flags[name] !== undefined && flags[name] !== false)
    if (strange !== undefined)
      throw new PlumblineError('USAGE', `--${strange}: expected ${flags.alone ? 'without' : 'with'} --alone`)
    const files = await filesOf(words)
    return flags.alone ? alone(files, flags) : intoTheRunningSite(files, flags)
  },
}

async function intoTheRunningSite(paths: readonly string[], flags: ReplayFlags): Promise<number> {
  const { speed, scale, pga, start, loop, unit, dt } = flags
  const request: PlayRequest = {
    as: asOf(flags.as),
    files: await requestFiles(paths),
    ...(speed !== undefined && { speed }),
    ...(scale !== undefined && { scale }),
    ...(pga !== undefined && { scale_pga_m_s2: pga * M_S2_PER_GAL }),
    ...(start !== undefined && { start_s: start }),
    ...(loop && { loop }),
    ...(unit !== undefined && { unit }),
    ...(dt !== undefined && { dt_s: dt }),
  }
  const control = await simulatorOf(flags)
  const play = await control.play(request)
  for (const note of play.notes ?? []) process.stdout.write(`${note}\n`)
  for (const file of play.left_out ?? []) process.stdout.write(`left out: ${file}, no device is named for it\n`)
  return follow(control, play, { input: process.stdin, output: process.stdout })
}

async function alone(files: readonly string[], flags: ReplayFlags): Promise<number> {
  const as = asOf(flags.as)
  if (typeof as !== 'string') throw new PlumblineError('USAGE', '--alone: expected one --as CHANNEL, got an array')
  const { unit, dt } = flags
  const read = {
    readings: true,
    own_unit: true,
    ...(dt !== undefined && { dt_s: dt }),
    ...(unit !== undefined && { unit }),
  }
  const { replayAlone } = await import('./replay/alone.ts')
  return replayAlone({
    as,
    files,
    recording: readRecording(await readInputs(files), read),
    speed: flags.speed ?? 1,
    lead_s: flags.lead ?? 2,
    quiet_s: flags.quiet ?? 60,
    site: flags.site ?? join(TOP, 'site.example.yaml'),
    ...(flags.data !== undefined && { data: flags.data }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(flags['mqtt-port'] !== undefined && { 'mqtt-port': flags['mqtt-port'] }),
  })
}
