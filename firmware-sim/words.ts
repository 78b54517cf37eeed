/**
 * Values as registers: 16-bit words in the orders that field devices use. The reverse of what the edge decodes; both are
 * held to the cases in `models/`.
 */
import type { ScalarPoint } from '../domain/model.ts'
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

const INTEGER_RANGE = {
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
} as const

/** Registers of a value in SI; what the type cannot hold saturates as a converter does. NaN = no value. */
export function pointWords(point: ScalarPoint, value: number): number[] {
  if (Number.isNaN(value)) return noValueWords(point)
  return rawWords(point, (fromSi(value, point.unit)! - (point.offset ?? 0)) / (point.scale ?? 1))
}

/** How a point says that it has no value: NaN, else its first code; 0 where only a status word tells. */
const noValueWords = (point: ScalarPoint): number[] =>
  point.type === 'float32' ? rawWords(point, Number.NaN) : codeWords(point, point.invalid_codes?.[0] ?? 0)

/** Registers of a code, which may be written as the bit pattern of a signed type (0x8000 for -32768). */
export function codeWords(point: Pick<ScalarPoint, 'type' | 'order'>, code: number): number[] {
  const bits = point.type === 'int16' ? 16 : point.type === 'int32' ? 32 : 0
  return rawWords(point, bits > 0 && code >= 2 ** (bits - 1) ? code - 2 ** bits : code)
}

/** Registers of a raw value. */
export function rawWords(point: Pick<ScalarPoint, 'type' | 'order'>, raw: number): number[] {
  const { type } = point
  if (type === 'float32') return ordered(floatBits(raw), point.order)
  const [low, high] = INTEGER_RANGE[type]
  const whole = Math.min(high, Math.max(low, Math.round(raw)))
  return type === 'int16' || type === 'uint16' ? [whole & 0xffff] : ordered(whole >>> 0, point.order)
}

function floatBits(value: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return Number.isNaN(value) ? 0x7fc0_0000 : view.getUint32(0)
}

const swapped = (word: number): number => ((word & 0xff) << 8) | (word >> 8)

function ordered(bits: number, order: ScalarPoint['order'] = 'ABCD'): number[] {
  const [high, low] = u32Words(bits)
  switch (order) {
    case 'CDAB':
      return [low, high]
    case 'BADC':
      return [swapped(high), swapped(low)]
    case 'DCBA':
      return [swapped(low), swapped(high)]
    default:
      return [high, low]
  }
}
