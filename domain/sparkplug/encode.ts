/** Values to the bytes of a Sparkplug B payload. What a payload must hold is left to the sessions. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  type DatatypeOf,
  type Field,
  fieldOf,
  LITTLE_ENDIAN,
  METRIC_FIELD,
  PayloadError,
  PROPERTY_FIELD,
} from './fields.ts'
import { DataType, type Metric, type Payload, type Properties, type Value } from './payload.ts'

const T = DataType

/** A metric without datatype (DATA) travels in the field of its birth's type where `datatypeOf` knows it. */
export function encodePayload(payload: Payload, datatypeOf: DatatypeOf = () => undefined): Uint8Array {
  const w = new BinaryWriter()
  if (payload.timestamp !== undefined) w.tag(1, WireType.Varint).uint64(payload.timestamp)
  for (const metric of payload.metrics) {
    w.tag(2, WireType.LengthDelimited).fork()
    writeMetric(w, metric, datatypeOf)
    w.join()
  }
  if (payload.seq !== undefined) w.tag(3, WireType.Varint).uint64(payload.seq)
  return w.finish()
}

function writeMetric(w: BinaryWriter, metric: Metric, datatypeOf: DatatypeOf): void {
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
  if (metric.value === null) return
  const type = metric.datatype ?? datatypeOf(metric.name, metric.alias) ?? guessDatatype(metric.value)
  writeValue(w, METRIC_FIELD, type, metric.value)
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

/** Datatype by which a DATA metric of unknown type is written: the widest field of its JavaScript type. */
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

/** Packed little-endian bytes of an array value. */
function bytesOf(value: Uint8Array | Int16Array | Int32Array): Uint8Array {
  if (value instanceof Uint8Array || LITTLE_ENDIAN)
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  const width = value.BYTES_PER_ELEMENT
  const out = new DataView(new ArrayBuffer(value.byteLength))
  value.forEach((v, i) => {
    if (width === 2) out.setInt16(i * 2, v, true)
    else out.setInt32(i * 4, v, true)
  })
  return new Uint8Array(out.buffer)
}
