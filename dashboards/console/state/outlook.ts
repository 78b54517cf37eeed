/** What a water would reach next if it goes on like this: the lowest level above the stage, by `extrapolate.ts`. */
import type { LevelJson } from '../../../domain/api.ts'
import { type Point, type Reach, timeToLevel } from './extrapolate.ts'
import { isDrawn, type Series } from './series.ts'
import type { WaterView } from './water.ts'

export type Outlook = { readonly level: LevelJson; readonly reach: Reach }

/** The valid columns as points on the gauge's own clock, from 0 at the oldest. */
export function pointsOf(series: Series, time_scale: number): Point[] {
  const drawn = series.columns.filter(isDrawn)
  const first_ms = drawn[0]?.last_ms ?? 0
  return drawn.map((c) => ({ t_s: ((c.last_ms - first_ms) / 1000) * time_scale, value: c.mean }))
}

export function outlookOf(view: WaterView, series: Series): Outlook | null {
  const { stage_m, device, levels } = view
  if (stage_m === null || device === undefined) return null
  const next = [...levels].reverse().find(({ level }) => level.stage_m > stage_m)
  if (next === undefined) return null
  const reach = timeToLevel(pointsOf(series, device.time_scale), next.level.stage_m)
  return reach === null ? null : { level: next.level, reach }
}
