/**
 * Registers of one poll to the value of a point, judged by what its model says: status word, codes for "no value", NaN,
 * sensor range. Which registers are read is `read-plan.ts`; a device that does not answer is `device-poll.ts`.
 */
import { invariant } from '../domain/errors.ts'
import type { ScalarPoint } from '../domain/model.ts'
import { FAIL, type Flag, GOOD, MISSING, type Reason } from '../domain/reading.ts'
import { fromSi, UNITS } from '../domain/units.ts'
import { type RegisterAt, rawValueOf, registersOf } from './raw-value.ts'

export { type RegisterAt, registersOf }

export type Decoded = {
  /** SI, or null where the device gave none. */
  readonly value: number | null
  readonly flag: Flag
  readonly reason?: Reason
  readonly detail?: string
}
export type Decode = (at: RegisterAt) => Decoded

/** Decodes once; a point that is read again and again is compiled with `decoderOf`. */
export const decodePoint = (point: ScalarPoint, at: RegisterAt): Decoded => decoderOf(point)(at)

/**
 * SI value with its QARTOD flag. Where the device itself says that it has none (status, NaN, invalid code, a unit that the
 * model does not know) the value is missing (9); what the sensor cannot have measured fails (4) and keeps its value, so that
 * people see what the device said (an infinity has none). Without scale and offset and in an SI unit a float32 stays exactly
 * as it came; integers beyond 2^53 are rounded to the nearest double.
 */
export function decoderOf(point: ScalarPoint): Decode {
  const { scale, offset, unit_register } = point
  const raw = rawValueOf(point)
  const invalid = statusOf(point)
  const isCode = codesOf(point)
  const ownUnit = conversionOf(point, point.unit)
  const units = new Map(
    Object.entries(unit_register?.codes ?? {}).map(([code, unit]) => [Number(code), conversionOf(point, unit)]),
  )
  return (at) => {
    const why = invalid?.(at)
    if (why !== undefined) return missing('status', why)
    const got = raw(at)
    if (got === undefined) return missing('invalid-code', 'a BCD number with a digit above 9')
    if (Number.isNaN(got)) return missing('nan', 'raw NaN')
    if (isCode?.(got)) return missing('invalid-code', `raw ${got}`)
    const unitCode = unit_register && at(unit_register.address)
    const unit = unitCode === undefined ? ownUnit : units.get(unitCode)
    if (unit === undefined)
      return missing('invalid-code', `unit code ${unitCode} in register ${unit_register?.address}`)
    const scaled = scale === undefined ? got : scale * got
    return unit(offset === undefined ? scaled : scaled + offset)
  }
}

const missing = (reason: Reason, detail: string): Decoded => ({ value: null, flag: MISSING, reason, detail })
const hex = (word: number): string => `0x${word.toString(16).padStart(4, '0')}`

/** Why the status word says that there is no value. */
function statusOf({ status }: ScalarPoint): ((at: RegisterAt) => string | undefined) | undefined {
  if (status === undefined) return undefined
  const { address, bit, mask, codes } = status
  return (at) => {
    const word = at(address)
    if (bit !== undefined && (word >> bit) & 1) return `bit ${bit} of status word ${address} is set (${hex(word)})`
    if (mask !== undefined && word & mask)
      return `bits ${hex(word & mask)} of status word ${address} are set (${hex(word)})`
    if (codes?.includes(word)) return `status word ${address} is ${word}`
    return undefined
  }
}

/** A code may be written as the bit pattern (0x8000) or as the number that the type makes of it (-32768). */
function codesOf({ invalid_codes, type }: ScalarPoint): ((raw: number) => boolean) | undefined {
  if (invalid_codes === undefined) return undefined
  const signed = type === 'int8' || type === 'int16' || type === 'int32' || type === 'int64'
  const modulus = type === 'int8' ? 2 ** 8 : 2 ** (16 * registersOf(type))
  const codes = new Set(
    invalid_codes.flatMap((code) => {
      if (type === 'float32') return [Math.fround(code)]
      return signed && code >= modulus / 2 ? [code, code - modulus] : [code]
    }),
  )
  // The step of a float16 near a code may be 0.5 or more: the code is what the device can show nearest to it.
  if (type === 'float16') return (raw) => [...codes].some((code) => Math.abs(raw - code) <= Math.abs(code) * 2 ** -11)
  return (raw) => codes.has(raw)
}

/** A value in `unit`, which may be another than the point's, to SI, judged by the range, which is in the point's. */
function conversionOf(point: ScalarPoint, unit: string): (inUnit: number) => Decoded {
  const { factor, offset = 0, quantity } = UNITS[unit] ?? {}
  invariant(quantity !== undefined, `unit ${unit} of ${point.metric} is in the table of units`)
  const { low, high } = point.range
  // Both bounds belong to the range. They are rounded to float32 with the value: 0.1 must not exceed itself.
  const [lowest, highest] = [Math.fround(low), Math.fround(high)]
  const same = unit === point.unit
  return (inUnit) => {
    const value = factor! * inUnit + offset
    const judged = same ? inUnit : fromSi(value, point.unit)!
    const rounded = Math.fround(judged)
    if (rounded >= lowest && rounded <= highest) return { value, flag: GOOD }
    const beyond = rounded > highest ? `above ${high}` : `below ${low}`
    return {
      value: Number.isFinite(value) ? value : null,
      flag: FAIL,
      reason: 'out-of-range',
      detail: `${shown(judged, point.type)} ${point.unit} is ${beyond} ${point.unit}`,
    }
  }
}

/** More digits than the type has would only show its binary rounding. */
function shown(value: number, type: ScalarPoint['type']): string {
  const digits = type === 'float16' ? 4 : type === 'float32' ? 7 : 12
  return String(Number(value.toPrecision(digits)))
}
