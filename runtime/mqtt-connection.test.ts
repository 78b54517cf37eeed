import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Aedes, type AedesPublishPacket, type AuthenticateError } from 'aedes'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { MqttConnection, MqttOptions } from '../domain/ports.ts'
import { SystemClock } from './clock.ts'
import { createLog, silentLog } from './log.ts'
import { connectMqtt } from './mqtt-connection.ts'

const clock = new SystemClock()
const text = (payload: Uint8Array) => Buffer.from(payload).toString('utf8')
const until = (holds: () => unknown, timeout = 8_000) =>
  vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout, interval: 5 })

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A real broker on a port of its own; `stop` takes it away as a power cut does. */
async function broker(port = 0, options: ConstructorParameters<typeof Aedes>[0] = {}) {
  const aedes = await Aedes.createBroker(options)
  const published: AedesPublishPacket[] = []
  aedes.on('publish', (packet) => {
    if (!packet.topic.startsWith('$SYS')) published.push(packet)
  })
  const net = await listen((socket) => aedes.handle(socket), port)
  const stop = async () => {
    await net.stop()
    await new Promise<void>((resolve) => aedes.close(resolve))
  }
  ends.push(stop)
  return { ...net, aedes, published, stop }
}

/** A TCP server that does with its connections what it is told. */
async function listen(onSocket: (socket: Socket) => void, port = 0) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  ends.push(stop)
  return { port: (server.address() as AddressInfo).port, sockets, stop }
}

function client(port: number, options: Partial<MqttOptions> = {}, log = silentLog) {
  const told: string[] = []
  const messages: { topic: string; text: string; retain: boolean }[] = []
  let wills = 0
  const mqtt: MqttConnection = connectMqtt(
    clock,
    log,
  )({
    url: `mqtt://127.0.0.1:${port}`,
    clientId: 'north',
    username: 'north',
    password: async () => 'secret',
    will: () => ({ topic: 'will', payload: Buffer.from(`bdSeq ${wills++}`), qos: 1, retain: false }),
    keepalive_s: 10,
    onUp: () => told.push('up'),
    onDown: (why) => told.push(`down: ${why}`),
    onMessage: ({ topic, payload, retain }) => messages.push({ topic, text: text(payload), retain }),
    ...options,
  })
  ends.push(() => mqtt.stop(100))
  return { mqtt, told, messages }
}

describe('a connection', () => {
  test('publishes, subscribes and unsubscribes', async () => {
    const { port } = await broker()
    const { mqtt, messages } = client(port)
    mqtt.start()
    await until(() => mqtt.up)
    await mqtt.subscribe(['a', 'b/+'], 0)
    await mqtt.publish('a', Buffer.from('one'), { qos: 0 })
    await mqtt.publish('b/c', Buffer.from('two'), { qos: 1 })
    await until(() => messages.length === 2)
    expect(messages).toEqual([
      { topic: 'a', text: 'one', retain: false },
      { topic: 'b/c', text: 'two', retain: false },
    ])
    await mqtt.unsubscribe(['a'])
    await mqtt.publish('a', Buffer.from('unheard'), { qos: 1 })
    await mqtt.publish('b/d', Buffer.from('heard'), { qos: 1 })
    await until(() => messages.length === 3)
    expect(messages[2]?.text).toBe('heard')
  })

  test('sends small messages at once: TCP_NODELAY is set on the socket', async () => {
    const { port, sockets } = await broker()
    const first = client(port).mqtt
    first.start()
    await until(() => first.up)
    // Where node:net hands the option to the operating system.
    const handle = Object.getPrototypeOf((sockets.values().next().value as unknown as { _handle: object })._handle)
    const setNoDelay = vi.spyOn(handle as { setNoDelay(on: boolean): void }, 'setNoDelay')
    const second = client(port, { clientId: 'second' }).mqtt
    second.start()
    await until(() => second.up)
    expect(setNoDelay.mock.calls).toEqual([[true]])
    setNoDelay.mockRestore()
  })

  test('a refused subscription rejects and names the filter', async () => {
    const { port } = await broker(0, {
      authorizeSubscribe: (_, sub, callback) => callback(null, sub.topic === 'open' ? sub : null),
    })
    const { mqtt } = client(port)
    mqtt.start()
    await until(() => mqtt.up)
    await expect(mqtt.subscribe(['open', '#'], 0)).rejects.toThrow('BROKER_REFUSED: subscription to # was refused')
  })

  test('an address that is no MQTT address is refused at once', () => {
    expect(() => client(0, { url: 'http://127.0.0.1:1' })).toThrow(
      'expected mqtt://host:port or mqtts://host:port, got http://127.0.0.1:1',
    )
  })
})

