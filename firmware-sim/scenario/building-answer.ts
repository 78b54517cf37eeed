/**
 * What a building does in a round of a scenario, in the few numbers that people ask for: peak acceleration per floor, drift
 * per storey, what it keeps of it, and how its frequency moves. It is the truth that measurements can be held against.
 */
import { M_S2_PER_GAL } from '../../domain/units.ts'
import type { BuildingWaveforms } from '../physics/building-waveforms.ts'
import { peakOf } from '../physics/whole-record.ts'
import type { Motion } from './record-part.ts'
import type { SitePart } from './targets.ts'

export type AxisAnswer = {
  readonly axis: string
  /** Largest drift over height of each storey, the lowest first. */
  readonly drift_ratio: readonly number[]
  /** Drift [m] that each storey keeps when all is still. */
  readonly residual_drift_m: readonly number[]
  /** First natural frequency before the round and after it. */
  readonly before_hz: number
  readonly after_hz: number
}
export type BuildingAnswer = {
  readonly structure: string
  /** The site's floors: largest acceleration of the stronger horizontal axis. */
  readonly floors: ReadonlyArray<{ readonly floor: string; readonly pga_m_s2: number }>
  readonly axes: readonly AxisAnswer[]
}

/** @param floors index 0 = the ground */
export function buildingAnswer(
  site: SitePart,
  structure: string,
  floors: readonly Motion[],
  { responses, run_in_samples }: BuildingWaveforms,
): BuildingAnswer {
  const top = floors.length - 1
  return {
    structure,
    floors: floorsIn(site, structure).map(({ id }) => {
      const { ns, ew } = floors[storeyOf(site, { structure, floor: id }, top)]!
      return { floor: id, pga_m_s2: Math.max(peakOf(ns), peakOf(ew)) }
    }),
    axes: Object.entries(responses).map(([axis, response]) => ({
      axis,
      drift_ratio: response.tilt_rad.map((tilt) => peakOf(tilt.subarray(run_in_samples))),
      residual_drift_m: [...response.residual_drift_m],
      before_hz: response.modes_before[0]!.frequency_hz,
      after_hz: response.modes_after[0]!.frequency_hz,
    })),
  }
}

const floorsIn = (site: SitePart, structure: string) =>
  site.file.structures.find((s) => s.id === structure)?.floors ?? []

/** Of its highest floor [m]. */
export const heightOf = (site: SitePart, structure: string): number =>
  Math.max(0, ...floorsIn(site, structure).map((f) => f.height_m))

/** 0 for a floor on the ground or below it, `storeys` for the highest. */
export function storeyOf(site: SitePart, place: { structure: string; floor: string }, storeys: number): number {
  const height_m = floorsIn(site, place.structure).find((f) => f.id === place.floor)?.height_m ?? 0
  const top_m = heightOf(site, place.structure)
  return top_m > 0 ? Math.round((Math.max(0, height_m) / top_m) * storeys) : 0
}

/** One line for a person. */
export function buildingLine({ structure, floors, axes }: BuildingAnswer): string {
  const pga = floors.map(({ floor, pga_m_s2 }) => `${floor} ${Math.round(pga_m_s2 / M_S2_PER_GAL)}`).join(', ')
  const storeys = axes.flatMap(({ axis, drift_ratio }) => drift_ratio.map((drift, i) => ({ axis, drift, i })))
  const worst = storeys.reduce((most, storey) => (storey.drift > most.drift ? storey : most))
  const residual_mm = 1000 * Math.max(0, ...axes.flatMap((a) => a.residual_drift_m.map(Math.abs)))
  const softer = axes.reduce((most, axis) => (axis.after_hz < most.after_hz ? axis : most))
  const parts = [
    `peaks ${pga} gal`,
    `largest drift ${(worst.drift * 100).toFixed(2)} % (storey ${worst.i + 1}, ${worst.axis})`,
    ...(residual_mm >= 0.05 ? [`of which up to ${residual_mm.toFixed(1)} mm stay`] : []),
    ...(softer.after_hz < softer.before_hz * 0.999
      ? [`first frequency ${softer.before_hz.toFixed(2)} -> ${softer.after_hz.toFixed(2)} Hz`]
      : []),
  ]
  return `${structure} will show: ${parts.join('; ')}`
}
