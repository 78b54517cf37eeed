import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import fc from 'fast-check'
import modbusSerial from 'modbus-serial'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../device.ts'
import { headerOf } from '../fixture.ts'
import { encodeRtu, withWrongCrc } from '../rtu-frame.ts'
import { Bus, expectLibmodbusRight } from './bus.fixture.ts'
import { ModbusServer } from './modbus-server.ts'
import { buildLibmodbusMaster, dropFolder, haveTool, makeFolder, run } from './real-tools.fixture.ts'
import { RtuOverTcpServer } from './rtu-over-tcp-server.ts'
import { bytes, hex, take } from './server-fixture.ts'

const PLACE = { host: '127.0.0.1', port: 0, path: 'nodes[0].links[0].rtu_over_tcp.port' }
const folder = makeFolder()
afterAll(() => dropFolder(folder))

let bus: Bus
let server: RtuOverTcpServer
const sockets: Socket[] = []
beforeEach(async () => {
  bus = new Bus()
  server = new RtuOverTcpServer({ ...PLACE, ...bus.shared })
  await server.listen()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
})

async function connect(): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port: server.port, noDelay: true })
  sockets.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}
const framed = (text: string) => encodeRtu({ unit: bytes(text)[0]!, pdu: bytes(text).subarray(1) })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Unit 2, input registers 2-3, which hold 1.28 m. */
const STAGE = framed('02 04 00 02 00 02')
const STAGE_REPLY = hex(framed('02 04 04 3f a3 d7 0a'))

async function ask(socket: Socket, request: Uint8Array, count: number): Promise<string> {
  socket.write(request)
  return hex(await take(socket, count))
}

describe('RTU over TCP', () => {
  test('answers with a CRC, two requests in one segment in order, one byte by byte too', async () => {
    const socket = await connect()
    expect(await ask(socket, STAGE, 9)).toBe(STAGE_REPLY)
    expect(await ask(socket, Buffer.concat([STAGE, framed('03 03 00 64 00 01')]), 16)).toBe(
      STAGE_REPLY + hex(framed('03 03 02 00 01')),
    )
    const reply = take(socket, 9)
    for (const byte of STAGE) {
      socket.write(Uint8Array.of(byte))
      await pause(2)
    }
    expect(hex(await reply)).toBe(STAGE_REPLY)
  })

  test('a wrong CRC, an unknown unit and a broadcast stay unanswered; the broadcast is done', async () => {
    const socket = await connect()
    const heard: Buffer[] = []
    socket.on('data', (chunk) => heard.push(chunk))
    socket.write(withWrongCrc(STAGE))
    await expect.poll(() => server.dropped, { timeout: 5000 }).toBe(1)
    expect(bus.lines.map((l) => [l.message, l.fields?.['why']])).toEqual([
      ['dropped what came in RTU over TCP', 'wrong CRC over 8 bytes'],
    ])
    socket.write(framed('63 04 00 02 00 02'))
    socket.write(framed('00 06 00 65 00 09'))
    await expect.poll(() => bus.bank.readRegisters('holding', 101, 1), { timeout: 5000 }).toEqual(Uint16Array.of(9))
    await pause(100)
    expect(heard).toEqual([])
    expect(await ask(socket, STAGE, 9)).toBe(STAGE_REPLY)
  })

  test('reads the FIFO queue: byte count, count, counter of the newest sample, nine samples', async () => {
    // 10 s after boot: counter 1,000. 0.25, 1.25 and 2.25 of full scale 2: the last is held there.
    const sample = '1000 5000 7fff'
    expect(await ask(await connect(), framed('04 18 04 DE'), 66)).toBe(
      hex(framed(`04 18 00 3c 00 1d 0000 03e8 ${`${sample} `.repeat(9)}`)),
    )
  })

  test.each([
    [{ exception: 6 }, hex(framed('02 84 06'))],
    ['wrong-unit', hex(framed('03 04 04 3f a3 d7 0a'))],
    ['short', hex(framed('02 04 04 3f a3'))],
    ['truncate', STAGE_REPLY.slice(0, 8)],
    ['wrong-crc', hex(withWrongCrc(bytes(STAGE_REPLY)))],
    ['wrong-transaction', hex(withWrongCrc(bytes(STAGE_REPLY)))],
    [{ delay_ms: 30 }, STAGE_REPLY],
  ] as Array<[Fault, string]>)('the fault %j is what a client sees', async (fault, reply) => {
    bus.devices.get(2)!.setFault(fault)
    expect(await ask(await connect(), STAGE, reply.length / 2)).toBe(reply)
  })

  test('close ends the connection on the request', async () => {
    bus.devices.get(2)!.setFault('close')
    const socket = await connect()
    socket.write(STAGE)
    await once(socket, 'close')
  })

  test('random bytes never stop it', async () => {
    const noise = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 600 }),
      fc
        .tuple(fc.constantFrom(0, 1, 2, 3, 4, 9), fc.uint8Array({ minLength: 1, maxLength: 253 }))
        .map(([unit, pdu]) => encodeRtu({ unit, pdu })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(noise, { minLength: 1, maxLength: 5 }), async (chunks) => {
        const socket = await connect()
        for (const chunk of chunks) socket.write(chunk)
        socket.resume()
        socket.end()
        await once(socket, 'close')
      }),
      { numRuns: 60 },
    )
    expect(await ask(await connect(), STAGE, 9)).toBe(STAGE_REPLY)
  })

  test('closes within a second, with late answers and half a request outstanding', async () => {
    bus.devices.get(2)!.setFault({ delay_ms: 60_000 })
    const held = await Promise.all([connect(), connect(), connect()])
    for (const socket of held) socket.write(Buffer.concat([STAGE, STAGE.subarray(0, 3)]))
    await pause(30)
    const started = performance.now()
    await server.close()
    expect(performance.now() - started).toBeLessThan(1000)
    expect(server.port).toBe(0)
  })

  test('a port in use is told with its place in the site file', async () => {
    const second = new RtuOverTcpServer({ ...PLACE, port: server.port, ...bus.shared })
    await expect(second.listen()).rejects.toThrow(`PORT_IN_USE: 127.0.0.1:${server.port} (${PLACE.path})`)
  })

  test('modbus-serial (connectTelnet) reads header, stage and coils right', async () => {
    const client = new modbusSerial.default()
    await client.connectTelnet('127.0.0.1', { port: server.port })
    client.setTimeout(2000)
    client.setID(1)
    const header = Uint16Array.from((await client.readHoldingRegisters(0, 18)).data)
    expect(headerOf(header)).toMatchObject({ boot_id: 0xdead_beef, newest: 10_000, now_us: 100_004_000 })
    client.setID(2)
    expect((await client.readInputRegisters(0, 4)).data).toEqual([0, 0, 0x3fa3, 0xd70a])
    await expect(client.readInputRegisters(4, 1)).rejects.toMatchObject({ modbusCode: 2 })
    client.setID(3)
    await client.writeCoils(20, [true, false, true])
    expect((await client.readCoils(20, 3)).data.slice(0, 3)).toEqual([true, false, true])
    await new Promise<void>((resolve) => client.close(() => resolve()))
  })
})

