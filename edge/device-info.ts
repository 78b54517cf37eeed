/**
 * What a device says of itself (serial number, firmware, ...), read once after it came online, for its birth. That it does
 * not answer harms nothing: it is asked again the next time it comes online.
 */
import type { Info } from '../domain/model.ts'
import { type Log, ModbusError, type ModbusLink } from '../domain/ports.ts'
import { rawValueOf, registersOf } from './raw-value.ts'

/** Registers that an entry takes: two characters each, or as the number's type says. */
export const infoRegisters = (info: Pick<Info, 'type' | 'registers'>): number =>
  info.type === 'string' ? (info.registers ?? 1) : registersOf(info.type)

/** Text of an entry; `undefined` where its digits are none. `words` are its own registers. */
export function decodeInfo(info: Pick<Info, 'type' | 'order'>, words: Uint16Array): string | undefined {
  const { type, order } = info
  if (type === 'string') return textOf(words, order === 'BA')
  const value = rawValueOf({ table: 'holding', address: 0, type, order })((address) => words[address]!)
  return value === undefined ? undefined : String(value)
}

/** Ends at the first NUL; what cannot be printed becomes "?", blanks at the ends are dropped. */
function textOf(words: Uint16Array, lowFirst: boolean): string {
  const bytes = Array.from(words).flatMap((word) => (lowFirst ? [word & 0xff, word >> 8] : [word >> 8, word & 0xff]))
  const end = bytes.indexOf(0)
  const shown = bytes.slice(0, end < 0 ? undefined : end)
  return String.fromCharCode(...shown.map((byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x3f))).trim()
}

/** Entries that the device gave, by name. Ends at the first request that was not answered at all. */
export async function readInfo(
  entries: readonly Info[],
  link: ModbusLink,
  unit_id: number,
  log: Log,
): Promise<Readonly<Record<string, string>>> {
  const given: Record<string, string> = {}
  for (const info of entries) {
    try {
      const { registers } = await link.readRegisters(unit_id, info.table, info.address, infoRegisters(info))
      const text = decodeInfo(info, registers)
      if (text !== undefined && text !== '') given[info.name] = text
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error
      log.warn('the device does not say what it is', { name: info.name, reason: error.reason, detail: error.message })
      if (!error.reason.startsWith('exception-')) break
    }
  }
  return given
}
