/**
 * Sparkplug B payload bytes to and from values: the message layout of sparkplug_b.proto (field numbers in the tables
 * below) on a protobuf wire runtime. Reads what the specification asks for and what older writers send: a missing
 * datatype (looked up in the birth), UInt32 in either integer field, and aliases. Arrays are little-endian packed.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { DataType, type Metric, type Payload, type Properties, type Property, type Value } from './payload.ts'

const T = DataType

/** A payload that is not Sparkplug: says what was expected and what came. */
export class PayloadError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PayloadError'
  }
}

/** Datatype from the birth for a metric of a DATA message that carries none. */
export type DatatypeOf = (name: string | undefined, alias: bigint | undefined) => DataType | undefined

type Field = 'int' | 'long' | 'float' | 'double' | 'boolean' | 'string' | 'bytes'

/** The field of the `value` oneof in which each datatype travels (chapter 6.4.16). */
function fieldOf(type: DataType): Field | undefined {
  switch (type) {
    case T.Int8:
    case T.Int16:
    case T.Int32:
    case T.UInt8:
    case T.UInt16:
    case T.UInt32:
      return 'int'
    case T.Int64:
    case T.UInt64:
    case T.DateTime:
      return 'long'
    case T.Float:
      return 'float'
    case T.Double:
      return 'double'
    case T.Boolean:
      return 'boolean'
    case T.String:
    case T.Text:
    case T.UUID:
      return 'string'
    case T.DataSet:
    case T.Template:
    case T.PropertySet:
    case T.PropertySetList:
      return undefined
    default:
      return 'bytes'
  }
}

const METRIC_FIELD: Record<Field, number> = {
  int: 10,
  long: 11,
  float: 12,
  double: 13,
  boolean: 14,
  string: 15,
  bytes: 16,
}
const PROPERTY_FIELD: Record<Field, number> = { int: 3, long: 4, float: 5, double: 6, boolean: 7, string: 8, bytes: 0 }

export function encodePayload(payload: Payload): Uint8Array {
  const w = new BinaryWriter()
  if (payload.timestamp !== undefined) w.tag(1, WireType.Varint).uint64(payload.timestamp)
  for (const metric of payload.metrics) {
    w.tag(2, WireType.LengthDelimited).fork()
    writeMetric(w, metric)
    w.join()
  }
  if (payload.seq !== undefined) w.tag(3, WireType.Varint).uint64(payload.seq)
  return w.finish()
}

function writeMetric(w: BinaryWriter, metric: Metric): void {
  if (metric.name !== undefined) w.tag(1, WireType.LengthDelimited).string(metric.name)
  if (metric.alias !== undefined) w.tag(2, WireType.Varint).uint64(metric.alias)
  if (metric.timestamp !== undefined) w.tag(3, WireType.Varint).uint64(metric.timestamp)
  if (metric.datatype !== undefined) w.tag(4, WireType.Varint).uint32(metric.datatype)
  if (metric.historical) w.tag(5, WireType.Varint).bool(true)
  if (metric.value === null) w.tag(7, WireType.Varint).bool(true)
  if (metric.properties !== undefined) {
    w.tag(9, WireType.LengthDelimited).fork()
    writeProperties(w, metric.properties)
    w.join()
  }
  if (metric.value !== null) writeValue(w, METRIC_FIELD, metric.datatype ?? guessDatatype(metric.value), metric.value)
}

function writeProperties(w: BinaryWriter, properties: Properties): void {
  for (const key of Object.keys(properties)) w.tag(1, WireType.LengthDelimited).string(key)
  for (const { type, value } of Object.values(properties)) {
    w.tag(2, WireType.LengthDelimited).fork()
    w.tag(1, WireType.Varint).uint32(type)
    if (value === null) w.tag(2, WireType.Varint).bool(true)
    else writeValue(w, PROPERTY_FIELD, type, value)
    w.join()
  }
}

/** Datatype by which a DATA metric without one is written: the birth's type travels in the same field. */
function guessDatatype(value: Value): DataType {
  if (typeof value === 'number') return T.Double
  if (typeof value === 'bigint') return T.Int64
  if (typeof value === 'boolean') return T.Boolean
  if (typeof value === 'string') return T.String
  return T.Bytes
}

