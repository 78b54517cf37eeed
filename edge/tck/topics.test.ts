/**
 * Topics, QoS, sequence and time of what an edge node publishes, each assertion of Sparkplug 3.0 by its id, judged by the
 * bytes on the wire. What the payloads hold is `payload.test.ts`, the session itself `session.test.ts`.
 */
import { beforeAll, expect, test } from 'vitest'
import { decodePayload } from '../../domain/sparkplug/codec.ts'
import { GROUP, type Life, liveOnce, type Message, NODES } from './session.fixture.ts'

let life: Life
beforeAll(async () => {
  life = await liveOnce()
})
/** Never empty: an assertion about messages that were not sent shows nothing. */
function some(type: string): Message[] {
  const messages = life.of(type)
  expect(messages.length).toBeGreaterThan(0)
  return messages
}

test.each([
  ['tck-id-topics-nbirth-topic', 'NBIRTH', false],
  ['tck-id-topics-ndata-topic', 'NDATA', false],
  ['tck-id-topics-ndeath-topic', 'NDEATH', false],
  ['tck-id-topics-dbirth-topic', 'DBIRTH', true],
  ['tck-id-topics-ddata-topic', 'DDATA', true],
  ['tck-id-topics-ddeath-topic', 'DDEATH', true],
  ['tck-id-message-flow-edge-node-birth-publish-nbirth-topic', 'NBIRTH', false],
  ['tck-id-message-flow-device-birth-publish-dbirth-topic', 'DBIRTH', true],
  ['tck-id-topic-structure-namespace-device-id-associated-message-types', 'DDATA', true],
  ['tck-id-topic-structure-namespace-device-id-non-associated-message-types', 'NDATA', false],
])('%s: %s', (_, type, hasDevice) => {
  for (const { topic, node } of some(type)) {
    const devices = hasDevice ? ['dead-run', 'roof'].map((device) => `/${device}`) : ['']
    expect(devices.map((device) => `spBv1.0/${GROUP}/${type}/${node}${device}`)).toContain(topic)
  }
})

test.each([
  'tck-id-topic-structure',
  'tck-id-topic-structure-namespace-a',
  'tck-id-intro-group-id-string',
  'tck-id-intro-edge-node-id-string',
  'tck-id-intro-device-id-string',
])('%s: every topic is namespace, group, type, node and for devices the device', () => {
  for (const { topic, device } of life.messages)
    expect(topic).toMatch(
      device === undefined
        ? /^spBv1\.0\/test\/N(BIRTH|DATA|DEATH)\/edge-1(-blocks)?$/
        : /^spBv1\.0\/test\/D(BIRTH|DATA|DEATH)\/edge-1(-blocks)?\/(dead-run|roof)$/,
    )
})

test('tck-id-message-flow-device-birth-publish-dbirth-match-edge-node-topic: group and node are those of the NBIRTH', () => {
  for (const { topic, node, session } of some('DBIRTH')) {
    const nbirth = life.of('NBIRTH', node).find((message) => message.session === session)!
    expect(topic.split('/').filter((_, i) => i === 1 || i === 3)).toEqual(
      nbirth.topic.split('/').filter((_, i) => i === 1 || i === 3),
    )
  }
})

test.each([
  ['tck-id-topics-nbirth-mqtt', 'NBIRTH'],
  ['tck-id-topics-ndata-mqtt', 'NDATA'],
  ['tck-id-topics-dbirth-mqtt', 'DBIRTH'],
  ['tck-id-topics-ddata-mqtt', 'DDATA'],
  ['tck-id-topics-ddeath-mqtt', 'DDEATH'],
  ['tck-id-payloads-nbirth-qos', 'NBIRTH'],
  ['tck-id-payloads-nbirth-retain', 'NBIRTH'],
  ['tck-id-payloads-dbirth-qos', 'DBIRTH'],
  ['tck-id-payloads-dbirth-retain', 'DBIRTH'],
  ['tck-id-payloads-ndata-qos', 'NDATA'],
  ['tck-id-payloads-ndata-retain', 'NDATA'],
  ['tck-id-payloads-ddata-qos', 'DDATA'],
  ['tck-id-payloads-ddata-retain', 'DDATA'],
  ['tck-id-message-flow-edge-node-birth-publish-nbirth-qos', 'NBIRTH'],
  ['tck-id-message-flow-edge-node-birth-publish-nbirth-retained', 'NBIRTH'],
  ['tck-id-message-flow-device-birth-publish-dbirth-qos', 'DBIRTH'],
  ['tck-id-message-flow-device-birth-publish-dbirth-retained', 'DBIRTH'],
])('%s: %s goes at QoS 0 and is not retained', (_, type) => {
  for (const { qos, retain } of some(type)) expect([qos, retain]).toEqual([0, false])
})

