import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePayload, encodePayload, PayloadError } from './codec.ts'
import { DataType, type Metric, type Properties } from './payload.ts'

const when = (t_ns: bigint): Properties => ({
  t_ns: { type: DataType.Int64, value: t_ns },
  half_width_ns: { type: DataType.Int64, value: 1_500_000n },
})
const metric = (name: string, properties?: Properties): Metric => ({
  name,
  datatype: DataType.Double,
  value: 1.5,
  ...(properties && { properties }),
})
const setsOf = (...metrics: readonly Metric[]) =>
  decodePayload(encodePayload({ metrics })).metrics.map(({ properties }) => properties)

test('a set that repeats the one before is the same object, also behind a metric that has none', () => {
  const [a, none, b, c] = setsOf(metric('a', when(7n)), metric('none'), metric('b', when(7n)), metric('c', when(8n)))
  expect(a).toEqual(when(7n))
  expect(b).toBe(a)
  expect(none).toBeUndefined()
  expect(c).toEqual(when(8n))
})

test('a set that begins as the one before but is longer, or shorter, is read', () => {
  const more: Properties = { ...when(7n), reason: { type: DataType.String, value: 'timeout' } }
  expect(setsOf(metric('a', when(7n)), metric('b', more), metric('c', when(7n)))).toEqual([when(7n), more, when(7n)])
})

test('what one payload said is nothing to the next', () => {
  const bytes = encodePayload({ metrics: [metric('a', when(7n))] })
  const [first, second] = [bytes, bytes].map((one) => decodePayload(one).metrics[0]!.properties)
  expect(second).toEqual(first)
  expect(second).not.toBe(first)
})

test('a set that repeats the one before but goes beyond the end of its metric is refused', () => {
  const bytes = Uint8Array.from(encodePayload({ metrics: [metric('a', when(7n)), metric('b', when(7n))] }))
  // The second metric ends a byte early: its last field, the double, is then cut.
  const second = 2 + bytes[1]! + 1
  bytes[second] = bytes[second]! - 12
  expect(() => decodePayload(bytes)).toThrow(PayloadError)
})

test('metrics decoded together say what each says alone', () => {
  const properties = fc.option(
    fc.record({
      t_ns: fc.bigInt({ min: 0n, max: 3n }).map((value) => ({ type: DataType.Int64, value })),
      half_width_ns: fc.constantFrom(0n, 9n).map((value) => ({ type: DataType.Int64, value })),
    }),
    { nil: undefined },
  )
  const metrics = fc.array(fc.tuple(fc.string(), properties), { maxLength: 12 })
  fc.assert(
    fc.property(metrics, (given) => {
      const all = given.map(([name, set]) => metric(name, set))
      expect(setsOf(...all)).toEqual(all.flatMap((one) => setsOf(one)))
    }),
  )
})
