/**
 * Modbus TCP on the wire: MBAP frames out of a byte stream, requests out of PDUs, replies into bytes. Sources: Modbus
 * Application Protocol 1.1b3 (PDU) and Modbus Messaging on TCP/IP 1.0b (MBAP). Sockets are left to `io/`.
 */
import { ILLEGAL_DATA_VALUE, ILLEGAL_FUNCTION, type ModbusException, type Table } from './device.ts'

/** Transaction id, protocol id, length: 6 bytes; the length counts unit id and PDU. */
const HEADER_BYTES = 6
/** Unit id and a PDU of 1 to 253 bytes (1.1b3, 4.1). */
const LENGTH_MIN = 2
const LENGTH_MAX = 254
/** Registers in one read (1.1b3, 6.3 and 6.4). */
export const READ_REGISTERS_MAX = 125

export type Frame = { readonly transaction: number; readonly unit: number; readonly pdu: Uint8Array }

/** Splits a byte stream into frames, whatever the segments are. Holds at most one incomplete frame (260 bytes). */
export class FrameReader {
  #rest = new Uint8Array(0)

  /** Frames completed by `chunk`; `fault` where the stream is not Modbus TCP: nothing after it can be trusted. */
  push(chunk: Uint8Array): { readonly frames: readonly Frame[]; readonly fault?: string } {
    const bytes = concatenated(this.#rest, chunk)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const frames: Frame[] = []
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const protocol = view.getUint16(at + 2)
      const length = view.getUint16(at + 4)
      if (protocol !== 0) return { frames, fault: `protocol id: expected 0, got ${protocol}` }
      if (length < LENGTH_MIN || length > LENGTH_MAX)
        return { frames, fault: `length: expected ${LENGTH_MIN} to ${LENGTH_MAX}, got ${length}` }
      const end = at + HEADER_BYTES + length
      if (bytes.length < end) break
      const unit = bytes[at + HEADER_BYTES]!
      frames.push({ transaction: view.getUint16(at), unit, pdu: bytes.slice(at + HEADER_BYTES + 1, end) })
      at = end
    }
    this.#rest = Uint8Array.from(bytes.subarray(at))
    return { frames }
  }
}

function concatenated(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}

export function encodeFrame({ transaction, unit, pdu }: Frame): Uint8Array {
  const out = new Uint8Array(HEADER_BYTES + 1 + pdu.length)
  const view = new DataView(out.buffer)
  view.setUint16(0, transaction)
  view.setUint16(4, pdu.length + 1)
  out[HEADER_BYTES] = unit
  out.set(pdu, HEADER_BYTES + 1)
  return out
}

export type ReadRequest = { readonly table: Table; readonly address: number; readonly quantity: number }

/**
 * A read of holding (FC 3) or input registers (FC 4), or the exception that the standard's state diagrams (figures 13 and
 * 14) give: 1 for any other function, 3 for a wrong length or quantity. Addresses are the device's to judge.
 */
export function parseRequest(pdu: Uint8Array): ReadRequest | ModbusException {
  const fc = pdu[0]
  if (fc !== 3 && fc !== 4) return { exception: ILLEGAL_FUNCTION }
  if (pdu.length !== 5) return { exception: ILLEGAL_DATA_VALUE }
  const view = new DataView(pdu.buffer, pdu.byteOffset, pdu.length)
  const quantity = view.getUint16(3)
  if (quantity < 1 || quantity > READ_REGISTERS_MAX) return { exception: ILLEGAL_DATA_VALUE }
  return { table: fc === 3 ? 'holding' : 'input', address: view.getUint16(1), quantity }
}

/** Reply PDU: function code, byte count, registers high byte first. */
export function registersPdu(fc: number, registers: Uint16Array): Uint8Array {
  const out = new Uint8Array(2 + registers.length * 2)
  const view = new DataView(out.buffer)
  out[0] = fc
  out[1] = registers.length * 2
  registers.forEach((word, i) => {
    view.setUint16(2 + i * 2, word)
  })
  return out
}

/** Exception PDU: function code with its highest bit set, exception code. */
export const exceptionPdu = (fc: number, exception: number): Uint8Array => Uint8Array.of(fc | 0x80, exception)
