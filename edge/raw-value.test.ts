import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ORDERS, type PointType, type ScalarPoint } from '../domain/model.ts'
import { decodePoint, decoderOf } from './decode.ts'
import { rawValueOf } from './raw-value.ts'

const point = (more: Partial<ScalarPoint>): ScalarPoint => ({
  metric: 'm',
  table: 'holding',
  address: 0,
  type: 'uint16',
  unit: '1',
  range: { low: -1e300, high: 1e300 },
  ...more,
})
const raw = (more: Partial<ScalarPoint>, ...words: number[]) => rawValueOf(point(more))((address) => words[address]!)

/** Registers that carry a value, highest byte first, in an order on the wire: what a device that keeps to it does. */
function wire(order: string, bytes: DataView): number[] {
  const sent = Array.from(order, (letter) => bytes.getUint8(letter.charCodeAt(0) - 65))
  return Array.from({ length: sent.length / 2 }, (_, i) => sent[2 * i]! * 256 + sent[2 * i + 1]!)
}
const viewOf = (write: (view: DataView) => void): DataView => {
  const view = new DataView(new ArrayBuffer(8))
  write(view)
  return view
}

describe('every type in every order gives the number that was sent', () => {
  const KINDS: Array<[PointType, 1 | 2 | 4, fc.Arbitrary<number | bigint>, (view: DataView, value: never) => void]> = [
    ['int16', 1, fc.integer({ min: -32_768, max: 32_767 }), (v, x) => v.setInt16(0, x)],
    ['uint16', 1, fc.integer({ min: 0, max: 65_535 }), (v, x) => v.setUint16(0, x)],
    ['int32', 2, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (v, x) => v.setInt32(0, x)],
    ['uint32', 2, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (v, x) => v.setUint32(0, x)],
    ['float32', 2, fc.float({ noNaN: true }), (v, x) => v.setFloat32(0, x)],
    ['int64', 4, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (v, x) => v.setBigInt64(0, x)],
    ['uint64', 4, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (v, x) => v.setBigUint64(0, x)],
    ['float64', 4, fc.double({ noNaN: true }), (v, x) => v.setFloat64(0, x)],
  ]
  for (const [type, registers, values, write] of KINDS)
    for (const order of ORDERS[registers])
      test(`${type} ${order}`, () => {
        fc.assert(
          fc.property(values, (value) => {
            const words = wire(
              order,
              viewOf((view) => write(view, value as never)),
            )
            // A 64-bit integer is the nearest double: exact up to 2^53.
            expect(raw({ type, order }, ...words)).toBe(Number(value))
          }),
        )
      })

  test('64-bit integers beyond 2^53 are the nearest double, never wrapped', () => {
    expect(raw({ type: 'uint64' }, 0xffff, 0xffff, 0xffff, 0xffff)).toBe(2 ** 64)
    expect(raw({ type: 'int64' }, 0xffff, 0xffff, 0xffff, 0xffff)).toBe(-1)
    expect(raw({ type: 'uint64' }, 0x0020, 0, 0, 1)).toBe(2 ** 53)
    expect(raw({ type: 'uint64' }, 0x001f, 0xffff, 0xffff, 0xffff)).toBe(2 ** 53 - 1)
  })
})

describe('parts of a register', () => {
  test('bits, fields and bytes', () => {
    expect([0, 3, 15].map((bit) => raw({ type: 'bit', bit }, 0x8008))).toEqual([0, 1, 1])
    expect(raw({ type: 'bits', bit: 4, bits: 3 }, 0x00f0)).toBe(7)
    expect(raw({ type: 'bits', bit: 0, bits: 16 }, 0xffff)).toBe(0xffff)
    expect(raw({ type: 'uint8', byte: 'high' }, 0xfe01)).toBe(0xfe)
    expect(raw({ type: 'int8', byte: 'high' }, 0xfe01)).toBe(-2)
    expect(raw({ type: 'int8' }, 0xfe81)).toBe(-127)
    expect(raw({ type: 'uint8' }, 0xfe81)).toBe(0x81)
  })

  test('a point of a bit table is its bit', () => {
    expect(raw({ type: 'bit', table: 'coil' }, 1)).toBe(1)
    expect(raw({ type: 'bit', table: 'discrete' }, 0)).toBe(0)
  })

  test('float16: largest, smallest, one third, infinities and NaN (IEEE 754 binary16)', () => {
    expect(raw({ type: 'float16' }, 0x7bff)).toBe(65_504)
    expect(raw({ type: 'float16' }, 0x0001)).toBe(2 ** -24)
    expect(raw({ type: 'float16' }, 0x3555)).toBe(0.333251953125)
    expect(raw({ type: 'float16' }, 0xc000)).toBe(-2)
    expect(raw({ type: 'float16' }, 0x7c00)).toBe(Number.POSITIVE_INFINITY)
    expect(raw({ type: 'float16' }, 0x7e00)).toBeNaN()
  })

  test('BCD: digits as they stand, and a nibble above 9 is no number', () => {
    expect(raw({ type: 'bcd16' }, 0x1234)).toBe(1234)
    expect(raw({ type: 'bcd32' }, 0x9876, 0x5432)).toBe(98_765_432)
    expect(raw({ type: 'bcd32', order: 'CDAB' }, 0x5432, 0x9876)).toBe(98_765_432)
    expect(raw({ type: 'bcd16' }, 0x12a4)).toBeUndefined()
    expect(decodePoint(point({ type: 'bcd16' }), () => 0x12a4)).toMatchObject({
      value: null,
      flag: 9,
      reason: 'invalid-code',
    })
  })
})

