/**
 * The number that registers hold, by type and byte order of a point. What the number means (unit, codes, range) is
 * `decode.ts`'s.
 */
import {
  BIT_TABLES,
  type BitTable,
  type Order,
  type PointType,
  type ScalarPoint,
  TYPE_REGISTERS,
} from '../domain/model.ts'

/** Register at an address of the point's table; of a bit table the bit, 0 or 1. */
export type RegisterAt = (address: number) => number
/** NaN where a floating-point value is none; `undefined` where the digits of a BCD number are no digits. */
export type RawValue = (at: RegisterAt) => number | undefined

export const isBitTable = (table: ScalarPoint['table']): table is BitTable =>
  (BIT_TABLES as readonly string[]).includes(table)

/** Registers (bits, in a bit table) that a point takes. */
export const registersOf = (type: PointType): number => TYPE_REGISTERS[type]

/** Values are put here highest byte first, whatever the order on the wire. */
const bytes = new DataView(new ArrayBuffer(8))

/** Compiled once a point: which byte of the wire goes where is settled here, not at every poll. */
export function rawValueOf(
  point: Pick<ScalarPoint, 'table' | 'address' | 'type' | 'order' | 'bit' | 'bits' | 'byte'>,
): RawValue {
  const { table, address, type, order, bit = 0, bits = 1, byte = 'low' } = point
  if (isBitTable(table)) return (at) => at(address)
  if (registersOf(type) > 1) {
    const load = loader(address, registersOf(type), order)
    const read = READ[type]!
    return (at) => {
      load(at)
      return read()
    }
  }
  const word = order === 'BA' ? (at: RegisterAt) => swapped(at(address)) : (at: RegisterAt) => at(address)
  const mask = type === 'bit' ? 1 : 2 ** bits - 1
  switch (type) {
    case 'bit':
    case 'bits':
      return (at) => (word(at) >> bit) & mask
    case 'uint8':
      return byte === 'high' ? (at) => word(at) >> 8 : (at) => word(at) & 0xff
    case 'int8':
      return byte === 'high' ? (at) => (word(at) << 16) >> 24 : (at) => (word(at) << 24) >> 24
    case 'int16':
      return (at) => (word(at) << 16) >> 16
    case 'bcd16':
      return (at) => decimal(word(at), 4)
    case 'float16':
      return (at) => float16(word(at))
    default:
      return word
  }
}

const swapped = (word: number): number => ((word & 0xff) << 8) | (word >> 8)

/** Two's complement of 64 bits in two steps: one exact product, one sum rounded once to the nearest double. */
const wide = (high: number): number => high * 2 ** 32 + bytes.getUint32(4)

const READ: Partial<Record<PointType, () => number | undefined>> = {
  int32: () => bytes.getInt32(0),
  uint32: () => bytes.getUint32(0),
  bcd32: () => decimal(bytes.getUint32(0), 8),
  float32: () => bytes.getFloat32(0),
  // Beyond 2^53 the nearest double: a count that large is off by less than one part in 10^15.
  int64: () => wide(bytes.getInt32(0)),
  uint64: () => wide(bytes.getUint32(0)),
  float64: () => bytes.getFloat64(0),
}

/** The letters say which byte of the value each byte on the wire is; A is the highest. */
function loader(address: number, registers: number, order: Order | undefined): (at: RegisterAt) => void {
  const letters = order ?? 'ABCDEFGH'.slice(0, registers * 2)
  const places = Array.from(letters, (letter) => letter.charCodeAt(0) - 65)
  return (at) => {
    for (let i = 0; i < registers; i++) {
      const word = at(address + i)
      bytes.setUint8(places[2 * i]!, word >> 8)
      bytes.setUint8(places[2 * i + 1]!, word & 0xff)
    }
  }
}

/** Binary-coded decimal, four bits a digit. */
function decimal(word: number, digits: number): number | undefined {
  let value = 0
  for (let digit = digits - 1; digit >= 0; digit--) {
    const nibble = (word >>> (digit * 4)) & 0xf
    if (nibble > 9) return undefined
    value = value * 10 + nibble
  }
  return value
}

/** IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 of fraction. */
function float16(word: number): number {
  const sign = word & 0x8000 ? -1 : 1
  const exponent = (word >> 10) & 0x1f
  const fraction = word & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
