import { expect, test } from 'vitest'
import { publishPacket } from './publish-packet.ts'

const TOPIC = 'spBv1.0/yard/DDATA/n1/水位-1'
const topicBytes = Buffer.from(TOPIC)
const HEAD = 2 + topicBytes.length

// MQTT 3.1.1, table 2.4: the smallest and the largest remaining length of one to four bytes.
test.each([
  [0x7f, [0x7f]],
  [0x80, [0x80, 0x01]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 0x01]],
  [2_097_151, [0xff, 0xff, 0x7f]],
  [2_097_152, [0x80, 0x80, 0x80, 0x01]],
])('a remaining length of %i is written as %j', (remaining, length) => {
  const payload = Buffer.alloc(remaining - HEAD, 7)
  for (const retain of [false, true]) {
    const head = [retain ? 0x31 : 0x30, ...length, 0, topicBytes.length]
    const expected = Buffer.concat([Buffer.from(head), topicBytes, payload])
    expect(publishPacket(TOPIC, payload, retain).equals(expected), `retain ${retain}`).toBe(true)
  }
})

test('a message may be empty', () => {
  expect([...publishPacket('a/b', new Uint8Array(), false)]).toEqual([0x30, 5, 0, 3, 0x61, 0x2f, 0x62])
})

test('what MQTT cannot carry is refused', () => {
  expect(() => publishPacket('a'.repeat(65_536), new Uint8Array(), false)).toThrow('a topic of 65536 bytes')
})
