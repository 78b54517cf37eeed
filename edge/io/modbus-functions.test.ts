import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ModbusError, ModbusLink } from '../../domain/ports.ts'
import { type LinkOptions, open, overPty, overRtuTcp, overTcp, PlainServer, type Served } from './testing-modbus.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const hasSocat =
  existsSync('/usr/bin/socat') ||
  (() => {
    try {
      return execFileSync('sh', ['-c', 'command -v socat']).length > 0
    } catch {
      return false
    }
  })()
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'plumbline-'))
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}
const KINDS: Array<[string, (plain: PlainServer, options: LinkOptions) => Promise<Served>]> = [
  ['tcp', overTcp],
  ['rtu_over_tcp', overRtuTcp],
  ...(hasSocat ? ([['rtu on a pty pair', (p, o) => overPty(p, folder(), o)]] as typeof KINDS) : []),
]

async function serve(over: (typeof KINDS)[number][1] = overTcp, options: LinkOptions = {}) {
  const plain = new PlainServer()
  const served = await over(plain, options)
  const link = open(served.link)
  cleanups.push(served.close, () => link.close())
  return { plain, link }
}
const failure = (promise: Promise<unknown>): Promise<ModbusError> =>
  promise.then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value)}`)
    },
    (error) => error,
  )
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const registers = async (link: ModbusLink, unit: number, address: number, quantity = 1) =>
  Array.from((await link.readRegisters(unit, 'holding', address, quantity)).registers)

describe.each(KINDS)('every function over %s', (_, over) => {
  test('bits: one coil, many coils, and what was written is read', async () => {
    const { plain, link } = await serve(over)
    await link.writeCoils(3, 10, [true])
    await link.writeCoils(3, 11, [false, true, true, false, false, false, true, true, true])
    expect(plain.asked).toEqual(['3 05000aff00', '3 0f000b000902c601'])
    expect(Array.from((await link.readBits(3, 'coil', 9, 12)).bits)).toEqual([0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0])
    expect(plain.asked.at(-1)).toBe('3 010009000c')
    expect((await link.readBits(3, 'discrete', 0, 2000)).bits).toHaveLength(2000)
  })

  test('registers: 6, 16, 22 and 23, and what was written is read', async () => {
    const { plain, link } = await serve(over)
    await link.writeRegisters(2, 5, [0x12])
    await link.writeRegisters(2, 6, [0x34], { multiple: true })
    await link.writeRegisters(2, 7, [1, 2, 3])
    // The example of 6.16: 0x12 AND 0xF2 OR (0x25 AND NOT 0xF2) is 0x17.
    await link.maskWriteRegister(2, 5, 0xf2, 0x25)
    expect(await registers(link, 2, 5, 5)).toEqual([0x17, 0x34, 1, 2, 3])
    const reply = await link.readWriteRegisters(2, { address: 5, quantity: 2 }, { address: 6, values: [99] })
    expect(Array.from(reply.registers)).toEqual([0x17, 99])
    expect(reply.sent < reply.received).toBe(true)
    expect(plain.asked.map((a) => a.slice(2, 4))).toEqual(['06', '10', '10', '16', '03', '17'])
  })

  test('the queue of function 24, full and empty', async () => {
    const { plain, link } = await serve(over)
    expect(Array.from((await link.readFifo(4, 0x04de)).registers)).toEqual([0, 7, 100, 200, 300])
    expect(plain.asked).toEqual(['4 1804de'])
    plain.queue = Array.from({ length: 31 }, (_, i) => i)
    expect((await link.readFifo(4, 0x04de)).registers).toHaveLength(31)
    plain.queue = []
    expect((await link.readFifo(4, 0x04de)).registers).toHaveLength(0)
    expect(await registers(link, 4, 1)).toEqual([4001])
  })

  test('identity follows what more follows, and nobody else is kept waiting by it', async () => {
    const { plain, link } = await serve(over)
    const identity = await link.readIdentity(1)
    expect([...identity]).toEqual([
      [0, 'Acme'],
      [1, 'T-1'],
      [2, '1.4'],
      [4, 'Tilt meter'],
    ])
    expect(plain.asked).toEqual(['1 2b0e0200', '1 2b0e0202'])
  })

  test('exceptions of functions framed by ourselves keep the connection', async () => {
    const { plain, link } = await serve(over)
    plain.spoil = (pdu, request) =>
      request[0] === 24 || request[0] === 43 ? { pdu: Buffer.of(request[0] | 0x80, 1) } : { pdu }
    expect((await failure(link.readFifo(1, 0))).reason).toBe('exception-1')
    expect((await failure(link.readIdentity(1))).reason).toBe('exception-1')
    expect(await registers(link, 1, 1)).toEqual([1001])
    expect(plain.connections).toBe(1)
  })

  const swapped = (pdu: Buffer, at: number): Buffer => Buffer.from(pdu.map((byte, i) => (i === at ? byte ^ 1 : byte)))
  test.each<[string, (link: ModbusLink) => Promise<unknown>, (pdu: Buffer) => Buffer]>([
    ['a coil at another address', (l) => l.writeCoils(1, 0, [true]), (p) => swapped(p, 2)],
    ['a coil with another value', (l) => l.writeCoils(1, 0, [true]), (p) => swapped(p, 3)],
    ['another number of coils', (l) => l.writeCoils(1, 0, [true, false]), (p) => swapped(p, 4)],
    ['a register with another value', (l) => l.writeRegisters(1, 0, [5]), (p) => swapped(p, 4)],
    ['another number of registers', (l) => l.writeRegisters(1, 0, [5, 6]), (p) => swapped(p, 4)],
    ['another mask', (l) => l.maskWriteRegister(1, 0, 1, 2), (p) => swapped(p, 6)],
    [
      'too few registers of 23',
      (l) => l.readWriteRegisters(1, { address: 0, quantity: 3 }, { address: 0, values: [1] }),
      (p) => swapped(p, 1),
    ],
    ['bits of another number', (l) => l.readBits(1, 'coil', 0, 16), (p) => swapped(p, 1)],
    ['a queue whose counts disagree', (l) => l.readFifo(1, 0), (p) => swapped(p, 4)],
    ['a queue of 32', (l) => l.readFifo(1, 0), () => Buffer.concat([Buffer.of(24, 0, 66, 0, 32), Buffer.alloc(64)])],
    ['identity of another kind', (l) => l.readIdentity(1), (p) => swapped(p, 2)],
    [
      'identity that never ends',
      (l) => l.readIdentity(1),
      (p) => Buffer.concat([p.subarray(0, 4), Buffer.of(0xff, 0), p.subarray(6)]),
    ],
  ])('%s is a bad reply, not an answer; the next request is answered', async (_what, ask, spoil) => {
    const { plain, link } = await serve(over)
    plain.spoil = (pdu) => ({ pdu: spoil(pdu) })
    expect((await failure(ask(link))).reason).toBe('bad-reply')
    plain.spoil = (pdu) => ({ pdu })
    expect(await registers(link, 2, 7)).toEqual([2007])
  })

  test('a late reply is never the answer to another request, of whatever function', async () => {
    const { plain, link } = await serve(over, { timeout_ms: 120 })
    const asks: Array<[string, () => Promise<unknown>]> = [
      ['read', () => registers(link, 1, 20, 3)],
      ['queue', () => link.readFifo(1, 0).then((r) => Array.from(r.registers))],
      ['bits', () => link.readBits(1, 'coil', 0, 8).then((r) => Array.from(r.bits))],
      ['write', () => link.writeRegisters(1, 500, [9])],
    ]
    const right: Record<string, unknown> = {
      read: [1020, 1021, 1022],
      queue: [0, 7, 100, 200, 300],
      bits: [0, 0, 0, 0, 0, 0, 0, 0],
      write: undefined,
    }
    for (const [slow, ask] of asks)
      for (const [name, next] of asks) {
        // The late one carries other values: whoever takes it shows it.
        let armed = true
        plain.spoil = (pdu) => {
          if (!armed) return { pdu }
          armed = false
          return {
            pdu: slow === 'write' ? pdu : Buffer.from(pdu.map((byte, i) => (i >= 5 ? byte ^ 1 : byte))),
            delay_ms: 150,
          }
        }
        const failed = failure(ask())
        while (armed) await pause(1)
        const got = next().catch((error: ModbusError) => error)
        expect((await failed).reason).toBe('timeout')
        const first = await got
        // A busy machine may hold the late reply up into the next request: that is refused, and the one after is right.
        const answer = first instanceof Error ? await next() : first
        expect([slow, name, answer]).toEqual([slow, name, right[name]])
      }
  }, 40_000)
})

describe('one queue for all', () => {
  test('writes go before reads that wait, each kind in its order, one in flight', async () => {
    const { plain, link } = await serve()
    plain.spoil = (pdu) => ({ pdu, delay_ms: 5 })
    const all = [1, 2, 3].map((i) => registers(link, 1, i))
    const writes = [1, 2].map((i) => link.writeRegisters(1, 100 + i, [i]))
    await Promise.all([...all, ...writes])
    expect(plain.asked.map((a) => a.slice(2, 8))).toEqual(['060065', '060066', '030001', '030002', '030003'])
  })

  test('pauses: after connecting, and between requests', async () => {
    const { plain, link } = await serve(overTcp, { pause_after_connect_ms: 80, pause_ms: 30 })
    const began = performance.now()
    await Promise.all([1, 2, 3].map((i) => registers(link, 1, i)))
    expect(plain.askedAt[0]! - began).toBeGreaterThanOrEqual(79)
    expect(plain.askedAt[1]! - plain.askedAt[0]!).toBeGreaterThanOrEqual(29)
    expect(plain.askedAt[2]! - plain.askedAt[1]!).toBeGreaterThanOrEqual(29)
    expect(plain.connections).toBe(1)
  })

  test('the connection is closed after a poll where the site asks for it, after what still waits', async () => {
    const { plain, link } = await serve(overTcp, { close_after_poll: true })
    await registers(link, 1, 1)
    const waiting = registers(link, 1, 2)
    link.pollEnded?.()
    expect(await waiting).toEqual([1002])
    await pause(20)
    expect(plain.connections).toBe(1)
    await registers(link, 1, 3)
    expect(plain.connections).toBe(2)
    const other = await serve()
    await registers(other.link, 1, 1)
    other.link.pollEnded?.()
    await registers(other.link, 1, 1)
    expect(other.plain.connections).toBe(1)
  })

  test('a unit that was silent is tried with little more than the slowest answer; its neighbours hardly wait', async () => {
    const { plain, link } = await serve(overRtuTcp, { timeout_ms: 1000 })
    for (const unit of [1, 2, 3]) await registers(link, unit, 0)
    plain.silent.add(9)
    expect((await failure(registers(link, 9, 0))).reason).toBe('timeout')
    for (let round = 0; round < 3; round++) {
      const began = performance.now()
      const dead = failure(registers(link, 9, 0))
      expect(await registers(link, 2, 5)).toEqual([2005])
      expect(performance.now() - began).toBeLessThan(300)
      expect((await dead).reason).toBe('timeout')
      expect(await registers(link, 3, 5)).toEqual([3005])
    }
  })
})
