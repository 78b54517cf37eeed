/**
 * A site as its dashboards see it: waters with their levels, structures with their sensors, limits that judge a value, each
 * in the unit of the panel. What is drawn of it is the boards' business.
 */
import { type Channel, channelsOf, devicesOf, levelStage_m, type Site } from '../../domain/channel.ts'
import { judgesValue, type Limit } from '../../domain/condition.ts'
import { alarmId, splitChannel } from '../../domain/ids.ts'
import { sampledOf } from '../../domain/model.ts'
import type { SEVERITIES, SiteStructure, SiteWater } from '../../domain/site.ts'
import { fromSi, type Quantity, SCREEN_UNIT } from '../../domain/units.ts'

/** Grafana's ids of units (`@grafana/data`, value formats); what it has none for is a suffix. */
const GRAFANA_UNIT: Readonly<Record<Quantity, string>> = {
  stage: 'lengthm',
  acceleration: 'suffix: gal',
  rate_of_rise: 'suffix: m/h',
  velocity: 'suffix: cm/s',
  frequency: 'hertz',
  tilt: 'degree',
  temperature: 'celsius',
  pressure: 'pressurehpa',
  voltage: 'volt',
  ratio: 'none',
}
export type Shown = {
  readonly unit: string
  readonly decimals: number
  readonly factor: number
  readonly offset: number
}
export function shownAs(quantity: Quantity): Shown {
  const { unit, digits } = SCREEN_UNIT[quantity]
  const offset = fromSi(0, unit)!
  // 57.29577951308232 is as exact as a screen needs; a query text stays short and the same on every machine.
  const factor = Number((fromSi(1, unit)! - offset).toPrecision(12))
  return { unit: GRAFANA_UNIT[quantity], decimals: digits, factor, offset }
}
export const onScreen = (si: number, { factor, offset }: Shown): number => Number((si * factor + offset).toPrecision(9))

/** A `$` of the site file would open a variable of Grafana, or a name of its environment: it stands as its wide form. */
const plain = (text: string): string => text.replaceAll('$', '＄')

export type ViewLimit = { readonly limit: Limit; readonly alarm: string }
export type ViewChannel = { readonly channel: Channel; readonly name: string; readonly limits: readonly ViewLimit[] }
export type ViewDevice = {
  readonly id: string
  readonly name: string
  readonly node: string
  readonly floor: string | undefined
  readonly simulated: boolean
  readonly poll_ms: number
  /** Names of the axes it samples, of its one group. */
  readonly group: string | undefined
  readonly axes: readonly string[]
  readonly channels: readonly ViewChannel[]
}
export type ViewLevel = {
  readonly id: string
  readonly name: string
  readonly stage_m: number
  readonly severity: (typeof SEVERITIES)[number]
  readonly meaning: string
}
export type ViewWater = {
  readonly water: SiteWater
  /** From the lowest up. */
  readonly levels: readonly ViewLevel[]
  readonly gauge: ViewDevice | undefined
  readonly stage: string
  readonly rise: ViewChannel | undefined
  /** Device seconds per real second of its gauge. */
  readonly time_scale: number
}
export type ViewStructure = { readonly structure: SiteStructure; readonly devices: readonly ViewDevice[] }
export type View = {
  readonly site: string
  readonly name: string
  readonly time_zone: string
  /** Nothing of it is real. */
  readonly simulated: boolean
  /** Address of the console, without a slash at its end. */
  readonly console: string
  readonly waters: readonly ViewWater[]
  readonly structures: readonly ViewStructure[]
  readonly devices: readonly ViewDevice[]
  readonly limits: readonly ViewLimit[]
}

export function viewOf(site: Site, console: string): View {
  const channels = channelsOf(site)
  const nodeOf = new Map(devicesOf(site).map(({ node, device }) => [device.id, node.id]))
  const limits = site.limits
    .filter((limit) => judgesValue(limit) && nodeOf.has(splitChannel(limit.channel).device))
    .map((limit) => ({ ...limit, name: plain(limit.name) }))
    .map((limit) => ({ limit, alarm: alarmId(nodeOf.get(splitChannel(limit.channel).device)!, limit.id) }))
  const devices = devicesOf(site).map(({ node, device, model }): ViewDevice => {
    const ring = sampledOf(model)
    return {
      id: device.id,
      name: plain(device.name),
      node: node.id,
      floor: device.floor,
      simulated: device.simulated !== undefined,
      poll_ms: device.poll_ms ?? model.poll_ms,
      group: ring?.group,
      axes: ring?.axes ?? [],
      channels: channels
        .filter((channel) => channel.device === device.id && channel.kind !== 'axis')
        .map((channel) => ({
          channel,
          name: plain(device.name),
          limits: limits.filter(({ limit }) => limit.channel === channel.id),
        })),
    }
  })
  return {
    site: site.file.site,
    name: plain(site.file.name),
    time_zone: site.file.time_zone,
    simulated: devices.length > 0 && devices.every((device) => device.simulated),
    console: console.replace(/(?<!\/)\/+$/, ''),
    waters: site.file.waters.map((water) => waterView(site, water, devices)),
    structures: site.file.structures.map((structure) => ({
      structure: { ...structure, name: plain(structure.name) },
      devices: devices
        .filter(({ floor }) => floor?.startsWith(`${structure.id}/`))
        .sort((a, b) => heightOf(structure, a) - heightOf(structure, b))
        .map((device) => ({ ...device, name: floorName(structure, device) })),
    })),
    devices,
    limits,
  }
}

function waterView(site: Site, water: SiteWater, devices: readonly ViewDevice[]): ViewWater {
  const gauge = devices.find(({ id }) => id === splitChannel(water.gauge).device)
  const placedGauge = devicesOf(site).find(({ device }) => device.id === gauge?.id)
  return {
    water: { ...water, name: plain(water.name), datum: plain(water.datum) },
    levels: water.levels
      .map(({ id, name, stage, severity, meaning }) => ({
        id,
        name: plain(`${name} (${stage} ${water.unit})`),
        stage_m: Number(levelStage_m(water, stage).toPrecision(9)),
        severity,
        meaning: plain(meaning),
      }))
      .sort((a, b) => a.stage_m - b.stage_m),
    gauge,
    stage: water.gauge,
    rise: gauge?.channels.find(({ channel }) => channel.quantity === 'rate_of_rise'),
    time_scale: placedGauge?.device.simulated?.time_scale ?? 1,
  }
}

const floorOf = (structure: SiteStructure, { floor }: ViewDevice) =>
  structure.floors.find(({ id }) => floor === `${structure.id}/${id}`)
const heightOf = (structure: SiteStructure, device: ViewDevice): number => floorOf(structure, device)?.height_m ?? 0

/** The floor, where one sensor sits on it; else which of them. */
const floorName = (structure: SiteStructure, device: ViewDevice): string => {
  const floor = floorOf(structure, device)
  return floor === undefined ? device.name : plain(`${floor.name} (${device.id})`)
}
