/**
 * Every function but the plain register reads: bits (FC 1, 2), writes (5, 6, 15, 16, 22), read and write in one (23), the
 * FIFO queue (24) and the device's identity (43/14). Lengths, quantities and the order of the checks are those of the state
 * diagrams in Modbus Application Protocol 1.1b3, section 6; which addresses there are is the device's to judge.
 */
import type { Instant } from '../domain/time.ts'
import {
  type BitTable,
  ILLEGAL_DATA_VALUE,
  ILLEGAL_FUNCTION,
  isException,
  type ModbusException,
  type SimulatedDevice,
} from './device.ts'
import { identityPdu } from './identity.ts'
import { READ_REGISTERS_MAX, registersPdu } from './modbus-frame.ts'

/** 6.1 and 6.2. */
export const READ_BITS_MAX = 2000
/** 6.11. */
export const WRITE_COILS_MAX = 1968
/** 6.12. */
export const WRITE_REGISTERS_MAX = 123
/** 6.17. */
export const READ_WRITE_REGISTERS_MAX = 121
/** 6.18. */
export const FIFO_MAX = 31

const VALUE: ModbusException = { exception: ILLEGAL_DATA_VALUE }
const FUNCTION: ModbusException = { exception: ILLEGAL_FUNCTION }

/** Registers of one read: the standard's most, or fewer where the device allows only so many. */
export const registersMax = ({ model }: Pick<SimulatedDevice, 'model'>): number =>
  Math.min(READ_REGISTERS_MAX, model.max_registers ?? READ_REGISTERS_MAX)
const bitsMax = ({ model }: SimulatedDevice): number => Math.min(READ_BITS_MAX, model.max_bits ?? READ_BITS_MAX)

type Answer = Uint8Array | ModbusException
type Handler = (device: SimulatedDevice, pdu: Uint8Array, at: Instant) => Answer

/** Reply PDU, or the exception. A function that the device does not have is exception 1 whatever else is wrong. */
export function answerFunction(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  return HANDLERS[pdu[0]!]?.(device, pdu, at) ?? FUNCTION
}

/** Functions that change the device: what a broadcast may carry (Modbus over Serial Line 1.02, 2.1). */
export const isWrite = (fc: number): boolean => fc === 5 || fc === 6 || fc === 15 || fc === 16 || fc === 22

const HANDLERS: Readonly<Record<number, Handler>> = {
  1: (device, pdu, at) => bits(device, 'coil', pdu, at),
  2: (device, pdu, at) => bits(device, 'discrete', pdu, at),
  5: writeCoil,
  6: writeRegister,
  15: writeCoils,
  16: writeRegisters,
  22: maskWrite,
  23: readWrite,
  24: fifo,
  43: (device, pdu) => identityPdu(device, pdu),
}

const u16 = (pdu: Uint8Array, at: number): number => (pdu[at]! << 8) | pdu[at + 1]!
const within = (quantity: number, max: number): boolean => quantity >= 1 && quantity <= max
/** The exception, or the reply that only echoes the request's first bytes. */
const echo = (refused: ModbusException | undefined, pdu: Uint8Array, bytes: number): Answer =>
  refused ?? pdu.slice(0, bytes)

function bits(device: SimulatedDevice, table: BitTable, pdu: Uint8Array, at: Instant): Answer {
  if (device.readBits === undefined) return FUNCTION
  if (pdu.length !== 5 || !within(u16(pdu, 3), bitsMax(device))) return VALUE
  const answer = device.readBits(table, u16(pdu, 1), u16(pdu, 3), at)
  if (isException(answer)) return answer
  return Uint8Array.of(pdu[0]!, Math.ceil(answer.length / 8), ...packed(answer))
}

/** First bit in the lowest bit of the first byte; the rest of the last byte is 0 (6.1). */
function packed(values: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(values.length / 8))
  for (const [i, bit] of values.entries()) out[i >> 3]! |= bit << (i & 7)
  return out
}

