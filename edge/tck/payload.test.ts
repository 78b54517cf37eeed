/**
 * What the payloads of an edge node hold, each assertion of Sparkplug 3.0 by its id, judged by the fields on the wire as the
 * low-level protobuf reader gives them.
 */
import { beforeAll, expect, test } from 'vitest'
import { DataType } from '../../domain/sparkplug/payload.ts'
import { type RawMetric, type RawProperty, rawMetricOf } from '../../domain/sparkplug/raw-payload.fixture.ts'
import { type Life, liveOnce, type Message } from './session.fixture.ts'

let life: Life
beforeAll(async () => {
  life = await liveOnce()
})

const BIRTHS = ['NBIRTH', 'DBIRTH']
const DATA = ['NDATA', 'DDATA']
/** Never empty: an assertion about messages that were not sent shows nothing. */
function some(...types: string[]): Message[] {
  const messages = types.flatMap((type) => life.of(type))
  expect(messages.length).toBeGreaterThan(0)
  return messages
}
const metricsOf = (...types: string[]): RawMetric[] => some(...types).flatMap(({ raw }) => raw.metrics)
const propertiesOf = (...types: string[]): RawProperty[] => metricsOf(...types).flatMap(({ properties }) => properties)

/** Field of the value oneof for each datatype that we write (Sparkplug 3.0, 6.4.17). */
const FIELD_OF = new Map<bigint, number>([
  [BigInt(DataType.Int32), 10],
  [BigInt(DataType.Int64), 11],
  [BigInt(DataType.Double), 13],
  [BigInt(DataType.Boolean), 14],
  [BigInt(DataType.String), 15],
  [BigInt(DataType.Int16Array), 16],
  [BigInt(DataType.Int32Array), 16],
])
const DATATYPES = new Set(Object.values(DataType).map(BigInt))

/** Birth under which a message is read: the last of its node or device before it. */
function birthOf(message: Message): Message {
  const type = message.device === undefined ? 'NBIRTH' : 'DBIRTH'
  const before = life.messages.slice(0, life.messages.indexOf(message))
  return before.findLast((m) => m.node === message.node && m.type === type && m.device === message.device)!
}

test.each([
  ['tck-id-topics-nbirth-metric-reqs', 'NDATA'],
  ['tck-id-topics-dbirth-metric-reqs', 'DDATA'],
  ['tck-id-operational-behavior-data-publish-nbirth', 'NDATA'],
  ['tck-id-operational-behavior-data-publish-dbirth', 'DDATA'],
])('%s: every metric of every %s stands in the birth', (_, type) => {
  for (const message of some(type))
    for (const { name } of message.raw.metrics) expect(rawMetricOf(birthOf(message).raw, name!), name).toBeDefined()
})

test.each([
  ['tck-id-topics-nbirth-metrics', 'NBIRTH'],
  ['tck-id-topics-dbirth-metrics', 'DBIRTH'],
  ['tck-id-operational-behavior-data-publish-nbirth-values', 'NBIRTH'],
  ['tck-id-operational-behavior-data-publish-dbirth-values', 'DBIRTH'],
])('%s: every metric of %s has name, datatype, and one value in its field or is_null and none', (_, type) => {
  for (const { name, datatype, isNull, valueFields } of metricsOf(type)) {
    expect(name).toBeTruthy()
    expect(valueFields, name).toEqual(isNull ? [] : [FIELD_OF.get(datatype!)])
  }
})

test.each([
  'tck-id-topics-nbirth-rebirth-metric',
  'tck-id-payloads-nbirth-rebirth-req',
  'tck-id-operational-behavior-data-commands-rebirth-name',
  'tck-id-operational-behavior-data-commands-rebirth-name-aliases',
  'tck-id-operational-behavior-data-commands-rebirth-datatype',
  'tck-id-operational-behavior-data-commands-rebirth-value',
])('%s: NBIRTH holds Node Control/Rebirth, Boolean, false, without an alias', () => {
  for (const { raw } of some('NBIRTH'))
    expect(rawMetricOf(raw, 'Node Control/Rebirth')).toMatchObject({
      datatype: BigInt(DataType.Boolean),
      value: 0n,
      isNull: false,
      alias: undefined,
    })
})

test.each(['tck-id-payloads-name-requirement', 'tck-id-payloads-alias-uniqueness'])(
  '%s: every metric goes by its name, none by an alias',
  () => {
    for (const { name, alias } of metricsOf(...BIRTHS, ...DATA, 'NDEATH'))
      expect([!name, alias]).toEqual([false, undefined])
  },
)

