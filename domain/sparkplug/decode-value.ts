/**
 * The value of a metric or a property out of its field: which of the fields came, what its bits are, and what the datatype
 * makes of them. Where it stands in the payload is `decode.ts`'s.
 */
import { FIELDS, type Field, fieldOf, LITTLE_ENDIAN, PayloadError } from './fields.ts'
import { DataType, type Value } from './payload.ts'
import type { WireReader } from './wire-reader.ts'

const T = DataType

export type Raw = number | bigint | boolean | string | Uint8Array

/** What a number of the value oneof means, by field number. */
export const fieldsByNumber = (of: Readonly<Record<Field, number>>): readonly (Field | undefined)[] =>
  Array.from({ length: 17 }, (_, no) => FIELDS.find((field) => no > 0 && of[field] === no))

export function readRaw(r: WireReader, field: Field): Raw {
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

const SIGNED_BITS: Partial<Record<DataType, number>> = { [T.Int8]: 8, [T.Int16]: 16, [T.Int32]: 32 }

/** Value in the JavaScript type of its datatype; without a datatype the field decides (unsigned). */
export function toValue(from: Field, value: Raw, type: DataType | undefined): Value {
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
