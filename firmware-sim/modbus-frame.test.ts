import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame, exceptionPdu, FrameReader, parseRequest, registersPdu } from './modbus-frame.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex').replace(/../g, '$& ').trim()

describe('the examples of Modbus Application Protocol 1.1b3', () => {
  test('6.3: read holding registers 108 to 110 holding 555, 0 and 100', () => {
    expect(parseRequest(bytes('03 00 6B 00 03'))).toEqual({ table: 'holding', address: 107, quantity: 3 })
    expect(hex(registersPdu(3, Uint16Array.of(555, 0, 100)))).toBe('03 06 02 2b 00 00 00 64')
  })

  test('6.4: read input register 9 holding 10', () => {
    expect(parseRequest(bytes('04 00 08 00 01'))).toEqual({ table: 'input', address: 8, quantity: 1 })
    expect(hex(registersPdu(4, Uint16Array.of(10)))).toBe('04 02 00 0a')
  })

  test('7: an exception answers with the highest bit of the function code set', () => {
    expect(hex(exceptionPdu(1, 2))).toBe('81 02')
  })

  test('6.3, figure 13: quantity 1 to 125, else exception 3', () => {
    expect(parseRequest(bytes('03 00 00 00 7D'))).toMatchObject({ quantity: 125 })
    expect(parseRequest(bytes('03 00 00 00 7E'))).toEqual({ exception: 3 })
    expect(parseRequest(bytes('03 00 00 00 00'))).toEqual({ exception: 3 })
  })

  test('a request of the wrong length is exception 3', () => {
    expect(parseRequest(bytes('03 00 00 00'))).toEqual({ exception: 3 })
    expect(parseRequest(bytes('04 00 00 00 01 00'))).toEqual({ exception: 3 })
  })

  test.each([1, 2, 5, 6, 15, 16, 23, 43, 0, 0x83])('function %i is not served: exception 1', (fc) => {
    expect(parseRequest(Uint8Array.of(fc, 0, 0, 0, 1))).toEqual({ exception: 1 })
  })
})

describe('MBAP frames', () => {
  const request = bytes('15 01 00 00 00 06 FF 03 00 04 00 01')

  test('carry transaction, protocol 0, length and unit before the PDU', () => {
    expect(encodeFrame({ transaction: 0x1501, unit: 0xff, pdu: bytes('03 00 04 00 01') })).toEqual(request)
    expect(new FrameReader().push(request).frames).toEqual([
      { transaction: 0x1501, unit: 0xff, pdu: bytes('03 00 04 00 01') },
    ])
  })

  test('come out alike however the stream is cut into segments', () => {
    const frame = fc.record({
      transaction: fc.nat(0xffff),
      unit: fc.nat(0xff),
      pdu: fc.uint8Array({ minLength: 1, maxLength: 253 }),
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 300 })), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(encodeFrame))
        const reader = new FrameReader()
        const out = []
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          const pushed = reader.push(stream.subarray(at, at + cut))
          expect(pushed.fault).toBeUndefined()
          out.push(...pushed.frames)
          at += cut
        }
        out.push(...reader.push(stream.subarray(at)).frames)
        expect(out.map((f) => ({ ...f, pdu: [...f.pdu] }))).toEqual(frames.map((f) => ({ ...f, pdu: [...f.pdu] })))
      }),
    )
  })

  test.each([
    ['15 01 00 01 00 06', 'protocol id: expected 0, got 1'],
    ['15 01 00 00 00 01', 'length: expected 2 to 254, got 1'],
    ['15 01 00 00 00 FF', 'length: expected 2 to 254, got 255'],
  ])('that break the layout end the stream after the good ones before: %s', (bad, fault) => {
    const { frames, fault: told } = new FrameReader().push(Buffer.concat([request, bytes(bad)]))
    expect(frames.length).toBe(1)
    expect(told).toBe(fault)
  })

  test('random bytes give frames or a fault, never a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), (chunks) => {
        const reader = new FrameReader()
        for (const chunk of chunks) {
          const { frames, fault } = reader.push(chunk)
          for (const frame of frames) expect(frame.pdu.length).toBeGreaterThan(0)
          for (const frame of frames) parseRequest(frame.pdu)
          if (fault !== undefined) return
        }
      }),
    )
  })
})