test.each([
  'tck-id-payloads-name-birth-data-requirement',
  'tck-id-payloads-metric-timestamp-in-UTC',
  'tck-id-payloads-timestamp-in-UTC',
])('%s: every payload and every metric has its time in UTC milliseconds', () => {
  const now = Date.now()
  for (const { raw } of some(...BIRTHS, ...DATA, 'DDEATH')) {
    expect(Math.abs(Number(raw.timestamp) - now)).toBeLessThan(60_000)
    // The gap of the story is of 1970, its block and conditions of now.
    for (const { name, timestamp } of raw.metrics) expect(Number(timestamp), name).toBeLessThanOrEqual(now)
  }
  const stages = some('DDATA').flatMap(({ raw }) => rawMetricOf(raw, 'stage') ?? [])
  expect(stages.length).toBeGreaterThan(3)
  for (const { timestamp } of stages) expect(Math.abs(Number(timestamp) - now)).toBeLessThan(60_000)
})

test.each([
  'tck-id-payloads-metric-datatype-req',
  'tck-id-payloads-metric-datatype-value-type',
  'tck-id-payloads-metric-datatype-value',
])('%s: every metric of a birth has a datatype that is listed', () => {
  for (const { name, datatype } of metricsOf(...BIRTHS)) expect(DATATYPES, name).toContain(datatype)
})

test('tck-id-payloads-metric-datatype-not-req: no metric of data has one; its value is in the field of the birth', () => {
  for (const message of some(...DATA))
    for (const { name, datatype, isNull, valueFields } of message.raw.metrics) {
      expect(datatype, name).toBeUndefined()
      const birth = rawMetricOf(birthOf(message).raw, name!)!
      expect(valueFields, name).toEqual(isNull ? [] : [FIELD_OF.get(birth.datatype!)])
    }
})

test.each([
  ['tck-id-topics-ndata-payload', 'NDATA', 'condition/high', [1n, 0n]],
  ['tck-id-topics-ddata-payload', 'DDATA', 'stage', [0.5, 9, undefined, 0.6, 0.7]],
])('%s: %s holds what has changed', (_, type, name, values) => {
  const sent = metricsOf(type).filter((metric) => metric.name === name)
  const of = ({ value }: RawMetric) => (value instanceof Uint8Array ? Buffer.from(value).readDoubleLE() : value)
  expect(sent.map(of)).toEqual(expect.arrayContaining(values as unknown[]))
})

test.each([
  ['tck-id-operational-behavior-data-publish-nbirth-order', ['NBIRTH', 'NDATA']],
  ['tck-id-operational-behavior-data-publish-dbirth-order', ['DBIRTH', 'DDATA']],
])('%s: values of a metric that are not historical stand in the order of their times', (_, types) => {
  for (const { raw } of some(...types)) {
    const last = new Map<string, bigint>()
    for (const { name, timestamp, historical } of raw.metrics) {
      if (historical) continue
      expect(timestamp! >= (last.get(name!) ?? 0n), name).toBe(true)
      last.set(name!, timestamp!)
    }
  }
  expect(metricsOf(...DATA).some(({ historical }) => historical)).toBe(true)
})

test.each(['tck-id-payloads-propertyset-keys-array-size', 'tck-id-payloads-propertyset-values-array-size'])(
  '%s: as many keys as values, each once',
  () => {
    const sets = metricsOf(...BIRTHS, ...DATA).filter(({ keys }) => keys.length > 0)
    expect(sets.length).toBeGreaterThan(0)
    for (const { keys, properties } of sets) {
      expect(keys).toHaveLength(properties.length)
      expect(new Set(keys).size).toBe(keys.length)
    }
  },
)

test.each([
  'tck-id-payloads-metric-propertyvalue-type-type',
  'tck-id-payloads-metric-propertyvalue-type-value',
  'tck-id-payloads-metric-propertyvalue-type-req',
])('%s: every property has a listed type and its value in that field, or is_null', () => {
  /** A PropertyValue counts its fields from 3 where a Metric counts from 10. */
  const SHIFT = 7
  const properties = propertiesOf(...BIRTHS, ...DATA)
  expect(properties.length).toBeGreaterThan(0)
  for (const { key, type, isNull, valueFields } of properties) {
    expect(DATATYPES, key).toContain(type)
    expect(valueFields, key).toEqual(isNull ? [] : [FIELD_OF.get(type!)! - SHIFT])
  }
})

test.each(['tck-id-payloads-propertyset-quality-value-type', 'tck-id-payloads-propertyset-quality-value-value'])(
  '%s: Quality is an Int32 of 0, 192 or 500',
  () => {
    const qualities = propertiesOf(...BIRTHS, ...DATA).filter(({ key }) => key === 'Quality')
    expect(new Set(qualities.map(({ value }) => value))).toEqual(new Set([0n, 500n]))
    for (const { type, valueFields } of qualities) expect([type, valueFields]).toEqual([3n, [3]])
  },
)

test('tck-id-case-sensitivity-metric-names: no two names of a birth differ in case only', () => {
  for (const { raw } of some(...BIRTHS)) {
    const names = raw.metrics.map(({ name }) => name!.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
  }
})
