import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { crc16 } from '../../domain/crc16.ts'
import type { ModbusError, ModbusLink } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { openModbus } from './modbus-link.ts'

type Request = { unit: number; code: number; address: number; quantity: number }
type Behaviour = (request: Request, socket: Socket) => void

const TIMEOUT_MS = 100
const REQUEST_BYTES = 8
const clock = new SystemClock()
const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

/** A serial device server that does with each request what the test says. */
async function lineTo(behave: Behaviour) {
  const counts = { connections: 0, requests: [] as number[] }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    counts.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      expect(bytes.length % REQUEST_BYTES).toBe(0)
      expect(crc16(bytes.subarray(0, 6))).toBe(bytes.readUInt16LE(6))
      counts.requests.push(performance.now())
      const [unit, code] = [bytes.readUInt8(0), bytes.readUInt8(1)]
      behave({ unit, code, address: bytes.readUInt16BE(2), quantity: bytes.readUInt16BE(4) }, socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const file = { id: 'bus', rtu_over_tcp: { host: '127.0.0.1', port }, timeout_ms: TIMEOUT_MS, devices: [] }
  const link = openModbus(clock, silentLog)(file as unknown as SiteLink)
  cleanups.push(
    () => link.close(),
    () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  )
  return { link, counts }
}

const withCrc = (...body: number[]): Buffer => {
  const crc = crc16(Uint8Array.from(body))
  return Buffer.from([...body, crc & 0xff, crc >> 8])
}
/** Registers that name what was asked: unit x 1000 + address + i. */
const truth = ({ unit, address, quantity }: Omit<Request, 'code'>) =>
  Array.from({ length: quantity }, (_, i) => unit * 1000 + address + i)
const reply = (r: Request, change: Partial<Request> & { bytes?: number } = {}): Buffer => {
  const values = truth(r).flatMap((value) => [value >> 8, value & 0xff])
  return withCrc(change.unit ?? r.unit, change.code ?? r.code, change.bytes ?? values.length, ...values)
}
const repeat = ({ unit, code, address, quantity }: Request): Buffer =>
  withCrc(unit, code, address >> 8, address & 0xff, quantity >> 8, quantity & 0xff)
const answer: Behaviour = (r, socket) => socket.write(r.code === 8 ? repeat(r) : reply(r))
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

describe('an RTU link', () => {
  test('reads up to 125 registers of many units, one request in flight, in one connection', async () => {
    const { link, counts } = await lineTo(answer)
    const asked = Array.from({ length: 30 }, (_, i) => ({ unit: (i % 5) + 1, address: i, quantity: i === 7 ? 125 : 2 }))
    const got = await Promise.all(asked.map((a) => read(link, a.unit, a.address, a.quantity)))
    expect(got).toEqual(asked.map(truth))
    expect(counts.connections).toBe(1)
  })

  test.each<[string, string, Behaviour]>([
    ['closes', 'closed', (_, socket) => socket.end()],
    ['truncates the reply', 'timeout', (r, socket) => socket.write(reply(r).subarray(0, 6))],
    ['spoils the CRC', 'bad-reply', (r, socket) => socket.write(reply(r).map((b, i) => (i === 7 ? b ^ 1 : b)))],
    ['spoils a register', 'bad-reply', (r, socket) => socket.write(reply(r).map((b, i) => (i === 4 ? b ^ 1 : b)))],
    ['answers for another unit', 'bad-reply', (r, socket) => socket.write(reply(r, { unit: 9 }))],
    ['gives the exception of another unit', 'bad-reply', (r, socket) => socket.write(withCrc(9, r.code | 0x80, 2))],
    ['answers another function', 'bad-reply', (r, socket) => socket.write(reply(r, { code: 3 }))],
    ['gives fewer registers', 'bad-reply', (r, socket) => socket.write(reply({ ...r, quantity: 1 }))],
    ['gives more registers', 'bad-reply', (r, socket) => socket.write(reply({ ...r, quantity: 3 }))],
    ['speaks Modbus TCP', 'bad-reply', (_, socket) => socket.write(Buffer.from('000100000007010404', 'hex'))],
  ])('with a device that %s gives %s, drains the line for a time-out and connects anew', async (_, reason, bad) => {
    const { link, counts } = await lineTo(onceThenWell(bad))
    expect((await failure(read(link))).reason).toBe(reason)
    const failed = performance.now()
    expect(await read(link, 3, 40)).toEqual([3040, 3041])
    expect(counts.requests.at(-1)! - failed).toBeGreaterThanOrEqual(TIMEOUT_MS - 5)
    expect(counts.connections).toBe(2)
  })

  test('a unit that stays wholly silent is left alone for a time-out more, the other units are not', async () => {
    const { link, counts } = await lineTo(onceThenWell(() => {}))
    expect((await failure(read(link))).reason).toBe('timeout')
    const failed = performance.now()
    const again = read(link)
    expect(await read(link, 3, 40)).toEqual([3040, 3041])
    expect(performance.now() - failed).toBeLessThan(TIMEOUT_MS - 20)
    expect(await again).toEqual([1000, 1001])
    expect(counts.requests.at(-1)! - failed).toBeGreaterThanOrEqual(TIMEOUT_MS - 5)
  })

  test('an exception is an answer: it has its code, the connection stays and nothing is drained', async () => {
    const { link, counts } = await lineTo(onceThenWell((r, socket) => socket.write(withCrc(r.unit, r.code | 0x80, 2))))
    expect((await failure(read(link))).reason).toBe('exception-2')
    const began = performance.now()
    expect(await read(link)).toEqual([1000, 1001])
    expect(performance.now() - began).toBeLessThan(TIMEOUT_MS)
    expect(counts.connections).toBe(1)
  })

  test('a reply in single bytes is taken whole', async () => {
    const { link } = await lineTo((r, socket) =>
      reply(r).forEach((byte, i) => {
        setTimeout(() => socket.write(Buffer.of(byte)), i * 2)
      }),
    )
    expect(await read(link)).toEqual([1000, 1001])
  })

  test('a doubled reply is never the answer to the next request', async () => {
    const { link, counts } = await lineTo((r, socket) => socket.write(Buffer.concat([reply(r), reply(r)])))
    for (const address of [10, 20, 30]) expect(await read(link, 1, address)).toEqual([1000 + address, 1001 + address])
    expect(counts.connections).toBe(1)
  })

  test('close() ends what is in flight, what waits and a drain, at once', async () => {
    const { link } = await lineTo(() => {})
    expect((await failure(read(link))).reason).toBe('timeout')
    const pending = [failure(read(link)), failure(read(link))]
    const began = performance.now()
    await link.close()
    expect((await Promise.all(pending)).map((e) => e.reason)).toEqual(['closed', 'closed'])
    expect(performance.now() - began).toBeLessThan(50)
  })
})
