/**
 * From a scenario, a site, the recordings it names and a seed to one recording per simulated device: the pure core. Nothing
 * but + − × ÷ √ and hashes decides a value, or it is rounded to the sensor's step: every machine makes the same.
 */
import { type Sampled, sampledOf } from '../../domain/model.ts'
import { instant } from '../../domain/time.ts'
import type { Checked, Mistake } from '../../domain/yaml-check.ts'
import type { Recording, Waveform } from '../../recordings/recording.ts'
import type { BuildingAnswer } from './building-answer.ts'
import { readingsOf, rowsPerSecond, seriesOf, timeScaleOfTarget } from './readings.ts'
import type { ScenarioFile } from './schema.ts'
import { applySensorFault, type PlayedValues } from './sensor-fault.ts'
import { shakingOf } from './shaking.ts'
import { type SitePart, type Target, targetsOf, targetsOfStep } from './targets.ts'
import { stagesOf } from './water.ts'

/** What a round is made of; parts that cannot be are added to `mistakes`, so that all are told at once. */
export type Round = {
  readonly file: ScenarioFile
  readonly site: SitePart
  readonly targets: readonly Target[]
  readonly recordings: ReadonlyMap<string, Recording>
  readonly seed: number
  readonly mistakes: Mistake[]
  readonly mistakeAt: Checked['mistakeAt']
}

export type Composed = {
  readonly plays: ReadonlyMap<string, Recording>
  /** What the buildings do that something happens to. */
  readonly buildings: readonly BuildingAnswer[]
  readonly mistakes: readonly Mistake[]
}

/** Recordings by device id, each exactly a round long. They mean something only where there are no mistakes. */
export function compose(about: Pick<Round, 'file' | 'site' | 'recordings' | 'seed' | 'mistakeAt'>): Composed {
  const round: Round = { ...about, targets: targetsOf(about.site), mistakes: [] }
  const { axes: shaking, lean, buildings } = shakingOf(round)
  const stages = stagesOf(round)
  const plays = new Map<string, Recording>()
  for (const target of round.targets) {
    const sampled = sampledOf(target.model)
    if (sampled !== undefined) {
      const axes = shaking.get(target.id)
      if (axes !== undefined) plays.set(target.id, motionOf(round, target, sampled, axes))
      continue
    }
    const readings = readingsOf(round, target, { stages: stages.get(target.id), lean: lean.get(target.id) })
    const rows_per_s = rowsPerSecond(target)
    spoil(round, target, readings, rows_per_s)
    plays.set(target.id, seriesOf(named(round, target), readings, timeScaleOfTarget(target, round) / rows_per_s))
  }
  return { plays, buildings, mistakes: round.mistakes }
}

function motionOf(round: Round, target: Target, { axes, sample_rate_hz }: Sampled, motion: Float64Array[]): Waveform {
  // Devices on one floor share its motion until here; a broken sensor is one device's own.
  const played = motion.map((samples) => ({ quantity: 'acceleration' as const, values: samples.slice() }))
  spoil(round, target, played, sample_rate_hz)
  return {
    kind: 'waveform',
    ...named(round, target),
    start: instant(0n),
    sample_rate_hz,
    unit: 'm/s²',
    axes: axes.map((axis, a) => ({ axis, samples: played[a]!.values })),
  }
}

function spoil({ file, targets }: Round, target: Target, played: readonly PlayedValues[], rate_hz: number): void {
  for (const step of [...file.timeline].sort((a, b) => a.at_s - b.at_s))
    if (targetsOfStep(step, targets).includes(target)) applySensorFault(step, played, rate_hz)
}

const named = ({ file, seed }: Round, { id }: Target) => ({
  name: recordingName(id),
  source: `scenario ${file.name}, seed ${seed}; nothing of it is real`,
})

export const recordingName = (device: string): string => `scenario-${device}`
