/**
 * From a ground motion and a building to one recording per floor, such as an accelerometer on it would have made. The
 * devices that play them are `accelerometer.ts`; the mechanics are `whole-record.ts`.
 */
import { instant, secondsToNs } from '../../domain/time.ts'
import type { Waveform } from '../../recordings/recording.ts'
import { BandNoise } from './band-noise.ts'
import type { Building } from './building.ts'
import { streamSeed } from './hash-noise.ts'
import { positive, refuse, within } from './refuse.ts'
import { type Damage, peakOf, resample, type WholeRecord, wholeRecord } from './whole-record.ts'

export type Ambient = {
  readonly seed: number
  /** Of the ground, each axis. A quiet street has about 0.0002 m/s², beside a machine it is 0.002 [K]. */
  readonly rms_m_s2: number
  readonly low_hz?: number
  readonly high_hz?: number
}

export type BuildingWaveformsOptions = {
  /** The recordings are called `<name>-floor-0` (the ground) and so on. */
  readonly name: string
  readonly ground: Waveform
  /** How it sways along each horizontal axis. The other axes (`ud`) move all floors as the ground moves. */
  readonly buildings: Readonly<Record<string, Building>>
  /** Axes of the recordings; default the ground's. One that the ground does not have carries ambient motion alone. */
  readonly axes?: readonly string[]
  /** At least the ground's own, which is the default; devices play a record only at their own rate. */
  readonly sample_rate_hz?: number
  /** Scales all axes alike so that the strongest horizontal one peaks here. */
  readonly pga_m_s2?: number
  readonly ambient?: Ambient
  /** Ambient time before and after the ground record; default 0. */
  readonly lead_s?: number
  readonly tail_s?: number
  /** `at_s` counts from the first sample of the ground record; `axis` alone, or all. */
  readonly damage?: ReadonlyArray<Damage & { readonly axis?: string }>
  /** As in `wholeRecord`. */
  readonly substeps?: number
}

export type BuildingWaveforms = {
  /** Index 0 = the ground, index i = floor i. */
  readonly waveforms: readonly Waveform[]
  /** By horizontal axis; drifts, residual drifts and modes stand there. Their samples include a run-in, see `run_in_samples`. */
  readonly responses: Readonly<Record<string, WholeRecord>>
  readonly run_in_samples: number
}

/** The building stands still at first; after this time of ambient motion it sways as if it had done so for ever. */
const RUN_IN_S = 30

/** @throws PlumblineError USAGE naming what cannot be */
export function buildingWaveforms(options: BuildingWaveformsOptions): BuildingWaveforms {
  const { name, ground, buildings, ambient, lead_s = 0, tail_s = 0, damage = [] } = options
  const rate = positive('sample_rate_hz', options.sample_rate_hz ?? ground.sample_rate_hz)
  within('lead_s', lead_s, 0, 86_400)
  within('tail_s', tail_s, 0, 86_400)
  const axes = options.axes ?? ground.axes.map((a) => a.axis)
  const floors = floorsOf(buildings, axes)
  for (const [i, { axis }] of damage.entries())
    if (axis !== undefined && buildings[axis] === undefined)
      refuse(`damage[${i}].axis`, Object.keys(buildings).join(', '), axis)
  const runIn = ambient === undefined ? 0 : Math.round(RUN_IN_S * rate)
  const lead = Math.round(lead_s * rate)
  const gain = scaleTo(options.pga_m_s2, ground, buildings)
  const responses: Record<string, WholeRecord> = {}
  const byAxis = axes.map((axis) => {
    const record = ground.axes.find((a) => a.axis === axis)?.samples ?? new Float64Array(ground.axes[0]!.samples.length)
    const ground_m_s2 = groundMotion(resample(record, ground.sample_rate_hz, rate), {
      before: runIn + lead,
      after: Math.round(tail_s * rate),
      gain,
      noise: ambient && new BandNoise(noiseOptions(ambient, axis, rate)),
      first: -runIn,
    })
    const building = buildings[axis]
    if (building === undefined) return Array.from({ length: floors + 1 }, () => ground_m_s2)
    const losses = damage
      .filter((loss) => (loss.axis ?? axis) === axis)
      .map((loss) => ({ ...loss, at_s: loss.at_s + (runIn + lead) / rate }))
    const response = wholeRecord({
      building,
      ground_m_s2,
      sample_rate_hz: rate,
      damage: losses,
      substeps: options.substeps ?? 1,
    })
    responses[axis] = response
    return response.acceleration_m_s2
  })
  const waveforms = Array.from(
    { length: floors + 1 },
    (_, floor): Waveform => ({
      kind: 'waveform',
      name: `${name}-floor-${floor}`,
      start: instant(ground.start - secondsToNs(lead / rate)),
      sample_rate_hz: rate,
      unit: 'm/s²',
      axes: axes.map((axis, a) => ({ axis, samples: byAxis[a]![floor]!.slice(runIn) })),
      source: `simulated shear building, floor ${floor} of ${floors}; ground: ${ground.source}`,
    }),
  )
  return { waveforms, responses, run_in_samples: runIn }
}

