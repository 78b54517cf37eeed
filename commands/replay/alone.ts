/**
 * `replay --alone`: runs the whole line on a recording in place of what a simulated device of the site plays, in a data
 * folder of its own; no site needs to run. Everything is marked EXERCISE.
 */
import { basename, join } from 'node:path'
import { devicesOf, type PlacedDevice, type Site } from '../../domain/channel.ts'
import { PlumblineError } from '../../domain/errors.ts'
import { sampledOf } from '../../domain/model.ts'
import { loadRecording } from '../../recordings/load.ts'
import type { Recording } from '../../recordings/recording.ts'
import { SERVICE_NAMES } from '../../stack.ts'
import { runStack, type StackFlags } from '../run-stack.ts'

const NAME = 'replay'

export type AloneOptions = Omit<StackFlags, 'node'> & {
  readonly as: string
  readonly files: readonly string[]
  readonly recording: Recording
  readonly speed: number
  readonly lead_s: number
  readonly quiet_s: number
}

export function replayAlone({ as, files, recording, speed, lead_s, quiet_s, ...run }: AloneOptions): Promise<number> {
  return runStack(
    SERVICE_NAMES,
    { ...run, data: run.data ?? join('data', NAME) },
    {
      prepare: (site) => ({
        site: playing(site, as, recording, { speed, lead_s, quiet_s }),
        loadRecording: async (name) => (name === NAME ? recording : loadRecording(name)),
      }),
      started: (site) => {
        const port = run.port ?? site.file.desk.port
        process.stdout.write(
          `Playing ${files.map((w) => basename(w)).join(', ')} as ${as} at http://${site.file.desk.host}:${port}  (Ctrl-C stops)\n`,
        )
      },
    },
  )
}

/** The site with one simulated device playing the recording. @throws PlumblineError USAGE */
export function playing(
  site: Site,
  channel: string,
  recording: Recording,
  play: { speed: number; lead_s: number; quiet_s: number },
): Site {
  const placed = simulatedDevice(site, channel)
  if (sampledOf(placed.model) !== undefined && play.speed !== 1)
    throw new PlumblineError(
      'USAGE',
      `--speed: expected 1 for ${placed.device.id}, whose ring is played at its own rate, got ${play.speed}`,
    )
  const kind = sampledOf(placed.model) === undefined ? 'series' : 'waveform'
  if (recording.kind !== kind)
    throw new PlumblineError(
      'USAGE',
      `--as ${channel}: expected a recording with ${kind === 'series' ? 'values over time (stage, tilt, …)' : 'acceleration samples'}, got a ${recording.kind}`,
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
