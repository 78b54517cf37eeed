/**
 * Bytes of a Sparkplug B payload to values. Reads what the specification asks for and what older writers send: a missing
 * datatype (looked up in the birth), UInt32 in either integer field, and aliases.
 */
import {
  type DatatypeOf,
  expectWire,
  FIELDS,
  type Field,
  fieldOf,
  LITTLE_ENDIAN,
  METRIC_FIELD,
  METRIC_WIRE,
  PAYLOAD_WIRE,
  PayloadError,
  PROPERTIES_WIRE,
  PROPERTY_FIELD,
  PROPERTY_WIRE,
} from './fields.ts'
import { DataType, type Metric, type Payload, type Properties, type Property, type Value } from './payload.ts'
import { WireReader } from './wire-reader.ts'

const T = DataType

/** @throws PayloadError where the bytes are not a Sparkplug payload. */
export function decodePayload(bytes: Uint8Array, datatypeOf: DatatypeOf = () => undefined): Payload {
  try {
    return readPayload(new WireReader(bytes), datatypeOf)
  } catch (error) {
    if (error instanceof PayloadError) throw error
    throw new PayloadError(`not a Sparkplug B payload of ${bytes.length} bytes: ${(error as Error).message}`)
  }
}

function readPayload(r: WireReader, datatypeOf: DatatypeOf): Payload {
  let timestamp: number | undefined
  let seq: number | undefined
  const metrics: Metric[] = []
  while (r.next()) {
    const { no, wire } = r
    expectWire(PAYLOAD_WIRE, no, wire)
    if (no === 1) timestamp = r.uint64()
    else if (no === 2) metrics.push(readMetric(r, datatypeOf))
    else if (no === 3) seq = r.uint64()
    else r.skip(wire, no)
  }
  return { timestamp, seq, metrics }
}

/** Fields that leave nothing open: a writer who names no datatype has said it all the same. */
const CERTAIN: Partial<Record<Field, DataType>> = { float: T.Float, double: T.Double }

type Raw = number | bigint | boolean | string | Uint8Array

/** What a number of the value oneof means, by field number. */
const fieldsByNumber = (of: Readonly<Record<Field, number>>): readonly (Field | undefined)[] =>
  Array.from({ length: 17 }, (_, no) => FIELDS.find((field) => no > 0 && of[field] === no))
const METRIC_FIELDS = fieldsByNumber(METRIC_FIELD)
const PROPERTY_FIELDS = fieldsByNumber(PROPERTY_FIELD)

function readMetric(r: WireReader, datatypeOf: DatatypeOf): Metric {
  const outer = r.enter()
  let name: string | undefined
  let alias: bigint | undefined
  let timestamp: number | undefined
  let datatype: DataType | undefined
  let historical = false
  let isNull = false
  let properties: Properties | undefined
  let field: Field | undefined
  let raw: Raw | undefined
  while (r.next()) {
    const { no, wire } = r
    expectWire(METRIC_WIRE, no, wire)
    const holds = METRIC_FIELDS[no]
    if (holds !== undefined) {
      raw = readRaw(r, holds)
      field = holds
    } else if (no === 1) name = r.text()
    else if (no === 2) alias = r.wide()
    else if (no === 3) timestamp = r.uint64()
    else if (no === 4) datatype = r.uint32() as DataType
    else if (no === 5) historical = r.bool()
    else if (no === 7) isNull = r.bool()
    else if (no === 9) properties = readProperties(r)
    else r.skip(wire, no)
  }
  r.leave(outer)
  const known = datatype ?? datatypeOf(name, alias)
  const certain = known === undefined && field !== undefined ? CERTAIN[field] : undefined
  const value = isNull || field === undefined ? null : toValue(field, raw!, known)
  return { name, alias, timestamp, datatype: datatype ?? certain, historical, value, properties }
}

function readRaw(r: WireReader, field: Field): Raw {
  switch (field) {
    case 'int':
      return r.uint32()
    case 'long':
      return r.wide()
    case 'float':
      return r.float()
    case 'double':
      return r.double()
    case 'boolean':
      return r.bool()
    case 'string':
      return r.text()
    case 'bytes':
      return r.bytes()
  }
}

/** Without a prototype of objects: a property may be called whatever it likes. */
const Bag = function Bag() {} as unknown as new () => Record<string, Property>
Bag.prototype = Object.create(null)

