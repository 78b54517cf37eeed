import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { crc16 } from '../../domain/crc16.ts'
import type { ModbusError } from '../../domain/ports.ts'
import { haveTool } from '../../firmware-sim/io/real-tools.fixture.ts'
import { LateReplies } from './late-replies.ts'
import { type ByteLine, RtuPort } from './rtu-port.ts'
import { clock, open, overPty, PlainServer } from './testing-modbus.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

describe('which unit is asked what tells', () => {
  test('only one whose request was given up, and each time with another number', () => {
    const late = new LateReplies()
    expect(late.tellingRequest(1)).toBeUndefined()
    late.gaveUp(1)
    expect(late.tellingRequest(2)).toBeUndefined()
    const first = late.tellingRequest(1)!
    expect([...first.subarray(0, 4)]).toEqual([1, 8, 0, 0])
    expect(late.tellingRequest(1)!.equals(first)).toBe(false)
    late.told(1)
    expect(late.tellingRequest(1)).toBeUndefined()
  })

  test('without an answer every second request goes without; three of those answered end it', () => {
    const late = new LateReplies()
    late.gaveUp(1)
    for (let i = 0; i < 3; i++) {
      expect(late.tellingRequest(1)).toBeDefined()
      late.notTold(1)
      expect(late.tellingRequest(1)).toBeUndefined()
      late.ended(1, true)
    }
    expect(late.tellingRequest(1)).toBeUndefined()
    late.gaveUp(1)
    expect(late.tellingRequest(1)).toBeUndefined()
  })

  test('a unit that once told, and one that answers nothing, are asked again and again', () => {
    for (const [told, answered] of [
      [true, true],
      [false, false],
    ] as const) {
      const late = new LateReplies()
      late.gaveUp(1)
      if (told) late.told(1)
      for (let i = 0; i < 10; i++) {
        late.gaveUp(1)
        expect(late.tellingRequest(1)).toBeDefined()
        late.notTold(1)
        late.ended(1, answered)
      }
    }
  })
})

describe('the answer that tells is found among late replies', () => {
  const framed = (...body: number[]) => {
    const crc = crc16(Uint8Array.from(body))
    return Buffer.of(...body, crc & 0xff, crc >> 8)
  }
  const TELLING = Buffer.of(7, 8, 0, 0, 0, 42)
  const late = framed(7, 3, 4, 0, 8, 0, 8)
  const own = framed(...TELLING)
  const older = framed(7, 8, 0, 0, 0, 41)
  const refusal = framed(7, 0x88, 1)

  function tell(echoes = false) {
    let heard: (bytes: Uint8Array) => void = () => {}
    const line: ByteLine = { onData: (listener) => (heard = listener), write: () => {}, close: async () => {} }
    const port = new RtuPort(line, clock, echoes)
    const got = { told: false, failed: false }
    port.onFailure = () => (got.failed = true)
    port.answerTo = () => (got.told = true)
    port.tell(TELLING)
    return { got, hear: (bytes: Uint8Array) => heard(bytes) }
  }

  test.each([
    ['its own data', [own], true],
    ['an exception', [refusal], true],
    ['its own data after a late reply', [late, own], true],
    ['an exception after a late reply', [late, refusal], true],
    ['a late reply alone', [late], false],
    ['the data of an older one', [older], false],
    ['an exception with a wrong CRC', [Buffer.from(refusal).fill(0, 4)], false],
    ['half of its own data', [own.subarray(0, 5)], false],
  ])('%s, in one piece and byte by byte', (_, frames, told) => {
    const bytes = Buffer.concat(frames as Buffer[])
    const whole = tell()
    whole.hear(bytes)
    expect(whole.got).toEqual({ told, failed: false })
    const pieces = tell()
    for (const byte of bytes) pieces.hear(Uint8Array.of(byte))
    expect(pieces.got).toEqual({ told, failed: false })
  })

  test('what the adapter echoes does not tell, what comes after it does', () => {
    for (const answer of [own, refusal]) {
      const { got, hear } = tell(true)
      hear(Buffer.concat([late, own]))
      expect(got.told).toBe(false)
      hear(answer)
      expect(got.told).toBe(true)
    }
  })
})

describe.skipIf(!haveTool('socat', 'socat'))('over a pair of pseudo-terminals', () => {
  const TIMEOUT_MS = 100
  async function serve() {
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-'))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
    const plain = new PlainServer()
    const { link: place, close } = await overPty(plain, folder, { timeout_ms: TIMEOUT_MS })
    const link = open(place)
    cleanups.push(close, () => link.close())
    const read = (address: number): Promise<number | string> =>
      link.readRegisters(1, 'holding', address, 1).then(
        ({ registers }) => registers[0]!,
        (error: ModbusError) => error.reason,
      )
    return { plain, read }
  }

  test('a reply later than many time-outs is not taken for the next of the same shape', async () => {
    const { plain, read } = await serve()
    expect(await read(5)).toBe(1005)
    // A unit that is stuck for ten time-outs, and then answers all it was asked, in order.
    const from = performance.now()
    let order = 0
    plain.spoil = (pdu) => ({ pdu, delay_ms: Math.max(0, from + 10 * TIMEOUT_MS - performance.now()) + 5 * order++ })
    const answers: Array<readonly [number, number | string]> = []
    for (let address = 100; answers.filter(([, got]) => typeof got === 'number').length < 3; address++) {
      answers.push([address, await read(address)])
      if (performance.now() - from > 12 * TIMEOUT_MS) plain.spoil = (pdu) => ({ pdu })
    }
    const wrong = answers.filter(([address, got]) => typeof got === 'number' && got !== 1000 + address)
    expect(wrong).toEqual([])
    expect(answers.some(([, got]) => got === 'timeout')).toBe(true)
  })

  test('a unit that ignores function 8 is read all the same', async () => {
    const { plain, read } = await serve()
    plain.spoil = (pdu, request) => (request[0] === 8 ? undefined : { pdu })
    const lost = async () => {
      const { spoil } = plain
      plain.spoil = () => undefined
      expect(await read(5)).toBe('timeout')
      plain.spoil = spoil
    }
    await lost()
    for (let i = 0; i < 3; i++) {
      expect(await read(6)).toBe('timeout')
      expect(await read(7)).toBe(1007)
    }
    await lost()
    expect(await read(8)).toBe(1008)
    expect(plain.asked.filter((asked) => asked.startsWith('1 08'))).toHaveLength(3)
  })
})
