/**
 * Values as registers: 16-bit words in the types and orders that field devices use. The exact reverse of what a master
 * decodes; both are held to the cases in `models/`. Which registers there are is `point-tables.ts`.
 */
import { ORDERS, type ScalarPoint, TYPE_REGISTERS } from '../domain/model.ts'
import { fromSi } from '../domain/units.ts'

/** u32, high word first. */
export const u32Words = (value: number): [number, number] => [(value >>> 16) & 0xffff, value & 0xffff]

/** u64, high word first. */
export const u64Words = (value: bigint): [number, number, number, number] => [
  Number((value >> 48n) & 0xffffn),
  Number((value >> 32n) & 0xffffn),
  Number((value >> 16n) & 0xffffn),
  Number(value & 0xffffn),
]

/** What says how a raw value stands in its registers. */
export type Encoding = Pick<ScalarPoint, 'type' | 'order' | 'bit' | 'bits' | 'byte'>

export const isFloat = (type: ScalarPoint['type']): boolean => type.startsWith('float')

/** Lowest and highest raw value of a type, both whole; floats have none. */
function rangeOf({ type, bits = 1 }: Encoding): readonly [number, number] {
  switch (type) {
    case 'bit':
      return [0, 1]
    case 'bits':
      return [0, 2 ** bits - 1]
    case 'bcd16':
      return [0, 9999]
    case 'bcd32':
      return [0, 99_999_999]
    default: {
      const width = widthOf(type)
      return type.startsWith('u') ? [0, 2 ** width - 1] : [-(2 ** (width - 1)), 2 ** (width - 1) - 1]
    }
  }
}

const widthOf = (type: ScalarPoint['type']): number => Number(/(?<!\d)\d+$/.exec(type)?.[0] ?? 16)

/** Registers of a value in SI, given in `unit`; what the type cannot hold saturates as a converter does. NaN = no value. */
export function pointWords(point: ScalarPoint, value: number, unit = point.unit): number[] {
  if (Number.isNaN(value)) return noValueWords(point)
  return rawWords(point, (fromSi(value, unit)! - (point.offset ?? 0)) / (point.scale ?? 1))
}

/** How a point says that it has no value: NaN, else its first code; 0 where only a status word tells. */
const noValueWords = (point: ScalarPoint): number[] =>
  isFloat(point.type) ? rawWords(point, Number.NaN) : codeWords(point, point.invalid_codes?.[0] ?? 0)

/** Registers of a code, which may be written as the bit pattern of a signed type (0x8000 for -32768). */
export function codeWords(point: Encoding, code: number): number[] {
  const width = /^int\d/.test(point.type) ? widthOf(point.type) : 0
  return rawWords(point, width > 0 && code >= 2 ** (width - 1) ? code - 2 ** width : code)
}

const scratch = new DataView(new ArrayBuffer(8))

/** Registers of a raw value; of a type smaller than a register the other bits are 0 (see `maskOf`). */
export function rawWords(point: Encoding, raw: number): number[] {
  const { type } = point
  if (isFloat(type)) return ordered(floatBytes(type, raw), point.order)
  const [low, high] = rangeOf(point)
  const whole = Math.min(high, Math.max(low, Math.round(raw)))
  switch (type) {
    case 'bit':
    case 'bits':
      return [whole << (point.bit ?? 0)]
    case 'int8':
    case 'uint8':
      return [(whole & 0xff) << (point.byte === 'high' ? 8 : 0)]
    case 'bcd16':
    case 'bcd32':
      return ordered(integerBytes(TYPE_REGISTERS[type] * 2, Number.parseInt(String(whole), 16)), point.order)
    default:
      return ordered(integerBytes(TYPE_REGISTERS[type] * 2, whole, high), point.order)
  }
}

/** The bits of each register that belong to the value. */
export function maskOf({ type, bit = 0, bits = 1, byte }: Encoding): number {
  if (type === 'bit') return 1 << bit
  if (type === 'bits') return ((2 ** bits - 1) << bit) & 0xffff
  if (type === 'int8' || type === 'uint8') return byte === 'high' ? 0xff00 : 0xff
  return 0xffff
}

