/** How an edge node uses MQTT, by the assertion ids of the Sparkplug 3.0 specification; what it says is tested elsewhere. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConnectMqtt, MqttWill } from '../domain/ports.ts'
import { decodePayload } from '../domain/sparkplug/codec.ts'
import { instantFromMs } from '../domain/time.ts'
import { SimulatedClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { Recording } from './io/recording.ts'
import { block, condition, reading, testSite } from './testing-site.ts'
import { MemoryBroker } from './testing-uplink.ts'

type Sent = {
  type: string
  node: string
  qos: number
  retain: boolean
  seq: number | undefined
  timestamp: number | undefined
}
let dataDir: string
let sent: Sent[]
let wills: MqttWill[]
const NOW_MS = Date.UTC(2026, 2, 1)

/** One session with births, data, conditions, a lost device and a clean end. */
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'edge-'))
  sent = []
  wills = []
  const clock = new SimulatedClock(instantFromMs(NOW_MS))
  const broker = new MemoryBroker()
  const connectMqtt: ConnectMqtt = (options) => {
    const will = () => {
      const made = options.will()
      wills.push(made)
      return made
    }
    const line = broker.connect({ ...options, will })
    const publish: typeof line.publish = (topic, payload, { qos, retain = false }) => {
      const [, , type = '', node = ''] = topic.split('/')
      const { seq, timestamp } = decodePayload(payload)
      sent.push({ type, node, qos, retain, seq, timestamp })
      return line.publish(topic, payload, { qos, retain })
    }
    return new Proxy(line, { get: (of, key) => (key === 'publish' ? publish : Reflect.get(of, key)) })
  }
  const { site, node } = testSite()
  const options = { site, node, dataDir, brokerUrl: 'mqtt://x:1', clock, log: silentLog, password: async () => '' }
  const recording = new Recording({ ...options, connectMqtt })
  await recording.start()
  await clock.advance(0n)
  const { recorder, life } = recording.seam
  life.online('dead-run')
  life.online('roof')
  for (let i = 1; i <= 3; i++) {
    recorder.readings('dead-run', { readings: [reading(i, i)] })
    recorder.block(block(i))
  }
  recorder.condition(condition(1, true, 1))
  life.offline('dead-run', 'timeout')
  await recording.stop(100)
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))
const of = (type: string) => sent.filter((m) => m.type === type)

test.each([
  ['tck-id-topics-nbirth-mqtt', 'NBIRTH'],
  ['tck-id-topics-ndata-mqtt', 'NDATA'],
  ['tck-id-topics-dbirth-mqtt', 'DBIRTH'],
  ['tck-id-topics-ddata-mqtt', 'DDATA'],
  ['tck-id-topics-ddeath-mqtt', 'DDEATH'],
])('%s: %s goes with QoS 0 and is not retained', (_, type) => {
  expect(of(type).length).toBeGreaterThan(0)
  for (const { qos, retain } of of(type)) expect([qos, retain]).toEqual([0, false])
})

test.each([
  ['tck-id-topics-nbirth-timestamp', 'NBIRTH'],
  ['tck-id-topics-ndata-timestamp', 'NDATA'],
  ['tck-id-topics-dbirth-timestamp', 'DBIRTH'],
  ['tck-id-topics-ddata-timestamp', 'DDATA'],
])('%s: %s tells when it was published', (_, type) => {
  expect(of(type).length).toBeGreaterThan(0)
  for (const { timestamp } of of(type)) expect(timestamp).toBe(NOW_MS)
})

test('tck-id-topics-nbirth-seq-num, -ndata-seq-num, -dbirth-seq, -ddata-seq-num, -ddeath-seq-num: one count in a node', () => {
  for (const node of ['edge-1', 'edge-1-blocks']) {
    const counted = sent.filter((m) => m.node === node && m.type !== 'NDEATH').map((m) => m.seq)
    expect(counted.length).toBeGreaterThan(3)
    expect(counted).toEqual(counted.map((_, i) => i))
  }
})

test('tck-id-message-flow-edge-node-birth-publish-will-message-topic, -will-message-qos, -will-message-will-retained', () => {
  expect(wills.map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
    ['spBv1.0/test/NDEATH/edge-1', 1, false],
    ['spBv1.0/test/NDEATH/edge-1-blocks', 1, false],
  ])
})

test('tck-id-topics-ndeath-seq: neither the will nor the NDEATH of a clean end has a sequence number', () => {
  expect(wills.map(({ payload }) => decodePayload(payload).seq)).toEqual([undefined, undefined])
  expect(of('NDEATH').map(({ seq }) => seq)).toEqual([undefined, undefined])
})
