/**
 * The session of an edge node, each assertion of Sparkplug 3.0 by its id, judged by the packets on the wire: CONNECT with its
 * will, subscriptions, the order of births and data, rebirth, and the end.
 */
import { beforeAll, expect, test } from 'vitest'
import { rawMetricOf, rawPayload } from '../../domain/sparkplug/raw-payload.fixture.ts'
import type { Packet } from '../../runtime/mqtt-tap.fixture.ts'
import { GROUP, type Life, liveOnce, type Message, NODES } from './session.fixture.ts'

/** Datatype number of Int64 and field of long_value in sparkplug_b.proto. */
const INT64 = 4n
const LONG_VALUE = 11

let life: Life
beforeAll(async () => {
  life = await liveOnce()
})

type Connect = Extract<Packet, { kind: 'connect' }>
const connects = (node: string): Connect[] => life.sessions[node]!.map(({ packets }) => packets[0] as Connect)
const allConnects = () => NODES.flatMap(connects)
const bdSeqIn = (payload: Uint8Array) => rawMetricOf(rawPayload(payload), 'bdSeq')

test('tck-id-principles-persistence-clean-session-311: every CONNECT asks for a clean session', () => {
  expect(allConnects().map(({ protocol, level, clean }) => [protocol, level, clean])).toEqual(
    Array(4).fill(['MQTT', 4, true]),
  )
})

test.each([
  'tck-id-message-flow-edge-node-birth-publish-will-message',
  'tck-id-message-flow-edge-node-birth-publish-will-message-topic',
  'tck-id-payloads-ndeath-will-message',
])('%s: every CONNECT has a will on NDEATH of its node', () => {
  for (const { will, clientId } of allConnects()) expect(will?.topic).toBe(`spBv1.0/${GROUP}/NDEATH/${clientId}`)
})

test.each([
  'tck-id-message-flow-edge-node-birth-publish-will-message-qos',
  'tck-id-message-flow-edge-node-birth-publish-will-message-will-retained',
  'tck-id-payloads-ndeath-will-message-qos',
  'tck-id-payloads-ndeath-will-message-retain',
])('%s: the will has QoS 1 and is not retained', () => {
  for (const { will } of allConnects()) expect([will?.qos, will?.retain]).toEqual([1, false])
})

test.each([
  'tck-id-message-flow-edge-node-birth-publish-will-message-payload',
  'tck-id-topics-ndeath-payload',
  'tck-id-topics-ndeath-seq',
  'tck-id-payloads-ndeath-seq',
])('%s: wills and the NDEATHs of a clean end hold bdSeq alone and no sequence number', () => {
  const deaths = [...allConnects().map(({ will }) => will!.payload), ...life.of('NDEATH').map(({ payload }) => payload)]
  expect(deaths).toHaveLength(6)
  for (const death of deaths) {
    const { seq, metrics } = rawPayload(death)
    expect([seq, metrics.map(({ name }) => name)]).toEqual([undefined, ['bdSeq']])
  }
})

test.each([
  'tck-id-message-flow-edge-node-birth-publish-will-message-payload-bdSeq',
  'tck-id-topics-nbirth-bdseq-increment',
])('%s: an Int64 that starts at 0 and is one more at the next CONNECT', () => {
  for (const node of NODES) {
    const metrics = connects(node).map(({ will }) => bdSeqIn(will!.payload))
    expect(metrics.map((m) => [m?.datatype, m?.valueFields, m?.value])).toEqual([
      [INT64, [LONG_VALUE], 0n],
      [INT64, [LONG_VALUE], 1n],
    ])
  }
})

test.each([
  'tck-id-topics-nbirth-bdseq-included',
  'tck-id-topics-nbirth-bdseq-matching',
  'tck-id-payloads-nbirth-bdseq',
  'tck-id-payloads-nbirth-bdseq-repeat',
  'tck-id-payloads-ndeath-bdseq',
  'tck-id-message-flow-edge-node-birth-publish-nbirth-payload-bdSeq',
  'tck-id-operational-behavior-data-commands-rebirth-action-3',
])('%s: birth, rebirth and death of a session carry the bdSeq of its will', () => {
  const carriers = life.messages.filter(({ type }) => type === 'NBIRTH' || type === 'NDEATH')
  // Two births of edge-1 in its first session, one in each other; a death each at the end.
  expect(carriers).toHaveLength(7)
  for (const { payload, node, session } of carriers) {
    const bdSeq = bdSeqIn(payload)
    expect([bdSeq?.datatype, bdSeq?.value]).toEqual([INT64, BigInt(session)])
    expect(bdSeqIn(connects(node)[session]!.will!.payload)?.value).toBe(BigInt(session))
  }
})

