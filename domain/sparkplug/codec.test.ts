import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePayload, encodePayload, PayloadError } from './codec.ts'
import { DataType, type Metric, type Value } from './payload.ts'

const T = DataType
const through = (metric: Metric): Metric => decodePayload(encodePayload({ metrics: [metric] })).metrics[0]!
const readBack = (datatype: DataType, value: Value): Value | null => through({ name: 'x', datatype, value }).value

describe('the bytes are those of sparkplug_b.proto', () => {
  // Worked out by hand: Payload{1 timestamp, 2 metrics, 3 seq}, Metric{1 name, 3 timestamp, 4 datatype, 10 int_value}.
  const golden = [
    ...[0x08, 0xe8, 0x07], // timestamp = 1000
    ...[0x12, 0x12], // metrics[0], 18 bytes
    ...[0x0a, 0x05, ...Buffer.from('stage')], // name
    ...[0x18, 0xe7, 0x07], // timestamp = 999
    ...[0x20, 0x03], // datatype = Int32
    ...[0x50, 0xfe, 0xff, 0xff, 0xff, 0x0f], // int_value = -2 as uint32
    ...[0x18, 0x00], // seq = 0
  ]

  const payload = {
    timestamp: 1000,
    seq: 0,
    metrics: [{ name: 'stage', timestamp: 999, datatype: T.Int32, value: -2 }],
  }

  test('encoding gives them', () => {
    expect([...encodePayload(payload)]).toEqual(golden)
  })

  test('decoding takes them', () => {
    expect(decodePayload(Uint8Array.from(golden))).toMatchObject(payload)
  })

  test('Int16Array travels as packed little-endian bytes (tck-id-payloads-metric-datatype-value)', () => {
    const bytes = [...encodePayload({ metrics: [{ datatype: T.Int16Array, value: Int16Array.of(1, -2) }] })]
    // metric of 9 bytes: datatype = 23, bytes_value (field 16: tag 0x82 0x01) of 4 bytes
    expect(bytes).toEqual([0x12, 0x09, 0x20, 23, 0x82, 0x01, 0x04, 0x01, 0x00, 0xfe, 0xff])
  })
})

describe('every datatype comes back as it went', () => {
  const integer = (min: number, max: number) => fc.integer({ min, max })
  const cases: [string, DataType, fc.Arbitrary<Value>][] = [
    ['Int8', T.Int8, integer(-128, 127)],
    ['Int16', T.Int16, integer(-32768, 32767)],
    ['Int32', T.Int32, integer(-(2 ** 31), 2 ** 31 - 1)],
    ['Int64', T.Int64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    ['UInt8', T.UInt8, integer(0, 255)],
    ['UInt16', T.UInt16, integer(0, 65535)],
    ['UInt32', T.UInt32, integer(0, 2 ** 32 - 1)],
    ['UInt64', T.UInt64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
    ['Float', T.Float, fc.float()],
    ['Double', T.Double, fc.double()],
    ['Boolean', T.Boolean, fc.boolean()],
    ['String', T.String, fc.string({ unit: 'grapheme' })],
    ['DateTime', T.DateTime, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })],
    ['Text', T.Text, fc.string({ unit: 'grapheme' })],
    ['UUID', T.UUID, fc.uuid()],
    ['Bytes', T.Bytes, fc.uint8Array()],
    ['Int16Array', T.Int16Array, fc.int16Array()],
    ['Int32Array', T.Int32Array, fc.int32Array()],
  ]
  test.each(cases)('%s', (_, datatype, arbitrary) => {
    fc.assert(fc.property(arbitrary, (value) => void expect(readBack(datatype, value)).toEqual(value)))
  })

  test('a metric keeps name, alias, timestamps, historical flag and properties', () => {
    const metric: Metric = {
      name: 'pga',
      alias: 7n,
      timestamp: 1_528_048_800_123,
      datatype: T.Double,
      historical: true,
      value: 2.852,
      properties: {
        Quality: { type: T.Int32, value: 192 },
        t_ns: { type: T.Int64, value: -1n },
        unit: { type: T.String, value: 'm/s²' },
        exercise: { type: T.Boolean, value: true },
        factor: { type: T.Double, value: 0.000599 },
        half: { type: T.Float, value: 0.5 },
        none: { type: T.String, value: null },
      },
    }
    expect(decodePayload(encodePayload({ timestamp: 5, seq: 255, metrics: [metric] }))).toEqual({
      timestamp: 5,
      seq: 255,
      metrics: [metric],
    })
  })

  test('an is_null metric has no value, and none is invented', () => {
    expect(through({ name: 'stage', datatype: T.Float, value: null }).value).toBeNull()
  })

  test('an array inside a pooled Buffer takes only its own bytes', () => {
    const bytes = encodePayload({ metrics: [{ name: 'x', datatype: T.Int16Array, value: Int16Array.of(5, -6, 7) }] })
    const pooled = Buffer.from(bytes)
    const { value } = decodePayload(pooled).metrics[0]!
    expect(value).toEqual(Int16Array.of(5, -6, 7))
    pooled.fill(0)
    expect(value, 'a copy: the network buffer may be used again').toEqual(Int16Array.of(5, -6, 7))
  })

  test('an array at an odd place of a larger buffer is written whole', () => {
    const samples = Int16Array.of(0, 1, -1, 300, 0).subarray(1, 4)
    expect(readBack(T.Int16Array, samples)).toEqual(Int16Array.of(1, -1, 300))
  })

  test('a property named like an object method is a property', () => {
    const properties = { constructor: { type: T.Int32, value: 1 }, toString: { type: T.Int32, value: 2 } }
    const read = through({ name: 'x', datatype: T.Int32, value: 0, properties }).properties!
    expect(read['constructor']?.value).toBe(1)
    expect(read['valueOf']).toBeUndefined()
  })
})