test.each([
  ['tck-id-topics-nbirth-timestamp', 'NBIRTH'],
  ['tck-id-topics-ndata-timestamp', 'NDATA'],
  ['tck-id-topics-dbirth-timestamp', 'DBIRTH'],
  ['tck-id-topics-ddata-timestamp', 'DDATA'],
  ['tck-id-payloads-nbirth-timestamp', 'NBIRTH'],
  ['tck-id-payloads-dbirth-timestamp', 'DBIRTH'],
  ['tck-id-payloads-ndata-timestamp', 'NDATA'],
  ['tck-id-payloads-ddata-timestamp', 'DDATA'],
  ['tck-id-payloads-ddeath-timestamp', 'DDEATH'],
])('%s: %s tells when it was published', (_, type) => {
  for (const { raw, at_ms } of some(type)) {
    // It cannot have been sent after it was seen at the broker; five seconds are what a busy machine may take.
    expect(Number(raw.timestamp)).toBeLessThanOrEqual(at_ms + 2)
    expect(Number(raw.timestamp)).toBeGreaterThan(at_ms - 5_000)
  }
})

test.each([
  ['tck-id-topics-nbirth-seq-num', 'NBIRTH'],
  ['tck-id-payloads-sequence-num-zero-nbirth', 'NBIRTH'],
  ['tck-id-message-flow-edge-node-birth-publish-nbirth-payload-seq', 'NBIRTH'],
])('%s: every %s of each session has 0', (_, type) => {
  for (const { raw } of some(type)) expect(raw.seq).toBe(0n)
})

test.each([
  ['tck-id-topics-ndata-seq-num', 'NDATA'],
  ['tck-id-topics-dbirth-seq', 'DBIRTH'],
  ['tck-id-topics-ddata-seq-num', 'DDATA'],
  ['tck-id-topics-ddeath-seq-num', 'DDEATH'],
  ['tck-id-payloads-dbirth-seq', 'DBIRTH'],
  ['tck-id-payloads-dbirth-seq-inc', 'DBIRTH'],
  ['tck-id-payloads-ndata-seq', 'NDATA'],
  ['tck-id-payloads-ndata-seq-inc', 'NDATA'],
  ['tck-id-payloads-ddata-seq', 'DDATA'],
  ['tck-id-payloads-ddata-seq-inc', 'DDATA'],
  ['tck-id-payloads-ddeath-seq', 'DDEATH'],
  ['tck-id-payloads-ddeath-seq-inc', 'DDEATH'],
  ['tck-id-payloads-ddeath-seq-number', 'DDEATH'],
  ['tck-id-message-flow-device-birth-publish-dbirth-payload-seq', 'DBIRTH'],
])('%s: every %s counts one on from the message before', (_, type) => {
  expect(some(type).length).toBeGreaterThan(0)
  for (const node of NODES) {
    const counted = life.messages.filter((message) => message.node === node && message.type !== 'NDEATH')
    counted.forEach((message, i) => {
      if (message.type === type) expect(message.raw.seq).toBe((counted[i - 1]!.raw.seq! + 1n) % 256n)
    })
  }
})

test.each(['tck-id-payloads-sequence-num-always-included', 'tck-id-payloads-sequence-num-incrementing'])(
  '%s: one count over all messages of a session but NDEATH, 255 followed by 0',
  () => {
    const counted = life.messages.filter(
      ({ node, session, type }) => `${node} ${session}` === 'edge-1 0' && type !== 'NDEATH',
    )
    const untilRebirth = counted.slice(0, life.beforeRebirth).map(({ raw }) => raw.seq)
    expect(untilRebirth.length).toBeGreaterThan(256)
    expect(untilRebirth).toEqual(untilRebirth.map((_, i) => BigInt(i % 256)))
  },
)

test.each([
  ['tck-id-message-flow-edge-node-birth-publish-nbirth-payload', 'NBIRTH'],
  ['tck-id-message-flow-device-birth-publish-dbirth-payload', 'DBIRTH'],
])('%s: %s is a protobuf in which our codec and the raw reader see the same', (_, type) => {
  for (const { payload, raw } of some(type)) {
    const decoded = decodePayload(payload)
    expect([decoded.timestamp, decoded.seq]).toEqual([Number(raw.timestamp), Number(raw.seq)])
    const of = (all: ReadonlyArray<{ name?: unknown; timestamp?: unknown; datatype?: unknown }>) =>
      all.map(({ name, timestamp, datatype }) => [name, Number(timestamp), Number(datatype)])
    expect(of(decoded.metrics)).toEqual(of(raw.metrics))
  }
})
