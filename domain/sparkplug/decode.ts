/**
 * Bytes of a Sparkplug B payload to values. Reads what the specification asks for and what older writers send: a missing
 * datatype (looked up in the birth), UInt32 in either integer field, and aliases.
 */
import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire'
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

const T = DataType

/** @throws PayloadError where the bytes are not a Sparkplug payload. */
export function decodePayload(bytes: Uint8Array, datatypeOf: DatatypeOf = () => undefined): Payload {
  try {
    return readPayload(new BinaryReader(bytes), datatypeOf)
  } catch (error) {
    if (error instanceof PayloadError) throw error
    throw new PayloadError(`not a Sparkplug B payload of ${bytes.length} bytes: ${(error as Error).message}`)
  }
}

function readPayload(r: BinaryReader, datatypeOf: DatatypeOf): Payload {
  let timestamp: number | undefined
  let seq: number | undefined
  const metrics: Metric[] = []
  while (r.pos < r.len) {
    const [no, wire] = r.tag()
    expectWire(PAYLOAD_WIRE, no, wire)
    if (no === 1) timestamp = Number(r.uint64())
    else if (no === 2) metrics.push(readMetric(new BinaryReader(r.bytes()), datatypeOf))
    else if (no === 3) seq = Number(r.uint64())
    else r.skip(wire, no)
  }
  return { timestamp, seq, metrics }
}

/** Fields that leave nothing open: a writer who names no datatype has said it all the same. */
const CERTAIN: Partial<Record<Field, DataType>> = { float: T.Float, double: T.Double }

type Raw = { field: Field; value: number | bigint | boolean | string | Uint8Array }

function readMetric(r: BinaryReader, datatypeOf: DatatypeOf): Metric {
  let name: string | undefined
  let alias: bigint | undefined
  let timestamp: number | undefined
  let datatype: DataType | undefined
  let historical = false
  let isNull = false
  let properties: Properties | undefined
  let raw: Raw | undefined
  while (r.pos < r.len) {
    const [no, wire] = r.tag()
    expectWire(METRIC_WIRE, no, wire)
    if (no === 1) name = r.string(true)
    else if (no === 2) alias = BigInt(r.uint64())
    else if (no === 3) timestamp = Number(r.uint64())
    else if (no === 4) datatype = r.uint32() as DataType
    else if (no === 5) historical = r.bool()
    else if (no === 7) isNull = r.bool()
    else if (no === 9) properties = readProperties(new BinaryReader(r.bytes()))
    else raw = readRaw(r, METRIC_FIELD, no, wire) ?? raw
  }
  const known = datatype ?? datatypeOf(name, alias)
  const certain = known === undefined && raw !== undefined ? CERTAIN[raw.field] : undefined
  const value = isNull || raw === undefined ? null : toValue(raw, known)
  return { name, alias, timestamp, datatype: datatype ?? certain, historical, value, properties }
}

/** Reads the field `no` of a value oneof; any other field is skipped and gives `undefined`. */
function readRaw(r: BinaryReader, fields: Record<Field, number>, no: number, wire: WireType): Raw | undefined {
  const field = FIELDS.find((f) => fields[f] === no)
  if (field === undefined) {
    r.skip(wire, no)
    return undefined
  }
  switch (field) {
    case 'int':
      return { field, value: r.uint32() }
    case 'long':
      return { field, value: BigInt(r.uint64()) }
    case 'float':
      return { field, value: r.float() }
    case 'double':
      return { field, value: r.double() }
    case 'boolean':
      return { field, value: r.bool() }
    case 'string':
      return { field, value: r.string(true) }
    case 'bytes':
      return { field, value: r.bytes() }
  }
}

function readProperties(r: BinaryReader): Properties {
  const keys: string[] = []
  const values: Property[] = []
  while (r.pos < r.len) {
    const [no, wire] = r.tag()
    expectWire(PROPERTIES_WIRE, no, wire)
    if (no === 1) keys.push(r.string(true))
    else if (no === 2) values.push(readProperty(new BinaryReader(r.bytes())))
    else r.skip(wire, no)
  }
  if (keys.length !== values.length)
    throw new PayloadError(`property set: expected as many values as keys (${keys.length}), got ${values.length}`)
  const out: Record<string, Property> = Object.create(null)
  keys.forEach((key, i) => {
    out[key] = values[i]!
  })
  return out
}

function readProperty(r: BinaryReader): Property {
  let type: DataType = 0 as DataType
  let isNull = false
  let raw: Raw | undefined
  while (r.pos < r.len) {
    const [no, wire] = r.tag()
    expectWire(PROPERTY_WIRE, no, wire)
    if (no === 1) type = r.uint32() as DataType
    else if (no === 2) isNull = r.bool()
    else raw = readRaw(r, PROPERTY_FIELD, no, wire) ?? raw
  }
  return { type, value: isNull || raw === undefined ? null : (toValue(raw, type) as Property['value']) }
}

const SIGNED_BITS: Partial<Record<DataType, number>> = { [T.Int8]: 8, [T.Int16]: 16, [T.Int32]: 32 }

/** Value in the JavaScript type of its datatype; without a datatype the field decides (unsigned). */
function toValue(raw: Raw, type: DataType | undefined): Value {
  const { value } = raw
  if (type === undefined || type === (0 as DataType)) return value as Value
  const field = fieldOf(type)
  if (field === undefined || !mayTravelIn(field, raw.field))
    throw new PayloadError(`datatype ${type}: expected a ${field ?? 'known'} value, got ${raw.field}`)
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
