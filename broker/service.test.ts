import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Site } from '../domain/channel.ts'
import { SystemClock } from '../runtime/clock.ts'
import { createLog, silentLog } from '../runtime/log.ts'
import { BrokerService } from './service.ts'

const clock = new SystemClock()
const siteOf = (...nodes: string[]) =>
  ({ file: { site: 'yard', nodes: nodes.map((id) => ({ id })) } }) as unknown as Site
const until = (holds: () => unknown, timeout = 8_000) =>
  vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout, interval: 5 })
const pause = (wait_ms: number) => new Promise((resolve) => setTimeout(resolve, wait_ms))

let data: string
let broker: BrokerService
const lines: string[] = []
const makeBroker = (dataDir: string, port = 0, site = siteOf('north', 'south'), log = silentLog) =>
  new BrokerService({ site, dataDir, host: '127.0.0.1', port, log, clock })

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-broker-'))
  broker = makeBroker(
    data,
    0,
    siteOf('north', 'south'),
    createLog({ pretty: false, write: (line) => lines.push(line) }),
  )
  await broker.start()
})
afterAll(async () => {
  await broker.stop()
  await rm(data, { recursive: true, force: true })
})

const FOLDER: Record<string, string[]> = {
  north: ['edge', 'north'],
  south: ['edge', 'south'],
  'yard-ingest': ['ingest'],
  'yard-desk': ['desk'],
}
const password = (user: string) => readFile(join(data, 'yard', ...FOLDER[user]!, 'mqtt-password'), 'utf8')

const opened: MqttClient[] = []
const sockets: Socket[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.endAsync(true)))
  for (const socket of sockets.splice(0)) socket.destroy()
})

type Opened = MqttClient & { heard: { topic: string; text: string; qos: number; retain: boolean }[]; gone: boolean }
/** A client of the given identity, connected; rejects with the CONNACK error where it is refused. */
async function client(user: string, options: IClientOptions = {}): Promise<Opened> {
  const made = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, {
    username: user,
    password: user in FOLDER ? await password(user) : 'none',
    clientId: user,
    reconnectPeriod: 0,
    ...options,
  }) as Opened
  opened.push(made)
  made.heard = []
  made.gone = false
  made.on('message', (topic, payload, { qos, retain }) =>
    made.heard.push({ topic, text: payload.toString(), qos, retain }),
  )
  made.on('close', () => {
    made.gone = true
  })
  await new Promise<void>((resolve, reject) => {
    made.once('connect', () => resolve())
    made.once('error', reject)
    made.once('close', () => reject(new Error('closed')))
  })
  made.on('error', () => {})
  return made
}
const refusals = () => Object.fromEntries(broker.refusals)
const refusal = (user: string, options?: IClientOptions) =>
  client(user, options).then(
    () => 'let in',
    (error: Error & { code?: number }) => error.code ?? error.message,
  )

