/**
 * Runs of integers as planes of bytes: the lowest byte of each, then the next, no more planes than the widest needs. Planes
 * that hardly change are what a compressor makes nothing of.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

/** Bounds of a whole number in a double. */
const SAFE = Number.MAX_SAFE_INTEGER

/** Whole numbers whose span is at most 2^53. @returns false where it is not; nothing is written then */
export function writeIntegers(out: ByteWriter, values: Float64Array): boolean {
  let [min, max] = [0, 0]
  if (values.length > 0) [min, max] = [values[0]!, values[0]!]
  for (const value of values) {
    if (value < min) min = value
    else if (value > max) max = value
  }
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || max - min > SAFE) return false
  let planes = 0
  for (let reach = 1; reach <= max - min; reach *= 256) planes++
  out.f64(min)
  out.u8(planes)
  const n = values.length
  const bytes = new Uint8Array(planes * n)
  for (let i = 0; i < n; i++) {
    let rest = values[i]! - min
    for (let plane = 0; plane < planes; plane++) {
      const next = Math.floor(rest / 256)
      bytes[plane * n + i] = rest - next * 256
      rest = next
    }
  }
  out.bytes(bytes)
  return true
}

export function readIntegers(from: ByteReader, n: number): Float64Array {
  const min = from.f64()
  const planes = from.u8()
  const bytes = from.bytes(planes * n)
  const values = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let value = 0
    for (let plane = planes - 1; plane >= 0; plane--) value = value * 256 + bytes[plane * n + i]!
    values[i] = value + min
  }
  return values
}

/** Each less the one before it; the first as it is. */
export function differences(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length)
  let before = 0
  for (let i = 0; i < values.length; i++) {
    out[i] = values[i]! - before
    before = values[i]!
  }
  return out
}

/** In place. */
export function summedUp(values: Float64Array): Float64Array {
  for (let i = 1; i < values.length; i++) values[i] = values[i]! + values[i - 1]!
  return values
}
