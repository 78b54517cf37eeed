/**
 * What MQTT 3.1.1 asks of packets and aedes with its parser does not look at. Who may do what is `access.ts`'s; the bytes
 * of a frame are `frame-limit.ts`'s.
 */

/** The parser reads strings leniently: what was no UTF-8 has become U+FFFD (MQTT-1.5.3-1); U+0000 is MQTT-1.5.3-2. */
const NO_STRING = /[\0\uFFFD]/

export const isString = (text: string): boolean => !NO_STRING.test(text)

/** A filter whose wildcards fill their levels, `#` being the last one (MQTT-4.7.1-2, MQTT-4.7.1-3). */
export function isFilter(filter: string): boolean {
  if (!isString(filter)) return false
  const levels = filter.split('/')
  return levels.every((level, i) => {
    if (level.includes('#')) return level === '#' && i === levels.length - 1
    return !level.includes('+') || level === '+'
  })
}

type Bytes = Uint8Array | string
type Connect = {
  readonly protocolId?: string
  readonly protocolVersion?: number | undefined
  /** Bytes after the fixed header. */
  readonly length?: number
  readonly clientId: string
  readonly username?: string | undefined
  readonly password?: Bytes | undefined
  readonly will?: { readonly topic: string; readonly payload: Bytes; readonly qos?: number } | undefined
}

const HEADER_BYTES = 4
const LENGTH_BYTES = 2

/**
 * What is wrong with a CONNECT that the parser took. Its length must be that of its fields: bytes beyond them, and strings
 * that were no UTF-8, make another one (MQTT-3.1.4-1, MQTT-1.5.3-1).
 */
export function connectFault(packet: Connect): string | undefined {
  const { protocolId = 'MQTT', protocolVersion, length, clientId, username, password, will } = packet
  // MQTT 5 has properties between the fields; it is answered with return code 1 all the same.
  if (protocolVersion === 5) return undefined
  if (will !== undefined && (will.qos ?? 0) > 2) return 'a will of QoS 3'
  const texts = [clientId, username ?? '', will?.topic ?? '']
  if (!texts.every(isString)) return 'a text that is no UTF-8'
  const fields = [protocolId, clientId, will?.topic, will?.payload, username, password]
  const present = fields.filter((field) => field !== undefined)
  const expected = present.reduce((sum, field) => sum + LENGTH_BYTES + Buffer.byteLength(field), HEADER_BYTES)
  return length === undefined || length === expected ? undefined : `expected ${expected} bytes, got ${length}`
}
