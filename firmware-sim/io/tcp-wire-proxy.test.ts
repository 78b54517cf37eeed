import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeRtu } from '../rtu-frame.ts'
import type { Framing } from '../wire-proxy.ts'
import { Bus } from './bus.fixture.ts'
import { ModbusServer } from './modbus-server.ts'
import { RtuOverTcpServer } from './rtu-over-tcp-server.ts'
import { ask, bytes, hex, STAGE, STAGE_REPLY, take } from './server-fixture.ts'
import { TcpWireProxy } from './tcp-wire-proxy.ts'

const PLACE = { host: '127.0.0.1', port: 0, path: 'nodes[0].links[0].tcp.port' }
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const numbered = (n: number, text = STAGE) => text.replace(/^00 ?07/, n.toString(16).padStart(4, '0'))
const reply = (n: number) => numbered(n, STAGE_REPLY)

let bus: Bus
let server: ModbusServer
let proxy: TcpWireProxy
const sockets: Socket[] = []
const wire = async (upstreamPort: number, framing: Framing = 'mbap') => {
  const { clock, log } = bus
  const upstream = { host: '127.0.0.1', port: upstreamPort }
  const made = new TcpWireProxy({ ...PLACE, link: 'river', upstream, framing, seed: 11, clock, log })
  await made.listen()
  return made
}
beforeEach(async () => {
  bus = new Bus()
  server = new ModbusServer({ ...PLACE, ...bus.shared })
  await server.listen()
  proxy = await wire(server.port)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await proxy.close()
  await server.close()
})
async function connect(port = proxy.port): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
  sockets.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}
/** What comes for a request: until `count` bytes are there, or within 100 ms where none is expected. */
async function heard(socket: Socket, request: string, count = 13): Promise<string> {
  let all = ''
  const listen = (chunk: Buffer) => {
    all += hex(chunk)
  }
  socket.on('data', listen)
  socket.write(bytes(request))
  if (count === 0) await pause(100)
  else await expect.poll(() => all.length, { timeout: 5000 }).toBeGreaterThanOrEqual(count * 2)
  socket.off('data', listen)
  return all
}

describe('a TCP wire', () => {
  test('sound, carries many connections at once, each its own answers', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect()))
    for (let round = 0; round < 20; round++)
      expect(await Promise.all(clients.map((c, i) => ask(c, numbered(100 * i + round), 13)))).toEqual(
        clients.map((_, i) => reply(100 * i + round)),
      )
    expect(proxy.counts).toMatchObject({ requests: { frames: 100 }, replies: { frames: 100 } })
  })

  test('changed live: each fault is what the client sees, and is counted by kind', async () => {
    const socket = await connect()
    proxy.setFaults({ drop: 1, way: 'requests' })
    expect(await heard(socket, numbered(1), 0)).toBe('')
    proxy.setFaults({ duplicate: 1, way: 'replies' })
    expect(await heard(socket, numbered(2), 26)).toBe(reply(2) + reply(2))
    proxy.setFaults({ misnumber: 1, way: 'replies' })
    const misnumbered = await heard(socket, numbered(3))
    expect([reply(4), reply(3).replace('000702', '000703')]).toContain(misnumbered)
    proxy.setFaults({ corrupt: 1, way: 'replies' })
    const corrupt = await heard(socket, numbered(5))
    expect(corrupt.length).toBe(26)
    expect(corrupt).not.toBe(reply(5))
    proxy.setFaults({ truncate: 1, way: 'replies' })
    const short = await heard(socket, numbered(6), 1)
    expect(reply(6).startsWith(short)).toBe(true)
    expect(short.length).toBeLessThan(26)
    proxy.setFaults({})
    expect(await heard(socket, numbered(7))).toBe(reply(7))
    expect(proxy.counts.requests).toMatchObject({ frames: 6, drop: 1 })
    expect(proxy.counts.replies).toMatchObject({ frames: 5, duplicate: 1, misnumber: 1, corrupt: 1, truncate: 1 })
  })

  test('reorder: a reply held back arrives after the next one', async () => {
    const socket = await connect()
    proxy.setFaults({ reorder: 1, way: 'replies' })
    expect(await heard(socket, numbered(1), 0)).toBe('')
    expect(await heard(socket, numbered(2), 26)).toBe(reply(2) + reply(1))
  })

  test('delay holds both ways, and never lets a frame overtake another', async () => {
    const socket = await connect()
    proxy.setFaults({ delay: { ms: 20, jitter_ms: 60 } })
    const started = performance.now()
    for (let n = 1; n <= 10; n++) socket.write(bytes(numbered(n)))
    expect(hex(await take(socket, 130))).toBe(Array.from({ length: 10 }, (_, i) => reply(i + 1)).join(''))
    expect(performance.now() - started).toBeGreaterThanOrEqual(39)
    expect(proxy.counts).toMatchObject({ requests: { delay: 10 }, replies: { delay: 10 } })
  })

  test('down, it ends the connections and takes none until it is up', async () => {
    const socket = await connect()
    const ended = once(socket, 'close')
    proxy.setUp(false)
    await ended
    await once(await connect(), 'close')
    proxy.setUp(true)
    expect(await ask(await connect(), STAGE, 13)).toBe(STAGE_REPLY)
  })

  test('a server that is not there ends the connection and is told', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as { port: number }
    await new Promise((resolve) => gone.close(resolve))
    const lonely = await wire(port)
    await once(await connect(lonely.port), 'close')
    expect(bus.lines.map((l) => l.message)).toEqual(['cannot reach the server behind'])
    await lonely.close()
  })

  test('a client that does not speak Modbus TCP is cut off, and the server never hears it', async () => {
    const socket = await connect()
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await once(socket, 'close')
    expect(bus.lines.map((l) => l.message)).toEqual(['closed a connection whose requests are not mbap'])
    expect(proxy.counts.requests.frames).toBe(0)
  })

  test('RTU over TCP: a mis-numbered reply comes under a right CRC', async () => {
    const rtu = new RtuOverTcpServer({ ...PLACE, ...bus.shared })
    await rtu.listen()
    const line = await wire(rtu.port, 'rtu')
    const socket = await connect(line.port)
    const framed = (text: string) => hex(encodeRtu({ unit: bytes(text)[0]!, pdu: bytes(text).subarray(1) }))
    const request = framed('02 04 00 02 00 02')
    expect(await ask(socket, request, 9)).toBe(framed('02 04 04 3f a3 d7 0a'))
    line.setFaults({ misnumber: 1, way: 'replies' })
    expect(await ask(socket, request, 9)).toBe(framed('03 04 04 3f a3 d7 0a'))
    await line.close()
    await rtu.close()
  })

  test('closes within a second with late frames both ways and a client that takes nothing', async () => {
    proxy.setFaults({ delay: { ms: 60_000 } })
    const held = await Promise.all([connect(), connect()])
    for (const socket of held) {
      socket.pause()
      socket.write(Buffer.concat(Array.from({ length: 2000 }, () => bytes(STAGE))))
    }
    await expect.poll(() => proxy.counts.requests.frames, { timeout: 5000 }).toBe(4000)
    const started = performance.now()
    await proxy.close()
    expect(performance.now() - started).toBeLessThan(1000)
    // 1,024 late frames may be outstanding; what is lost beyond them is counted.
    expect(proxy.counts.requests).toMatchObject({ overflow: 4000 - 2 * 1024 })
  })
})