function writeCoil(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  if (device.writeCoils === undefined) return FUNCTION
  if (pdu.length !== 5) return VALUE
  const value = u16(pdu, 3)
  // 6.5: all other values are illegal and will not affect the coil.
  if (value !== 0 && value !== 0xff00) return VALUE
  return echo(device.writeCoils(u16(pdu, 1), Uint8Array.of(value === 0 ? 0 : 1), at), pdu, 5)
}

function writeRegister(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  if (device.writeRegisters === undefined) return FUNCTION
  if (pdu.length !== 5) return VALUE
  return echo(device.writeRegisters(u16(pdu, 1), Uint16Array.of(u16(pdu, 3)), at), pdu, 5)
}

function writeCoils(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  if (device.writeCoils === undefined) return FUNCTION
  if (pdu.length < 6) return VALUE
  const quantity = u16(pdu, 3)
  const bytes = Math.ceil(quantity / 8)
  if (!within(quantity, WRITE_COILS_MAX) || pdu[5] !== bytes || pdu.length !== 6 + bytes) return VALUE
  const values = Uint8Array.from({ length: quantity }, (_, i) => (pdu[6 + (i >> 3)]! >> (i & 7)) & 1)
  return echo(device.writeCoils(u16(pdu, 1), values, at), pdu, 5)
}

/** Registers of a write, or `undefined` where quantity, byte count and length do not agree. */
function written(pdu: Uint8Array, quantityAt: number, max: number): Uint16Array | undefined {
  const from = quantityAt + 3
  if (pdu.length < from) return undefined
  const quantity = u16(pdu, quantityAt)
  if (!within(quantity, max) || pdu[from - 1] !== quantity * 2 || pdu.length !== from + quantity * 2) return undefined
  return Uint16Array.from({ length: quantity }, (_, i) => u16(pdu, from + i * 2))
}

function writeRegisters(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  if (device.writeRegisters === undefined) return FUNCTION
  const values = written(pdu, 3, WRITE_REGISTERS_MAX)
  return values === undefined ? VALUE : echo(device.writeRegisters(u16(pdu, 1), values, at), pdu, 5)
}

/** 6.16: (held AND and-mask) OR (or-mask AND NOT and-mask). */
function maskWrite(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  if (device.writeRegisters === undefined) return FUNCTION
  if (pdu.length !== 7) return VALUE
  const [address, and, or] = [u16(pdu, 1), u16(pdu, 3), u16(pdu, 5)]
  const held = device.readRegisters('holding', address, 1, at)
  if (isException(held)) return held
  const value = (held[0]! & and) | (or & ~and)
  return echo(device.writeRegisters(address, Uint16Array.of(value & 0xffff), at), pdu, 7)
}

/** 6.17: the write is done before the read; where the read cannot be answered nothing is written. */
function readWrite(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  if (device.writeRegisters === undefined) return FUNCTION
  if (pdu.length < 10) return VALUE
  const values = written(pdu, 7, READ_WRITE_REGISTERS_MAX)
  const [address, quantity] = [u16(pdu, 1), u16(pdu, 3)]
  if (values === undefined || !within(quantity, registersMax(device))) return VALUE
  const readable = device.readRegisters('holding', address, quantity, at)
  if (isException(readable)) return readable
  const refused = device.writeRegisters(u16(pdu, 5), values, at)
  if (refused !== undefined) return refused
  const answer = device.readRegisters('holding', address, quantity, at)
  return isException(answer) ? answer : registersPdu(23, answer)
}

/** 6.18: byte count, count, registers; a queue of more than 31 is exception 3. */
function fifo(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Answer {
  if (device.readFifo === undefined) return FUNCTION
  if (pdu.length !== 3) return VALUE
  const queue = device.readFifo(u16(pdu, 1), at)
  if (isException(queue)) return queue
  if (queue.length > FIFO_MAX) return VALUE
  const out = new Uint8Array(5 + queue.length * 2)
  const view = new DataView(out.buffer)
  out[0] = 24
  view.setUint16(1, 2 + queue.length * 2)
  view.setUint16(3, queue.length)
  queue.forEach((word, i) => {
    view.setUint16(5 + i * 2, word)
  })
  return out
}
