/**
 * From a site entry, its register map and a recording to a simulated device, or one clear site error. Loading models and
 * recordings is left to the caller.
 */
import type { PlacedDevice } from '../domain/channel.ts'
import type { Sampled } from '../domain/model.ts'
import { secondsToNs } from '../domain/time.ts'
import type { Recording } from '../recordings/recording.ts'
import { Accelerometer } from './accelerometer.ts'
import { axisOf } from './axes.ts'
import type { Boot, DeviceIdentity } from './device.ts'
import { FifoDevice } from './fifo-device.ts'
import { Gauge } from './gauge.ts'
import type { Imperfections } from './imperfections.ts'
import { seedOf } from './noise.ts'
import { cutSeries, cutWaveform, invalid, type Play } from './play.ts'
import { atRate } from './resample.ts'
import type { SamplerOptions } from './sampler.ts'

export type MadeDevice = Accelerometer | FifoDevice | Gauge

/**
 * @param path where the device stands in the site file, e.g. `nodes[0].links[0].devices[1]`
 * @throws PlumblineError SITE_INVALID where recording and model do not fit together
 */
export function makeDevice(
  { device, model }: Pick<PlacedDevice, 'device' | 'model'>,
  recording: Recording,
  boot: Boot,
  path: string,
): MadeDevice {
  const simulated = device.simulated ?? invalid(`${path}.simulated`, 'what the device plays', undefined)
  const { play, time_scale } = simulated
  const at = `${path}.simulated.play`
  const identity: DeviceIdentity = { id: device.id, unit_id: device.unit_id, model, time_scale, boot }
  const imperfections = imperfectionsOf(device)
  const { ring, fifo } = model
  if (ring !== undefined)
    return new Accelerometer({ ...motion(identity, ring, recording, play, at), ...imperfections, ring })
  if (fifo !== undefined)
    return new FifoDevice({ ...motion(identity, fifo, recording, play, at), ...imperfections, fifo })
  if (recording.kind !== 'series') invalid(`${at}.recording`, `a series of values for ${model.id}`, recording.name)
  const { from, to } = cutSeries(recording, play, at)
  return new Gauge({
    ...identity,
    ...imperfections,
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

function motion(
  identity: DeviceIdentity,
  sampled: Sampled,
  recording: Recording,
  play: Play,
  path: string,
): Omit<SamplerOptions, 'sampled'> {
  const { sample_rate_hz, axes } = sampled
  if (recording.kind !== 'waveform')
    invalid(`${path}.recording`, `a waveform for ${identity.model.id}, which holds a ring of samples`, recording.name)
  const wave = atRate(recording, sample_rate_hz)
  const { first, count } = cutWaveform(wave, play, path)
  const record = axes.map((axis) => {
    const samples =
      axisOf(wave, axis) ??
      invalid(`${path}.recording`, `a record with an axis for ${axis}`, recording.axes.map((a) => a.axis).join(', '))
    return samples.subarray(first, first + count)
  })
  const samples = (s: number) => Math.round(s * sample_rate_hz)
  const rounds = { lead: samples(play.lead_s), play: count, quiet: samples(play.quiet_s) }
  return { ...identity, record, rounds }
}
