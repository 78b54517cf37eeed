/**
 * A building through a whole ground record: what every floor and storey does, ready to be quantised and played. The steps
 * themselves are `shear-building.ts`; making recordings of it is `building-waveforms.ts`.
 */
import { type Building, buildingModes, checkBuilding } from './building.ts'
import type { Mode } from './modes.ts'
import { finite, positive, refuse, whole, within } from './refuse.ts'
import { ShearBuilding } from './shear-building.ts'

/** From a sample on, a storey has a share of the stiffness it was built with. */
export type Damage = {
  readonly at_s: number
  /** 0 is the lowest. */
  readonly storey: number
  /** 0.001 to 1; 0.8 is a loss of 20 %. */
  readonly share: number
}

export type WholeRecordOptions = {
  readonly building: Building
  readonly ground_m_s2: Float64Array
  readonly sample_rate_hz: number
  readonly damage?: readonly Damage[]
  /**
   * Steps per sample, 1 to 50, the ground straight between its samples. Default: as many as give the fastest mode 10 steps a
   * period, at most 10.
   */
  readonly substeps?: number
}

export type WholeRecord = {
  /** Absolute, index 0 = the ground as it came, index i = floor i. */
  readonly acceleration_m_s2: readonly Float64Array[]
  /** Relative to the ground, index 0 = floor 1. */
  readonly displacement_m: readonly Float64Array[]
  /** Drift ratio of each storey, which is also the lean of its columns [rad]; index 0 = the lowest. */
  readonly tilt_rad: readonly Float64Array[]
  /** Drift [m] that each storey keeps when all is still. */
  readonly residual_drift_m: Float64Array
  readonly modes_before: readonly Mode[]
  readonly modes_after: readonly Mode[]
}

/** 60 M values of 8 bytes in each of three tables: 20 storeys for 8 h at 100 Hz. */
const VALUES_MAX = 60_000_000

/** @throws PlumblineError USAGE naming what cannot be */
export function wholeRecord(options: WholeRecordOptions): WholeRecord {
  const { building, ground_m_s2, sample_rate_hz, damage = [] } = options
  checkBuilding(building)
  finite('ground_m_s2', ground_m_s2)
  const n = building.storeys.length
  const samples = ground_m_s2.length
  if (samples < 1 || samples * n > VALUES_MAX)
    refuse('ground_m_s2.length', `1 to ${Math.floor(VALUES_MAX / n)} samples for ${n} storeys`, samples)
  const losses = plan(damage, sample_rate_hz)
  const modes_before = buildingModes(building)
  const enough = Math.min(10, Math.max(1, Math.ceil((10 * modes_before.at(-1)!.frequency_hz) / sample_rate_hz)))
  const substeps = whole('substeps', options.substeps ?? enough, 1, 50)
  const model = new ShearBuilding(building, sample_rate_hz * substeps)
  const table = () => Array.from({ length: n }, () => new Float64Array(samples))
  const [acceleration, displacement_m, tilt_rad] = [table(), table(), table()]
  for (let k = 0; k < samples; k++) {
    while (losses.length > 0 && losses[0]!.sample <= k) {
      const { storey, share } = losses.shift()!
      model.setStiffness(storey, (building.storeys[storey]?.stiffness_N_m ?? 1) * share)
    }
    const before = ground_m_s2[k - 1]
    for (let j = 1; before !== undefined && j < substeps; j++)
      model.step(before + ((ground_m_s2[k]! - before) * j) / substeps)
    const state = model.step(ground_m_s2[k]!)
    for (let i = 0; i < n; i++) {
      acceleration[i]![k] = state.acceleration_m_s2[i]!
      displacement_m[i]![k] = state.displacement_m[i]!
      tilt_rad[i]![k] = state.tilt_rad[i]!
    }
  }
  return {
    acceleration_m_s2: [ground_m_s2, ...acceleration],
    displacement_m,
    tilt_rad,
    residual_drift_m: model.residualDrift_m(),
    modes_before,
    modes_after: model.modes(),
  }
}

function plan(damage: readonly Damage[], sample_rate_hz: number): Array<Damage & { readonly sample: number }> {
  positive('sample_rate_hz', sample_rate_hz)
  return damage
    .map((loss, i) => {
      if (!(loss.at_s >= 0 && Number.isFinite(loss.at_s))) refuse(`damage[${i}].at_s`, '0 or more', loss.at_s)
      within(`damage[${i}].share`, loss.share, 0.001, 1)
      return { ...loss, sample: Math.ceil(loss.at_s * sample_rate_hz - 1e-6) }
    })
    .sort((one, other) => one.sample - other.sample)
}

/** Largest absolute value; 0 of none. */
export function peakOf(values: Float64Array): number {
  let peak = 0
  for (let i = 0; i < values.length; i++) peak = Math.max(peak, Math.abs(values[i]!))
  return peak
}

/**
 * The record at another sample rate, straight between its samples, as Newmark's method takes the ground anyway; the last
 * sample stays the last instant. To a lower rate it would fold frequencies and is refused.
 * @throws PlumblineError USAGE
 */
export function resample(values: Float64Array, from_hz: number, to_hz: number): Float64Array {
  if (to_hz < from_hz) refuse('sample_rate_hz', `at least ${from_hz}, the record's own`, to_hz)
  if (to_hz === from_hz) return values.slice()
  const count = Math.floor(((values.length - 1) * to_hz) / from_hz + 1e-9) + 1
  return Float64Array.from({ length: count }, (_, k) => {
    const position = Math.min((k * from_hz) / to_hz, values.length - 1)
    const i = Math.min(Math.floor(position), values.length - 2)
    return i < 0 ? values[0]! : values[i]! + (values[i + 1]! - values[i]!) * (position - i)
  })
}
