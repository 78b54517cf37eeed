import modbusSerial from 'modbus-serial'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SerialLine } from '../../runtime/serial-line.ts'
import type { Fault } from '../device.ts'
import { headerOf } from '../fixture.ts'
import { encodeRtu, withWrongCrc } from '../rtu-frame.ts'
import { Bus, ends, expectLibmodbusRight, serial } from './bus.fixture.ts'
import { openPtyPair, type PtyPair } from './pty-pair.ts'
import { buildLibmodbusMaster, dropFolder, haveTool, makeFolder, run } from './real-tools.fixture.ts'
import { RtuSerialServer } from './rtu-serial-server.ts'
import { SerialWireProxy } from './serial-wire-proxy.ts'
import { bytes, hex } from './server-fixture.ts'

const folder = makeFolder()
afterAll(() => dropFolder(folder))
const socat = haveTool('socat', 'socat')
const mbpoll = haveTool('mbpoll', 'mbpoll') && socat
const master = socat ? buildLibmodbusMaster(folder) : undefined

const framed = (text: string) => encodeRtu({ unit: bytes(text)[0]!, pdu: bytes(text).subarray(1) })
const STAGE = framed('02 04 00 02 00 02')
const STAGE_REPLY = hex(framed('02 04 04 3f a3 d7 0a'))
const PATIENT = { timeout: 5000, interval: 10 }
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const elapsed_ms = async (act: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await act()
  return performance.now() - started
}

/** A master that is only bytes. */
class RawMaster {
  heard = ''
  readonly #line: SerialLine
  constructor(line: SerialLine) {
    this.#line = line
    line.onData((chunk) => {
      this.heard += hex(chunk)
    })
  }
  /** What was heard until `count` bytes came, or until `within_ms` passed. */
  async ask(request: Uint8Array, count: number, within_ms = 5000): Promise<string> {
    this.heard = ''
    this.#line.write(request)
    const end = performance.now() + within_ms
    while (this.heard.length < count * 2 && performance.now() < end) await pause(2)
    return this.heard
  }
}

let bus: Bus
const opened: Array<{ close(): Promise<void> }> = []
const keep = <T extends { close(): Promise<void> }>(thing: T): T => {
  opened.push(thing)
  return thing
}
const pair = async (name: string): Promise<PtyPair> => keep(await openPtyPair(...ends(folder, name)))
const serve = async (device: string, more: { baud?: number; pace?: boolean } = {}): Promise<RtuSerialServer> => {
  const server = keep(
    new RtuSerialServer({ serial: serial(device, more.baud), pace: more.pace ?? false, ...bus.shared }),
  )
  await server.listen()
  return server
}
const rawMaster = async (device: string) =>
  new RawMaster(keep(await SerialLine.open(serial(device), bus.clock, () => {})))
beforeEach(() => {
  bus = new Bus()
})
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close()
})