describe('what judges a value', () => {
  const at = (words: Record<number, number>) => (address: number) => words[address]!
  const metres = point({ type: 'uint16', unit: 'm', range: { low: 0, high: 10 } })

  test('the unit register says in which unit the value is; the range stays in that of the point', () => {
    const stage = { ...metres, scale: 0.01, unit_register: { address: 9, codes: { '0': 'm', '1': 'ft', '17': 'cm' } } }
    expect(decodePoint(stage, at({ 0: 250, 9: 0 })).value).toBeCloseTo(2.5, 12)
    expect(decodePoint(stage, at({ 0: 250, 9: 1 })).value).toBeCloseTo(0.762, 12)
    expect(decodePoint(stage, at({ 0: 250, 9: 17 })).value).toBeCloseTo(0.025, 12)
    expect(decodePoint(stage, at({ 0: 3200, 9: 1 })).flag).toBe(1)
    expect(decodePoint(stage, at({ 0: 3300, 9: 1 }))).toMatchObject({
      flag: 4,
      reason: 'out-of-range',
      detail: '10.0584 m is above 10 m',
    })
    expect(decodePoint(stage, at({ 0: 250, 9: 5 }))).toEqual({
      value: null,
      flag: 9,
      reason: 'invalid-code',
      detail: 'unit code 5 in register 9',
    })
  })

  test('status by mask and by whole codes', () => {
    const masked = { ...metres, status: { address: 5, mask: 0x0c00 } }
    expect(decodePoint(masked, at({ 0: 1, 5: 0x0400 }))).toMatchObject({
      reason: 'status',
      detail: expect.stringContaining('0x0400'),
    })
    expect(decodePoint(masked, at({ 0: 1, 5: 0xf3ff })).flag).toBe(1)
    const coded = { ...metres, status: { address: 5, codes: [3, 0xffff] } }
    expect([0, 3, 4, 0xffff].map((code) => decodePoint(coded, at({ 0: 1, 5: code })).reason)).toEqual([
      undefined,
      'status',
      undefined,
      'status',
    ])
  })

  test('codes for no value in the types that hardly show them', () => {
    const float16: ScalarPoint = { ...metres, type: 'float16', invalid_codes: [999.9] }
    // 999.9 in binary16 is 1000.
    expect(decodePoint(float16, at({ 0: 0x63d0 })).reason).toBe('invalid-code')
    const int8: ScalarPoint = { ...metres, type: 'int8', invalid_codes: [0x80] }
    expect(decodePoint(int8, at({ 0: 0x0080 })).reason).toBe('invalid-code')
    const int32: ScalarPoint = { ...metres, type: 'int32', invalid_codes: [0x8000_0000] }
    expect(decodePoint(int32, at({ 0: 0x8000, 1: 0 })).reason).toBe('invalid-code')
  })
})

test('a compiled decoder may be used again and gives the same as decoding once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 4, maxLength: 4 }), (words) => {
      for (const type of ['float32', 'int64', 'bcd32', 'uint8'] as const) {
        const p = point({ type })
        const decode = decoderOf(p)
        decode((address) => words[3 - address]!)
        expect(decode((address) => words[address]!)).toEqual(decodePoint(p, (address) => words[address]!))
      }
    }),
  )
})