describe('DATA without datatype (tck-id-payloads-metric-datatype-not-req)', () => {
  const data = (value: Value, datatype: DataType) =>
    encodePayload({ metrics: [{ name: 'x', value }] }, (name) => (name === 'x' ? datatype : undefined))

  test("travels in the field of the birth's type and is read by it", () => {
    const types: [Value, DataType][] = [
      [-3, T.Int8],
      [-3, T.Int32],
      [4_000_000_000, T.UInt32],
      [-5n, T.Int64],
      [1.5, T.Float],
      [0.1, T.Double],
      [Int16Array.of(1, 2), T.Int16Array],
    ]
    for (const [value, datatype] of types)
      expect(decodePayload(data(value, datatype), () => datatype).metrics[0]?.value).toEqual(value)
  })

  test('a Float of the birth is written as float_value (field 12, 4 bytes)', () => {
    expect([...data(1, T.Float)]).toEqual([0x12, 0x08, 0x0a, 0x01, 0x78, 0x65, 0, 0, 0x80, 0x3f])
  })

  test('the resolver is asked by alias where there is no name', () => {
    const bytes = encodePayload({ metrics: [{ alias: 9n, value: -1n }] })
    const asked: unknown[] = []
    decodePayload(bytes, (name, alias) => {
      asked.push([name, alias])
      return T.Int64
    })
    expect(asked).toEqual([[undefined, 9n]])
  })
})

