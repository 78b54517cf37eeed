/**
 * A ground-motion event that is over as points of the `motion` series, one for each floor. Pure, and the same event at the
 * same instant gives the same points: what is written twice, after a crash or because a late alarm changed it, is stored once.
 */
import type { EventDetailJson } from '../domain/api-desk.ts'
import type { SeriesPoint } from '../domain/ports.ts'
import { FIELD, MEASUREMENT, TAG } from '../domain/series.ts'
import type { Instant } from '../domain/time.ts'

/** @param t_ns onset of the event as it was first written */
export function motionPoints(site: string, { event, floors }: EventDetailJson, t_ns: Instant): SeriesPoint[] {
  const M = FIELD.motion
  return floors
    .filter(({ device }) => device !== null)
    .map((floor) => ({
      kind: event.exercise ? 'exercise' : 'real',
      measurement: MEASUREMENT.motion,
      tags: {
        [TAG.site]: site,
        [TAG.structure]: event.structure,
        [TAG.floor]: floor.floor,
        [TAG.device]: floor.device!,
      },
      fields: {
        [M.event]: event.id,
        [M.exercise]: event.exercise ? 1n : 0n,
        [M.pga]: floor.pga_m_s2 ?? undefined,
        [M.pgv]: floor.pgv_m_s ?? undefined,
        [M.drift_ratio]: floor.drift_ratio ?? undefined,
        [M.residual_drift_ratio]: floor.residual_drift_ratio ?? undefined,
        [M.tilt]: floor.tilt_rad ?? undefined,
        [M.complete]: floor.complete,
      },
      t_ns,
    }))
}
