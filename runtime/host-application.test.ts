import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes, type AedesPublishPacket, type Client } from 'aedes'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { decodePayload, encodePayload } from '../domain/sparkplug/codec.ts'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import { DataType, type Metric } from '../domain/sparkplug/payload.ts'
import { SystemClock } from './clock.ts'
import { HostApplication, type HostApplicationOptions } from './host-application.ts'
import { createLog, silentLog } from './log.ts'
import { connectMqtt } from './mqtt-connection.ts'

const clock = new SystemClock()
const STATE = 'spBv1.0/STATE/yard-desk'
const until = (holds: () => unknown, timeout = 8_000) =>
  vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout, interval: 5 })
const pause = (wait_ms: number) => new Promise((resolve) => setTimeout(resolve, wait_ms))

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A real broker that writes down, in order, what its clients subscribe and publish. */
async function broker(options: ConstructorParameters<typeof Aedes>[0] = {}) {
  const aedes = await Aedes.createBroker(options)
  const seen: string[] = []
  const published: AedesPublishPacket[] = []
  const clients: Client[] = []
  aedes.on('client', (client) => clients.push(client))
  aedes.on('subscribe', (subs) => {
    for (const { topic, qos } of subs) seen.push(`subscribe ${topic} qos ${qos}`)
  })
  aedes.on('publish', (packet) => {
    if (packet.topic.startsWith('$SYS')) return
    published.push(packet)
    seen.push(`publish ${packet.topic} qos ${packet.qos} retain ${packet.retain}`)
  })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    aedes.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => aedes.close(resolve))
  })
  const send = (topic: string, payload: Uint8Array, retain = false) =>
    new Promise<void>((resolve, reject) =>
      aedes.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain, dup: false },
        (error?: Error | null) => (error ? reject(error) : resolve()),
      ),
    )
  const states = () =>
    published
      .filter(({ topic }) => topic === STATE)
      .map(({ payload }) => JSON.parse(payload.toString()) as { online: boolean; timestamp: number })
  const commands = () => published.filter(({ topic }) => topic.includes('/NCMD/'))
  return {
    port: (server.address() as AddressInfo).port,
    aedes,
    seen,
    published,
    clients,
    sockets,
    send,
    states,
    commands,
  }
}

function host(port: number, options: Partial<HostApplicationOptions> = {}) {
  const events: HostEvent[] = []
  const told: string[] = []
  const app = new HostApplication({
    hostId: 'yard-desk',
    group: 'yard',
    url: `mqtt://127.0.0.1:${port}`,
    username: 'yard-desk',
    password: async () => 'secret',
    connectMqtt: connectMqtt(clock, silentLog),
    clock,
    log: silentLog,
    filters: ['spBv1.0/yard/+/north', 'spBv1.0/yard/+/north/+'],
    checkSeq: () => true,
    reorderTimeout_ms: 60,
    onEvent: (event) => events.push(event),
    onUp: () => told.push('up'),
    onDown: (why) => told.push(`down: ${why}`),
    ...options,
  })
  ends.push(() => app.stop(200))
  return { app, events, told }
}

const metrics = (...more: Metric[]): Metric[] => [{ name: 'bdSeq', datatype: DataType.Int64, value: 0n }, ...more]
const heartbeat: Metric = { name: 'heartbeat', datatype: DataType.Int64, value: 1n }
const nbirth = (seq = 0) => encodePayload({ timestamp: 1, seq, metrics: metrics(heartbeat) })
const ndata = (seq: number) => encodePayload({ timestamp: 2, seq, metrics: [{ name: 'heartbeat', value: 2n }] })