describe.skipIf(!socat)('a serial bus on a pty pair', () => {
  test('answers with a CRC; a broadcast is done and answered by nobody, and so is no other unit', async () => {
    const { a, b } = await pair('bus')
    const server = await serve(b)
    const raw = await rawMaster(a)
    expect(await raw.ask(STAGE, 9)).toBe(STAGE_REPLY)
    expect(await raw.ask(framed('00 06 00 65 00 09'), 1, 100)).toBe('')
    await expect.poll(() => bus.bank.readRegisters('holding', 101, 1), PATIENT).toEqual(Uint16Array.of(9))
    expect(await raw.ask(framed('63 04 00 02 00 02'), 1, 100)).toBe('')
    expect(await raw.ask(STAGE, 9)).toBe(STAGE_REPLY)
    expect(server.dropped).toBe(0)
  })

  test('drops a frame with a wrong CRC, noise and half a frame at the silence, and goes on', async () => {
    const { a, b } = await pair('noise')
    const server = await serve(b)
    const raw = await rawMaster(a)
    for (const [n, noise] of [withWrongCrc(STAGE), STAGE.subarray(0, 5), Uint8Array.of(0)].entries()) {
      expect(await raw.ask(noise, 1, 60)).toBe('')
      await expect.poll(() => server.dropped, PATIENT).toBe(n + 1)
      expect(await raw.ask(STAGE, 9)).toBe(STAGE_REPLY)
    }
    // Told once, counted three times.
    expect(bus.lines.map((l) => l.fields?.['why'])).toEqual(['wrong CRC over 8 bytes'])
  })

  test('a function that the standard does not have is known by the silence and refused', async () => {
    const { a, b } = await pair('unknown')
    await serve(b)
    expect(await (await rawMaster(a)).ask(framed('02 41 01'), 5)).toBe(hex(framed('02 c1 01')))
  })

  test.each([
    ['wrong-crc', hex(withWrongCrc(bytes(STAGE_REPLY)))],
    ['truncate', STAGE_REPLY.slice(0, 8)],
    ['close', ''],
    ['hang', ''],
  ] as Array<[Fault, string]>)('shows the fault %j', async (fault, reply) => {
    const { a, b } = await pair('fault')
    await serve(b)
    bus.devices.get(2)!.setFault(fault)
    const silent = reply === ''
    expect(await (await rawMaster(a)).ask(STAGE, silent ? 1 : reply.length / 2, silent ? 60 : 3000)).toBe(reply)
  })

  test('paced at 9600 baud a reply of 125 registers takes the 275 ms that the wire would', async () => {
    const { a, b } = await pair('pace')
    await serve(b, { baud: 9600, pace: true })
    const raw = await rawMaster(a)
    // (8 + 255 bytes) x 10 bits / 9600 + 3.5 characters
    const least_ms = ((263 + 3.5) * 10_000) / 9600
    const took = await elapsed_ms(() => raw.ask(framed('01 03 00 20 00 7D'), 255))
    expect(raw.heard.length).toBe(510)
    expect(took).toBeGreaterThanOrEqual(least_ms - 1)
  })

  test('closes within a second: late answers outstanding, and a master that takes nothing', async () => {
    const { b } = await pair('close')
    const server = await serve(b)
    bus.devices.get(2)!.setFault({ delay_ms: 60_000 })
    const line = keep(await SerialLine.open(serial(ends(folder, 'close')[0]), bus.clock, () => {}))
    line.write(STAGE)
    await pause(30)
    expect(await elapsed_ms(() => server.close())).toBeLessThan(1000)
    // Nobody reads the other end now: the pty fills up, what does not fit is counted.
    for (let i = 0; i < 100; i++) line.write(new Uint8Array(1000))
    await pause(30)
    await expect.poll(() => line.dropped, PATIENT).toBeGreaterThan(0)
    expect(await elapsed_ms(() => line.close())).toBeLessThan(1000)
  })

  test('a port already open is told as such', async () => {
    const { b } = await pair('twice')
    await serve(b)
    await expect(serve(b)).rejects.toThrow(
      `PORT_IN_USE: ${b} (nodes[0].links[0].serial.device) is already open in another program`,
    )
  })

  test('a line that goes away is told once, and closing still ends', async () => {
    const { b, close } = await pair('lost')
    const server = await serve(b)
    await close()
    await expect.poll(() => bus.lines.map((l) => l.message), PATIENT).toEqual(['serial line lost'])
    expect(await elapsed_ms(() => server.close())).toBeLessThan(1000)
  })
})

test('a port that is not there is a site error', async () => {
  const server = new RtuSerialServer({ serial: serial('/dev/plumbline-has-no-such-port'), ...new Bus().shared })
  await expect(server.listen()).rejects.toThrow(
    'SITE_INVALID: nodes[0].links[0].serial.device: expected a serial port that can be opened, got /dev/plumbline-has-no-such-port',
  )
  await server.close()
})

