/**
 * Channels of a site: every measured or derived quantity with its unit, derived from the site file and the models it
 * names. Edge, ingest and desk ask here, so that "which channels are there" has one answer.
 */
import type { Limit } from './condition.ts'
import { channelId, splitChannel } from './ids.ts'
import { fullScaleSteps, MEASURES, type Model, ringScale, sampledOf } from './model.ts'
import type { SiteDevice, SiteFile, SiteLink, SiteNode } from './site.ts'
import { type Quantity, quantityOf, SI_UNIT, toSi } from './units.ts'

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
  const ring = sampledOf(model)
  const axes = (ring?.axes ?? []).map((axis) => {
    const full = ringScale(ring!) * fullScaleSteps(ring!)
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

export const LINK_KINDS = ['tcp', 'tls', 'rtu', 'rtu_over_tcp'] as const
export type LinkKind = (typeof LINK_KINDS)[number]

/** How a link is reached; a site that is right names exactly one. */
export const kindOf = (link: SiteLink): LinkKind => LINK_KINDS.find((kind) => link[kind] !== undefined)!

/** Where a link is reached, for messages: `host:port` or the path of the serial port. */
export function endpointOf(link: SiteLink): string {
  const { tcp = link.tls ?? link.rtu_over_tcp, rtu } = link
  return tcp === undefined ? rtu!.path : `${tcp.host}:${tcp.port}`
}

/** Device seconds per real second: 1 but for a simulated device that says otherwise. */
export const timeScaleOf = (device: SiteDevice): number => device.simulated?.time_scale ?? 1

export { levelStage_m, limitOf } from './limit-of.ts'
