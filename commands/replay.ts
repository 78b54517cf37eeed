/**
 * `replay FILE… --as CHANNEL`: runs the whole line on a recording of one's own in place of what a simulated device of the
 * site plays. A real device is never masked; everything is marked EXERCISE and lives in a data folder of its own.
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { devicesOf, type PlacedDevice, type Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import { readRecording } from '../recordings/detect.ts'
import { loadRecording } from '../recordings/load.ts'
import type { Recording } from '../recordings/recording.ts'
import { SERVICE_NAMES } from '../stack.ts'
import { type Command, readFlags } from './command.ts'
import { TOP } from './load-site.ts'
import { runStack } from './run-stack.ts'

const FLAGS = {
  as: 'text',
  speed: 'text',
  unit: 'text',
  dt: 'text',
  lead: 'text',
  quiet: 'text',
  site: 'text',
  data: 'text',
  port: 'port',
  'mqtt-port': 'port',
} as const

/** Files of one event: three components, or the channels of an array. */
const FILES_MAX = 100
const NAME = 'replay'

export const replay: Command = {
  name: 'replay',
  summary: 'the whole line on your own recording, played by a simulated device',
  usage:
    './plumbline replay FILE… --as DEVICE/METRIC [--speed N] [--lead S] [--quiet S] [--unit U] [--dt S] [--site …]',
  run: async (args) => {
    const { flags, words } = readFlags(replay, args, FLAGS, { min: 1, max: FILES_MAX })
    if (flags.as === undefined) throw new PlumblineError('USAGE', `--as is missing; usage: ${replay.usage}`)
    const recording = await readFiles(words, positive('dt', flags.dt), flags.unit)
    const play = {
      speed: positive('speed', flags.speed) ?? 1,
      lead_s: positive('lead', flags.lead) ?? 2,
      quiet_s: positive('quiet', flags.quiet) ?? 60,
    }
    const run = { ...flags, site: flags.site ?? join(TOP, 'site.example.yaml'), data: flags.data ?? join('data', NAME) }
    return runStack(SERVICE_NAMES, run, {
      prepare: (site) => ({
        site: playing(site, flags.as!, recording, play),
        loadRecording: async (name) => (name === NAME ? recording : loadRecording(name)),
      }),
      started: (site) => {
        const port = flags.port ?? site.file.desk.port
        process.stdout.write(
          `Playing ${words.map((w) => basename(w)).join(', ')} as ${flags.as} at http://${site.file.desk.host}:${port}  (Ctrl-C stops)\n`,
        )
      },
    })
  },
}

async function readFiles(
  paths: readonly string[],
  dt_s: number | undefined,
  unit: string | undefined,
): Promise<Recording> {
  const files = await Promise.all(
    paths.map(async (path) => {
      try {
        return { name: basename(path), bytes: await readFile(path) }
      } catch (error) {
        throw new PlumblineError(
          'RECORDING_INVALID',
          `${path}: expected a readable file, got ${(error as NodeJS.ErrnoException).code}`,
        )
      }
    }),
  )
  return readRecording(files, { ...(dt_s !== undefined && { dt_s }), ...(unit !== undefined && { unit }) })
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0)
    throw new PlumblineError('USAGE', `--${flag}: expected a number above 0, got "${text}"`)
  return value
}

/** The site with one simulated device playing the recording. @throws PlumblineError USAGE */
export function playing(
  site: Site,
  channel: string,
  recording: Recording,
  play: { speed: number; lead_s: number; quiet_s: number },
): Site {
  const placed = simulatedDevice(site, channel)
  if (placed.model.ring !== undefined && play.speed !== 1)
    throw new PlumblineError(
      'USAGE',
      `--speed: expected 1 for ${placed.device.id}, whose ring is played at its own rate, got ${play.speed}`,
    )
  const kind = placed.model.ring === undefined ? 'series' : 'waveform'
  if (recording.kind !== kind)
    throw new PlumblineError(
      'USAGE',
      `--as ${channel}: expected a recording with ${kind === 'series' ? 'stage values' : 'acceleration samples'}, got a ${recording.kind}`,
    )
  const file = structuredClone(site.file)
  for (const node of file.nodes)
    for (const link of node.links)
      for (const device of link.devices)
        if (device.id === placed.device.id)
          device.simulated = {
            time_scale: play.speed,
            play: { recording: NAME, lead_s: play.lead_s, quiet_s: play.quiet_s },
          }
  return { ...site, file }
}

function simulatedDevice(site: Site, channel: string): PlacedDevice {
  const [device] = channel.split('/')
  const simulated = devicesOf(site).filter((p) => p.device.simulated !== undefined)
  const found = devicesOf(site).find((p) => p.device.id === device)
  if (found === undefined)
    throw new PlumblineError(
      'USAGE',
      `--as: expected a channel of ${simulated.map((p) => p.device.id).join(', ')}, got "${channel}"`,
    )
  if (found.device.simulated === undefined)
    throw new PlumblineError(
      'USAGE',
      `--as: ${found.device.id} is a real device; a recording is played only into simulated ones (${simulated.map((p) => p.device.id).join(', ')})`,
    )
  return found
}
