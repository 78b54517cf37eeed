/** The wire of simulated devices, made bad while connections stand: TCP, RTU over TCP, and that a sound one costs nothing. */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeRtu } from '../rtu-frame.ts'
import { LinkFaults } from '../wire-proxy.ts'
import { Bus } from './bus.fixture.ts'
import { ModbusServer } from './modbus-server.ts'
import { RtuOverTcpServer } from './rtu-over-tcp-server.ts'
import { bytes, hex, STAGE, STAGE_REPLY } from './server-fixture.ts'

const PLACE = { host: '127.0.0.1', port: 0, path: 'nodes[0].links[0].tcp.port' }
const numbered = (n: number, text = STAGE) => text.replace(/^00 ?07/, n.toString(16).padStart(4, '0'))
const reply = (n: number) => numbered(n, STAGE_REPLY)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let bus: Bus
const open: Array<{ close(): Promise<void> }> = []
const sockets: Socket[] = []
beforeEach(() => {
  bus = new Bus()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of open.splice(0)) await server.close()
})

async function wired(framing: 'mbap' | 'rtu') {
  const wire = new LinkFaults('bus', framing, 7)
  const options = { ...PLACE, ...bus.shared, wire }
  const server = framing === 'mbap' ? new ModbusServer(options) : new RtuOverTcpServer(options)
  open.push(server)
  await server.listen()
  const socket = createConnection({ host: '127.0.0.1', port: server.port, noDelay: true })
  sockets.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  let all = ''
  socket.on('data', (chunk) => {
    all += hex(chunk)
  })
  /** What comes for a request: `count` bytes, or what comes within 80 ms where none is expected. */
  const heard = async (request: string, count: number) => {
    all = ''
    socket.write(bytes(request))
    if (count === 0) await pause(80)
    else await expect.poll(() => all.length, { timeout: 5000 }).toBeGreaterThanOrEqual(count * 2)
    return all
  }
  return { wire, socket, heard }
}

describe('Modbus TCP', () => {
  test('changed live on one connection that stands: each fault is seen and counted, then it is sound again', async () => {
    const { wire, socket, heard } = await wired('mbap')
    expect(await heard(numbered(1), 13)).toBe(reply(1))
    wire.setFaults({ drop: 1, way: 'requests' })
    expect(await heard(numbered(2), 0)).toBe('')
    wire.setFaults({ duplicate: 1, way: 'requests' })
    expect(await heard(numbered(3), 26)).toBe(reply(3) + reply(3))
    wire.setFaults({ duplicate: 1, way: 'replies' })
    expect(await heard(numbered(4), 26)).toBe(reply(4) + reply(4))
    wire.setFaults({ reorder: 1, way: 'replies' })
    expect(await heard(numbered(5), 0)).toBe('')
    wire.setFaults({})
    expect(await heard(numbered(6), 26)).toBe(reply(6) + reply(5))
    wire.setFaults({ delay: { ms: 60 } })
    const begun = performance.now()
    expect(await heard(numbered(7), 13)).toBe(reply(7))
    expect(performance.now() - begun).toBeGreaterThanOrEqual(119)
    wire.setFaults({})
    expect(await heard(numbered(8), 13)).toBe(reply(8))
    expect(socket.destroyed).toBe(false)
    expect(wire.counts.requests).toMatchObject({ frames: 8, drop: 1, duplicate: 1, delay: 1, corrupt: 0 })
    expect(wire.counts.replies).toMatchObject({ frames: 8, duplicate: 1, reorder: 1, delay: 1 })
  })

  test('a request cut short leaves the devices waiting; what follows stands in its place and ends the connection', async () => {
    const { wire, socket, heard } = await wired('mbap')
    wire.setFaults({ truncate: 1, way: 'requests' })
    expect(await heard(numbered(1), 0)).toBe('')
    wire.setFaults({})
    const closed = once(socket, 'close')
    for (let n = 2; n < 6 && !socket.destroyed; n++) socket.write(bytes(numbered(n)))
    await closed
    expect(bus.lines.map((l) => l.message)).toContain('closed a connection that does not speak Modbus TCP')
  })

  test('only the units that are told', async () => {
    const { wire, heard } = await wired('mbap')
    wire.setFaults({ drop: 1, units: [1] })
    expect(await heard(numbered(1), 13)).toBe(reply(1))
    expect(await heard('00 09 00 00 00 06 01 03 00 00 00 02', 0)).toBe('')
  })

  test('late frames are lost with their connection, and no timer is left', async () => {
    const { wire, socket } = await wired('mbap')
    wire.setFaults({ delay: { ms: 300 } })
    socket.write(bytes(numbered(1)))
    await expect.poll(() => wire.counts.requests.frames).toBe(1)
    socket.destroy()
    await pause(400)
    expect(wire.counts.replies.frames).toBe(0)
  })
})

describe('RTU over TCP', () => {
  const framed = (text: string) => hex(encodeRtu({ unit: bytes(text)[0]!, pdu: bytes(text).subarray(1) }))
  const request = framed('02 04 00 02 00 02')
  const answer = framed('02 04 04 3f a3 d7 0a')

  test('changed live: the CRC shows a flipped bit, a mis-numbered reply comes under a right one', async () => {
    const { wire, heard } = await wired('rtu')
    expect(await heard(request, 9)).toBe(answer)
    wire.setFaults({ corrupt: 1, way: 'requests' })
    expect(await heard(request, 0)).toBe('')
    await expect
      .poll(() => bus.lines.map((l) => l.fields?.['why']))
      .toEqual([expect.stringMatching(/CRC|silence|fewer/)])
    wire.setFaults({ misnumber: 1, way: 'replies' })
    expect(await heard(request, 9)).toBe(framed('03 04 04 3f a3 d7 0a'))
    wire.setFaults({ truncate: 1, way: 'requests' })
    expect(await heard(request, 0)).toBe('')
    wire.setFaults({})
    // The silence has ended what was cut short: the line is sound again.
    expect(await heard(request, 9)).toBe(answer)
    expect(wire.counts.requests).toMatchObject({ frames: 5, corrupt: 1, truncate: 1 })
  })
})
