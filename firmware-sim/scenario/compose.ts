/**
 * From a scenario, a site, the recordings it names and a seed to one recording per simulated device: the pure core. Nothing
 * but + − × ÷ √ and hashes decides a value, or it is rounded to the sensor's step: every machine makes the same.
 */
import { instant } from '../../domain/time.ts'
import type { Checked, Mistake } from '../../domain/yaml-check.ts'
import type { Recording } from '../../recordings/recording.ts'
import type { BuildingAnswer } from './building-answer.ts'
import type { ScenarioFile } from './schema.ts'
import { applySensorFault } from './sensor-fault.ts'
import { shakingOf } from './shaking.ts'
import { type SitePart, type Target, targetsOf, targetsOfStep } from './targets.ts'
import { seriesOf, stagesOf } from './water.ts'

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
  const { file, targets } = round
  const source = `scenario ${file.name}, seed ${round.seed}; nothing of it is real`
  const { axes: shaking, buildings } = shakingOf(round)
  const stages = stagesOf(round)
  const plays = new Map<string, Recording>()
  for (const target of targets) {
    const rate_hz = target.model.ring?.sample_rate_hz ?? 1
    const values = shaking.get(target.id) ?? [stages.get(target.id)].filter((s) => s !== undefined)
    if (values.length === 0) continue
    // Devices on one floor share its motion until here; a broken sensor is one device's own.
    const axes = values.map((samples) => samples.slice())
    for (const step of [...file.timeline].sort((a, b) => a.at_s - b.at_s))
      if (targetsOfStep(step, targets).includes(target)) applySensorFault(step, axes, rate_hz)
    const name = recordingName(target.id)
    plays.set(
      target.id,
      target.model.ring === undefined
        ? seriesOf(name, axes[0]!, file.water_time_scale, source)
        : {
            kind: 'waveform',
            name,
            start: instant(0n),
            sample_rate_hz: rate_hz,
            unit: 'm/s²',
            axes: target.model.ring.axes.map((axis, a) => ({ axis, samples: axes[a]! })),
            source,
          },
    )
  }
  return { plays, buildings, mistakes: round.mistakes }
}

export const recordingName = (device: string): string => `scenario-${device}`