/**
 * Of the set that is being read (a property holds no other set), kept from one to the next: lists of its own would be most
 * of what a metric leaves behind. Of a longer set, read to its end or not, no more than so many stay.
 */
const KEPT_MAX = 16
const KEYS: string[] = []
const VALUES: Property[] = []

function readProperties(r: WireReader): Properties {
  const outer = r.enter()
  if (KEYS.length > KEPT_MAX || VALUES.length > KEPT_MAX) KEYS.length = VALUES.length = KEPT_MAX
  let [keys, values] = [0, 0]
  while (r.next()) {
    const { no, wire } = r
    expectWire(PROPERTIES_WIRE, no, wire)
    if (no === 1) KEYS[keys++] = r.text()
    else if (no === 2) VALUES[values++] = readProperty(r)
    else r.skip(wire, no)
  }
  r.leave(outer)
  if (keys !== values) throw new PayloadError(`property set: expected as many values as keys (${keys}), got ${values}`)
  const out = new Bag()
  for (let i = 0; i < keys; i++) out[KEYS[i]!] = VALUES[i]!
  return out
}

function readProperty(r: WireReader): Property {
  const outer = r.enter()
  let type: DataType = 0 as DataType
  let isNull = false
  let field: Field | undefined
  let raw: Raw | undefined
  while (r.next()) {
    const { no, wire } = r
    expectWire(PROPERTY_WIRE, no, wire)
    const holds = PROPERTY_FIELDS[no]
    if (holds !== undefined) {
      raw = readRaw(r, holds)
      field = holds
    } else if (no === 1) type = r.uint32() as DataType
    else if (no === 2) isNull = r.bool()
    else r.skip(wire, no)
  }
  r.leave(outer)
  return { type, value: isNull || field === undefined ? null : (toValue(field, raw!, type) as Property['value']) }
}

const SIGNED_BITS: Partial<Record<DataType, number>> = { [T.Int8]: 8, [T.Int16]: 16, [T.Int32]: 32 }

/** Value in the JavaScript type of its datatype; without a datatype the field decides (unsigned). */
function toValue(from: Field, value: Raw, type: DataType | undefined): Value {
  if (type === undefined || type === (0 as DataType)) return value as Value
  const field = fieldOf(type)
  if (field === undefined || !mayTravelIn(field, from))
    throw new PayloadError(`datatype ${type}: expected a ${field ?? 'known'} value, got ${from}`)
  if (field === 'int') {
    const n = typeof value === 'bigint' ? Number(BigInt.asUintN(32, value)) : (value as number)
    const bits = SIGNED_BITS[type]
    return bits === undefined ? n : (n << (32 - bits)) >> (32 - bits)
  }
  if (field === 'long') {
    const n = typeof value === 'bigint' ? value : BigInt(value as number)
    return type === T.Int64 ? BigInt.asIntN(64, n) : n
  }
  if (field === 'bytes') return arrayOf(value as Uint8Array, type)
  return field === 'float' || field === 'double' ? Number(value) : (value as Value)
}

/** Which fields are read for a datatype: its own; of integers either width; of floats any number. */
function mayTravelIn(field: Field, raw: Field): boolean {
  if (field === raw) return true
  const integer = raw === 'int' || raw === 'long'
  if (field === 'int' || field === 'long') return integer
  return (field === 'float' || field === 'double') && (integer || raw === 'float' || raw === 'double')
}

function arrayOf(bytes: Uint8Array, type: DataType): Value {
  if (type !== T.Int16Array && type !== T.Int32Array) return bytes
  const width = type === T.Int16Array ? 2 : 4
  if (bytes.length % width !== 0)
    throw new PayloadError(`array of datatype ${type}: expected a multiple of ${width} bytes, got ${bytes.length}`)
  if (LITTLE_ENDIAN) {
    // A copy of exactly these bytes: `slice` of a Buffer would be a view into the whole of its pool.
    const copy = new Uint8Array(bytes).buffer
    return width === 2 ? new Int16Array(copy) : new Int32Array(copy)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.length / width
  return width === 2
    ? Int16Array.from({ length: count }, (_, i) => view.getInt16(i * 2, true))
    : Int32Array.from({ length: count }, (_, i) => view.getInt32(i * 4, true))
}
