/**
 * How our hosts (ingest and desk, both by `HostApplication`) use MQTT, each assertion of Sparkplug 3.0 by its id, judged by
 * the packets on the wire. What they make of births, data and deaths is `domain/sparkplug/host-session.test.ts`.
 */
import { beforeAll, expect, test, vi } from 'vitest'
import { encodePayload } from '../domain/sparkplug/codec.ts'
import { DataType } from '../domain/sparkplug/payload.ts'
import { rawPayload } from '../domain/sparkplug/raw-payload.fixture.ts'
import { SystemClock } from './clock.ts'
import { HostApplication } from './host-application.ts'
import { silentLog } from './log.ts'
import { connectMqtt } from './mqtt-connection.ts'
import { type Packet, type Published, type Session, type Tap, tappedBroker } from './mqtt-tap.fixture.ts'

const HOST = 'yard-desk'
const STATE = `spBv1.0/STATE/${HOST}`
const FILTERS = ['spBv1.0/yard/+/north', 'spBv1.0/yard/+/north/+']
const until = (holds: () => unknown) => vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 9_000, interval: 5 })

/** What a busy machine may take from a stamp to the socket. */
const BUSY_MS = 5_000

type Connect = Extract<Packet, { kind: 'connect' }>
let sessions: Session[]
let delivered: Tap['delivered']

/** Online, told that it is offline, a gap in an edge node's sequence, a cut line, online again, and a clean end. */
beforeAll(async () => {
  const tap = await tappedBroker()
  const clock = new SystemClock()
  const app = new HostApplication({
    ...{ hostId: HOST, group: 'yard', url: tap.url, username: HOST, password: async () => 'secret' },
    ...{ connectMqtt: connectMqtt(clock, silentLog), clock, log: silentLog, filters: FILTERS },
    ...{ checkSeq: () => true, reorderTimeout_ms: 50, onEvent: () => {} },
  })
  try {
    app.start()
    await until(() => app.up)
    await tap.send(STATE, Buffer.from('{"online":false,"timestamp":1}'), true)
    await until(() => states(tap.of(HOST)[0]!).length === 2)
    const bdSeq = { name: 'bdSeq', datatype: DataType.Int64, value: 0n }
    await tap.send('spBv1.0/yard/NBIRTH/north', encodePayload({ timestamp: 1, seq: 0, metrics: [bdSeq] }))
    await tap.send('spBv1.0/yard/NDATA/north', encodePayload({ timestamp: 1, seq: 3, metrics: [] }))
    await until(() => commandsOf(tap.of(HOST)).length === 1)
    tap.of(HOST)[0]!.socket.destroy()
    await until(() => tap.of(HOST).length === 2 && app.up)
    await app.stop(2_000)
    await until(() => tap.of(HOST)[1]!.packets.at(-1)?.kind === 'disconnect')
  } finally {
    await app.stop(100)
    sessions = tap.of(HOST)
    delivered = tap.delivered
    await tap.stop()
  }
})

const publishedIn = ({ packets }: Session): Published[] => packets.filter((packet) => packet.kind === 'publish')
const states = (session: Session) => publishedIn(session).filter(({ topic }) => topic.includes('/STATE/'))
const commandsOf = (all: readonly Session[]) => all.flatMap(publishedIn).filter(({ topic }) => topic.includes('/NCMD/'))
const connectOf = ({ packets }: Session) => packets[0] as Connect
/** JSON of exactly `online` and `timestamp`. */
function stateOf(payload: Uint8Array): { online: boolean; timestamp: number } {
  const state = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  expect([Object.keys(state).sort(), typeof state.online, Number.isSafeInteger(state.timestamp)]).toEqual([
    ['online', 'timestamp'],
    'boolean',
    true,
  ])
  return state
}

test('tck-id-message-flow-phid-sparkplug-clean-session-311: every CONNECT asks for a clean session', () => {
  expect(sessions.map(connectOf).map(({ protocol, level, clean }) => [protocol, level, clean])).toEqual([
    ['MQTT', 4, true],
    ['MQTT', 4, true],
  ])
})

