/** Values to the bytes of a Sparkplug B payload. What a payload must hold is left to the sessions. */
import {
  type DatatypeOf,
  type Field,
  fieldOf,
  LITTLE_ENDIAN,
  METRIC_FIELD,
  PayloadError,
  PROPERTY_FIELD,
  WIRE,
} from './fields.ts'
import { DataType, type Metric, type Payload, type Properties, type Value } from './payload.ts'
import { WireWriter } from './wire-writer.ts'

const T = DataType
/** Nothing is awaited while it is in use. */
const writer = new WireWriter()

/** A metric without datatype (DATA) travels in the field of its birth's type where `datatypeOf` knows it. */
export function encodePayload(payload: Payload, datatypeOf: DatatypeOf = untyped): Uint8Array {
  writePayload(payload, datatypeOf)
  return writer.finish()
}

/** The payload with metrics behind its own that are encoded already. */
export function encodeBefore(payload: Payload, encoded: Uint8Array): Uint8Array {
  writePayload(payload, untyped)
  return writer.raw(encoded).finish()
}

const untyped: DatatypeOf = () => undefined

function writePayload(payload: Payload, datatypeOf: DatatypeOf): void {
  const w = writer.restart()
  if (payload.timestamp !== undefined) w.tag(1, WIRE.varint).unsigned(payload.timestamp)
  writeMetrics(w, payload.metrics, datatypeOf)
  if (payload.seq !== undefined) w.tag(3, WIRE.varint).unsigned(payload.seq)
}

/** Metrics of a payload, without the payload around them. */
export function writeMetrics(w: WireWriter, metrics: readonly Metric[], datatypeOf: DatatypeOf = untyped): void {
  for (const metric of metrics) {
    const place = w.open(2)
    writeMetric(w, metric, datatypeOf)
    w.close(place)
  }
}

function writeMetric(w: WireWriter, metric: Metric, datatypeOf: DatatypeOf): void {
  const { name, alias, timestamp, datatype, historical, value, properties } = metric
  if (name !== undefined) w.tag(1, WIRE.lengthDelimited).text(name)
  if (alias !== undefined) w.tag(2, WIRE.varint).wide(alias)
  if (timestamp !== undefined) w.tag(3, WIRE.varint).unsigned(timestamp)
  if (datatype !== undefined) w.tag(4, WIRE.varint).unsigned(datatype)
  if (historical) w.tag(5, WIRE.varint).bool(true)
  if (value === null) w.tag(7, WIRE.varint).bool(true)
  if (properties !== undefined) {
    const place = w.open(9)
    writeProperties(w, properties)
    w.close(place)
  }
  if (value === null) return
  writeValue(w, METRIC_FIELD, datatype ?? datatypeOf(name, alias) ?? guessDatatype(value), value)
}

function writeProperties(w: WireWriter, properties: Properties): void {
  for (const key of Object.keys(properties)) w.tag(1, WIRE.lengthDelimited).text(key)
  for (const { type, value } of Object.values(properties)) {
    const place = w.open(2)
    w.tag(1, WIRE.varint).unsigned(type)
    if (value === null) w.tag(2, WIRE.varint).bool(true)
    else writeValue(w, PROPERTY_FIELD, type, value)
    w.close(place)
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

function writeValue(w: WireWriter, fields: Record<Field, number>, type: DataType, value: Value): void {
  const field = fieldOf(type)
  if (field === undefined) throw new PayloadError(`datatype ${type} cannot be written`)
  const no = fields[field]
  switch (field) {
    case 'int':
      w.tag(no, WIRE.varint).unsigned(Number(value) >>> 0)
      return
    case 'long':
      w.tag(no, WIRE.varint).wide(BigInt(value as bigint))
      return
    case 'float':
      w.tag(no, WIRE.bit32).float(value as number)
      return
    case 'double':
      w.tag(no, WIRE.bit64).double(value as number)
      return
    case 'boolean':
      w.tag(no, WIRE.varint).bool(value as boolean)
      return
    case 'string':
      w.tag(no, WIRE.lengthDelimited).text(value as string)
      return
    case 'bytes':
      w.tag(no, WIRE.lengthDelimited).bytes(bytesOf(value as Uint8Array | Int16Array | Int32Array))
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
