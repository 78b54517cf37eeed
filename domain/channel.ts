/**
 * Channels of a site: every measured or derived quantity with its unit, derived from the site file and the models it
 * names. Edge, ingest and desk ask here, so that "which channels are there" has one answer.
 */
import type { Limit } from './condition.ts'
import { channelId, splitChannel } from './ids.ts'
import { MEASURES, type Model, ringScale } from './model.ts'
import type { SiteDevice, SiteFile, SiteLink, SiteNode } from './site.ts'
import { differenceToSi, type Quantity, quantityOf, SI_UNIT, toSi } from './units.ts'

/** A site that is wholly right, with the register maps it uses. */
export type Site = {
  readonly file: SiteFile
  /** Models by id: exactly those the site uses. */
  readonly models: ReadonlyMap<string, Model>
  /** SHA-256 (hex) of the canonical JSON of site and models, before `${ENV}`. */
  readonly hash: string
  /** All limits in SI, in the file's order. */
  readonly limits: readonly Limit[]
}

export type Channel = {
  readonly id: string
  readonly device: string
  readonly metric: string
  readonly quantity: Quantity
  /** SI */
  readonly unit: string
  /** `point`: a register value; `measure`: derived by the edge, one value at a time; `axis`: samples in blocks. */
  readonly kind: 'point' | 'measure' | 'axis'
  /** SI; what the sensor can measure, where the model says. */
  readonly range?: { readonly low: number; readonly high: number }
}

export type PlacedDevice = {
  readonly node: SiteNode
  readonly link: SiteLink
  readonly device: SiteDevice
  readonly model: Model
}

export const devicesOf = (site: Pick<Site, 'file' | 'models'>): PlacedDevice[] =>
  site.file.nodes.flatMap((node) =>
    node.links.flatMap((link) =>
      link.devices.flatMap((device) => {
        const model = site.models.get(device.model)
        return model === undefined ? [] : [{ node, link, device, model }]
      }),
    ),
  )

export function channelsOfDevice(device: Pick<SiteDevice, 'id'>, model: Model): Channel[] {
  const make = (metric: string, quantity: Quantity, kind: Channel['kind'], range?: Channel['range']): Channel => ({
    id: channelId(device.id, metric),
    device: device.id,
    metric,
    quantity,
    unit: SI_UNIT[quantity],
    kind,
    ...(range && { range }),
  })
  const points = (model.points ?? []).map((p) =>
    make(p.metric, quantityOf(p.unit)!, 'point', {
      low: toSi(p.range.low, p.unit)!,
      high: toSi(p.range.high, p.unit)!,
    }),
  )
  const { ring } = model
  const axes = (ring?.axes ?? []).map((axis) => {
    const full = ringScale(ring!) * 32_768
    return make(`${ring!.group}/${axis}`, quantityOf(ring!.unit)!, 'axis', { low: -full, high: full })
  })
  const measures = (model.measures ?? []).map((m) => make(m, MEASURES[m].quantity, 'measure'))
  return [...points, ...axes, ...measures]
}

export const channelsOf = (site: Pick<Site, 'file' | 'models'>): Channel[] =>
  devicesOf(site).flatMap(({ device, model }) => channelsOfDevice(device, model))

/** The limits an edge node evaluates: those whose channel is one of its devices'. */
export const limitsOfNode = (site: Site, node: SiteNode): Limit[] => {
  const devices = new Set(node.links.flatMap((link) => link.devices.map((d) => d.id)))
  return site.limits.filter((limit) => devices.has(splitChannel(limit.channel).device))
}

export const LINK_KINDS = ['tcp', 'rtu', 'rtu_over_tcp'] as const
export type LinkKind = (typeof LINK_KINDS)[number]

/** How a link is reached; a site that is right names exactly one. */
export const kindOf = (link: SiteLink): LinkKind => LINK_KINDS.find((kind) => link[kind] !== undefined)!

/** Where a link is reached, for messages: `host:port` or the path of the serial port. */
export function endpointOf(link: SiteLink): string {
  const { tcp = link.rtu_over_tcp, rtu } = link
  return tcp === undefined ? rtu!.path : `${tcp.host}:${tcp.port}`
}

/** Device seconds per real second: 1 but for a simulated device that says otherwise. */
export const timeScaleOf = (device: SiteDevice): number => device.simulated?.time_scale ?? 1

/** Stage of a named level in metres. */
export const levelStage_m = (water: SiteFile['waters'][number], stage: number): number => toSi(stage, water.unit)!

/** A limit of the site file with everything in SI; `undefined` where it names a channel or level that is not there. */
export function limitOf(
  file: SiteFile,
  channels: ReadonlyMap<string, Channel>,
  entry: SiteFile['limits'][number],
): Limit | undefined {
  const channel = channels.get(entry.channel)
  if (channel === undefined) return undefined
  const [waterId, levelId] = entry.level?.split('/') ?? []
  const water = file.waters.find((w) => w.id === waterId)
  const level = water?.levels.find((l) => l.id === levelId)
  if (entry.level !== undefined && level === undefined) return undefined
  const unit = entry.unit ?? water?.unit ?? channel.unit
  const value = level?.stage ?? entry.above ?? entry.below
  if (value === undefined) return undefined
  return {
    id: entry.id,
    name: entry.name,
    channel: entry.channel,
    direction: entry.below === undefined ? 'above' : 'below',
    limit: level === undefined ? toSi(value, unit)! : levelStage_m(water!, value),
    deadband: differenceToSi(entry.deadband, unit)!,
    on_delay_s: entry.on_delay_s,
    off_delay_s: entry.off_delay_s,
    unit: channel.unit,
    priority: entry.priority,
    latch: entry.latch ?? (channel.quantity === 'acceleration' || channel.quantity === 'tilt'),
  }
}
