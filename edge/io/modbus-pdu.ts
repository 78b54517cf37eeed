/**
 * Judges replies to Modbus requests by the request alone (Modbus Application Protocol 1.1b3, section 6): unit, function,
 * byte counts, and of a write everything that the device must repeat. Framing is the ports', what values mean the callers'.
 */
import { ModbusError } from '../../domain/ports.ts'

export const FIFO_MAX = 31
const READ_DEVICE_ID = 0x0e
/** Function code and exception code. */
const EXCEPTION_BYTES = 2

/** Of a reply as far as it has come: why it cannot be the answer, or how long its PDU will be once that can be known. */
export type Judged = { readonly wrong: string } | { readonly length: number | undefined }

/**
 * @param request unit id and PDU of the request
 * @param reply unit id and what is there of the PDU of the reply
 */
export function judgeReply(request: Buffer, reply: Buffer): Judged {
  const [unit, code] = [request[0]!, request[1]!]
  if (reply.length > 0 && reply[0] !== unit) return { wrong: `expected unit ${unit}, got ${reply[0]}` }
  const got = reply[1]
  if (got === undefined) return { length: undefined }
  if (got === (code | 0x80)) return { length: EXCEPTION_BYTES }
  if (got !== code) return { wrong: `expected function ${code}, got ${got}` }
  return judgeBody(request.subarray(1), reply.subarray(1))
}

/** Both begin with the function code. */
function judgeBody(request: Buffer, reply: Buffer): Judged {
  switch (request[0]) {
    case 1:
    case 2:
      return counted(reply, Math.ceil(request.readUInt16BE(3) / 8), `${request.readUInt16BE(3)} bits`)
    case 3:
    case 4:
    case 23:
      return counted(reply, request.readUInt16BE(3) * 2, `${request.readUInt16BE(3)} registers`)
    case 24:
      return judgeQueue(reply)
    case 43:
      return judgeIdentity(request, reply)
    case 22:
      return repeated(request, reply, 7)
    default:
      return repeated(request, reply, 5)
  }
}

function counted(reply: Buffer, bytes: number, what: string): Judged {
  const got = reply[1]
  if (got === undefined) return { length: undefined }
  return got === bytes
    ? { length: 2 + bytes }
    : { wrong: `expected ${what} (${bytes} bytes), got a byte count of ${got}` }
}

/** Writes are confirmed by repeating address and value, or address and quantity. */
function repeated(request: Buffer, reply: Buffer, length: number): Judged {
  const there = Math.min(reply.length, length)
  if (reply.subarray(0, there).equals(request.subarray(0, there))) return { length }
  const shown = (bytes: Buffer) => bytes.subarray(1, there).toString('hex')
  return { wrong: `expected the write to be repeated (${shown(request)}), got ${shown(reply)}` }
}

/** 6.18: byte count u16, FIFO count u16, then the registers; the byte count includes the FIFO count. */
function judgeQueue(reply: Buffer): Judged {
  if (reply.length < 5) return { length: undefined }
  const [bytes, count] = [reply.readUInt16BE(1), reply.readUInt16BE(3)]
  if (count > FIFO_MAX) return { wrong: `expected a queue of at most ${FIFO_MAX} registers, got ${count}` }
  if (bytes !== 2 + count * 2) return { wrong: `expected ${2 + count * 2} bytes for ${count} registers, got ${bytes}` }
  return { length: 3 + bytes }
}

const IDENTITY_HEAD_BYTES = 7

/** 6.21: MEI type, code, conformity, more follows, next object, number of objects, then id, length and text of each. */
function judgeIdentity(request: Buffer, reply: Buffer): Judged {
  for (const [at, what] of [
    [1, 'MEI type'],
    [2, 'read device id code'],
  ] as const)
    if (reply.length > at && reply[at] !== request[at])
      return { wrong: `expected ${what} ${request[at]}, got ${reply[at]}` }
  if (reply.length < IDENTITY_HEAD_BYTES) return { length: undefined }
  let length = IDENTITY_HEAD_BYTES
  for (let object = 0; object < reply[6]!; object++) {
    const bytes = reply[length + 1]
    if (bytes === undefined) return { length: undefined }
    length += 2 + bytes
  }
  return { length }
}

/** Request for identity objects from `object` on: 1 basic, 2 regular. */
export const identityRequest = (unit: number, level: 1 | 2, object: number): Buffer =>
  Buffer.of(unit, 43, READ_DEVICE_ID, level, object)

export function registersRequest(unit: number, table: 'holding' | 'input', address: number, quantity: number): Buffer {
  const code = table === 'holding' ? 3 : 4
  return Buffer.of(unit, code, address >> 8, address & 0xff, quantity >> 8, quantity & 0xff)
}

/** Registers of many answers lie in one piece of memory: one of its own costs an answer more than decoding it. */
const POOL_REGISTERS = 4096
let pool = new Uint16Array(POOL_REGISTERS)
let pooled = 0

/** Registers of a judged answer to function 3 or 4. */
export function registersOf(reply: Buffer): Uint16Array {
  const count = reply[2]! / 2
  if (count > POOL_REGISTERS - pooled) {
    pool = new Uint16Array(POOL_REGISTERS)
    pooled = 0
  }
  const registers = pool.subarray(pooled, pooled + count)
  pooled += count
  for (let i = 0, at = 3; i < registers.length; i++, at += 2) registers[i] = (reply[at]! << 8) | reply[at + 1]!
  return registers
}

export const queueRequest = (unit: number, address: number): Buffer => Buffer.of(unit, 24, address >> 8, address & 0xff)

/** Registers of a judged answer to function 24. */
export function queueOf(reply: Buffer): Uint16Array {
  const count = reply.readUInt16BE(4)
  return Uint16Array.from({ length: count }, (_, i) => reply.readUInt16BE(6 + 2 * i))
}

export type IdentityPart = { readonly objects: ReadonlyMap<number, string>; readonly next: number | undefined }

/** Objects of a judged answer to function 43/14, and the object from which more follow. */
export function identityOf(reply: Buffer): IdentityPart {
  const objects = new Map<number, string>()
  let at = 1 + IDENTITY_HEAD_BYTES
  for (let i = 0; i < reply[7]!; i++) {
    const [id, bytes] = [reply[at]!, reply[at + 1]!]
    objects.set(id, reply.toString('latin1', at + 2, at + 2 + bytes))
    at += 2 + bytes
  }
  return { objects, next: reply[5] === 0xff ? reply[6] : undefined }
}

/** The exception that a judged answer is, or `undefined`. */
export function exceptionOf(reply: Buffer): ModbusError | undefined {
  if ((reply[1]! & 0x80) === 0) return undefined
  return new ModbusError(`exception-${reply[2]!}`, `Modbus exception ${reply[2]}`)
}
