/** A PUBLISH with QoS 0 as bytes (MQTT 3.1.1, 3.3): the message of which a gateway sends thousands a second. */

const PUBLISH = 0x30
const RETAIN = 0x01
/** Remaining length: seven bits a byte, at most four of them (2.2.3). */
export const REMAINING_MAX = 268_435_455
const TOPIC_MAX = 65_535

/** @throws RangeError where MQTT cannot carry it */
export function publishPacket(topic: string, payload: Uint8Array, retain: boolean): Buffer {
  const topicBytes = Buffer.byteLength(topic)
  if (topicBytes > TOPIC_MAX) throw new RangeError(`a topic of ${topicBytes} bytes; at most ${TOPIC_MAX}`)
  const remaining = 2 + topicBytes + payload.length
  if (remaining > REMAINING_MAX) throw new RangeError(`a message of ${remaining} bytes; at most ${REMAINING_MAX}`)
  const head = remaining < 0x80 ? 2 : remaining < 0x4000 ? 3 : remaining < 0x20_0000 ? 4 : 5
  const packet = Buffer.allocUnsafe(head + remaining)
  packet[0] = retain ? PUBLISH | RETAIN : PUBLISH
  let rest = remaining
  for (let at = 1; at < head; at++, rest >>>= 7) packet[at] = at + 1 < head ? (rest & 0x7f) | 0x80 : rest
  packet.writeUInt16BE(topicBytes, head)
  packet.write(topic, head + 2)
  packet.set(payload, head + 2 + topicBytes)
  return packet
}
