import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import modbusSerial from 'modbus-serial'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../device.ts'
import { headerOf, int16 } from '../fixture.ts'
import { DELAYED_MAX } from './modbus-server.ts'
import { haveTool } from './real-tools.fixture.ts'
import { ask, bytes, hex, ServerBench, STAGE, STAGE_REPLY, take } from './server-fixture.ts'

const ModbusRTU = modbusSerial.default

let bench: ServerBench
beforeEach(async () => {
  bench = new ServerBench()
  await bench.server.listen()
})
afterEach(() => bench.close())

describe('faults on the wire', () => {
  const setFault = (unit: number, fault: Fault) => bench.devices.get(unit)!.setFault(fault)

  test.each([
    [{ exception: 6 }, '0007000000030284 06'],
    ['wrong-transaction', '0008000000070204043fa3d70a'],
    ['wrong-unit', '0007000000070304043fa3d70a'],
    ['short', '0007000000050204043fa3'],
    ['truncate', '000700000007'],
    ['nan', '0007000000070204047fc00000'],
    ['invalid-code', '000700000007020404c97423f0'],
  ] as Array<[Fault, string]>)('%j is what a client sees', async (fault, reply) => {
    setFault(2, fault)
    const expected = reply.replaceAll(' ', '')
    expect(await ask(await bench.connect(), STAGE, expected.length / 2)).toBe(expected)
  })

  test('hang: no answer, and the other device of the link answers on', async () => {
    setFault(2, 'hang')
    const socket = await bench.connect()
    socket.write(bytes(STAGE))
    // Unit 1, boot id
    expect(await ask(socket, '00 09 00 00 00 06 01 03 00 00 00 02', 13)).toBe('000900000007010304deadbeef')
  })

  test('close: the connection ends on the request, and a new one is taken', async () => {
    setFault(2, 'close')
    const socket = await bench.connect()
    socket.write(bytes(STAGE))
    await once(socket, 'close')
    setFault(2, 'none')
    expect(await ask(await bench.connect(), STAGE, 13)).toBe(STAGE_REPLY)
  })

  test('delay: the answer comes late, others overtake it', async () => {
    setFault(2, { delay_ms: 150 })
    const socket = await bench.connect()
    const started = performance.now()
    socket.write(bytes(STAGE))
    expect(await ask(socket, '00 09 00 00 00 06 01 03 00 00 00 02', 13)).toBe('000900000007010304deadbeef')
    expect(hex(await take(socket, 13))).toBe(STAGE_REPLY)
    expect(performance.now() - started).toBeGreaterThanOrEqual(149)
  })

  test('delay: a client that keeps asking past the limit of late answers is cut off', async () => {
    setFault(2, { delay_ms: 60_000 })
    const socket = await bench.connect()
    socket.write(Buffer.concat(Array.from({ length: DELAYED_MAX + 1 }, () => bytes(STAGE))))
    await once(socket, 'close')
    expect(bench.lines[0]?.fields?.['why']).toBe('more than 256 late answers outstanding')
  })
})

describe('clients that others wrote', () => {
  test('modbus-serial reads header and ring right, 125 registers at a time', async () => {
    const client = new ModbusRTU()
    await client.connectTCP('127.0.0.1', { port: bench.server.port })
    client.setTimeout(2000)
    client.setID(1)
    const header = headerOf(Uint16Array.from((await client.readHoldingRegisters(0, 18)).data))
    expect(header).toMatchObject({ boot_id: 0xdead_beef, newest: 10_000, newest_us: 100_000_000, now_us: 100_004_000 })
    const words: number[] = []
    for (let at = 32; at < 32 + 18_000; at += 125)
      words.push(...(await client.readHoldingRegisters(at, Math.min(125, 18_032 - at))).data)
    // 10,000 samples: slots 0 to 4000 hold the second time round, the rest the first; the record repeats every 6,000.
    const x = Array.from({ length: 6000 }, (_, slot) => int16(words[slot * 3]!))
    expect(x).toEqual(Array.from({ length: 6000 }, (_, slot) => slot + 1))
    client.setID(2)
    expect((await client.readInputRegisters(0, 4)).data).toEqual([0, 0, 0x3fa3, 0xd70a])
    await expect(client.readInputRegisters(4, 1)).rejects.toMatchObject({ modbusCode: 2 })
    await new Promise<void>((resolve) => client.close(() => resolve()))
  })

  test.skipIf(!haveTool('mbpoll', 'mbpoll'))(
    'mbpoll (Debian, on libmodbus) reads the stage and the record',
    async () => {
      const poll = async (...args: string[]) =>
        (
          await promisify(execFile)('mbpoll', [
            '-m',
            'tcp',
            '-0',
            '-1',
            '-p',
            String(bench.server.port),
            ...args,
            '127.0.0.1',
          ])
        ).stdout
      expect(await poll('-a', '2', '-r', '2', '-t', '3:float', '-B')).toMatch(/\[2\]:\s+1\.28\b/)
      // Slot 0 holds counter 6,000: the record's first sample for the second time, 1, 10 and 100 steps.
      expect(await poll('-a', '1', '-r', '32', '-c', '3', '-t', '4')).toMatch(
        /\[32\]:\s+1\n\[33\]:\s+10\n\[34\]:\s+100\n/,
      )
    },
  )
})
