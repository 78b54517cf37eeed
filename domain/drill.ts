/**
 * A drill is the real thing, marked: simulated devices, or shadows of real ones, run through the identical line. This file
 * says which devices and limits a drill adds to a site; whoever runs it is the desk, whoever plays is firmware-sim.
 */
import type { Site } from './channel.ts'
import { splitChannel } from './ids.ts'
import type { ShadowPlace } from './simulator-control.ts'
import type { SiteDevice, SiteLink } from './site.ts'

/** What an edge node must know of a drill (`Node Control/Drill`). */
export type EdgeDrill = {
  readonly id: string
  /** UTC ns, decimal: after it the edge leaves the drill by itself, whatever became of the desk. */
  readonly until_ns: string
  readonly shadows: readonly ShadowPlace[]
}

export const DRILL_PREFIX = 'drill.'
/** `drill.<drill>.<device>`, and likewise for limits. */
export const shadowId = (drill: string, id: string): string => `${DRILL_PREFIX}${drill}.${id}`
export const isShadow = (id: string): boolean => id.startsWith(DRILL_PREFIX)

/** Drill and real id of a shadow; ids themselves hold no dots. */
export function splitShadow(id: string): { drill: string; id: string } | undefined {
  const [prefix, drill, real, ...more] = id.split('.')
  return prefix === 'drill' && drill !== undefined && real !== undefined && more.length === 0
    ? { drill, id: real }
    : undefined
}

/** Longest drill: one that nobody ended must not stand for ever. */
export const DRILL_MAX_H = 12

/**
 * The site with the shadows of a drill: a link and a device for each, and the limits of the real device once more under a
 * name of the drill's. Nothing that was there changes; the hash stays the site's own.
 * Shadows of devices that the site does not have are left out.
 */
export function withDrill(site: Site, drill: EdgeDrill): Site {
  const shadowOf = new Map(drill.shadows.map((place) => [place.device, place]))
  const nodes = site.file.nodes.map((node) => {
    const links = node.links.flatMap((link) =>
      link.devices.flatMap((device) => {
        const place = shadowOf.get(device.id)
        return place === undefined ? [] : [shadowLink(drill.id, link, device, place)]
      }),
    )
    return links.length === 0 ? node : { ...node, links: [...node.links, ...links] }
  })
  const shadowed = (channel: string): boolean => shadowOf.has(splitChannel(channel).device)
  const limits = site.limits
    .filter((limit) => shadowed(limit.channel))
    .map((limit) => ({ ...limit, id: shadowId(drill.id, limit.id), channel: shadowId(drill.id, limit.channel) }))
  return { ...site, file: { ...site.file, nodes }, limits: [...site.limits, ...limits] }
}

const shadowLink = (drill: string, link: SiteLink, device: SiteDevice, place: ShadowPlace): SiteLink => ({
  id: shadowId(drill, device.id),
  tcp: { host: place.host, port: place.port },
  timeout_ms: link.timeout_ms,
  pause_after_connect_ms: 0,
  pause_ms: 0,
  close_after_poll: false,
  devices: [
    {
      ...device,
      id: shadowId(drill, device.id),
      unit_id: place.unit_id,
      simulated: { time_scale: place.time_scale, play: { recording: 'drill', quiet_s: 0, lead_s: 0 } },
    },
  ],
})
