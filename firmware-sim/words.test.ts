import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ORDERS, type ScalarPoint, sampledOf, sampleWords, TYPE_REGISTERS } from '../domain/model.ts'
import { loadCases } from '../models/cases.ts'
import { loadShippedModels, shippedModelIds } from '../models/load.ts'
import { headerWords, quantise, sampleWordsOf } from './sampler.ts'
import { codeWords, type Encoding, maskOf, pointWords, rawOf, rawWords } from './words.ts'

const models = await loadShippedModels()
const cases = await Promise.all(
  (await shippedModelIds()).map(async (id) => ({ model: models.get(id)!, ...(await loadCases(id)) })),
)

describe('the simulator serves what the cases of the models hold', () => {
  const points = cases.flatMap(({ model, points }) =>
    points.flatMap((c) => [...c.readings].map(([metric, reading]) => ({ model, c, metric, reading }))),
  )

  test.each(points.filter(({ reading }) => reading.flag === 1))('$c.file: $c.name', ({ model, c, metric, reading }) => {
    const point = model.points!.find((p) => p.metric === metric)!
    const { unit_register } = point
    const unit = unit_register?.codes[c.registers.get(unit_register.address)!]
    const words = pointWords(point, reading.value!, unit)
    expect(words).toEqual(words.map((_, i) => c.registers.get(point.address + i)! & maskOf(point)))
  })

  // Where the model has no codes for "no value" it was the unit that was none.
  const coded = points.flatMap((p) => {
    const point = p.model.points!.find(({ metric }) => metric === p.metric)!
    return p.reading.reason === 'invalid-code' && point.invalid_codes !== undefined ? [{ ...p, point }] : []
  })
  test.each(coded)('$c.file: $c.name', ({ c, point }) => {
    const shown = point.invalid_codes!.map((code) => codeWords(point, code).join())
    const length = codeWords(point, 0).length
    const there = Array.from({ length }, (_, i) => c.registers.get(point.address + i)! & maskOf(point))
    expect(shown).toContain(there.join())
  })

  const headers = cases.flatMap(({ model, rings, queues }) =>
    [...rings, ...queues].map((c) => ({ model, sampled: sampledOf(model)!, c })),
  )
  test.each(headers)('$c.file: $c.name', ({ model, sampled, c }) => {
    const { header } = c
    const { fifo } = c as { fifo?: readonly number[] }
    const words = headerWords(sampled, {
      boot_id: header.boot_id,
      newest_counter: header.newest_counter,
      newest_us: BigInt(header.newest_us),
      now_us: BigInt(header.now_us),
      status: header.status,
    })
    const { header_address } = model.ring ?? model.fifo!
    expect(words).toEqual(words.map((_, i) => c.registers.get(header_address + i)))
    for (const { counter, axis, value } of c.samples) {
      const a = sampled.axes.indexOf(axis)
      const each = sampleWords(sampled)
      const place = ((fifo?.length ?? 2) - 2) / (sampled.axes.length * each) - 1 - (header.newest_counter - counter)
      const word = (i: number) =>
        fifo !== undefined
          ? fifo[2 + (place * sampled.axes.length + a) * each + i]
          : c.registers.get(
              model.ring!.samples_address + ((counter % sampled.depth) * sampled.axes.length + a) * each + i,
            )
      const words = Array.from({ length: each }, (_, i) => word(i))
      expect(sampleWordsOf(quantise(value, sampled), sampled), `counter ${counter} axis ${axis}`).toEqual(words)
    }
  })
})

describe('a value in registers', () => {
  const point = (type: ScalarPoint['type'], more: Partial<ScalarPoint> = {}): ScalarPoint => ({
    metric: 'stage',
    table: 'input',
    address: 0,
    type,
    unit: 'm',
    range: { low: 0, high: 1 },
    ...more,
  })

  // 123456.789 is 0x47F12065 as IEEE 754 binary32
  test.each([
    ['ABCD', [0x47f1, 0x2065]],
    ['CDAB', [0x2065, 0x47f1]],
    ['BADC', [0xf147, 0x6520]],
    ['DCBA', [0x6520, 0xf147]],
  ] as const)('stands in the order %s', (order, words) => {
    expect(rawWords({ type: 'float32', order }, 123456.789)).toEqual(words)
  })

  test('is scaled from SI to what the manual says', () => {
    expect(pointWords(point('int16', { unit: 'cm', scale: 0.1 }), 1.234)).toEqual([1234])
    expect(pointWords(point('uint32', { unit: 'mm', offset: -1000 }), 2)).toEqual([0, 3000])
    expect(pointWords(point('int16', { unit: 'degC', scale: 0.1 }), 263.15)).toEqual([0x10000 - 100])
  })

  test('saturates where the type ends', () => {
    expect(pointWords(point('int16', { unit: 'mm' }), 100)).toEqual([0x7fff])
    expect(pointWords(point('uint16', { unit: 'mm' }), -1)).toEqual([0])
    expect(pointWords(point('int32', { unit: 'mm', scale: 1e-6 }), -10_000)).toEqual([0x8000, 0])
  })

  test('that is absent is NaN or the first code for "no value"', () => {
    expect(pointWords(point('float32'), Number.NaN)).toEqual([0x7fc0, 0])
    expect(pointWords(point('int16', { invalid_codes: [0x8000] }), Number.NaN)).toEqual([0x8000])
    expect(pointWords(point('int32', { invalid_codes: [0x7fff_ffff] }), Number.NaN)).toEqual([0x7fff, 0xffff])
  })
})

