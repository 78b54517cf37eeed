/** Sparkplug B 3.0 topics, chapter 4: `spBv1.0/<group>/<type>/<edge node>[/<device>]` and `spBv1.0/STATE/<host id>`. */

export type MessageType = 'NBIRTH' | 'NDEATH' | 'NDATA' | 'NCMD' | 'DBIRTH' | 'DDEATH' | 'DDATA' | 'DCMD'
const NODE_TYPES = new Set(['NBIRTH', 'NDEATH', 'NDATA', 'NCMD'])
const DEVICE_TYPES = new Set(['DBIRTH', 'DDEATH', 'DDATA', 'DCMD'])

export type Topic = {
  readonly group: string
  readonly type: MessageType
  readonly node: string
  readonly device?: string
}

export const nodeTopic = (group: string, type: 'NBIRTH' | 'NDEATH' | 'NDATA' | 'NCMD', node: string): string =>
  `spBv1.0/${group}/${type}/${node}`

export const deviceTopic = (
  group: string,
  type: 'DBIRTH' | 'DDEATH' | 'DDATA' | 'DCMD',
  node: string,
  device: string,
): string => `spBv1.0/${group}/${type}/${node}/${device}`

export const stateTopic = (host: string): string => `spBv1.0/STATE/${host}`

/** Topics remembered: those of a site come again with every message. */
const KNOWN_MAX = 4096
const KNOWN_LENGTH_MAX = 256
const known = new Map<string, Topic>()

/** `undefined` where the text is not a topic of an edge node or device. */
export function parseTopic(text: string): Topic | undefined {
  const before = known.get(text)
  if (before !== undefined) return before
  const topic = readTopic(text)
  if (topic === undefined || text.length > KNOWN_LENGTH_MAX) return topic
  // More than a site has: somebody tries names, and none of them is worth keeping.
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(text, topic)
  return topic
}

function readTopic(text: string): Topic | undefined {
  const parts = text.split('/')
  const [namespace, group, type, node, device] = parts
  if (namespace !== 'spBv1.0' || !group || !type || !node) return undefined
  if (parts.length === 4 && NODE_TYPES.has(type)) return { group, type: type as MessageType, node }
  if (parts.length === 5 && device && DEVICE_TYPES.has(type)) return { group, type: type as MessageType, node, device }
  return undefined
}

/** Host id of a STATE topic, or `undefined`. */
export function parseStateTopic(text: string): string | undefined {
  const parts = text.split('/')
  return parts.length === 3 && parts[0] === 'spBv1.0' && parts[1] === 'STATE' && parts[2] ? parts[2] : undefined
}

/** Payload of STATE (tck-id-payloads-state-*). */
export const encodeState = (online: boolean, timestamp: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ online, timestamp }))

export function decodeState(bytes: Uint8Array): { online: boolean; timestamp: number } | undefined {
  try {
    const state: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof state !== 'object' || state === null) return undefined
    const { online, timestamp } = state as Record<string, unknown>
    if (typeof online !== 'boolean' || typeof timestamp !== 'number') return undefined
    return { online, timestamp }
  } catch {
    return undefined
  }
}