describe('STATE', () => {
  test('tck-id-host-topic-phid-birth-sub-required: subscriptions come first, then online, retained at QoS 1', async () => {
    const { port, seen, states, aedes } = await broker()
    const before = Date.now()
    const { app, told } = host(port)
    expect(app.up).toBe(false)
    app.start()
    // The broker may answer before it tells what was published.
    await until(() => app.up && seen.length >= 4)
    expect(seen).toEqual([
      `subscribe ${STATE} qos 1`,
      'subscribe spBv1.0/yard/+/north qos 0',
      'subscribe spBv1.0/yard/+/north/+ qos 0',
      `publish ${STATE} qos 1 retain true`,
    ])
    expect(told).toEqual(['up'])
    expect(states()[0]).toMatchObject({ online: true })
    expect(states()[0]!.timestamp).toBeGreaterThanOrEqual(before)
    // tck-id-message-flow-phid-sparkplug-clean-session-311
    expect(
      Object.values((aedes as unknown as { clients: Record<string, Client> }).clients).map((c) => c.clean),
    ).toEqual([true])
  })

  test('what stands beside Sparkplug is subscribed at QoS 1 and goes to its own hand, not to the session', async () => {
    const { port, seen, aedes, published } = await broker()
    const heard: string[] = []
    const topic = 'plumbline/yard/ingest/health'
    const beside = new Map([[topic, (payload: Uint8Array) => heard.push(Buffer.from(payload).toString())]])
    const { app, events } = host(port, { beside })
    app.start()
    await until(() => app.up)
    expect(seen.slice(0, 2)).toEqual([`subscribe ${STATE} qos 1`, `subscribe ${topic} qos 1`])
    await app.say(topic, Buffer.from('well'))
    await until(() => heard.length === 1)
    expect(heard).toEqual(['well'])
    expect(published.some((packet) => packet.topic === topic && packet.retain)).toBe(true)
    expect([events, app.refused]).toEqual([[], 0])
    expect((aedes as unknown as { closed: boolean }).closed).toBe(false)
  })

  test('tck-id-host-topic-phid-birth-payload-timestamp: birth and will of a session have one timestamp', async () => {
    const { port, states, sockets } = await broker()
    const { app, told } = host(port)
    app.start()
    await until(() => app.up)
    for (const socket of sockets) socket.destroy()
    await until(() => told.length === 3)
    await until(() => states().length >= 3)
    const [birth, will, second] = states()
    expect(will, 'tck-id-host-topic-phid-death-payload').toEqual({ online: false, timestamp: birth!.timestamp })
    expect(second!.online).toBe(true)
    expect(second!.timestamp).toBeGreaterThanOrEqual(birth!.timestamp)
  })

  test('tck-id-operational-behavior-host-application-termination: offline is published before disconnecting', async () => {
    const { port, states, published } = await broker()
    const { app } = host(port)
    app.start()
    await until(() => app.up)
    await app.stop(1_000)
    await pause(100)
    expect(states().map((s) => s.online)).toEqual([true, false])
    expect(states()[1]!.timestamp).toBeGreaterThanOrEqual(states()[0]!.timestamp)
    expect(published.at(-1)).toMatchObject({ topic: STATE, qos: 1, retain: true })
    expect(app.up).toBe(false)
  })

  test('its own offline, left by an earlier session, is answered with online at once', async () => {
    const { port, states, send } = await broker()
    const { app } = host(port)
    app.start()
    await until(() => app.up)
    await send(STATE, Buffer.from(JSON.stringify({ online: false, timestamp: 1 })), true)
    await until(() => states().length === 3)
    expect(states()[2]).toEqual(states()[0])
    await pause(50)
    expect(states(), 'its own online is not answered').toHaveLength(3)
  })

  test('a host that does not serve is offline with the timestamp of its will, also after a new session, until it serves', async () => {
    const { port, states, sockets } = await broker()
    const { app, told } = host(port)
    app.start()
    await until(() => app.up && states().length === 1)
    // What it hears of itself from before a change it may answer once more: the last word counts.
    for (const serving of [false, true, false]) {
      app.serve(serving)
      await until(() => states().at(-1)!.online === serving)
      await pause(50)
      expect(states().at(-1)!.online).toBe(serving)
    }
    expect(new Set(states().map((state) => state.timestamp)).size).toBe(1)
    const before = states().length
    expect(app.up).toBe(true)
    for (const socket of sockets) socket.destroy()
    await until(() => told.length === 3 && app.up)
    await pause(50)
    expect(
      states()
        .slice(before)
        .every((state) => !state.online),
    ).toBe(true)
    app.serve(true)
    await until(() => states().at(-1)!.online)
  })

  test('never has an older timestamp than before, even when the wall clock steps back', async () => {
    const { port, states, sockets } = await broker()
    let wall = clock.now()
    const stepping = { now: () => wall, monotonic: () => clock.monotonic(), at: clock.at.bind(clock), hold: clock.hold }
    const { app, told } = host(port, { clock: stepping as never })
    app.start()
    await until(() => app.up)
    wall = (wall - 3_600_000_000_000n) as typeof wall
    for (const socket of sockets) socket.destroy()
    await until(() => told.length === 3)
    await app.stop(1_000)
    await until(() => states().at(-1)?.online === false)
    const times = states().map((s) => s.timestamp)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('stopping while the broker is away resolves at once', async () => {
    const { app } = host(1)
    app.start()
    await pause(50)
    const begun = performance.now()
    await app.stop(2_000)
    expect(performance.now() - begun).toBeLessThan(500)
  })
})

describe('messages', () => {
  test('become events; a gap sends one NCMD Rebirth', async () => {
    const { port, send, commands, published } = await broker()
    const { app, events } = host(port)
    app.start()
    await until(() => app.up)
    await send('spBv1.0/yard/NBIRTH/north', nbirth())
    await send('spBv1.0/yard/NDATA/north', ndata(1))
    await send('spBv1.0/yard/NDATA/north', ndata(3))
    await until(() => commands().length === 1)
    expect(events.map((e) => e.kind)).toEqual(['birth', 'data', 'data', 'rebirth-wanted'])
    const [command] = commands()
    expect(command).toMatchObject({ topic: 'spBv1.0/yard/NCMD/north', qos: 0, retain: false })
    const payload = decodePayload(command!.payload as Buffer)
    expect(payload.seq, 'tck-id-payloads-ncmd-seq').toBeUndefined()
    expect(payload.timestamp, 'tck-id-payloads-ncmd-timestamp').toBeGreaterThan(Date.now() - 10_000)
    expect(payload.metrics).toMatchObject([{ name: 'Node Control/Rebirth', value: true }])
    expect(app.births('north')?.metrics.map((m) => m.name)).toEqual(['bdSeq', 'heartbeat'])
    await send('spBv1.0/yard/NBIRTH/north', nbirth())
    await until(() => events.at(-1)?.kind === 'birth')
    await pause(1_200)
    expect(
      published.filter((p) => p.topic.includes('NCMD')),
      'the birth ended it',
    ).toHaveLength(1)
  })

  test('what is refused is counted, and said once for each topic', async () => {
    const lines: string[] = []
    const { port, send } = await broker()
    const { app, events } = host(port, { log: createLog({ pretty: false, write: (line) => lines.push(line) }) })
    app.start()
    await until(() => app.up)
    for (let i = 0; i < 3; i++) await send('spBv1.0/yard/NBIRTH/north', Buffer.from('nonsense'))
    await until(() => app.refused === 3)
    expect(events.map((e) => e.kind)).toEqual(['refused', 'refused', 'refused'])
    expect(lines.filter((line) => line.includes('message refused'))).toHaveLength(1)
  })

  test('an exception of the room is our bug: logged with the event, counted, and the next event still comes', async () => {
    const lines: string[] = []
    const { port, send } = await broker()
    const kinds: string[] = []
    const { app } = host(port, {
      log: createLog({ pretty: false, write: (line) => lines.push(line) }),
      onEvent: ({ kind }) => {
        kinds.push(kind)
        if (kind === 'birth') throw new Error('room fell over')
      },
    })
    app.start()
    await until(() => app.up)
    await send('spBv1.0/yard/NBIRTH/north', nbirth())
    await send('spBv1.0/yard/NDATA/north', ndata(1))
    await until(() => kinds.length === 2)
    expect(kinds).toEqual(['birth', 'data'])
    expect(app.bugs).toBe(1)
    const line = lines.find((l) => l.includes('BUG'))!
    expect(line).toContain('handling birth of north')
    expect(line).toContain('room fell over')
  })

  test('after the connection was lost births are unknown until they come again', async () => {
    const { port, send, sockets } = await broker()
    const { app, events, told } = host(port)
    app.start()
    await until(() => app.up)
    await send('spBv1.0/yard/NBIRTH/north', nbirth())
    await until(() => events.length === 1)
    for (const socket of sockets) socket.destroy()
    await until(() => told.length === 3)
    expect(app.births('north')).toBeUndefined()
    await send('spBv1.0/yard/NDATA/north', ndata(1))
    await until(() => events.length === 3)
    expect(events.slice(1).map((e) => e.kind)).toEqual(['refused', 'rebirth-wanted'])
  })
})

describe('the room', () => {
  test('asks for rebirths, one command however often it asks', async () => {
    const { port, commands } = await broker()
    const { app } = host(port, { onUp: undefined })
    app.requestRebirth('north', 'too early: nothing happens')
    app.start()
    await until(() => app.up)
    app.requestRebirth('north', 'start')
    app.requestRebirth('north', 'start again')
    app.requestRebirth('south', 'start')
    await until(() => commands().length === 2)
    // aedes tells of a publish once it was delivered, so not always in the order of sending.
    const asked = commands().map((c) => c.topic)
    expect(asked.sort()).toEqual(['spBv1.0/yard/NCMD/north', 'spBv1.0/yard/NCMD/south'])
    await until(() => commands().length === 4, 2_000)
  })

  test('sends commands, and learns when it cannot', async () => {
    const { port, commands } = await broker()
    const { app } = host(port)
    const metric: Metric = { name: 'Node Control/Committed', datatype: DataType.String, value: '{}' }
    await expect(app.command('north', [metric])).rejects.toThrow('not connected')
    app.start()
    await until(() => app.up)
    await app.command('north', [metric])
    await until(() => commands().length === 1)
    expect(decodePayload(commands()[0]!.payload as Buffer).metrics).toMatchObject([metric])
  })

  test('subscribes to more while it needs it, across sessions', async () => {
    const { port, seen, sockets } = await broker()
    const { app, told } = host(port)
    await app.subscribe(['spBv1.0/yard/DDATA/north-blocks/acc'])
    app.start()
    await until(() => app.up)
    expect(seen.filter((s) => s.includes('north-blocks'))).toHaveLength(1)
    await app.subscribe(['spBv1.0/yard/DDATA/north-blocks/tilt'])
    for (const socket of sockets) socket.destroy()
    await until(() => told.length === 3)
    expect(seen.filter((s) => s.includes('north-blocks/acc'))).toHaveLength(2)
    expect(seen.filter((s) => s.includes('north-blocks/tilt'))).toHaveLength(2)
    await app.unsubscribe(['spBv1.0/yard/DDATA/north-blocks/tilt'])
    for (const socket of sockets) socket.destroy()
    await until(() => told.length === 5)
    expect(seen.filter((s) => s.includes('north-blocks/acc'))).toHaveLength(3)
    expect(seen.filter((s) => s.includes('north-blocks/tilt'))).toHaveLength(2)
  })

  test('is told by the log when the broker refuses a filter', async () => {
    const lines: string[] = []
    const { port } = await broker({
      authorizeSubscribe: (_, sub, callback) => callback(null, sub.topic === STATE ? sub : null),
    })
    const { app } = host(port, { log: createLog({ pretty: false, write: (line) => lines.push(line) }) })
    app.start()
    await until(() => lines.some((line) => line.includes('BROKER_REFUSED')))
    expect(app.up).toBe(false)
  })
})