function floorsOf(buildings: Readonly<Record<string, Building>>, axes: readonly string[]): number {
  const entries = Object.entries(buildings)
  const first = entries[0] ?? refuse('buildings', 'a building along at least one axis', buildings)
  for (const [axis, building] of entries) {
    if (!axes.includes(axis)) refuse(`buildings.${axis}`, `an axis of the recordings (${axes.join(', ')})`, axis)
    if (building.storeys.length !== first[1].storeys.length)
      refuse(
        `buildings.${axis}.storeys.length`,
        `${first[1].storeys.length}, as along ${first[0]}`,
        building.storeys.length,
      )
  }
  return first[1].storeys.length
}

function scaleTo(
  pga_m_s2: number | undefined,
  ground: Waveform,
  buildings: Readonly<Record<string, Building>>,
): number {
  if (ground.axes.length === 0 || ground.axes[0]!.samples.length === 0)
    refuse('ground', 'a record with samples', ground.name)
  if (pga_m_s2 === undefined) return 1
  const peak = Math.max(0, ...ground.axes.filter((a) => buildings[a.axis] !== undefined).map((a) => peakOf(a.samples)))
  if (!(peak > 0)) refuse('pga_m_s2', 'none for a ground that is still along every axis of the building', pga_m_s2)
  return positive('pga_m_s2', pga_m_s2) / peak
}

const noiseOptions = ({ seed, rms_m_s2, low_hz, high_hz }: Ambient, axis: string, sample_rate_hz: number) => ({
  seed: streamSeed(seed, `ambient ${axis}`),
  rms: rms_m_s2,
  sample_rate_hz,
  ...(low_hz !== undefined && { low_hz }),
  ...(high_hz !== undefined && { high_hz }),
})

function groundMotion(
  record: Float64Array,
  add: { before: number; after: number; gain: number; noise: BandNoise | undefined; first: number },
): Float64Array {
  const count = add.before + record.length + add.after
  const out = add.noise?.fill(add.first, count) ?? new Float64Array(count)
  for (let k = 0; k < record.length; k++) out[add.before + k]! += add.gain * record[k]!
  return out
}

/** A ground that does not move by itself: what `buildingWaveforms` makes a quiet day of. */
export const stillGround = (
  about: Pick<Waveform, 'name' | 'start' | 'sample_rate_hz'> & { axes: readonly string[]; duration_s: number },
): Waveform => ({
  kind: 'waveform',
  name: about.name,
  start: about.start,
  sample_rate_hz: positive('sample_rate_hz', about.sample_rate_hz),
  unit: 'm/s²',
  axes: about.axes.map((axis) => ({
    axis,
    samples: new Float64Array(Math.round(within('duration_s', about.duration_s, 1, 86_400) * about.sample_rate_hz)),
  })),
  source: 'synthetic: still ground',
})
