import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { characterTime_ms, silence_ms } from '../runtime/serial-line.ts'
import {
  decodeRtu,
  encodeRtu,
  RTU_FRAME_MAX,
  RtuReader,
  replyLength,
  requestLength,
  withWrongCrc,
} from './rtu-frame.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')
const plain = (frames: ReadonlyArray<{ unit: number; pdu: Uint8Array }>) =>
  frames.map(({ unit, pdu }) => `${unit}:${hex(pdu)}`)

describe('the CRC of Modbus', () => {
  test('of the worked example in Modbus over Serial Line 1.02, appendix B: 02 07 ends in 41 12', () => {
    expect(hex(encodeRtu({ unit: 2, pdu: bytes('07') }))).toBe('02074112')
  })

  test('finds every flip of one bit and every lost byte', () => {
    const frame = fc.record({ unit: fc.nat(255), pdu: fc.uint8Array({ minLength: 1, maxLength: 253 }) })
    fc.assert(
      fc.property(frame, fc.nat(), (sent, where) => {
        const good = encodeRtu(sent)
        expect(decodeRtu(good)).toEqual(sent)
        const bad = Uint8Array.from(good)
        bad[(where >> 3) % bad.length]! ^= 1 << (where & 7)
        expect(decodeRtu(bad)).toBeUndefined()
        expect(decodeRtu(withWrongCrc(good))).toBeUndefined()
      }),
    )
  })
})

describe('silence', () => {
  test('is 3.5 characters up to 19,200 baud and 1.75 ms beyond (2.5.1.1)', () => {
    expect(characterTime_ms({ baud: 9600, parity: 'even', stop_bits: 1 })).toBeCloseTo(11 / 9.6, 9)
    expect(silence_ms({ baud: 9600, parity: 'even', stop_bits: 1 })).toBeCloseTo(4.0104, 4)
    expect(silence_ms({ baud: 19_200, parity: 'none', stop_bits: 2 })).toBeCloseTo(2.0052, 4)
    expect(silence_ms({ baud: 115_200, parity: 'none', stop_bits: 1 })).toBe(1.75)
  })
})

describe('frames out of a line', () => {
  const READ = '01 03 00 00 00 02'
  const framed = (pdu: string) => encodeRtu({ unit: bytes(pdu)[0]!, pdu: bytes(pdu).slice(1) })

  test.each([
    ['01 01 00 13 00 13'],
    ['01 06 00 01 00 03'],
    ['01 0F 00 13 00 0A 02 CD 01'],
    ['01 10 00 01 00 02 04 00 0A 01 02'],
    ['01 16 00 04 00 F2 00 25'],
    ['01 17 00 03 00 06 00 0E 00 03 06 00 FF 00 FF 00 FF'],
    ['01 18 04 DE'],
    ['01 2B 0E 01 00'],
  ])('a request is whole with its last character, not before: %s', (request) => {
    const wire = framed(request)
    const reader = new RtuReader()
    expect(reader.push(wire.subarray(0, -1))).toEqual([])
    expect(plain(reader.push(wire.subarray(-1)))).toEqual(plain([decodeRtu(wire)!]))
    expect(reader.waiting).toBe(false)
  })

  test.each([
    '01 03 04 00 06 00 05',
    '01 83 02',
    '01 18 00 06 00 02 01 B8 12 84',
    '01 01 03 CD 6B 05',
    '01 10 00 01 00 02',
  ])('a reply too: %s', (reply) => {
    const wire = framed(reply)
    expect(replyLength(wire)).toBe(wire.length)
    expect(plain(new RtuReader(replyLength).push(wire))).toEqual(plain([decodeRtu(wire)!]))
  })

  test('come out alike however the characters arrive', () => {
    const read = fc.record({
      unit: fc.nat(255),
      address: fc.nat(0xffff),
      words: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 123 }),
    })
    fc.assert(
      fc.property(fc.array(read, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 40 })), (requests, cuts) => {
        const frames = requests.map(({ unit, address, words }) => ({
          unit,
          pdu: Uint8Array.from([
            16,
            address >> 8,
            address & 255,
            0,
            words.length,
            words.length * 2,
            ...words.flatMap((w) => [w >> 8, w & 255]),
          ]),
        }))
        const stream = Buffer.concat(frames.map(encodeRtu))
        const reader = new RtuReader()
        const out = []
        let at = 0
        for (const cut of cuts) {
          out.push(...reader.push(stream.subarray(at, at + cut)))
          at += cut
        }
        out.push(...reader.push(stream.subarray(at)))
        expect(plain(out)).toEqual(plain(frames))
      }),
    )
  })

  test('a function that nobody knows ends with the silence', () => {
    const reader = new RtuReader()
    const wire = encodeRtu({ unit: 1, pdu: bytes('41 01 02') })
    expect(requestLength(wire)).toBeUndefined()
    expect(reader.push(wire)).toEqual([])
    expect(reader.silence()).toEqual({ unit: 1, pdu: bytes('41 01 02') })
    expect(reader.silence()).toBeUndefined()
  })

  test.each([
    ['a frame whose CRC is wrong', withWrongCrc(framed(READ)), 'wrong CRC over 8 bytes'],
    ['half a frame', framed(READ).subarray(0, 5), 'wrong CRC over 5 bytes'],
    ['a spike on the line', bytes('00'), '1 bytes, fewer than the 4 of a frame'],
    ['a babbling device', new Uint8Array(RTU_FRAME_MAX + 1), 'more than 256 bytes without a silence'],
  ])('%s is dropped at the silence, and the next frame is read', (_, noise, dropped) => {
    const reader = new RtuReader()
    expect(reader.push(noise)).toEqual([])
    expect(reader.waiting).toBe(true)
    expect(reader.silence()).toMatchObject({ dropped })
    expect(reader.push(framed(READ)).length).toBe(1)
  })

  test('random bytes and silences never throw, and never hold more than a frame', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), (chunks) => {
        const reader = new RtuReader()
        for (const chunk of chunks) {
          reader.push(chunk)
          const end = reader.silence()
          if (end && 'bytes' in end) expect(end.bytes.length).toBeLessThanOrEqual(RTU_FRAME_MAX)
        }
      }),
    )
  })
})