describe('who is let in', () => {
  test('every identity of the site under its own client ids', async () => {
    for (const [user, clientId] of [
      ['north', 'north'],
      ['north', 'north-blocks'],
      ['south', 'south'],
      ['yard-ingest', 'yard-ingest'],
      ['yard-desk', 'yard-desk'],
    ])
      expect((await client(user!, { clientId })).connected).toBe(true)
  })

  test('nobody without a name, with a wrong password or under an unknown name', async () => {
    const before = broker.refusals.get('password') ?? 0
    expect(await refusal('north', { password: 'wrong' })).toBe(4)
    expect(await refusal('north', { password: undefined })).toBe(4)
    expect(await refusal('north', { username: undefined, password: undefined })).toBe(4)
    expect(await refusal('west')).toBe(4)
    expect(await refusal('north', { password: await password('south') })).toBe(4)
    expect(broker.refusals.get('password')).toBe(before + 5)
  })

  test('nobody under the client id of another: it is never taken over', async () => {
    const desk = await client('yard-desk')
    for (const clientId of ['yard-desk', 'south', 'south-blocks', 'north-other', ''])
      expect(await refusal('north', { clientId }), clientId).toBe(2)
    expect(await refusal('yard-ingest', { clientId: 'yard-desk' })).toBe(2)
    expect(desk.connected).toBe(true)
  })

  test('the same identity takes over its own client id, as after a cut line', async () => {
    const old = await client('north')
    const young = await client('north')
    await until(() => old.gone)
    expect(young.connected).toBe(true)
  })

  test('nobody with a session to be kept for it', async () => {
    expect(await refusal('north', { clean: false })).toBe(5)
    expect(refusals()).toMatchObject({ 'persistent-session': 1 })
  })

  test('nobody without keep-alive', async () => {
    expect(await refusal('north', { keepalive: 0 })).not.toBe('let in')
  })

  test('nobody with a forbidden will, at CONNECT already', async () => {
    const will = (topic: string, retain = false) => ({
      will: { topic, payload: Buffer.from('x'), qos: 1 as const, retain },
    })
    expect(await refusal('north', will('spBv1.0/yard/NDEATH/south'))).toBe(5)
    expect(await refusal('north', will('spBv1.0/yard/NDEATH/north', true))).toBe(5)
    expect(await refusal('north', will('spBv1.0/STATE/yard-desk', true))).toBe(5)
    expect(await refusal('yard-desk', will('spBv1.0/STATE/yard-ingest', true))).toBe(5)
    expect(refusals()).toMatchObject({ will: 4 })
    expect(await refusal('north', will('spBv1.0/yard/NDEATH/north'))).toBe('let in')
  })
})

describe('what a client may do', () => {
  test('a forbidden publish ends the connection, is told once and counted', async () => {
    const before = broker.refusals.get('publish') ?? 0
    const desk = await client('yard-desk')
    await desk.subscribeAsync('spBv1.0/yard/#')
    for (const qos of [0, 1] as const) {
      const north = await client('north')
      north.publish('spBv1.0/yard/NDATA/south', 'forged', { qos })
      await until(() => north.gone)
    }
    expect(broker.refusals.get('publish')).toBe(before + 2)
    expect(lines.filter((l) => l.includes('"reason":"publish"') && l.includes('NDATA/south'))).toHaveLength(1)
    await pause(50)
    expect(desk.heard).toEqual([])
  })

  test('nothing but STATE is retained', async () => {
    const north = await client('north')
    north.publish('spBv1.0/yard/NDATA/north', 'x', { retain: true })
    await until(() => north.gone)
    expect(refusals()).toMatchObject({ retain: 1 })
  })

  test('a refused filter is answered with 0x80 and delivers nothing; the others of the same request are granted', async () => {
    const north = await client('north')
    const desk = await client('yard-desk')
    const suback = await new Promise<number[]>((resolve) =>
      north.subscribe(
        ['spBv1.0/yard/NCMD/north', 'spBv1.0/yard/NCMD/south', '$share/g/spBv1.0/yard/NCMD/north', '#'],
        (_, __, p) => resolve((p as unknown as { granted: number[] }).granted),
      ),
    )
    expect(suback).toEqual([0, 128, 128, 128])
    await desk.publishAsync('spBv1.0/yard/NCMD/south', 'not for north', { qos: 1 })
    await desk.publishAsync('spBv1.0/yard/NCMD/north', 'for north', { qos: 1 })
    await until(() => north.heard.length === 1)
    expect(north.heard[0]?.text).toBe('for north')
  })
})