describe('masters that others wrote, on a serial line', () => {
  test.skipIf(!mbpoll)('mbpoll (Debian, on libmodbus) reads the stage and the record, and writes', async () => {
    const { a, b } = await pair('mbpoll')
    await serve(b, { baud: 19_200 })
    const poll = (...args: string[]) => run('mbpoll', ['-m', 'rtu', '-b', '19200', '-P', 'none', '-0', '-1', ...args])
    expect(await poll('-a', '2', '-r', '2', '-t', '3:float', '-B', a)).toMatch(/\[2\]:\s+1\.28\b/)
    expect(await poll('-a', '1', '-r', '32', '-c', '3', '-t', '4', a)).toMatch(
      /\[32\]:\s+1\n\[33\]:\s+10\n\[34\]:\s+100\n/,
    )
    await poll('-a', '3', '-r', '100', '-t', '4', a, '--', '11', '12')
    await poll('-a', '3', '-r', '22', '-t', '0', a, '1')
    expect(bus.bank.readRegisters('holding', 100, 3)).toEqual(Uint16Array.of(11, 12, 3))
    expect(bus.bank.readBits('coil', 22, 1)).toEqual(Uint8Array.of(1))
  })

  test.skipIf(master === undefined)('a libmodbus program reads ring and gauge right, and writes', async () => {
    const { a, b } = await pair('libmodbus')
    await serve(b)
    await expectLibmodbusRight(master!, ['rtu', a, '115200', 'N'])
  })

  test.skipIf(!socat)('modbus-serial reads header and stage right', async () => {
    const { a, b } = await pair('modbus-serial')
    await serve(b)
    const client = new modbusSerial.default()
    await client.connectRTUBuffered(a, { baudRate: 115_200 })
    client.setTimeout(2000)
    client.setID(1)
    const header = Uint16Array.from((await client.readHoldingRegisters(0, 18)).data)
    expect(headerOf(header)).toMatchObject({ boot_id: 0xdead_beef, newest: 10_000, now_us: 100_004_000 })
    client.setID(2)
    expect((await client.readInputRegisters(0, 4)).data).toEqual([0, 0, 0x3fa3, 0xd70a])
    await new Promise<void>((resolve) => client.close(() => resolve()))
  })
})

describe.skipIf(!socat)('a bad serial wire', () => {
  const wired = async (name: string) => {
    const [near, far] = [await pair(`${name}-near`), await pair(`${name}-far`)]
    const { clock, log } = bus
    const proxy = keep(
      new SerialWireProxy({ link: 'bus', master: serial(near.b), devices: serial(far.a), seed: 5, clock, log }),
    )
    await proxy.open()
    await serve(far.b)
    return { proxy, master: near.a }
  }

  test('sound, carries what libmodbus or a raw master asks', async () => {
    const { proxy, master: device } = await wired('sound')
    if (master !== undefined) await expectLibmodbusRight(master, ['rtu', device, '115200', 'N'])
    const raw = await rawMaster(device)
    expect(await raw.ask(STAGE, 9)).toBe(STAGE_REPLY)
    expect(await raw.ask(framed('02 41 01'), 5)).toBe(hex(framed('02 c1 01')))
    const { requests, replies } = proxy.counts
    expect(requests.frames).toBe(replies.frames)
    expect(requests.frames).toBeGreaterThanOrEqual(2)
  })

  test('changed live: corrupt, misnumber, duplicate, drop, delay, then sound again', async () => {
    const { proxy, master: device } = await wired('bad')
    const raw = await rawMaster(device)
    proxy.setFaults({ corrupt: 1, way: 'replies' })
    const corrupted = await raw.ask(STAGE, 9)
    expect(corrupted.length).toBe(STAGE_REPLY.length)
    expect(corrupted).not.toBe(STAGE_REPLY)
    proxy.setFaults({ misnumber: 1, way: 'replies' })
    expect(await raw.ask(STAGE, 9)).toBe(hex(framed('03 04 04 3f a3 d7 0a')))
    proxy.setFaults({ duplicate: 1, way: 'replies' })
    expect(await raw.ask(STAGE, 18)).toBe(STAGE_REPLY + STAGE_REPLY)
    proxy.setFaults({ drop: 1 })
    expect(await raw.ask(STAGE, 9, 80)).toBe('')
    proxy.setFaults({ delay: { ms: 80 } })
    expect(await elapsed_ms(() => raw.ask(STAGE, 9))).toBeGreaterThanOrEqual(159)
    expect(raw.heard).toBe(STAGE_REPLY)
    proxy.setFaults({})
    expect(await raw.ask(STAGE, 9)).toBe(STAGE_REPLY)
    expect(proxy.counts.replies).toMatchObject({ frames: 5, corrupt: 1, misnumber: 1, duplicate: 1, delay: 1 })
    expect(proxy.counts.requests).toMatchObject({ frames: 6, drop: 1, delay: 1 })
    proxy.setFaults({ delay: { ms: 60_000 } })
    await raw.ask(STAGE, 9, 30)
    expect(await elapsed_ms(() => proxy.close())).toBeLessThan(1000)
  })
})
