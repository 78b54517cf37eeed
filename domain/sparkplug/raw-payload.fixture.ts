/**
 * Tests only: Sparkplug payloads field by field with the low-level reader of the protobuf library, so that a mistake of our
 * own codec cannot hide itself. Field numbers are those of sparkplug_b.proto (Sparkplug 3.0, chapter 6.4.1).
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

type Value = bigint | Uint8Array
/** A varint as unsigned number; everything else as its bytes. */
type Field = { readonly no: number; readonly wire: WireType; readonly value: Value }

function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = new BinaryReader(bytes)
  const fields: Field[] = []
  while (reader.pos < reader.len) {
    const [no, wire] = reader.tag()
    fields.push({ no, wire, value: fieldValue(reader, wire) })
  }
  return fields
}

function fieldValue(reader: BinaryReader, wire: WireType): Value {
  if (wire === WireType.Varint) return BigInt(reader.uint64())
  if (wire === WireType.LengthDelimited) return reader.bytes()
  if (wire !== WireType.Bit32 && wire !== WireType.Bit64) throw new Error(`wire type ${wire} is of no Sparkplug field`)
  return reader.skip(wire)
}

const text = (value: Value | undefined): string | undefined =>
  value instanceof Uint8Array ? new TextDecoder('utf-8', { fatal: true }).decode(value) : undefined
const whole = (value: Value | undefined): bigint | undefined => (typeof value === 'bigint' ? value : undefined)
const last = (fields: readonly Field[], no: number) => fields.findLast((field) => field.no === no)?.value
const all = (fields: readonly Field[], no: number) =>
  fields.filter((field) => field.no === no).map(({ value }) => value as Uint8Array)

/** Fields 3 to 10 of a PropertyValue hold its value. */
export type RawProperty = {
  readonly key: string
  readonly type: bigint | undefined
  readonly isNull: boolean
  readonly valueFields: readonly number[]
  readonly value: Value | undefined
}
export type RawMetric = {
  readonly name: string | undefined
  readonly alias: bigint | undefined
  readonly timestamp: bigint | undefined
  readonly datatype: bigint | undefined
  readonly historical: boolean
  readonly isNull: boolean
  /** Numbers of the fields of its value oneof, 10 to 19. */
  readonly valueFields: readonly number[]
  readonly value: Value | undefined
  readonly keys: readonly string[]
  readonly properties: readonly RawProperty[]
}
export type RawPayload = {
  readonly timestamp: bigint | undefined
  readonly seq: bigint | undefined
  readonly metrics: readonly RawMetric[]
}

const isValue = (first: number, end: number) => (field: Field) => field.no >= first && field.no <= end

export function rawPayload(bytes: Uint8Array): RawPayload {
  const fields = fieldsOf(bytes)
  return { timestamp: whole(last(fields, 1)), seq: whole(last(fields, 3)), metrics: all(fields, 2).map(rawMetric) }
}

function rawMetric(bytes: Uint8Array): RawMetric {
  const fields = fieldsOf(bytes)
  const values = fields.filter(isValue(10, 19))
  const set = fieldsOf(last(fields, 9) === undefined ? new Uint8Array() : (last(fields, 9) as Uint8Array))
  const keys = all(set, 1).map((key) => text(key)!)
  return {
    name: text(last(fields, 1)),
    alias: whole(last(fields, 2)),
    timestamp: whole(last(fields, 3)),
    datatype: whole(last(fields, 4)),
    historical: last(fields, 5) === 1n,
    isNull: last(fields, 7) === 1n,
    valueFields: values.map(({ no }) => no),
    value: values.at(-1)?.value,
    keys,
    properties: all(set, 2).map((property, i) => rawProperty(keys[i] ?? '', property)),
  }
}

function rawProperty(key: string, bytes: Uint8Array): RawProperty {
  const fields = fieldsOf(bytes)
  const values = fields.filter(isValue(3, 10))
  return {
    key,
    type: whole(last(fields, 1)),
    isNull: last(fields, 2) === 1n,
    valueFields: values.map(({ no }) => no),
    value: values.at(-1)?.value,
  }
}

export const rawMetricOf = ({ metrics }: RawPayload, name: string): RawMetric | undefined =>
  metrics.find((metric) => metric.name === name)
