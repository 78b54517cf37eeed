import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { ModbusError, ModbusLink } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { openModbus } from './modbus-link.ts'

type Request = { transaction: number; unit: number; code: number; address: number; quantity: number }
type Behaviour = (request: Request, socket: Socket) => void

const TIMEOUT_MS = 150
const clock = new SystemClock()
const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

/** A Modbus server that does with each request what the test says, and counts its connections. */
async function hostile(behave: Behaviour, port = 0) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    counts.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      for (let at = 0; at + 12 <= bytes.length; at += 12) {
        counts.requests++
        behave(
          {
            transaction: bytes.readUInt16BE(at),
            unit: bytes.readUInt8(at + 6),
            code: bytes.readUInt8(at + 7),
            address: bytes.readUInt16BE(at + 8),
            quantity: bytes.readUInt16BE(at + 10),
          },
          socket,
        )
      }
    })
  })
  const counts = { connections: 0, requests: 0 }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  cleanups.push(stop)
  return { port: (server.address() as { port: number }).port, counts, stop }
}

function linkTo(port: number, timeout_ms = TIMEOUT_MS): ModbusLink {
  const file = { id: 'bus', tcp: { host: '127.0.0.1', port }, timeout_ms, devices: [] } as unknown as SiteLink
  const link = openModbus(clock, silentLog)(file)
  cleanups.push(() => link.close())
  return link
}

/** Registers that name what was asked: unit x 1000 + address + i. */
const truth = (r: Pick<Request, 'unit' | 'address' | 'quantity'>) =>
  Array.from({ length: r.quantity }, (_, i) => r.unit * 1000 + r.address + i)

function frame(
  r: Request,
  change: Partial<Request> & { protocol?: number; length?: number; bytes?: number } = {},
): Buffer {
  const values = truth(r)
  const f = Buffer.alloc(9 + values.length * 2)
  f.writeUInt16BE(change.transaction ?? r.transaction, 0)
  f.writeUInt16BE(change.protocol ?? 0, 2)
  f.writeUInt16BE(change.length ?? f.length - 6, 4)
  f.writeUInt8(change.unit ?? r.unit, 6)
  f.writeUInt8(change.code ?? r.code, 7)
  f.writeUInt8(change.bytes ?? values.length * 2, 8)
  values.forEach((v, i) => {
    f.writeUInt16BE(v, 9 + i * 2)
  })
  return f
}
const exception = (r: Request, code: number, unit = r.unit): Buffer => {
  const f = Buffer.alloc(9)
  f.writeUInt16BE(r.transaction, 0)
  f.writeUInt16BE(3, 4)
  f.writeUInt8(unit, 6)
  f.writeUInt8(r.code | 0x80, 7)
  f.writeUInt8(code, 8)
  return f
}
const answer: Behaviour = (r, socket) => socket.write(frame(r))

/** Misbehaves for the first request only. */
const onceThenWell = (bad: Behaviour): Behaviour => {
  let first = true
  return (r, socket) => {
    const behave = first ? bad : answer
    first = false
    behave(r, socket)
  }
}

const read = async (link: ModbusLink, unit = 1, address = 0, quantity = 2) =>
  Array.from((await link.readRegisters(unit, 'input', address, quantity)).registers)