test.each([
  'tck-id-host-topic-phid-death-required',
  'tck-id-host-topic-phid-death-qos',
  'tck-id-host-topic-phid-death-retain',
  'tck-id-host-topic-phid-death-topic',
  'tck-id-operational-behavior-host-application-connect-will',
  'tck-id-operational-behavior-host-application-connect-will-topic',
  'tck-id-operational-behavior-host-application-connect-will-qos',
  'tck-id-operational-behavior-host-application-connect-will-retained',
  'tck-id-payloads-state-will-message',
  'tck-id-payloads-state-will-message-qos',
  'tck-id-payloads-state-will-message-retain',
])('%s: every CONNECT has a will on our STATE, QoS 1, retained', () => {
  for (const session of sessions) expect(connectOf(session).will).toMatchObject({ topic: STATE, qos: 1, retain: true })
})

test.each([
  'tck-id-host-topic-phid-death-payload',
  'tck-id-operational-behavior-host-application-connect-will-payload',
  'tck-id-payloads-state-will-message-payload',
  'tck-id-host-topic-phid-death-payload-timestamp-connect',
])('%s: the will says offline with the time of its CONNECT', () => {
  const wills = sessions.map((session) => stateOf(connectOf(session).will!.payload))
  expect(wills.map(({ online }) => online)).toEqual([false, false])
  expect(wills[1]!.timestamp).toBeGreaterThan(wills[0]!.timestamp)
  for (const [i, session] of sessions.entries()) {
    const birth = states(session)[0]!
    expect(birth.at_ms - wills[i]!.timestamp).toBeGreaterThanOrEqual(-2)
    expect(birth.at_ms - wills[i]!.timestamp).toBeLessThan(BUSY_MS)
  }
})

test.each([
  'tck-id-host-topic-phid-birth-sub-required',
  'tck-id-host-topic-phid-birth-required',
  'tck-id-host-topic-phid-birth-message',
  'tck-id-principles-birth-certificates-order',
  'tck-id-message-flow-phid-sparkplug-subscription',
  'tck-id-message-flow-phid-sparkplug-state-publish',
  'tck-id-operational-behavior-host-application-connect-birth',
  'tck-id-operational-behavior-primary-application-state-with-multiple-servers-state',
  'tck-id-payloads-state-subscribe',
  'tck-id-payloads-state-birth',
])('%s: CONNECT, own STATE and the edge nodes subscribed, then STATE online before all else', () => {
  for (const { packets } of sessions) {
    expect(packets.slice(0, 4).map(({ kind }) => kind)).toEqual(['connect', 'subscribe', 'subscribe', 'publish'])
    expect(packets.slice(1, 3)).toEqual([
      { kind: 'subscribe', filters: [{ topic: STATE, qos: 1 }] },
      { kind: 'subscribe', filters: FILTERS.map((topic) => ({ topic, qos: 0 })) },
    ])
    expect(packets[3]).toMatchObject({ topic: STATE, qos: 1, retain: true })
  }
})

test.each([
  'tck-id-host-topic-phid-birth-topic',
  'tck-id-host-topic-phid-birth-qos',
  'tck-id-host-topic-phid-birth-retain',
  'tck-id-operational-behavior-host-application-connect-birth-topic',
  'tck-id-operational-behavior-host-application-connect-birth-qos',
  'tck-id-operational-behavior-host-application-connect-birth-retained',
  'tck-id-operational-behavior-host-application-death-topic',
  'tck-id-operational-behavior-host-application-death-qos',
  'tck-id-operational-behavior-host-application-death-retained',
])('%s: STATE goes on our own topic at QoS 1, retained', () => {
  const all = sessions.flatMap(states)
  // Online, online again on hearing of its offline, online after the cut, offline at the end.
  expect(all.map(({ payload }) => stateOf(payload).online)).toEqual([true, true, true, false])
  for (const { topic, qos, retain } of all) expect([topic, qos, retain]).toEqual([STATE, 1, true])
})

