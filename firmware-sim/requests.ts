/**
 * Request PDUs as a master makes them, and what it reads from the replies (Modbus Application Protocol 1.1b3, section 6): for
 * `memory-link.ts`, which asks devices without a socket. The answers are `answer.ts`.
 */
import type { BitTable } from './device.ts'

/** A function code, 16-bit fields, and what follows them. */
function pdu(fc: number, fields: readonly number[], rest: ArrayLike<number> = []): Uint8Array {
  const out = new Uint8Array(1 + fields.length * 2 + rest.length)
  out[0] = fc
  for (const [i, field] of fields.entries()) {
    out[1 + i * 2] = field >> 8
    out[2 + i * 2] = field & 0xff
  }
  out.set(rest, 1 + fields.length * 2)
  return out
}

/** Byte count, and the words high byte first. */
const counted = (values: readonly number[]): number[] => [
  values.length * 2,
  ...values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]),
]

export const readBits = (table: BitTable, address: number, quantity: number): Uint8Array =>
  pdu(table === 'coil' ? 1 : 2, [address, quantity])

export const readFifo = (address: number): Uint8Array => pdu(24, [address])

/** Regular identification (which holds the basic one) as a stream from an object on. */
export const readIdentity = (object: number): Uint8Array => Uint8Array.of(43, 14, 2, object)

export function writeCoils(address: number, bits: readonly boolean[]): Uint8Array {
  if (bits.length === 1) return pdu(5, [address, bits[0] ? 0xff00 : 0])
  const packed = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [i, bit] of bits.entries()) if (bit) packed[i >> 3]! |= 1 << (i & 7)
  return pdu(15, [address, bits.length], [packed.length, ...packed])
}

export const writeRegisters = (address: number, values: readonly number[], multiple: boolean): Uint8Array =>
  values.length === 1 && !multiple ? pdu(6, [address, values[0]!]) : pdu(16, [address, values.length], counted(values))

export const maskWrite = (address: number, and: number, or: number): Uint8Array => pdu(22, [address, and, or])

export const readWrite = (
  read: { readonly address: number; readonly quantity: number },
  write: { readonly address: number; readonly values: readonly number[] },
): Uint8Array => pdu(23, [read.address, read.quantity, write.address, write.values.length], counted(write.values))

export const bitsOf = (reply: Uint8Array, quantity: number): Uint8Array =>
  Uint8Array.from({ length: quantity }, (_, i) => (reply[2 + (i >> 3)]! >> (i & 7)) & 1)

/** Words of a reply from a byte on. */
export const registersFrom = (reply: Uint8Array, from: number): Uint16Array =>
  Uint16Array.from(
    { length: (reply.length - from) >> 1 },
    (_, i) => (reply[from + i * 2]! << 8) | reply[from + i * 2 + 1]!,
  )

/** Adds the objects of an identity reply; the object to ask for next where more follow. */
export function addObjects(objects: Map<number, string>, reply: Uint8Array): number | undefined {
  let at = 7
  for (let count = reply[6]!; count > 0; count--) {
    const [object, length] = [reply[at]!, reply[at + 1]!]
    objects.set(object, String.fromCharCode(...reply.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  return reply[4] === 0xff ? reply[5] : undefined
}