/** Two's complement in so many bytes of `scratch`; 64 bits end at their own highest value, which no double is. */
function integerBytes(bytes: number, whole: number, high = Number.POSITIVE_INFINITY): number {
  if (bytes === 2) scratch.setUint16(0, whole & 0xffff)
  else if (bytes === 4) scratch.setUint32(0, whole >>> 0)
  else scratch.setBigUint64(0, BigInt.asUintN(64, BigInt(whole) - (whole >= high ? 1n : 0n)))
  return bytes
}

function floatBytes(type: ScalarPoint['type'], value: number): number {
  if (type === 'float16') return integerBytes(2, float16Bits(value))
  if (type === 'float64') {
    if (Number.isNaN(value)) scratch.setBigUint64(0, 0x7ff8_0000_0000_0000n)
    else scratch.setFloat64(0, value)
    return 8
  }
  if (Number.isNaN(value)) scratch.setUint32(0, 0x7fc0_0000)
  else scratch.setFloat32(0, value)
  return 4
}

/** IEEE 754 binary16, nearest with ties to even: the runtimes that we support have no `setFloat16`. */
function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  let [significand, exponent] = [Math.abs(value), 0]
  // Half a step above the highest number, 65,504.
  if (significand >= 65_520) return sign | 0x7c00
  if (significand < 2 ** -14) return sign | evenRound(significand * 2 ** 24)
  for (; significand >= 2; exponent++) significand /= 2
  for (; significand < 1; exponent--) significand *= 2
  // A significand that rounds up to 2 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + evenRound((significand - 1) * 1024))
}

function evenRound(value: number): number {
  const low = Math.floor(value)
  const rest = value - low
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low
}

const A = 'A'.charCodeAt(0)

/** Words of the value in `scratch`: letter i of the order says which of its bytes comes as byte i. */
function ordered(bytes: number, order: string = ORDERS[(bytes / 2) as 1 | 2 | 4][0]): number[] {
  const words: number[] = []
  for (let i = 0; i < bytes; i += 2)
    words.push((scratch.getUint8(order.charCodeAt(i) - A) << 8) | scratch.getUint8(order.charCodeAt(i + 1) - A))
  return words
}

/** Raw value that stands in the registers of a point: what a device makes of registers written to it. */
export function rawOf(point: Encoding, words: ArrayLike<number>): number {
  const { type } = point
  const first = words[0]! & maskOf(point)
  if (type === 'bit' || type === 'bits') return first >> (point.bit ?? 0)
  if (type === 'int8' || type === 'uint8') {
    const byte = point.byte === 'high' ? first >> 8 : first
    return type === 'int8' ? (byte << 24) >> 24 : byte
  }
  const bytes = TYPE_REGISTERS[type] * 2
  const order: string = point.order ?? ORDERS[TYPE_REGISTERS[type]][0]
  for (let i = 0; i < bytes; i++) {
    const word = words[i >> 1]!
    scratch.setUint8(order.charCodeAt(i) - A, i % 2 === 0 ? word >> 8 : word & 0xff)
  }
  switch (type) {
    case 'bcd16':
      return bcdOf(scratch.getUint16(0))
    case 'bcd32':
      return bcdOf(scratch.getUint32(0))
    case 'float16':
      return float16Of(scratch.getUint16(0))
    case 'float32':
      return scratch.getFloat32(0)
    case 'float64':
      return scratch.getFloat64(0)
    default: {
      const whole = Number(
        bytes === 8 ? scratch.getBigUint64(0) : bytes === 4 ? scratch.getUint32(0) : scratch.getUint16(0),
      )
      const signed = !type.startsWith('u')
      if (bytes === 8 && signed) return Number(scratch.getBigInt64(0))
      return signed && whole >= 2 ** (bytes * 8 - 1) ? whole - 2 ** (bytes * 8) : whole
    }
  }
}

/** NaN where a digit is above 9. */
const bcdOf = (bits: number): number => {
  const digits = bits.toString(16)
  return /^\d+$/.test(digits) ? Number(digits) : Number.NaN
}

function float16Of(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff]
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
