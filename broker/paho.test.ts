// The broker with Eclipse Paho's Python client, where it is installed: over TCP, TLS and WebSocket.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BrokerFixture } from './broker.fixture.ts'
import { have, PYTHON } from './real-tools.fixture.ts'

const installed = have('Paho for Python', 'python3-paho-mqtt', PYTHON, ['-c', 'import paho.mqtt.client'])
const SCRIPT = join(import.meta.dirname, 'paho-session.py')

type Event = { event: string; code?: number; granted?: number[] } & Record<string, unknown>
type Settings = {
  readonly clientId?: string
  readonly password?: string
  readonly subscribe?: string
  readonly publish?: readonly (readonly [topic: string, payload: string, qos: number, retain: boolean])[]
  readonly will?: readonly [topic: string, payload: string]
}

describe.skipIf(!installed).each(['TCP', 'TLS', 'WebSocket'])('Paho over %s', (over) => {
  let fixture: BrokerFixture
  const running: ChildProcess[] = []
  beforeAll(async () => {
    fixture = await BrokerFixture.start({}, true)
  })
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL')
  })
  afterAll(() => fixture.stop())

  /** A client in a process of its own; `heard` grows with what it tells. */
  function paho(user: string, settings: Settings) {
    const door = over === 'TLS' ? 'tls' : over === 'WebSocket' ? 'websocket' : 'plain'
    const all = {
      user,
      clientId: user,
      password: fixture.password(user),
      subscribe: null,
      publish: [],
      transport: over === 'WebSocket' ? 'websockets' : 'tcp',
      port: fixture.broker.portOf(door),
      ...(over === 'TLS' && { ca: fixture.authority }),
      ...settings,
    }
    const child = spawn(PYTHON, [SCRIPT, JSON.stringify(all)], { stdio: ['ignore', 'pipe', 'inherit'] })
    running.push(child)
    const heard: Event[] = []
    let rest = ''
    child.stdout.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) heard.push(JSON.parse(line) as Event)
    })
    const first = (event: string) =>
      expect.poll(() => heard.find((e) => e.event === event), { timeout: 10_000, interval: 10 })
    const messages = () => heard.filter(({ event }) => event === 'message').map(({ event: _, ...message }) => message)
    return { child, first, messages }
  }

  test('publishes at QoS 0, 1 and 2 to one that subscribed at QoS 1', async () => {
    const topic = 'spBv1.0/yard/NDATA/north'
    const desk = paho('yard-desk', { subscribe: topic })
    await desk.first('subscribed').toMatchObject({ granted: [1] })
    paho('north', { publish: [0, 1, 2].map((qos) => [topic, `at ${qos}`, qos, false] as const) })
    await expect.poll(() => desk.messages().length, { timeout: 10_000 }).toBe(3)
    expect(desk.messages().sort((a, b) => String(a['payload']).localeCompare(String(b['payload'])))).toEqual([
      { topic, payload: 'at 0', qos: 0, retain: false },
      { topic, payload: 'at 1', qos: 1, retain: false },
      { topic, payload: 'at 2', qos: 1, retain: false },
    ])
  }, 30_000)

  test('finds STATE as it was left', async () => {
    const topic = 'spBv1.0/STATE/yard-desk'
    const desk = paho('yard-desk', { publish: [[topic, 'online', 1, true]] })
    await desk.first('published').toBeDefined()
    const north = paho('north', { subscribe: topic })
    await north.first('message').toEqual({ event: 'message', topic, payload: 'online', qos: 1, retain: true })
  }, 30_000)

  test('leaves its will when it is killed', async () => {
    const topic = 'spBv1.0/yard/NDEATH/north'
    const desk = paho('yard-desk', { subscribe: topic })
    await desk.first('subscribed').toBeDefined()
    const north = paho('north', { subscribe: 'spBv1.0/yard/NCMD/north', will: [topic, 'dead'] })
    await north.first('subscribed').toBeDefined()
    north.child.kill('SIGKILL')
    await desk.first('message').toMatchObject({ topic, payload: 'dead', qos: 1 })
  }, 30_000)

  test('is told why it is not let in', async () => {
    await paho('north', { password: 'guess' }).first('connected').toMatchObject({ code: 4 })
    await paho('north', { clientId: 'south' }).first('connected').toMatchObject({ code: 2 })
  }, 30_000)
})
