/**
 * What is known of one structure: its sensors with their health, the largest shaking now, and the alarms that stand on it.
 * It never says what that means for the building: only whether a limit was exceeded in the recorded data.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { DeviceJson, SiteJson, StructureJson } from '../../../domain/api.ts'
import { kindOfLimit, type Limit } from '../../../domain/condition.ts'
import { splitChannel } from '../../../domain/ids.ts'
import { isAboutTheSystem } from '../../../domain/limit-words.ts'
import { isConditionTrue, isLatched, sortAlarms } from './alarms.ts'
import { channelHealth, type Health, isUsable, sensorHealth } from './health.ts'
import type { LiveState } from './live-state.ts'

/**
 * Shaking is named in words from here on: 2.5 gal, the lower bound of CWA intensity 2, felt by many (Central Weather
 * Administration, scale of 2020). A word, not a limit: it raises nothing.
 */
export const SHAKING_M_S2 = 0.025
export const isShaking = (pga_m_s2: number): boolean => pga_m_s2 >= SHAKING_M_S2

export type StructureSensor = {
  readonly device: DeviceJson
  readonly floor: StructureJson['floors'][number] | null
  readonly health: Health
  readonly pga_channel: string | null
  /** Usable PGA of the newest second [m/s²]. */
  readonly pga_m_s2: number | null
  readonly limits: readonly Limit[]
}

export type StructureView = {
  readonly structure: StructureJson
  readonly sensors: readonly StructureSensor[]
  readonly pga_m_s2: number | null
  readonly usable: number
  readonly limits: number
  /** Conditions that are true now, and those that were and are held until reset. */
  readonly active: readonly AlarmJson[]
  readonly held: readonly AlarmJson[]
  readonly exercise: boolean
}

export function structureView(
  structure: StructureJson,
  site: Pick<SiteJson, 'limits'>,
  live: LiveState,
  now_ms: number,
): StructureView {
  const devices = [...live.devices.values()].filter((d) => d.floor?.startsWith(`${structure.id}/`))
  const ids = new Set(devices.map((d) => d.id))
  const sensors = devices.map((device) => sensorOn(structure, device, site.limits, live, now_ms))
  // That a sensor is silent says nothing of the building; such an alarm is told among the others.
  const alarms = sortAlarms(live.alarms.values()).filter(
    (a) => ids.has(splitChannel(a.channel).device) && !isAboutTheSystem(a.kind),
  )
  const peaks = sensors.flatMap((s) => (s.pga_m_s2 === null ? [] : [s.pga_m_s2]))
  return {
    structure,
    sensors,
    pga_m_s2: peaks.length === 0 ? null : Math.max(...peaks),
    usable: sensors.filter((s) => isUsable(s.health)).length,
    limits: sensors.reduce((n, s) => n + s.limits.length, 0),
    active: alarms.filter(isConditionTrue),
    held: alarms.filter(isLatched),
    exercise: devices.some((d) => d.simulated),
  }
}

function sensorOn(
  structure: StructureJson,
  device: DeviceJson,
  limits: readonly Limit[],
  live: LiveState,
  now_ms: number,
): StructureSensor {
  const floorId = device.floor?.slice(structure.id.length + 1)
  const pga = device.channels.find((c) => c.metric === 'pga')
  const reading = pga && live.readings.get(pga.id)
  const usable = pga !== undefined && isUsable(channelHealth(device, pga, reading, now_ms))
  return {
    device,
    floor: structure.floors.find((f) => f.id === floorId) ?? null,
    health: sensorHealth(device, live.readings, now_ms),
    pga_channel: pga?.id ?? null,
    pga_m_s2: usable ? (reading?.value ?? null) : null,
    limits: limits.filter((l) => splitChannel(l.channel).device === device.id && !isAboutTheSystem(kindOfLimit(l))),
  }
}