/** As an engineer writes a master: bytes put in place by the letters of the order, then read with a DataView. */
function read({ type, order, bit = 0, bits = 1, byte }: Encoding, words: readonly number[]): number {
  const wire = words.flatMap((word) => [word >> 8, word & 0xff])
  const letters = order ?? 'ABCDEFGH'.slice(0, wire.length)
  const view = new DataView(Uint8Array.from(wire, (_, i) => wire[letters.indexOf('ABCDEFGH'[i]!)]!).buffer)
  switch (type) {
    case 'bit':
      return (words[0]! >> bit) & 1
    case 'bits':
      return (words[0]! >> bit) & ((1 << bits) - 1)
    case 'uint8':
      return view.getUint8(byte === 'high' ? 0 : 1)
    case 'int8':
      return view.getInt8(byte === 'high' ? 0 : 1)
    case 'int16':
      return view.getInt16(0)
    case 'uint16':
      return view.getUint16(0)
    case 'int32':
      return view.getInt32(0)
    case 'uint32':
      return view.getUint32(0)
    case 'int64':
      return Number(view.getBigInt64(0))
    case 'uint64':
      return Number(view.getBigUint64(0))
    case 'bcd16':
      return Number(view.getUint16(0).toString(16))
    case 'bcd32':
      return Number(view.getUint32(0).toString(16))
    case 'float32':
      return view.getFloat32(0)
    case 'float64':
      return view.getFloat64(0)
    case 'float16': {
      // Sign, 5 bits of exponent with bias 15, 10 bits of fraction (IEEE 754, binary16).
      const half = view.getUint16(0)
      const [e, f] = [(half >> 10) & 31, half & 1023]
      const size =
        e === 0 ? f * 2 ** -24 : e === 31 ? (f ? Number.NaN : Number.POSITIVE_INFINITY) : (1 + f / 1024) * 2 ** (e - 15)
      return half >> 15 ? -size : size
    }
  }
}

const whole = (min: number, max: number) => fc.integer({ min, max })
const WHOLE: Partial<Record<ScalarPoint['type'], fc.Arbitrary<number>>> = {
  bit: whole(0, 1),
  int8: whole(-128, 127),
  uint8: whole(0, 255),
  int16: whole(-32_768, 32_767),
  uint16: whole(0, 65_535),
  int32: whole(-(2 ** 31), 2 ** 31 - 1),
  uint32: whole(0, 2 ** 32 - 1),
  int64: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  uint64: whole(0, Number.MAX_SAFE_INTEGER),
  bcd16: whole(0, 9999),
  bcd32: whole(0, 99_999_999),
  float16: whole(-2048, 2048).map((n) => n / 64),
  float32: fc.float({ noDefaultInfinity: true, noNaN: true }),
  float64: fc.double({ noDefaultInfinity: true, noNaN: true }),
}
const encodings: fc.Arbitrary<{ encoding: Encoding; raw: number }> = fc
  .constantFrom(...(Object.keys(TYPE_REGISTERS) as Array<ScalarPoint['type']>))
  .chain((type) =>
    fc
      .record({
        order: fc.constantFrom(undefined, ...ORDERS[TYPE_REGISTERS[type]]),
        bit: whole(0, 15),
        length: whole(1, 16),
        byte: fc.constantFrom('high' as const, 'low' as const),
      })
      .chain(({ order, bit, length, byte }) => {
        const bits = Math.min(length, 16 - bit)
        const small = ['bit', 'bits', 'int8', 'uint8'].includes(type)
        const encoding: Encoding = { type, bit, bits, byte, ...(order && !small && { order }) }
        return (WHOLE[type] ?? whole(0, 2 ** bits - 1)).map((raw) => ({ encoding, raw }))
      }),
  )

describe('any raw value of any type in any order', () => {
  test('is read back by a master as it was, and touches only its own bits', () => {
    fc.assert(
      fc.property(encodings, ({ encoding, raw }) => {
        const words = rawWords(encoding, raw)
        expect(words.length).toBe(TYPE_REGISTERS[encoding.type])
        expect(read(encoding, words)).toBe(raw)
        expect(rawOf(encoding, words)).toBe(raw)
        for (const word of words) expect(word & ~maskOf(encoding)).toBe(0)
      }),
      { numRuns: 2000 },
    )
  })

  // IEEE 754-2019, table 3.5: 65,504 is the highest number, 2^-24 the least above 0; ties go to the even neighbour.
  test.each([
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [Number.NaN, 0x7e00],
  ])('float16 %d', (value, word) => {
    expect(rawWords({ type: 'float16' }, value)).toEqual([word])
  })

  test('saturates at the ends of 64 bits, of decimal digits and of a field', () => {
    expect(rawWords({ type: 'int64' }, 1e30)).toEqual([0x7fff, 0xffff, 0xffff, 0xffff])
    expect(rawWords({ type: 'int64' }, -1e30)).toEqual([0x8000, 0, 0, 0])
    expect(rawWords({ type: 'uint64' }, 1e30)).toEqual([0xffff, 0xffff, 0xffff, 0xffff])
    expect(rawWords({ type: 'bcd16' }, 12_345)).toEqual([0x9999])
    expect(rawWords({ type: 'bits', bit: 4, bits: 3 }, 9)).toEqual([0x70])
  })
})
