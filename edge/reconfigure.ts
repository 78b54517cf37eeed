/**
 * What becomes of the links and devices of a node when its site file changes: kept, stopped or started. Pure; carrying it
 * out is `acquisition.ts`, and what births say meanwhile is `editions.ts`.
 */
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
import type { SiteLink, SiteNode } from '../domain/site.ts'

export type Change = {
  /** Links whose connection is closed: gone, or reached in another way. */
  readonly closedLinks: ReadonlySet<string>
  /** Devices whose polling ends: gone, changed, or on a closed link. */
  readonly stopped: ReadonlySet<string>
  /** Of these, the ones whose channels are told bad: the site no longer names them, or they have another model. */
  readonly ended: ReadonlySet<string>
  /** Devices whose polling begins: new, changed, or on another link. */
  readonly started: ReadonlySet<string>
  /** Limits are to be judged anew, on all devices. */
  readonly limits: boolean
}

/** A device keeps polling where its link's settings, its own entry and its model are what they were. */
export function changeBetween(before: Site, after: Site, nodeId: string): Change {
  const [old, now] = [linksOf(before, nodeId), linksOf(after, nodeId)]
  const closedLinks = new Set([...old].filter(([id, l]) => now.get(id)?.settings !== l.settings).map(([id]) => id))
  const [was, is] = [devicesOfLinks(before, old), devicesOfLinks(after, now)]
  const kept = (id: string): boolean => was.get(id) === is.get(id) && !closedLinks.has(linkOf(old, id) ?? '')
  const stopped = new Set([...was.keys()].filter((id) => !kept(id)))
  return {
    closedLinks,
    stopped,
    ended: new Set([...stopped].filter((id) => modelOf(before, old, id) !== modelOf(after, now, id))),
    started: new Set([...is.keys()].filter((id) => !was.has(id) || stopped.has(id))),
    limits: stopped.size > 0 || is.size > was.size || limitsOf(before) !== limitsOf(after),
  }
}

export const isNoChange = (change: Change): boolean =>
  change.closedLinks.size === 0 && change.stopped.size === 0 && change.started.size === 0 && !change.limits

/** @throws PlumblineError NODE_UNKNOWN, USAGE where this is another node or another site */
export function nodeAfter(before: Site, after: Site, nodeId: string): SiteNode {
  if (before.file.site !== after.file.site)
    throw new PlumblineError('USAGE', `site: expected ${before.file.site}, got ${after.file.site}; it needs a restart`)
  const node = after.file.nodes.find(({ id }) => id === nodeId)
  if (node !== undefined) return node
  const known = after.file.nodes.map(({ id }) => id).join(', ')
  throw new PlumblineError('NODE_UNKNOWN', `the new site file: expected node ${nodeId}, got ${known}`)
}

/** Settings that a running node does not take over, by their key. */
export function needRestart(before: Site, after: Site, nodeId: string): string[] {
  const rest = (site: Site): Record<string, unknown> => {
    const { links: _, name: __, ...node } = site.file.nodes.find(({ id }) => id === nodeId) as SiteNode
    return { broker: site.file.broker, ...node }
  }
  const [old, now] = [rest(before), rest(after)]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (key) => canonicalJson(old[key] ?? null) !== canonicalJson(now[key] ?? null),
  )
}

type Linked = { readonly link: SiteLink; readonly settings: string }

function linksOf(site: Site, nodeId: string): Map<string, Linked> {
  const node = site.file.nodes.find(({ id }) => id === nodeId)
  return new Map(
    (node?.links ?? []).map((link) => {
      const { devices: _, ...settings } = link
      return [link.id, { link, settings: canonicalJson(settings) }]
    }),
  )
}

const linkOf = (links: ReadonlyMap<string, Linked>, device: string): string | undefined =>
  [...links.values()].find(({ link }) => link.devices.some(({ id }) => id === device))?.link.id

function modelOf(site: Site, links: ReadonlyMap<string, Linked>, device: string): string | undefined {
  const devices = [...links.values()].flatMap(({ link }) => link.devices)
  const model = site.models.get(devices.find(({ id }) => id === device)?.model ?? '')
  return model && canonicalJson(model)
}

const limitsOf = ({ limits }: Site): string => canonicalJson(limits)

/** Everything that decides how a device is polled, as text. */
function devicesOfLinks(site: Site, links: ReadonlyMap<string, Linked>): Map<string, string> {
  return new Map(
    [...links.values()].flatMap(({ link }) =>
      link.devices.map((device) => {
        const model = site.models.get(device.model)
        return [device.id, canonicalJson({ link: link.id, device, model })] as const
      }),
    ),
  )
}
