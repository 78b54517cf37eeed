/**
 * Reads a range of a device's registers or bits with bounded requests: no request longer than the device allows, a refused
 * one is halved until only the addresses that are not there are left out. What the words mean is `table.ts`'s.
 */
import { BIT_TABLES, type BitTable, type RegisterTable } from '../../domain/model.ts'
import { ModbusError, type ModbusLink } from '../../domain/ports.ts'

export type Table = RegisterTable | BitTable
export type Range = { readonly table: Table; readonly from: number; readonly count: number }
/** Addresses [from, to], both included, that gave nothing, and why. */
export type Missing = { readonly from: number; readonly to: number; readonly reason: string; readonly detail: string }
export type Seen = {
  /** Word (or bit, 0 or 1) by address. */
  readonly words: ReadonlyMap<number, number>
  /** In order of address; neighbours of one reason are one. */
  readonly missing: readonly Missing[]
  readonly requests: number
}

/**
 * Requests of one probe. A map of single registers with a hole after each costs about two requests a register, so this
 * reads 250 of the worst kind; what is left after that is told as not asked.
 */
export const REQUESTS_MAX = 500
/** Modbus Application Protocol 1.1b3, 6.1 and 6.3. */
export const BITS_MAX = 2000
export const REGISTERS_MAX = 125

/** A gateway says that the device behind it cannot be reached or does not answer (Modbus Application Protocol 1.1b3, 7). */
const SILENT: readonly string[] = ['exception-10', 'exception-11']

export const isBits = (table: Table): table is BitTable => (BIT_TABLES as readonly string[]).includes(table)

/**
 * @param max registers (bits) a request
 * @throws ModbusError where the device does not answer at all: time-out, closed, spoilt replies, or a gateway says so
 */
export async function readRange(
  link: Pick<ModbusLink, 'readRegisters' | 'readBits'>,
  unitId: number,
  { table, from, count }: Range,
  max: number,
): Promise<Seen> {
  const words = new Map<number, number>()
  const missing: Missing[] = []
  let requests = 0
  const ask = async (address: number, quantity: number): Promise<void> => {
    if (requests >= REQUESTS_MAX) {
      leaveOut(missing, address, quantity, 'not-asked', `more than ${REQUESTS_MAX} requests`)
      return
    }
    requests++
    try {
      const got = isBits(table)
        ? (await link.readBits(unitId, table, address, quantity)).bits
        : (await link.readRegisters(unitId, table, address, quantity)).registers
      got.forEach((word, i) => {
        words.set(address + i, word)
      })
    } catch (error) {
      if (!(error instanceof ModbusError) || !error.reason.startsWith('exception-') || SILENT.includes(error.reason))
        throw error
      const half = Math.ceil(quantity / 2)
      // Illegal address, and illegal value, as some devices say of a quantity: smaller parts may still be there.
      if ((error.reason === 'exception-2' || error.reason === 'exception-3') && quantity > 1) {
        await ask(address, half)
        await ask(address + half, quantity - half)
      } else leaveOut(missing, address, quantity, error.reason, error.message)
    }
  }
  for (let address = from; address < from + count; address += max) {
    await ask(address, Math.min(max, from + count - address))
    // A function that the device does not know is unknown at every address.
    if (missing.at(-1)?.reason === 'exception-1') {
      const rest = from + count - address - max
      if (rest > 0) leaveOut(missing, address + max, rest, 'exception-1', missing.at(-1)!.detail)
      break
    }
  }
  return { words, missing, requests }
}

function leaveOut(missing: Missing[], address: number, quantity: number, reason: string, detail: string): void {
  const last = missing.at(-1)
  const to = address + quantity - 1
  if (last !== undefined && last.to + 1 === address && last.reason === reason)
    missing[missing.length - 1] = { ...last, to }
  else missing.push({ from: address, to, reason, detail })
}
