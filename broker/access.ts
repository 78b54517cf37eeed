/**
 * Who may publish, subscribe and leave a will where: the rules of Sparkplug 3.0 chapter 4 for the clients of one site.
 * Who a client is, is `io/credentials.ts`'s; whatever is not allowed here is refused.
 */
import { edgeUser } from '../domain/data-folder.ts'
import { blocksNodeId, deskHostId, deskMirrorId, ingestHostId } from '../domain/ids.ts'
import { isNoticeTopic } from '../domain/notice-topics.ts'
import { parseStateTopic, parseTopic } from '../domain/sparkplug/topics.ts'
import { ingestHealthTopic } from '../domain/wire/ingest-health.ts'
import { isMirrored, mirrorStateTopic, mirrorTopic } from '../domain/wire/mirror.ts'

/** A client of the broker by its user name. An edge node is one identity with two Sparkplug nodes, each a client id. */
export type Identity = {
  readonly user: string
  /** Sparkplug group: the site. */
  readonly group: string
  /** Host ids of the site. */
  readonly hosts: readonly string[]
  readonly clientIds: readonly string[]
} & (
  | { readonly kind: 'edge'; readonly nodes: readonly string[] }
  | { readonly kind: 'host' }
  | { readonly kind: 'observer' }
)

/** Every identity of a site, in the order of the site file. */
export function identitiesOf(site: string, nodes: readonly string[]): Identity[] {
  const hosts = [ingestHostId(site), deskHostId(site)]
  const edges = nodes.map((node): Identity => {
    const both = [node, blocksNodeId(node)]
    return { kind: 'edge', user: edgeUser(node), group: site, hosts, clientIds: both, nodes: both }
  })
  const clientIds = (host: string) => (host === deskHostId(site) ? [host, deskMirrorId(site)] : [host])
  return [
    ...edges,
    ...hosts.map((host): Identity => ({ kind: 'host', user: host, group: site, hosts, clientIds: clientIds(host) })),
  ]
}

/** A client that a person made: it sees everything of the site and changes nothing. */
export const observerOf = (site: string, user: string): Identity => ({
  kind: 'observer',
  user,
  group: site,
  hosts: [ingestHostId(site), deskHostId(site)],
  clientIds: [user],
})

/** A Sparkplug node of somebody else, let in by a person: its user name, its client id and its node id are one. */
export const foreignNodeOf = (site: string, user: string): Identity => ({
  kind: 'edge',
  user,
  group: site,
  hosts: [ingestHostId(site), deskHostId(site)],
  clientIds: [user],
  nodes: [user],
})

/** An observer may have several connections, `<user>.<anything>`: no other identity's id holds a dot. */
export const mayBe = (identity: Identity, clientId: string): boolean =>
  identity.clientIds.includes(clientId) ||
  (identity.kind === 'observer' && clientId.startsWith(`${identity.user}.`) && clientId.length <= CLIENT_ID_MAX)
const CLIENT_ID_MAX = 128

const NODE_REPORTS = new Set(['NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'])
const COMMANDS = new Set(['NCMD', 'DCMD'])

/** How ingest and its store stand: told by ingest, read by hosts and observers. */
const isOwnHealth = ({ user, group }: Identity, topic: string): boolean =>
  user === ingestHostId(group) && topic === ingestHealthTopic(group)

/** The plain mirror: told by the desk, read by hosts and observers. */
const isOwnMirror = ({ user, group }: Identity, topic: string): boolean =>
  user === deskHostId(group) && isMirrored(group, topic)

/** Messages to people: said once, never retained. */
const isOwnNotice = ({ user, group }: Identity, topic: string): boolean =>
  user === deskHostId(group) && isNoticeTopic(group, topic)

/** What a host says on topics of its own. */
const isOwn = (identity: Identity, topic: string): boolean =>
  identity.kind === 'host' &&
  (parseStateTopic(topic) === identity.user || isOwnHealth(identity, topic) || isOwnMirror(identity, topic))

export function mayPublish(identity: Identity, topic: string): boolean {
  if (isOwn(identity, topic) || isOwnNotice(identity, topic)) return true
  const parsed = parseTopic(topic)
  if (parsed === undefined || parsed.group !== identity.group) return false
  if (identity.kind === 'host') return COMMANDS.has(parsed.type)
  if (identity.kind === 'observer') return false
  return NODE_REPORTS.has(parsed.type) && identity.nodes.includes(parsed.node)
}

/**
 * Only STATE (tck-id-host-topic-phid-birth-retain), ingest's health and the mirror, which carry their instant, are retained; a
 * retained Sparkplug reading would pass for a live one.
 */
export const mayRetain = isOwn

/** The NDEATH of the Sparkplug node that this client id is, or STATE of the host that it is. */
export function mayWill(identity: Identity, clientId: string, will: { topic: string; retain: boolean }): boolean {
  if (identity.kind === 'host' && clientId === deskMirrorId(identity.group))
    return identity.user === deskHostId(identity.group) && will.topic === mirrorStateTopic(identity.group)
  if (identity.kind === 'host') return parseStateTopic(will.topic) === identity.user
  if (identity.kind === 'observer') return false
  const parsed = parseTopic(will.topic)
  return (
    parsed?.type === 'NDEATH' &&
    parsed.group === identity.group &&
    parsed.node === clientId &&
    identity.nodes.includes(clientId) &&
    !will.retain
  )
}

const hasWildcard = (level: string): boolean => level.includes('+') || level.includes('#')

export function maySubscribe(identity: Identity, filter: string): boolean {
  // Beside Sparkplug nobody but hosts publishes, and edge nodes have nothing to read there.
  if (filter.startsWith(`${mirrorTopic(identity.group)}/`)) return identity.kind !== 'edge'
  if (isNoticeTopic(identity.group, filter)) return identity.kind !== 'edge'
  const [namespace, group, type, node, ...rest] = filter.split('/')
  if (namespace !== 'spBv1.0' || group === undefined || type === undefined) return false
  if (group === 'STATE') return node === undefined && (type === '+' || identity.hosts.includes(type))
  if (group !== identity.group) return false
  // What a person sends to a node is not everybody's business.
  if (identity.kind === 'observer') return NODE_REPORTS.has(type)
  if (identity.kind === 'host') return true
  if (node === undefined || !identity.nodes.includes(node)) return false
  if (type === 'NCMD') return rest.length === 0
  const device = rest[0]
  return (
    type === 'DCMD' && rest.length === 1 && device !== '' && (device === '+' || device === '#' || !hasWildcard(device!))
  )
}
