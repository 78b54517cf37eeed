/**
 * The floors of a structure by one measure, from an event's figures or from the sensors now: what is known, how completely,
 * and whether a limit was exceeded. No figure is made up: a floor without one has the quality `unknown`, never a zero.
 */
import type { StructureJson } from '../../../domain/api.ts'
import type { EventFloorJson } from '../../../domain/api-desk.ts'
import { judgesValue, type Limit } from '../../../domain/condition.ts'
import { splitChannel } from '../../../domain/ids.ts'
import { isUsable } from './health.ts'
import type { StructureSensor } from './structure.ts'

export const MEASURES = ['pga', 'intensity', 'drift', 'residual', 'tilt'] as const
export type Measure = (typeof MEASURES)[number]
export const measureOf = (text: string | undefined): Measure => MEASURES.find((m) => m === text) ?? 'pga'

/** `incomplete`: there is a figure, of a record with holes; the true one may be larger. */
export type FloorQuality = 'known' | 'incomplete' | 'unknown'

export type FloorRow = {
  readonly id: string
  readonly name: string
  readonly height_m: number
  /** SI; of an intensity its place in the scale. */
  readonly value: number | null
  /** The intensity as the scale writes it. */
  readonly code: string | null
  readonly quality: FloorQuality
  /** Share of the samples that are there; null where nobody counted. */
  readonly complete: number | null
  /** Lowest limit that a sensor of this floor has for the measure. */
  readonly limit: number | null
  readonly exceeded: boolean
  /** `usable`: it tells now, or has told in the event. */
  readonly sensors: ReadonlyArray<{ readonly id: string; readonly name: string; readonly usable: boolean }>
}

/** Classes of the CWA scale in order (Central Weather Administration, 2020). */
const CLASSES = ['0', '1', '2', '3', '4', '5-', '5+', '6-', '6+', '7']
/** A record with more holes than this is marked; the desk takes the same share for drift. */
export const COMPLETE_SHARE = 0.98

const FIELD = { pga: 'pga_m_s2', drift: 'drift_ratio', residual: 'residual_drift_ratio', tilt: 'tilt_rad' } as const

/** Highest floor first, as they stand. */
export function eventFloors(
  structure: StructureJson,
  sensors: readonly StructureSensor[],
  measured: readonly EventFloorJson[],
  measure: Measure,
): FloorRow[] {
  return fromTop(structure).map((floor) => {
    const found = measured.find((m) => m.floor === floor.id || m.floor === `${structure.id}/${floor.id}`)
    const code = measure === 'intensity' ? (found?.intensity ?? null) : null
    const value = measure === 'intensity' ? rankOf(code) : (found?.[FIELD[measure]] ?? null)
    const complete = found?.device == null ? null : found.complete
    const here = on(floor.id, sensors).filter((s) => found?.device == null || s.device.id === found.device)
    // What a sensor does now says nothing of then.
    const recorded = row(floor, here, measure, value, code, complete)
    return { ...recorded, sensors: recorded.sensors.map((s) => ({ ...s, usable: (complete ?? 0) > 0 })) }
  })
}

/** Only PGA is told by itself; every other measure is of an event. */
export function floorsNow(structure: StructureJson, sensors: readonly StructureSensor[], measure: Measure): FloorRow[] {
  return fromTop(structure).map((floor) => {
    const here = on(floor.id, sensors)
    const peaks = here.flatMap((s) => (s.pga_m_s2 === null ? [] : [s.pga_m_s2]))
    const value = measure !== 'pga' || peaks.length === 0 ? null : Math.max(...peaks)
    const usable = here.filter((s) => isUsable(s.health)).length
    return row(floor, here, measure, value, null, here.length === 0 ? null : usable / here.length)
  })
}

const fromTop = ({ floors }: StructureJson) => [...floors].sort((a, b) => b.height_m - a.height_m)
const on = (floor: string, sensors: readonly StructureSensor[]) => sensors.filter((s) => s.floor?.id === floor)
const rankOf = (code: string | null): number | null => {
  const rank = code === null ? -1 : CLASSES.indexOf(code)
  return rank < 0 ? null : rank
}

function row(
  floor: StructureJson['floors'][number],
  sensors: readonly StructureSensor[],
  measure: Measure,
  value: number | null,
  code: string | null,
  complete: number | null,
): FloorRow {
  const limit = measure === 'pga' ? lowest(sensors.flatMap((s) => s.limits)) : null
  return {
    ...floor,
    value,
    code,
    quality: value === null ? 'unknown' : complete !== null && complete < COMPLETE_SHARE ? 'incomplete' : 'known',
    complete,
    limit,
    exceeded: limit !== null && value !== null && value >= limit,
    sensors: sensors.map(({ device, health }) => ({ id: device.id, name: device.name, usable: isUsable(health) })),
  }
}

function lowest(limits: readonly Limit[]): number | null {
  const of = limits.filter((l) => judgesValue(l) && l.direction === 'above' && splitChannel(l.channel).metric === 'pga')
  return of.length === 0 ? null : Math.min(...of.map((l) => l.limit))
}

/**
 * Steps of grey between nothing and the greatest figure shown, or the limit where that is greater: a faint tremor stays faint.
 * Pictures side by side share `top`.
 */
export const SHADES = 5
export function shadeOf(value: number | null, top: number): number {
  if (value === null || !(top > 0)) return 0
  return Math.min(SHADES - 1, Math.ceil((value / top) * (SHADES - 1)))
}
export const topOf = (rows: readonly FloorRow[]): number =>
  Math.max(0, ...rows.map((r) => Math.max(r.value ?? 0, r.limit ?? 0)))

/** What the picture says, for words: the greatest, and which floors are not told. */
export type FloorsSaid = {
  readonly most: FloorRow | null
  readonly exceeded: readonly FloorRow[]
  readonly unknown: readonly FloorRow[]
  readonly incomplete: readonly FloorRow[]
  /** Floors that were judged: with a figure and a limit. */
  readonly limits: number
}
export function sayFloors(rows: readonly FloorRow[]): FloorsSaid {
  const known = rows.filter((r) => r.value !== null)
  return {
    most: known.reduce<FloorRow | null>((a, b) => (a === null || b.value! > a.value! ? b : a), null),
    exceeded: rows.filter((r) => r.exceeded),
    unknown: rows.filter((r) => r.quality === 'unknown'),
    incomplete: rows.filter((r) => r.quality === 'incomplete'),
    limits: known.filter((r) => r.limit !== null).length,
  }
}