const failure = (promise: Promise<unknown>): Promise<ModbusError> =>
  promise.then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value)}`)
    },
    (error) => error,
  )
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a Modbus TCP link', () => {
  test('reads holding (FC 3) and input (FC 4) registers and stamps request and reply', async () => {
    const codes: number[] = []
    const { port } = await hostile((r, socket) => {
      codes.push(r.code)
      answer(r, socket)
    })
    const link = linkTo(port)
    const before = clock.monotonic()
    const reply = await link.readRegisters(7, 'holding', 100, 125)
    expect(Array.from(reply.registers)).toEqual(truth({ unit: 7, address: 100, quantity: 125 }))
    expect(before <= reply.sent && reply.sent < reply.received && reply.received <= clock.monotonic()).toBe(true)
    await read(link)
    expect(codes).toEqual([3, 4])
  })

  test('has one request in flight, each with its own unit, however many are asked at once', async () => {
    let inFlight = 0
    let most = 0
    const { port, counts } = await hostile((r, socket) => {
      most = Math.max(most, ++inFlight)
      setTimeout(() => {
        inFlight--
        answer(r, socket)
      }, 1)
    })
    const link = linkTo(port)
    const asked = Array.from({ length: 40 }, (_, i) => ({ unit: (i % 5) + 1, address: i, quantity: 1 + (i % 3) }))
    const got = await Promise.all(asked.map((a) => read(link, a.unit, a.address, a.quantity)))
    expect(got).toEqual(asked.map(truth))
    expect(most).toBe(1)
    expect(counts.connections).toBe(1)
  })

  test('more than 256 requests on one connection never meet an old transaction id', async () => {
    const { port, counts } = await hostile(answer)
    const link = linkTo(port)
    for (let i = 0; i < 600; i++) expect(await read(link, 1, i, 1)).toEqual([1000 + i])
    expect(counts.connections).toBe(1)
  })

  test.each<[string, string, Behaviour]>([
    ['hangs', 'timeout', () => {}],
    ['closes', 'closed', (_, socket) => socket.end()],
    ['resets', 'closed', (_, socket) => socket.resetAndDestroy()],
    ['truncates the reply', 'timeout', (r, socket) => socket.write(frame(r).subarray(0, 11))],
    ['announces more than it sends', 'bad-reply', (r, socket) => socket.write(frame(r, { length: 60_000 }))],
    ['announces length 0', 'bad-reply', (r, socket) => socket.write(frame(r, { length: 0 }))],
    ['uses a wrong transaction id', 'bad-reply', (r, socket) => socket.write(frame(r, { transaction: 77 }))],
    ['uses a wrong protocol id', 'bad-reply', (r, socket) => socket.write(frame(r, { protocol: 9 }))],
    ['answers for another unit', 'bad-reply', (r, socket) => socket.write(frame(r, { unit: 99 }))],
    ['gives the exception of another unit', 'bad-reply', (r, socket) => socket.write(exception(r, 2, 99))],
    ['answers another function', 'bad-reply', (r, socket) => socket.write(frame(r, { code: 3 }))],
    ['gives fewer registers', 'bad-reply', (r, socket) => socket.write(frame({ ...r, quantity: 1 }))],
    ['gives more registers', 'bad-reply', (r, socket) => socket.write(frame({ ...r, quantity: 3 }))],
    ['counts its bytes wrongly', 'bad-reply', (r, socket) => socket.write(frame(r, { bytes: 2 }))],
  ])('a device that %s gives %s, and the next request a new connection', async (_, reason, bad) => {
    const { port, counts } = await hostile(onceThenWell(bad))
    const link = linkTo(port)
    const began = performance.now()
    expect((await failure(read(link))).reason).toBe(reason)
    expect(performance.now() - began).toBeLessThan(TIMEOUT_MS + 100)
    expect(await read(link, 3, 40)).toEqual([3040, 3041])
    expect(counts.connections).toBe(2)
  })

  test('an exception is an answer: it has its code and the connection stays', async () => {
    const { port, counts } = await hostile(onceThenWell((r, socket) => socket.write(exception(r, 2))))
    const link = linkTo(port)
    expect((await failure(read(link))).reason).toBe('exception-2')
    expect(await read(link)).toEqual([1000, 1001])
    expect(counts.connections).toBe(1)
  })

  test('a late reply never answers the next request', async () => {
    const late = onceThenWell((r, socket) => setTimeout(() => socket.write(frame(r)), TIMEOUT_MS + 30))
    const { port } = await hostile((r, socket) =>
      r.address === 5 ? setTimeout(() => answer(r, socket), 60) : late(r, socket),
    )
    const link = linkTo(port)
    const first = failure(read(link, 1, 200))
    const second = read(link, 1, 5)
    expect((await first).reason).toBe('timeout')
    expect(await second).toEqual([1005, 1006])
  })

  test('a reply in single bytes is taken whole, but not beyond the time-out', async () => {
    const trickle =
      (pause_ms: number): Behaviour =>
      (r, socket) =>
        frame(r).forEach((byte, i) => {
          setTimeout(() => socket.write(Buffer.of(byte)), i * pause_ms)
        })
    const quick = linkTo((await hostile(trickle(2))).port)
    expect(await read(quick)).toEqual([1000, 1001])
    const slow = linkTo((await hostile(trickle(40))).port)
    expect((await failure(read(slow))).reason).toBe('timeout')
  })

  test('two replies to one request end the connection, never mix', async () => {
    const { port, counts } = await hostile((r, socket) => socket.write(Buffer.concat([frame(r), frame(r)])))
    const link = linkTo(port)
    expect(await read(link, 1, 10)).toEqual([1010, 1011])
    expect(await read(link, 1, 20)).toEqual([1020, 1021])
    expect(counts.connections).toBe(2)
  })

  test('a refused connection fails at once, is not tried at every request, and comes back', async () => {
    const gone = await hostile(answer)
    await gone.stop()
    const link = linkTo(gone.port)
    expect((await failure(read(link))).reason).toBe('closed')
    const began = performance.now()
    const reasons = new Set<string>()
    for (let i = 0; i < 50; i++)
      reasons.add((await failure(read(link))).message.includes('next try in') ? 'waits' : 'tried')
    expect(reasons).toEqual(new Set(['waits']))
    expect(performance.now() - began).toBeLessThan(50)

    const back = await hostile(answer, gone.port)
    let got: number[] | undefined
    for (let i = 0; i < 100 && got === undefined; i++) {
      await pause(10)
      got = await read(link).catch(() => undefined)
    }
    expect(got).toEqual([1000, 1001])
    expect(back.counts.connections).toBe(1)
  })

  test('close() ends what is in flight and what waits, at once', async () => {
    const { port } = await hostile(() => {})
    const link = linkTo(port, 60_000)
    const pending = [failure(read(link)), failure(read(link))]
    await pause(20)
    const began = performance.now()
    await link.close()
    expect((await Promise.all(pending)).map((e) => e.reason)).toEqual(['closed', 'closed'])
    expect((await failure(read(link))).reason).toBe('closed')
    expect(performance.now() - began).toBeLessThan(100)
  })

  test('a request holds the clock until it is done', async () => {
    const { port } = await hostile(answer)
    let holds = 0
    const counting = Object.assign(Object.create(clock), {
      hold: () => {
        holds++
        return () => holds--
      },
      monotonic: () => clock.monotonic(),
      now: () => clock.now(),
    })
    const file = { id: 'bus', tcp: { host: '127.0.0.1', port }, timeout_ms: 100, devices: [] } as unknown as SiteLink
    const link = openModbus(counting, silentLog)(file)
    cleanups.push(() => link.close())
    const pending = read(link)
    expect(holds).toBe(1)
    await pending
    expect(holds).toBe(0)
  })
})