describe('what other writers send', () => {
  const metric = (build: (w: BinaryWriter) => BinaryWriter) =>
    new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(build(new BinaryWriter()).finish()).finish()
  const typed = (datatype: DataType) => new BinaryWriter().tag(4, WireType.Varint).uint32(datatype)
  const read = (bytes: Uint8Array) => decodePayload(bytes).metrics[0]?.value

  test('UInt32 in long_value, as Tahu writes it', () => {
    expect(read(metric(() => typed(T.UInt32).tag(11, WireType.Varint).uint64(4_294_967_295)))).toBe(4_294_967_295)
  })

  test('Int32 sign-extended to ten bytes', () => {
    const minusOne = [...Array<number>(9).fill(0xff), 0x01]
    expect(read(metric(() => typed(T.Int32).raw(Uint8Array.of(0x50, ...minusOne))))).toBe(-1)
  })

  test('a Float in double_value', () => {
    expect(read(metric(() => typed(T.Float).tag(13, WireType.Bit64).double(0.25)))).toBe(0.25)
  })

  test('a data set is left unread, the metrics beside it are not', () => {
    const dataset = metric(() => typed(T.DataSet).tag(17, WireType.LengthDelimited).bytes(Uint8Array.of(8, 1)))
    const stage = encodePayload({ metrics: [{ name: 'stage', datatype: T.Float, value: 1 }] })
    expect(decodePayload(Buffer.concat([dataset, stage])).metrics.map((m) => m.value)).toEqual([null, 1])
  })

  test.each([
    ['text for an Int32', () => typed(T.Int32).tag(15, WireType.LengthDelimited).string('7')],
    ['a double for an Int64', () => typed(T.Int64).tag(13, WireType.Bit64).double(7)],
    ['a Boolean for a Double', () => typed(T.Double).tag(14, WireType.Varint).bool(true)],
    ['a number for a String', () => typed(T.String).tag(10, WireType.Varint).uint32(7)],
    [
      'an odd number of bytes for an Int16Array',
      () =>
        typed(T.Int16Array)
          .tag(16, 2)
          .bytes(Uint8Array.of(1, 2, 3)),
    ],
    ['the wire type of another field', () => typed(T.Int32).tag(10, WireType.LengthDelimited).string('abc')],
    ['a name that is not UTF-8', () => new BinaryWriter().tag(1, 2).bytes(Uint8Array.of(0xff, 0xfe))],
  ])('refuses %s', (_, build) => {
    expect(() => decodePayload(metric(build))).toThrow(PayloadError)
  })

  test('refuses a property set with more keys than values', () => {
    const set = new BinaryWriter().tag(1, 2).string('unit').finish()
    expect(() => decodePayload(metric(() => new BinaryWriter().tag(9, 2).bytes(set)))).toThrow(
      'property set: expected as many values as keys (1), got 0',
    )
  })
})

describe('bytes that are not a payload', () => {
  const orPayloadError = (bytes: Uint8Array) => {
    try {
      return decodePayload(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(PayloadError)
      return undefined
    }
  }

  test('random bytes give a payload or a PayloadError, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void orPayloadError(bytes)),
      { numRuns: 2000 },
    )
  })

  test('a payload with any one byte changed gives a payload or a PayloadError', () => {
    const whole = encodePayload({
      timestamp: 1,
      seq: 3,
      metrics: [
        { name: 'x', datatype: T.Int16Array, value: Int16Array.of(1, 2, 3) },
        { name: 'y', datatype: T.Int64, value: -1n, properties: { unit: { type: T.String, value: 'm' } } },
      ],
    })
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = whole.slice()
        changed[at] = byte
        orPayloadError(changed)
      }),
      { numRuns: 2000 },
    )
  })

  test('a payload cut inside a metric is refused, never half believed', () => {
    const whole = encodePayload({ metrics: [{ name: 'stage', datatype: T.Double, value: 1.25, timestamp: 5 }] })
    for (let length = 1; length < whole.length; length++)
      expect(() => decodePayload(whole.subarray(0, length)), `${length} bytes`).toThrow(PayloadError)
  })

  test('says how many bytes it was given', () => {
    expect(() => decodePayload(Buffer.from('hello'))).toThrow(/^not a Sparkplug B payload of 5 bytes: |field/)
  })
})

test('a property set holds its own properties, after a longer one and after one that was broken', () => {
  const metric = (n: number): Metric => ({
    name: 'm',
    timestamp: 1,
    datatype: DataType.Double,
    value: 1,
    properties: Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, { type: DataType.Int32, value: i }])),
  })
  const bytes = encodePayload({ timestamp: 1, seq: 0, metrics: [20, 3, 17, 1].map(metric) })
  expect(decodePayload(bytes).metrics.map(({ properties }) => Object.keys(properties!).length)).toEqual([20, 3, 17, 1])
  // A set with a key and no value: metric (2), properties (9), key (1).
  expect(() => decodePayload(Uint8Array.of(0x12, 5, 0x4a, 3, 0x0a, 1, 0x71))).toThrow('as many values as keys')
  expect({ ...decodePayload(bytes).metrics[1]!.properties }).toEqual(metric(3).properties)
})
