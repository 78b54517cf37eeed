/**
 * From a site entry, its register map and a recording to a simulated device, or one clear site error. Loading models and
 * recordings is left to the caller.
 */
import type { PlacedDevice } from '../domain/channel.ts'
import type { Ring } from '../domain/model.ts'
import { secondsToNs } from '../domain/time.ts'
import type { Recording, Waveform } from '../recordings/recording.ts'
import { Accelerometer, type AccelerometerOptions } from './accelerometer.ts'
import type { Boot, DeviceIdentity } from './device.ts'
import { Gauge } from './gauge.ts'
import type { Imperfections } from './imperfections.ts'
import { seedOf } from './noise.ts'
import { cutSeries, cutWaveform, invalid, type Play } from './play.ts'

/**
 * @param path where the device stands in the site file, e.g. `nodes[0].links[0].devices[1]`
 * @throws PlumblineError SITE_INVALID where recording and model do not fit together
 */
export function makeDevice(
  { device, model }: Pick<PlacedDevice, 'device' | 'model'>,
  recording: Recording,
  boot: Boot,
  path: string,
): Accelerometer | Gauge {
  const simulated = device.simulated ?? invalid(`${path}.simulated`, 'what the device plays', undefined)
  const { play, time_scale } = simulated
  const at = `${path}.simulated.play`
  const identity: DeviceIdentity = { id: device.id, unit_id: device.unit_id, model, time_scale, boot }
  const imperfections = imperfectionsOf(device)
  if (model.ring !== undefined) {
    const options = accelerometer(identity, model.ring, recording, play, at)
    return new Accelerometer({ ...options, ...imperfections })
  }
  if (recording.kind !== 'series') invalid(`${at}.recording`, `a series of values for ${model.id}`, recording.name)
  const { from, to } = cutSeries(recording, play, at)
  return new Gauge({
    ...identity,
    ...imperfections,
    points: model.points ?? [],
    series: recording,
    from,
    rounds: { lead: secondsToNs(play.lead_s), play: atLeastOne(to - from), quiet: secondsToNs(play.quiet_s) },
  })
}

/** Two sensors whose site entry names no seed never show the same noise. */
function imperfectionsOf({ id, simulated }: PlacedDevice['device']): { imperfections?: Imperfections } {
  const given = simulated?.imperfections
  return given === undefined ? {} : { imperfections: { ...given, seed: given.seed ?? seedOf(id) } }
}

const atLeastOne = (ns: bigint): bigint => (ns > 0n ? ns : 1n)

function accelerometer(
  identity: DeviceIdentity,
  ring: Ring,
  recording: Recording,
  play: Play,
  path: string,
): AccelerometerOptions {
  if (recording.kind !== 'waveform')
    invalid(`${path}.recording`, `a waveform for ${identity.model.id}, which holds a ring of samples`, recording.name)
  if (recording.sample_rate_hz !== ring.sample_rate_hz)
    invalid(
      `${path}.recording`,
      `a record at ${ring.sample_rate_hz} Hz, the rate of ${identity.model.id}`,
      `${recording.name} at ${recording.sample_rate_hz} Hz`,
    )
  const { first, count } = cutWaveform(recording, play, path)
  const record = ring.axes.map((axis) => recordAxis(recording, axis, path).subarray(first, first + count))
  const samples = (s: number) => Math.round(s * ring.sample_rate_hz)
  const rounds = { lead: samples(play.lead_s), play: count, quiet: samples(play.quiet_s) }
  return { ...identity, ring, record, rounds }
}

/** Axes of a sensor that is installed to the compass: x = north-south, y = east-west, z = up-down. */
const COMPASS: Readonly<Record<string, string>> = { x: 'ns', y: 'ew', z: 'ud' }

function recordAxis(wave: Waveform, axis: string, path: string): Float64Array {
  const find = (name: string | undefined) => wave.axes.find((a) => a.axis === name)?.samples
  return (
    find(axis) ??
    find(COMPASS[axis]) ??
    invalid(`${path}.recording`, `a record with an axis for ${axis}`, wave.axes.map((a) => a.axis).join(', '))
  )
}