test.each([
  'tck-id-host-topic-phid-birth-payload',
  'tck-id-host-topic-phid-birth-payload-timestamp',
  'tck-id-message-flow-phid-sparkplug-state-publish-payload',
  'tck-id-message-flow-phid-sparkplug-state-publish-payload-timestamp',
  'tck-id-operational-behavior-host-application-connect-birth-payload',
  'tck-id-operational-behavior-host-application-multi-server-timestamp',
  'tck-id-payloads-state-birth-payload',
])('%s: online with the timestamp of the will of that connection', () => {
  for (const session of sessions) {
    const { timestamp } = stateOf(connectOf(session).will!.payload)
    expect(stateOf(states(session)[0]!.payload)).toEqual({ online: true, timestamp })
  }
})

test('tck-id-message-flow-hid-sparkplug-state-message-delivered: told that it is offline it says online at once', () => {
  const [birth, again] = states(sessions[0]!)
  expect(stateOf(again!.payload)).toEqual(stateOf(birth!.payload))
})

test.each([
  'tck-id-operational-behavior-host-application-termination',
  'tck-id-operational-behavior-host-application-death-payload',
  'tck-id-operational-behavior-host-application-disconnect-intentional',
  'tck-id-host-topic-phid-death-payload-timestamp-disconnect-clean',
])('%s: STATE offline with the present time, then DISCONNECT', () => {
  const [death, disconnect] = sessions[1]!.packets.slice(-2) as [Published, Packet]
  const { online, timestamp } = stateOf(death.payload)
  expect([online, disconnect.kind]).toEqual([false, 'disconnect'])
  expect(timestamp).toBeGreaterThanOrEqual(stateOf(connectOf(sessions[1]!).will!.payload).timestamp)
  expect(Math.abs(death.at_ms - timestamp)).toBeLessThan(BUSY_MS)
})

test.each(['tck-id-intro-sparkplug-host-state', 'tck-id-components-ph-state', 'tck-id-conformance-primary-host'])(
  '%s: whoever listens to STATE knows at any time whether we are there',
  () => {
    const said = delivered.filter(({ topic }) => topic === STATE).map(({ payload }) => stateOf(payload).online)
    // The false offline of the story and its correction, the will of the cut line, and the end.
    expect(said).toEqual([true, false, true, false, true, false])
  },
)

test.each([
  'tck-id-topics-ncmd-topic',
  'tck-id-topics-ncmd-mqtt',
  'tck-id-topics-ncmd-payload',
  'tck-id-topics-ncmd-timestamp',
  'tck-id-payloads-ncmd-timestamp',
  'tck-id-payloads-ncmd-seq',
  'tck-id-payloads-ncmd-qos',
  'tck-id-payloads-ncmd-retain',
  'tck-id-payloads-name-cmd-requirement',
  'tck-id-operational-behavior-data-commands-ncmd-verb',
  'tck-id-operational-behavior-data-commands-ncmd-rebirth-verb',
  'tck-id-operational-behavior-data-commands-ncmd-rebirth-name',
  'tck-id-operational-behavior-data-commands-ncmd-rebirth-value',
])('%s: the rebirth that is asked for', () => {
  const [command, ...more] = commandsOf(sessions)
  expect(more).toEqual([])
  expect(command).toMatchObject({ topic: 'spBv1.0/yard/NCMD/north', qos: 0, retain: false })
  const { timestamp, seq, metrics } = rawPayload(command!.payload)
  expect(seq).toBeUndefined()
  expect(Math.abs(command!.at_ms - Number(timestamp))).toBeLessThan(BUSY_MS)
  expect(metrics).toMatchObject([
    { name: 'Node Control/Rebirth', alias: undefined, value: 1n, valueFields: [14], timestamp: expect.any(BigInt) },
  ])
})
