import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CONNECTIONS_MAX } from './modbus-server.ts'
import { ask, bytes, hex, ServerBench, STAGE, STAGE_REPLY, take } from './server-fixture.ts'

let bench: ServerBench
beforeEach(async () => {
  bench = new ServerBench()
  await bench.server.listen()
})
afterEach(() => bench.close())

describe('a Modbus TCP server of our own', () => {
  test('answers bytes as Modbus Messaging on TCP/IP 1.0b lays them out', async () => {
    expect(await ask(await bench.connect(), STAGE, 13)).toBe(STAGE_REPLY)
  })

  test('answers two requests that come in one segment, in order', async () => {
    const socket = await bench.connect()
    const second = STAGE.replace('00 07', '00 08')
    expect(await ask(socket, STAGE + second, 26)).toBe(STAGE_REPLY + STAGE_REPLY.replace('0007', '0008'))
  })

  test('answers a request that comes byte by byte', async () => {
    const socket = await bench.connect()
    const request = bytes(STAGE)
    const reply = take(socket, 13)
    for (const byte of request) {
      socket.write(Uint8Array.of(byte))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect(hex(await reply)).toBe(STAGE_REPLY)
  })

  test.each([
    ['an unknown unit', '00 01 00 00 00 06 09 03 00 00 00 01', '000100000003098 30b'],
    ['a write', '00 01 00 00 00 06 01 06 00 00 00 01', '00010000000301 8601'],
    ['126 registers', '00 01 00 00 00 06 01 03 00 00 00 7E', '00010000000301 8303'],
    ['no register at all', '00 01 00 00 00 06 01 03 00 00 00 00', '00010000000301 8303'],
    ['a register that is not there', '00 01 00 00 00 06 01 03 FF FF 00 01', '00010000000301 8302'],
    ['input registers of a device without any', '00 01 00 00 00 06 01 04 00 00 00 01', '00010000000301 8401'],
  ])('answers %s with an exception', async (_, request, reply) => {
    expect(await ask(await bench.connect(), request, 9)).toBe(reply.replaceAll(' ', ''))
  })

  test.each(['00 01 00 01 00 06 01 03 00 00 00 01', '00 01 00 00 00 01 01', '00 01 00 00 FF FF 01 03'])(
    'closes a connection that does not speak Modbus TCP, after answering what came before: %s',
    async (bad) => {
      const socket = await bench.connect()
      const closed = once(socket, 'close')
      expect(await ask(socket, STAGE + bad, 13)).toBe(STAGE_REPLY)
      await closed
      expect(bench.lines.map((l) => l.message)).toEqual(['closed a connection that does not speak Modbus TCP'])
    },
  )

  test('keeps an idle connection, and half a request, for as long as the client does', async () => {
    const socket = await bench.connect()
    socket.write(bytes(STAGE).subarray(0, 5))
    await new Promise((resolve) => setTimeout(resolve, 300))
    socket.write(bytes(STAGE).subarray(5))
    expect(hex(await take(socket, 13))).toBe(STAGE_REPLY)
  })

  test('refuses connections beyond its limit, tells it once, and serves those it has', async () => {
    const held = await Promise.all(Array.from({ length: CONNECTIONS_MAX }, () => bench.connect()))
    for (let i = 0; i < 3; i++) {
      const extra = createConnection({ host: '127.0.0.1', port: bench.server.port })
      extra.on('error', () => {})
      await once(extra, 'close')
    }
    expect(await ask(held[0]!, STAGE, 13)).toBe(STAGE_REPLY)
    expect(bench.lines).toEqual([
      {
        message: 'refused a connection',
        fields: { listener: `127.0.0.1:${bench.server.port}`, why: 'limit of 32 reached', times: 1 },
      },
    ])
  })

  test('stops reading from a client that never takes its answers, and goes on when it does', async () => {
    const socket = await bench.connect()
    socket.pause()
    const request = bytes('00 07 00 00 00 06 01 03 00 20 00 7D')
    // 20 MB of replies: more than the kernel's buffers of both ends hold.
    const count = 80_000
    for (let i = 0; i < 80; i++) socket.write(Buffer.concat(Array.from({ length: 1000 }, () => request)))
    let before = -1
    while (before !== bench.answered) {
      before = bench.answered
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(bench.answered).toBeGreaterThan(0)
    expect(bench.answered).toBeLessThan(count)
    expect(await ask(await bench.connect(), STAGE, 13)).toBe(STAGE_REPLY)
    let have = 0
    socket.on('data', (chunk) => {
      have += chunk.length
    })
    socket.resume()
    while (have < count * 259) await once(socket, 'data')
    expect(have).toBe(count * 259)
  })

  test('random bytes never stop it: an exception, a closed connection or silence, and the next client is served', async () => {
    const noise = fc.uint8Array({ minLength: 1, maxLength: 300 })
    // A valid frame head makes random PDUs reach the function codes.
    const framed = fc
      .tuple(fc.nat(0xffff), fc.constantFrom(0, 1, 2, 9), fc.uint8Array({ minLength: 1, maxLength: 253 }))
      .map(([t, unit, pdu]) =>
        Uint8Array.from([t >> 8, t & 0xff, 0, 0, (pdu.length + 1) >> 8, (pdu.length + 1) & 0xff, unit, ...pdu]),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(noise, framed), { minLength: 1, maxLength: 5 }), async (chunks) => {
        const socket = await bench.connect()
        for (const chunk of chunks) socket.write(chunk)
        socket.resume()
        socket.end()
        await once(socket, 'close')
      }),
      { numRuns: 60 },
    )
    expect(await ask(await bench.connect(), STAGE, 13)).toBe(STAGE_REPLY)
    // Told at the 1st, 10th, 100th time only.
    expect(bench.lines.length).toBeLessThanOrEqual(3)
  })
})

describe('starting and stopping', () => {
  test('a port in use is told with host, port and its place in the site file', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await expect(new ServerBench({ port }).server.listen()).rejects.toThrow(
      `PORT_IN_USE: 127.0.0.1:${port} (nodes[0].links[1].tcp.port) is already in use; simulated devices need it`,
    )
    other.close()
  })

  test('an address that this machine does not have is a site error', async () => {
    await expect(new ServerBench({ host: '192.0.2.1' }).server.listen()).rejects.toThrow(
      'SITE_INVALID: nodes[0].links[1].tcp.port: expected an address and port on which this machine can listen, got 192.0.2.1:0 (EADDRNOTAVAIL)',
    )
  })

  test('closes within a second whatever its clients do, with late answers outstanding', async () => {
    bench.devices.get(2)!.setFault({ delay_ms: 60_000 })
    const held = await Promise.all([bench.connect(), bench.connect(), bench.connect()])
    for (const socket of held) socket.write(bytes(STAGE))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const started = performance.now()
    await bench.server.close()
    expect(performance.now() - started).toBeLessThan(1000)
    expect(bench.server.port).toBe(0)
  })
})