function writeValue(w: BinaryWriter, fields: Record<Field, number>, type: DataType, value: Value): void {
  const field = fieldOf(type)
  if (field === undefined) throw new PayloadError(`datatype ${type} cannot be written`)
  const no = fields[field]
  switch (field) {
    case 'int':
      w.tag(no, WireType.Varint).uint32(Number(value) >>> 0)
      return
    case 'long':
      w.tag(no, WireType.Varint).uint64(BigInt.asUintN(64, BigInt(value as bigint)))
      return
    case 'float':
      w.tag(no, WireType.Bit32).float(value as number)
      return
    case 'double':
      w.tag(no, WireType.Bit64).double(value as number)
      return
    case 'boolean':
      w.tag(no, WireType.Varint).bool(value as boolean)
      return
    case 'string':
      w.tag(no, WireType.LengthDelimited).string(value as string)
      return
    case 'bytes':
      w.tag(no, WireType.LengthDelimited).bytes(bytesOf(value as Uint8Array | Int16Array | Int32Array))
  }
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Packed little-endian bytes of an array value. */
function bytesOf(value: Uint8Array | Int16Array | Int32Array): Uint8Array {
  if (value instanceof Uint8Array || LITTLE_ENDIAN)
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  const width = value.BYTES_PER_ELEMENT
  const out = new DataView(new ArrayBuffer(value.byteLength))
  value.forEach((v, i) => (width === 2 ? out.setInt16(i * 2, v, true) : out.setInt32(i * 4, v, true)))
  return new Uint8Array(out.buffer)
}

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
    if (no === 1) timestamp = Number(r.uint64())
    else if (no === 2) metrics.push(readMetric(new BinaryReader(r.bytes()), datatypeOf))
    else if (no === 3) seq = Number(r.uint64())
    else r.skip(wire)
  }
  return { timestamp, seq, metrics }
}

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
    if (no === 1) name = r.string()
    else if (no === 2) alias = BigInt(r.uint64())
    else if (no === 3) timestamp = Number(r.uint64())
    else if (no === 4) datatype = r.uint32() as DataType
    else if (no === 5) historical = r.bool()
    else if (no === 7) isNull = r.bool()
    else if (no === 9) properties = readProperties(new BinaryReader(r.bytes()))
    else raw = readRaw(r, METRIC_FIELD, no) ?? (r.skip(wire), raw)
  }
  const type = datatype ?? datatypeOf(name, alias)
  const value = isNull || raw === undefined ? null : toValue(raw, type)
  return { name, alias, timestamp, datatype, historical, value, properties }
}

/** Reads the field `no` of a value oneof; `undefined` (nothing consumed) where `no` is another field. */
function readRaw(r: BinaryReader, fields: Record<Field, number>, no: number): Raw | undefined {
  switch (no) {
    case fields.int:
      return { field: 'int', value: r.uint32() }
    case fields.long:
      return { field: 'long', value: BigInt(r.uint64()) }
    case fields.float:
      return { field: 'float', value: r.float() }
    case fields.double:
      return { field: 'double', value: r.double() }
    case fields.boolean:
      return { field: 'boolean', value: r.bool() }
    case fields.string:
      return { field: 'string', value: r.string() }
    case fields.bytes:
      return no === 0 ? undefined : { field: 'bytes', value: r.bytes() }
    default:
      return undefined
  }
}

function readProperties(r: BinaryReader): Properties {
  const keys: string[] = []
  const values: Property[] = []
  while (r.pos < r.len) {
    const [no, wire] = r.tag()
    if (no === 1) keys.push(r.string())
    else if (no === 2) values.push(readProperty(new BinaryReader(r.bytes())))
    else r.skip(wire)
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
    if (no === 1) type = r.uint32() as DataType
    else if (no === 2) isNull = r.bool()
    else raw = readRaw(r, PROPERTY_FIELD, no) ?? (r.skip(wire), raw)
  }
  return { type, value: isNull || raw === undefined ? null : (toValue(raw, type) as Property['value']) }
}

const SIGNED_BITS: Partial<Record<DataType, number>> = { [T.Int8]: 8, [T.Int16]: 16, [T.Int32]: 32 }

/** Value in the JavaScript type of its datatype; without a datatype the field decides (unsigned). */
function toValue(raw: Raw, type: DataType | undefined): Value {
  const { value } = raw
  if (type === undefined || type === (0 as DataType)) return value as Value
  const field = fieldOf(type)
  if (field === 'int') {
    const n = typeof value === 'bigint' ? Number(BigInt.asUintN(32, value)) : (value as number)
    const bits = SIGNED_BITS[type]
    return bits === undefined ? n : (n << (32 - bits)) >> (32 - bits)
  }
  if (field === 'long') {
    const n = typeof value === 'bigint' ? value : BigInt(value as number)
    return type === T.Int64 ? BigInt.asIntN(64, n) : n
  }
  if (field !== raw.field && !(isNumeric(field) && isNumeric(raw.field)))
    throw new PayloadError(`datatype ${type}: expected a ${field ?? 'known'} value, got ${raw.field}`)
  if (field === 'bytes') return arrayOf(value as Uint8Array, type)
  return isNumeric(field) ? Number(value) : (value as Value)
}

const isNumeric = (field: Field | undefined): boolean =>
  field === 'float' || field === 'double' || field === 'int' || field === 'long'

function arrayOf(bytes: Uint8Array, type: DataType): Value {
  if (type !== T.Int16Array && type !== T.Int32Array) return bytes
  const width = type === T.Int16Array ? 2 : 4
  if (bytes.length % width !== 0)
    throw new PayloadError(`array of datatype ${type}: expected a multiple of ${width} bytes, got ${bytes.length}`)
  if (LITTLE_ENDIAN) {
    const copy = bytes.slice().buffer
    return width === 2 ? new Int16Array(copy) : new Int32Array(copy)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.length / width
  return width === 2
    ? Int16Array.from({ length: count }, (_, i) => view.getInt16(i * 2, true))
    : Int32Array.from({ length: count }, (_, i) => view.getInt32(i * 4, true))
}