// The broker part of the Sparkplug TCK: what it asks of a plain MQTT 3.1.1 server.
describe('a Sparkplug compliant server', () => {
  const topic = 'spBv1.0/yard/DDATA/north/gauge'

  test('tck-id-conformance-mqtt-qos0', async () => {
    const [north, ingest] = [await client('north'), await client('yard-ingest')]
    await ingest.subscribeAsync(topic, { qos: 0 })
    await north.publishAsync(topic, 'one', { qos: 0 })
    await until(() => ingest.heard.length === 1)
    expect(ingest.heard).toEqual([{ topic, text: 'one', qos: 0, retain: false }])
  })

  test('tck-id-conformance-mqtt-qos1', async () => {
    const [north, ingest] = [await client('north'), await client('yard-ingest')]
    await ingest.subscribeAsync(topic, { qos: 1 })
    await north.publishAsync(topic, 'one', { qos: 1 })
    await until(() => ingest.heard.length === 1)
    expect(ingest.heard).toEqual([{ topic, text: 'one', qos: 1, retain: false }])
  })

  test('tck-id-conformance-mqtt-will-messages: told when a client is cut off, not when it leaves', async () => {
    const ingest = await client('yard-ingest')
    await ingest.subscribeAsync('spBv1.0/yard/NDEATH/+', { qos: 1 })
    const will = (node: string) => ({
      clientId: node,
      will: { topic: `spBv1.0/yard/NDEATH/${node}`, payload: Buffer.from(node), qos: 1 as const, retain: false },
    })
    const leaving = await client('north', will('north-blocks'))
    const cut = await client('north', will('north'))
    await leaving.endAsync()
    cut.stream.destroy()
    await until(() => ingest.heard.length === 1)
    await pause(50)
    expect(ingest.heard.map((m) => m.text)).toEqual(['north'])
  })

  test('tck-id-conformance-mqtt-retained: STATE is there for who comes later, and the latest of it', async () => {
    const desk = await client('yard-desk')
    const state = 'spBv1.0/STATE/yard-desk'
    await desk.publishAsync(state, '{"online":false}', { qos: 1, retain: true })
    await desk.publishAsync(state, '{"online":true}', { qos: 1, retain: true })
    const north = await client('north')
    await north.subscribeAsync('spBv1.0/STATE/+', { qos: 1 })
    await until(() => north.heard.length === 1)
    expect(north.heard).toEqual([{ topic: state, text: '{"online":true}', qos: 1, retain: true }])
  })

  test('a retained will of a host that is cut off replaces its STATE', async () => {
    const state = 'spBv1.0/STATE/yard-ingest'
    const ingest = await client('yard-ingest', {
      will: { topic: state, payload: Buffer.from('off'), qos: 1, retain: true },
    })
    await ingest.publishAsync(state, 'on', { qos: 1, retain: true })
    const watching = await client('south')
    await watching.subscribeAsync(state, { qos: 1 })
    ingest.stream.destroy()
    await until(() => watching.heard.some((m) => m.text === 'off'))
    const north = await client('north')
    await north.subscribeAsync(state, { qos: 1 })
    await until(() => north.heard.length === 1)
    expect(north.heard[0]).toMatchObject({ text: 'off', retain: true })
  })
})

