/**
 * What a device answers to a request, and what its fault makes of the answer. Pure: sending, waiting and closing are left
 * to the carriers (`io/`, `memory-link.ts`). Functions other than the register reads are in `writes.ts`.
 */
import type { Instant } from '../domain/time.ts'
import {
  type Fault,
  GATEWAY_TARGET_FAILED_TO_RESPOND,
  ILLEGAL_DATA_VALUE,
  isException,
  type ModbusException,
  type SimulatedDevice,
  type Table,
} from './device.ts'
import { encodeFrame, exceptionPdu, type Frame, parseRequest, registersPdu } from './modbus-frame.ts'
import { encodeRtu, type RtuFrame, withWrongCrc } from './rtu-frame.ts'
import { answerFunction, isWrite, registersMax } from './writes.ts'

/** Registers, or the exception of fault, quantity or address, in the order of 1.1b3 figure 13. */
export function answerRead(
  device: SimulatedDevice,
  table: Table,
  address: number,
  quantity: number,
  at: Instant,
): Uint16Array | ModbusException {
  const { fault } = device
  if (typeof fault === 'object' && 'exception' in fault) return fault
  if (quantity < 1 || quantity > registersMax(device)) return { exception: ILLEGAL_DATA_VALUE }
  return device.readRegisters(table, address, quantity, at)
}

/** Reply PDU of any function, exceptions of fault, function, quantity and address included. */
export function answerPdu(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Uint8Array {
  const fc = pdu[0]!
  const answer = fc === 3 || fc === 4 ? readPdu(device, pdu, at) : otherPdu(device, pdu, at)
  return isException(answer) ? exceptionPdu(fc, answer.exception) : answer
}

function readPdu(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Uint8Array | ModbusException {
  const request = parseRequest(pdu)
  if ('exception' in request) return request
  const answer = answerRead(device, request.table, request.address, request.quantity, at)
  return isException(answer) ? answer : registersPdu(pdu[0]!, answer)
}

function otherPdu(device: SimulatedDevice, pdu: Uint8Array, at: Instant): Uint8Array | ModbusException {
  const { fault } = device
  return typeof fault === 'object' && 'exception' in fault ? fault : answerFunction(device, pdu, at)
}

/** What leaves for a request: bytes (perhaps late), nothing, or the end of the connection. */
export type Reply = { readonly bytes: Uint8Array; readonly delay_ms: number } | 'nothing' | 'close'

/** `device` is undefined where no device has the unit id: the gateway answers for it (exception 11). */
export function answerFrame(frame: Frame, device: SimulatedDevice | undefined, at: Instant): Reply {
  if (device === undefined)
    return {
      bytes: encodeFrame({ ...frame, pdu: exceptionPdu(frame.pdu[0]!, GATEWAY_TARGET_FAILED_TO_RESPOND) }),
      delay_ms: 0,
    }
  return spoiled(device.fault, { ...frame, pdu: answerPdu(device, frame.pdu, at) }, encodeFrame, (reply) =>
    encodeFrame({ ...reply, transaction: (reply.transaction + 1) & 0xffff }),
  )
}

/**
 * On a serial line: a unit that is not there is silent, as a bus is; a broadcast (unit 0) is done by every device and
 * answered by none, and only writes may be broadcast (Modbus over Serial Line 1.02, 2.1).
 */
export function answerRtu(frame: RtuFrame, devices: ReadonlyMap<number, SimulatedDevice>, at: Instant): Reply {
  if (frame.unit === 0) {
    if (isWrite(frame.pdu[0]!)) for (const device of devices.values()) answerPdu(device, frame.pdu, at)
    return 'nothing'
  }
  const device = devices.get(frame.unit)
  if (device === undefined) return 'nothing'
  return spoiled(device.fault, { unit: frame.unit, pdu: answerPdu(device, frame.pdu, at) }, encodeRtu, (reply) =>
    withWrongCrc(encodeRtu(reply)),
  )
}

/** The reply as the fault leaves it; `unchecked` breaks what ties a reply to its request: transaction id or CRC. */
function spoiled<F extends RtuFrame>(
  fault: Fault,
  frame: F,
  encode: (frame: F) => Uint8Array,
  unchecked: (frame: F) => Uint8Array,
): Reply {
  const sent = (bytes: Uint8Array, delay_ms = 0): Reply => ({ bytes, delay_ms })
  if (typeof fault === 'object') return sent(encode(frame), 'delay_ms' in fault ? fault.delay_ms : 0)
  switch (fault) {
    case 'hang':
      return 'nothing'
    case 'close':
      return 'close'
    case 'truncate': {
      const whole = encode(frame)
      return sent(whole.subarray(0, whole.length >> 1))
    }
    case 'short':
      return sent(encode({ ...frame, pdu: frame.pdu.subarray(0, Math.max(1, frame.pdu.length - 2)) }))
    case 'wrong-transaction':
    case 'wrong-crc':
      return sent(unchecked(frame))
    case 'wrong-unit':
      return sent(encode({ ...frame, unit: (frame.unit + 1) & 0xff }))
    default:
      return sent(encode(frame))
  }
}
