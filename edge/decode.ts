/**
 * Registers of one poll to the value of a point, judged by what its model says: status word, codes for "no value", NaN,
 * sensor range. Which registers are read is `read-plan.ts`; a device that does not answer is `device-poll.ts`.
 */
import { invariant } from '../domain/errors.ts'
import type { ScalarPoint } from '../domain/model.ts'
import { FAIL, type Flag, GOOD, MISSING, type Reason } from '../domain/reading.ts'
import { toSi } from '../domain/units.ts'

export type Decoded = {
  /** SI, or null where the device gave none. */
  readonly value: number | null
  readonly flag: Flag
  readonly reason?: Reason
  readonly detail?: string
}
/** Register at an address of the point's table. */
export type RegisterAt = (address: number) => number

export const registersOf = (type: ScalarPoint['type']): number => (type === 'int16' || type === 'uint16' ? 1 : 2)

/**
 * SI value with its QARTOD flag. Where the device itself says that it has none (status, NaN, invalid code) the value is
 * missing (9); what the sensor cannot have measured fails (4) and keeps its value, so that people see what the device said
 * (an infinity has none). Without scale and offset and in an SI unit a float32 stays exactly as it came.
 */
export function decodePoint(point: ScalarPoint, at: RegisterAt): Decoded {
  const { status, unit, scale, offset, type } = point
  if (status !== undefined) {
    const word = at(status.address)
    if ((word >> status.bit) & 1)
      return missing('status', `bit ${status.bit} of status word ${status.address} is set (${hex(word)})`)
  }
  const raw = rawValue(point, at)
  if (Number.isNaN(raw)) return missing('nan', 'raw NaN')
  if (point.invalid_codes?.some((code) => isCode(code, raw, type))) return missing('invalid-code', `raw ${raw}`)

  const scaled = scale === undefined ? raw : scale * raw
  const inUnit = offset === undefined ? scaled : scaled + offset
  const value = toSi(inUnit, unit)
  invariant(value !== undefined, `unit ${unit} of ${point.metric} is in the table of units`)
  const beyond = outside(point, inUnit)
  if (beyond !== undefined)
    return {
      value: Number.isFinite(value) ? value : null,
      flag: FAIL,
      reason: 'out-of-range',
      detail: `${shown(inUnit, type)} ${unit} is ${beyond}`,
    }
  return { value, flag: GOOD }
}

const missing = (reason: Reason, detail: string): Decoded => ({ value: null, flag: MISSING, reason, detail })
const hex = (word: number): string => `0x${word.toString(16).padStart(4, '0')}`
/** A float32 has about seven digits; more would only show its binary rounding. */
const shown = (value: number, type: ScalarPoint['type']): string =>
  type === 'float32' ? String(Number(value.toPrecision(7))) : String(Number(value.toPrecision(12)))

/** Both bounds belong to the range. They are rounded to float32 with the value: 0.1 must not exceed itself. */
function outside({ range, unit }: ScalarPoint, inUnit: number): string | undefined {
  const value = Math.fround(inUnit)
  if (value > Math.fround(range.high)) return `above ${range.high} ${unit}`
  if (value < Math.fround(range.low)) return `below ${range.low} ${unit}`
  return undefined
}

/** A code may be written as the bit pattern (0x8000) or as the number that the type makes of it (-32768). */
function isCode(code: number, raw: number, type: ScalarPoint['type']): boolean {
  if (type === 'float32') return raw === Math.fround(code)
  if (raw === code) return true
  return raw < 0 && raw + (type === 'int16' ? 0x1_0000 : 0x1_0000_0000) === code
}

const view = new DataView(new ArrayBuffer(4))

function rawValue({ address, type, order }: ScalarPoint, at: RegisterAt): number {
  const first = at(address)
  if (type === 'uint16') return first
  if (type === 'int16') return (first << 16) >> 16
  const second = at(address + 1)
  const [high, low] = wordsOf(order ?? 'ABCD', first, second)
  view.setUint16(0, high)
  view.setUint16(2, low)
  if (type === 'float32') return view.getFloat32(0)
  return type === 'int32' ? view.getInt32(0) : view.getUint32(0)
}

/** A is the highest byte of the value; the order says how A B C D come on the wire, two bytes to a register. */
function wordsOf(order: NonNullable<ScalarPoint['order']>, first: number, second: number): [number, number] {
  const swap = (word: number): number => ((word & 0xff) << 8) | (word >> 8)
  switch (order) {
    case 'ABCD':
      return [first, second]
    case 'CDAB':
      return [second, first]
    case 'BADC':
      return [swap(first), swap(second)]
    case 'DCBA':
      return [swap(second), swap(first)]
  }
}