describe('limits', () => {
  const tcp = async (): Promise<Socket & { closed_: boolean }> => {
    const socket = connectTcp(broker.port, '127.0.0.1') as Socket & { closed_: boolean }
    sockets.push(socket)
    socket.closed_ = false
    socket.on('error', () => {})
    socket.on('close', () => {
      socket.closed_ = true
    })
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    return socket
  }

  test('a message of just under 1 MiB passes whole', async () => {
    const [north, ingest] = [await client('north'), await client('yard-ingest')]
    const heard = new Promise<Buffer>((resolve) => ingest.once('message', (_, payload) => resolve(payload)))
    await ingest.subscribeAsync('spBv1.0/yard/+/north')
    const sent = Buffer.alloc(2 ** 20 - 100, 7)
    await north.publishAsync('spBv1.0/yard/NDATA/north', sent)
    expect((await heard).equals(sent)).toBe(true)
  })

  test('a frame beyond 1 MiB is refused by its announced length, before it is gathered', async () => {
    const before = broker.refusals.get('frame-too-large') ?? 0
    const north = await client('north')
    // PUBLISH with a remaining length of 1 MiB: the header alone ends it.
    north.stream.write(Buffer.from([0x30, 0x80, 0x80, 0x40]))
    await until(() => north.gone, 2_000)
    expect(broker.refusals.get('frame-too-large')).toBe(before + 1)
  })

  test('a stranger may not say more than a CONNECT needs', async () => {
    const socket = await tcp()
    socket.write(Buffer.from([0x10, 0x80, 0x80, 0x04]))
    await until(() => socket.closed_, 2_000)
  })

  test('garbage ends the connection and nothing else', async () => {
    const north = await client('north')
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x00\x00', '\xf0\x00', '\x10\x02\x00\x00']) {
      const socket = await tcp()
      socket.write(Buffer.from(bytes, 'latin1'))
      await until(() => socket.closed_, 12_000)
    }
    expect(north.connected).toBe(true)
  }, 60_000)

  test('a topic of two hundred levels ends its client, not the broker', async () => {
    const desk = await client('yard-desk')
    desk.publish(`spBv1.0/yard/NCMD/${'a/'.repeat(200)}b`, 'x')
    await until(() => desk.gone)
    const again = await client('yard-desk')
    again.subscribe(`spBv1.0/yard/${'+/'.repeat(200)}b`)
    await until(() => again.gone)
    expect((await client('yard-desk')).connected).toBe(true)
  })

  test('connections beyond 256 are refused and counted', async () => {
    const own = await mkdtemp(join(tmpdir(), 'plumbline-broker-'))
    const small = makeBroker(own)
    await small.start()
    const held = await Promise.all(
      Array.from({ length: 257 }, async (_, i) => {
        // No address may have so many that nobody knows.
        const localAddress = `127.0.0.${1 + (i % 9)}`
        const socket = connectTcp({ port: small.port, host: '127.0.0.1', localAddress })
        sockets.push(socket)
        socket.on('error', () => {})
        await new Promise<void>((resolve) => socket.once('connect', resolve))
        return socket
      }),
    )
    await until(() => small.refusals.get('too-many-connections') === 1)
    expect(held).toHaveLength(257)
    const begun = performance.now()
    await small.stop()
    expect(performance.now() - begun).toBeLessThan(1_000)
    await rm(own, { recursive: true })
  })

  test('small messages leave at once: TCP_NODELAY is set on every connection', async () => {
    const probe = await tcp()
    const handle = Object.getPrototypeOf((probe as unknown as { _handle: object })._handle) as {
      setNoDelay(on: boolean): void
    }
    const setNoDelay = vi.spyOn(handle, 'setNoDelay')
    await tcp()
    await until(() => setNoDelay.mock.calls.length === 1)
    expect(setNoDelay.mock.calls).toEqual([[true]])
    setNoDelay.mockRestore()
  })
})

describe('a subscriber that no longer reads', () => {
  test('does not hold up stopping', async () => {
    const own = await mkdtemp(join(tmpdir(), 'plumbline-broker-'))
    const other = makeBroker(own)
    await other.start()
    const secret = await readFile(join(own, 'yard', 'ingest', 'mqtt-password'), 'utf8')
    const frozen = mqtt.connect(`mqtt://127.0.0.1:${other.port}`, {
      username: 'yard-ingest',
      clientId: 'yard-ingest',
      password: secret,
      reconnectPeriod: 0,
    })
    opened.push(frozen)
    frozen.on('error', () => {})
    await new Promise((resolve) => frozen.once('connect', resolve))
    ;(frozen.stream as Socket).pause()
    const begun = performance.now()
    await other.stop()
    expect(performance.now() - begun).toBeLessThan(1_000)
    await expect(
      new Promise((resolve, reject) =>
        connectTcp(other.port, '127.0.0.1').once('connect', resolve).once('error', reject),
      ),
    ).rejects.toThrow('ECONNREFUSED')
    await rm(own, { recursive: true })
  })
})

describe('starting', () => {
  test('on a port that is taken names it and how to move it', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    await expect(makeBroker(data, port).start()).rejects.toThrow(
      `PORT_IN_USE: 127.0.0.1:${port} (MQTT) is taken by another program; move the broker with broker.port in the site file or --mqtt-port`,
    )
    taken.close()
  })

  test('on an address that is not ours says so', async () => {
    const foreign = new BrokerService({
      site: siteOf('north'),
      dataDir: data,
      host: '192.0.2.1',
      port: 0,
      log: silentLog,
      clock,
    })
    await expect(foreign.start()).rejects.toThrow('SITE_INVALID: broker.host: 192.0.2.1 is no address of this machine')
  })

  test('with nodes whose client ids meet is refused', async () => {
    await expect(makeBroker(data, 0, siteOf('north', 'north-blocks')).start()).rejects.toThrow(
      'SITE_INVALID: nodes: north and north-blocks would both be the MQTT client north-blocks',
    )
  })

  test('and stopping without having started is no fault', async () => {
    await makeBroker(data).stop()
  })
})