test.each([
  'tck-id-message-flow-edge-node-ncmd-subscribe',
  'tck-id-message-flow-edge-node-birth-publish-connect',
  'tck-id-principles-birth-certificates-order',
])('%s: CONNECT, then NCMD and STATE subscribed at QoS 1, then NBIRTH', () => {
  for (const node of NODES)
    for (const { packets } of life.sessions[node]!) {
      expect(packets.slice(0, 3).map(({ kind }) => kind)).toEqual(['connect', 'subscribe', 'publish'])
      expect(packets[1]).toEqual({
        kind: 'subscribe',
        filters: [
          { topic: `spBv1.0/${GROUP}/NCMD/${node}`, qos: 1 },
          { topic: 'spBv1.0/STATE/+', qos: 1 },
        ],
      })
      expect(packets[2]).toMatchObject({ topic: `spBv1.0/${GROUP}/NBIRTH/${node}` })
    }
})

test.each([
  'tck-id-payloads-dbirth-order',
  'tck-id-payloads-ndata-order',
  'tck-id-payloads-ddata-order',
  'tck-id-message-flow-device-birth-publish-nbirth-wait',
])('%s: NBIRTH, then DBIRTHs of the devices that answer, then data; none of a device that is not born', () => {
  for (const node of NODES) {
    const born = new Set<string>()
    let births = false
    for (const { type, device, session } of life.messages.filter((message) => message.node === node)) {
      if (type === 'NBIRTH') {
        born.clear()
        births = true
      }
      expect(births, `${type} of session ${session} comes after an NBIRTH`).toBe(true)
      if (type === 'DBIRTH') born.add(device!)
      if (type === 'DDATA' || type === 'DDEATH') expect(born).toContain(device)
      if (type === 'DDEATH') born.delete(device!)
    }
  }
  // What was known to answer is born at once with its node, before any data.
  const second = life.messages.filter(({ node, session }) => node === 'edge-1' && session === 1)
  expect(second.slice(0, 2).map(({ type, device }) => [type, device])).toEqual([
    ['NBIRTH', undefined],
    ['DBIRTH', 'dead-run'],
  ])
})

test('tck-id-operational-behavior-device-ddeath: a device that is lost dies on both nodes, after its last readings', () => {
  const ofRoof = (node: string) =>
    life.messages
      .filter((message) => message.node === node && message.session === 0 && message.device === 'roof')
      .map(({ type }) => type)
  expect(ofRoof('edge-1')).toEqual(['DBIRTH', 'DBIRTH', 'DDATA', 'DDEATH'])
  expect(ofRoof('edge-1-blocks')).toEqual(['DBIRTH', 'DDATA', 'DDEATH'])
})

test.each([
  'tck-id-operational-behavior-data-commands-rebirth-action-1',
  'tck-id-operational-behavior-data-commands-rebirth-action-2',
])('%s: asked for a rebirth the next messages are NBIRTH and all DBIRTHs', () => {
  const isHeartbeat = ({ raw }: Message) => raw.metrics.length === 1 && raw.metrics[0]?.name === 'heartbeat'
  const after = life.messages.filter(({ node }) => node === 'edge-1').slice(life.beforeRebirth)
  // One may have gone while the command was on its way.
  const answer = isHeartbeat(after[0]!) ? after.slice(1, 4) : after.slice(0, 3)
  expect(answer.map(({ type, device }) => [type, device])).toEqual([
    ['NBIRTH', undefined],
    ['DBIRTH', 'dead-run'],
    ['DBIRTH', 'roof'],
  ])
})

test.each([
  'tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath',
  'tck-id-operational-behavior-edge-node-intentional-disconnect-packet',
  'tck-id-payloads-ndeath-will-message-publisher',
  'tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt311',
])('%s: NDEATH, then DISCONNECT, and the will is not heard on top', () => {
  for (const node of NODES) {
    const [death, disconnect] = life.sessions[node]!.at(-1)!.packets.slice(-2)
    expect(death).toMatchObject({ kind: 'publish', topic: `spBv1.0/${GROUP}/NDEATH/${node}`, retain: false })
    expect(disconnect).toEqual({ kind: 'disconnect' })
    // One will of the session that was cut, one NDEATH of the one that ended.
    const deaths = life.delivered.filter(({ topic }) => topic === `spBv1.0/${GROUP}/NDEATH/${node}`)
    expect(deaths.map(({ payload }) => bdSeqIn(payload)?.value)).toEqual([0n, 1n])
  }
})