describe('while the broker is away', () => {
  test('nothing is queued: publishing rejects, and nothing is sent later', async () => {
    const first = await broker()
    const { mqtt } = client(first.port)
    await expect(mqtt.publish('a', Buffer.from('early'), { qos: 0 })).rejects.toThrow('not connected')
    mqtt.start()
    await until(() => mqtt.up)
    await first.stop()
    await until(() => !mqtt.up)
    for (const qos of [0, 1] as const)
      await expect(mqtt.publish('a', Buffer.from('lost'), { qos })).rejects.toThrow('not connected')
    await expect(mqtt.subscribe(['a'], 0)).rejects.toThrow('not connected')
    const second = await broker(first.port)
    await until(() => mqtt.up)
    await mqtt.publish('a', Buffer.from('live'), { qos: 1 })
    await until(() => second.published.length > 0)
    expect(second.published.map((p) => text(p.payload as Buffer))).toEqual(['live'])
  })

  test('it comes back, asks for will and password before every CONNECT, and remembers no subscription', async () => {
    const first = await broker()
    const passwords: string[] = []
    const { mqtt, told, messages } = client(first.port, {
      password: async () => {
        passwords.push(`secret ${passwords.length}`)
        return passwords.at(-1)!
      },
    })
    mqtt.start()
    await until(() => mqtt.up)
    await mqtt.subscribe(['a'], 0)
    await first.stop()
    await until(() => told.length === 2)
    const seen: (string | undefined)[] = []
    const second = await broker(first.port, {
      authenticate: (_, __, password, done) => {
        seen.push(password?.toString())
        done(null, true)
      },
    })
    await until(() => mqtt.up)
    expect(told).toEqual(['up', 'down: closed by the broker', 'up'])
    expect(seen).toEqual([passwords.at(-1)])
    expect(passwords.length).toBeGreaterThanOrEqual(2)
    await mqtt.publish('a', Buffer.from('x'), { qos: 1 })
    await until(() => second.published.length === 1)
    expect(messages).toEqual([])
  })

  test('a QoS 1 publish without acknowledgement rejects when the broker goes', async () => {
    // A broker that accepts CONNECT and then answers nothing.
    const silent = await listen((socket) => socket.once('data', () => socket.write(Buffer.from([0x20, 2, 0, 0]))))
    const { mqtt } = client(silent.port)
    mqtt.start()
    await until(() => mqtt.up)
    const acknowledged = mqtt.publish('a', Buffer.from('x'), { qos: 1 })
    const subscribed = mqtt.subscribe(['a'], 0)
    await silent.stop()
    await expect(acknowledged).rejects.toThrow('MQTT session ended')
    await expect(subscribed).rejects.toThrow('MQTT session ended')
  })

  test('it says once why it cannot connect and counts the rest', async () => {
    const gone = await listen(() => {})
    await gone.stop()
    const lines: string[] = []
    const log = createLog({ pretty: false, write: (line) => lines.push(line) })
    const { mqtt } = client(gone.port, {}, log)
    mqtt.start()
    await until(() => lines.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    await broker(gone.port)
    await until(() => mqtt.up)
    const [failure, success, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(failure).toMatchObject({ message: 'cannot connect to the MQTT broker, trying on', mqtt: 'north' })
    expect(failure?.['why']).toContain('ECONNREFUSED')
    expect(success).toMatchObject({ message: 'connected to the MQTT broker' })
    expect(success?.['failed_attempts']).toBeGreaterThanOrEqual(2)
    expect(more).toEqual([])
  })
})

describe('wills', () => {
  test('each CONNECT carries a new one, and a dropped connection leaves it', async () => {
    const { port, published } = await broker()
    const { mqtt, told } = client(port)
    mqtt.start()
    await until(() => mqtt.up)
    mqtt.drop()
    await until(() => told.length === 3)
    mqtt.drop()
    await until(() => published.length === 2)
    expect(published.map((p) => [p.topic, text(p.payload as Buffer)])).toEqual([
      ['will', 'bdSeq 0'],
      ['will', 'bdSeq 1'],
    ])
    expect(told.slice(0, 3)).toEqual(['up', 'down: dropped by this side', 'up'])
  })

  test('stopping leaves none and ends the reconnecting', async () => {
    const { port, published, aedes } = await broker()
    const { mqtt, told } = client(port)
    mqtt.start()
    await until(() => mqtt.up)
    await mqtt.stop(1_000)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(published).toEqual([])
    expect(aedes.connectedClients).toBe(0)
    expect(told).toEqual(['up'])
  })
})

describe('a broker that refuses', () => {
  const refusing = (returnCode: 4 | 5) =>
    broker(0, {
      authenticate: (_, __, ___, done) =>
        done(Object.assign(new Error('no'), { returnCode }) as AuthenticateError, false),
    })

  test.each([4, 5] as const)('with CONNACK %i is named once and not asked again soon', async (code) => {
    const { port, sockets } = await refusing(code)
    let connections = 0
    const lines: string[] = []
    const { mqtt } = client(
      port,
      {
        password: async () => {
          connections++
          return 'wrong'
        },
      },
      createLog({ pretty: false, write: (line) => lines.push(line) }),
    )
    mqtt.start()
    await until(() => lines.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(connections, 'the next attempt comes after 5 to 10 s').toBe(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('BROKER_REFUSED: user north, client id north: Connection refused')
    expect(sockets.size).toBe(0)
  })

  test('a password file that is not there yet is told and read again later', async () => {
    const { port } = await broker()
    const lines: string[] = []
    const { mqtt } = client(
      port,
      { password: () => Promise.reject(new Error('PASSWORD_MISSING: no file')) },
      createLog({ pretty: false, write: (line) => lines.push(line) }),
    )
    mqtt.start()
    await until(() => lines.length === 1)
    expect(lines[0]).toContain('PASSWORD_MISSING: no file')
    expect(mqtt.up).toBe(false)
  })
})

describe('a peer that is frozen', () => {
  /** Accepts CONNECT, then reads nothing more. */
  const frozen = () =>
    listen((socket) =>
      socket.once('data', () => {
        socket.write(Buffer.from([0x20, 2, 0, 0]))
        socket.pause()
      }),
    )

  test('does not hold up stopping beyond its deadline', async () => {
    const { port } = await frozen()
    const { mqtt } = client(port)
    mqtt.start()
    await until(() => mqtt.up)
    const hanging = mqtt.publish('a', Buffer.from('x'), { qos: 1 })
    hanging.catch(() => {})
    const begun = performance.now()
    await mqtt.stop(300)
    const took_ms = performance.now() - begun
    expect(took_ms).toBeGreaterThan(250)
    expect(took_ms).toBeLessThan(1_000)
    await expect(hanging).rejects.toThrow('MQTT session ended')
    await expect(mqtt.publish('a', Buffer.from('x'), { qos: 0 })).rejects.toThrow('not connected')
  })

  test('is noticed by the keep-alive although messages go out all the time', async () => {
    const { port } = await frozen()
    const { mqtt, told } = client(port, { keepalive_s: 1 })
    mqtt.start()
    await until(() => mqtt.up)
    const begun = performance.now()
    const talking = setInterval(() => void mqtt.publish('a', Buffer.from('x'), { qos: 0 }).catch(() => {}), 50)
    await until(() => told.length > 1)
    clearInterval(talking)
    expect(told[1]).toBe('down: Keepalive timeout')
    expect(performance.now() - begun).toBeLessThan(3_000)
  })

  test('shows what it has not taken as pending bytes', async () => {
    const { port } = await frozen()
    const { mqtt } = client(port)
    mqtt.start()
    await until(() => mqtt.up)
    expect(mqtt.pendingBytes).toBe(0)
    for (let i = 0; i < 20; i++) mqtt.publish('a', new Uint8Array(2 ** 20), { qos: 0 }).catch(() => {})
    await until(() => mqtt.pendingBytes > 2 ** 20)
  })

  test('that never answers CONNECT is given up after 5 s', async () => {
    const { port } = await listen((socket) => socket.pause())
    const lines: string[] = []
    const { mqtt } = client(port, {}, createLog({ pretty: false, write: (line) => lines.push(line) }))
    mqtt.start()
    await until(() => lines.length === 1)
    expect(lines[0]).toContain('connack timeout')
  })

  test('stopping before the broker answered resolves at once', async () => {
    const { port } = await listen((socket) => socket.pause())
    const { mqtt } = client(port)
    mqtt.start()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const begun = performance.now()
    await mqtt.stop(2_000)
    expect(performance.now() - begun).toBeLessThan(500)
  })
})