const master = buildLibmodbusMaster(folder)
test.skipIf(master === undefined)('libmodbus reads and writes over Modbus TCP right', async () => {
  const tcp = new ModbusServer({ ...PLACE, ...bus.shared })
  await tcp.listen()
  try {
    await expectLibmodbusRight(master!, ['tcp', '127.0.0.1', String(tcp.port)])
  } finally {
    await tcp.close()
  }
})

test.skipIf(!haveTool('mbpoll', 'mbpoll'))('mbpoll reads a queue header, 64 bits and single bits right', async () => {
  const tcp = new ModbusServer({ ...PLACE, ...bus.shared })
  await tcp.listen()
  const poll = async (...args: string[]) =>
    [
      ...(await run('mbpoll', ['-m', 'tcp', '-0', '-1', '-p', String(tcp.port), ...args, '127.0.0.1'])).matchAll(
        /^\[\d+\]:\s+(\S+)/gm,
      ),
    ].map((match) => match[1])
  try {
    // Boot id 7, counter 1,000; then the float64 1.28 (0x3FF47AE147AE147B), an inverted bit 9, and the bit tables.
    expect((await poll('-a', '4', '-r', '0', '-c', '4', '-t', '4')).map(Number)).toEqual([0, 7, 0, 1000])
    expect(await poll('-a', '5', '-r', '0', '-c', '4', '-t', '3:hex')).toEqual(['0x3FF4', '0x7AE1', '0x47AE', '0x147B'])
    expect(await poll('-a', '5', '-r', '8', '-c', '1', '-t', '3:hex')).toEqual(['0x0200'])
    expect(await poll('-a', '5', '-r', '3', '-c', '1', '-t', '1')).toEqual(['0'])
    expect(await poll('-a', '5', '-r', '0', '-c', '1', '-t', '0')).toEqual(['0'])
  } finally {
    await tcp.close()
  }
})
