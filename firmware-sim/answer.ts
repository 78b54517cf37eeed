/**
 * What a device answers to a request, and what its fault makes of the answer. Pure: sending, waiting and closing are left
 * to the carriers (`io/modbus-server.ts`, `memory-link.ts`).
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
import {
  encodeFrame,
  exceptionPdu,
  type Frame,
  parseRequest,
  READ_REGISTERS_MAX,
  registersPdu,
} from './modbus-frame.ts'

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
  if (quantity < 1 || quantity > READ_REGISTERS_MAX) return { exception: ILLEGAL_DATA_VALUE }
  return device.readRegisters(table, address, quantity, at)
}

/** What leaves for a request: bytes (perhaps late), nothing, or the end of the connection. */
export type Reply = { readonly bytes: Uint8Array; readonly delay_ms: number } | 'nothing' | 'close'

/** `device` is undefined where no device has the unit id: the gateway answers for it (exception 11). */
export function answerFrame(frame: Frame, device: SimulatedDevice | undefined, at: Instant): Reply {
  const fc = frame.pdu[0]!
  if (device === undefined) return sent({ ...frame, pdu: exceptionPdu(fc, GATEWAY_TARGET_FAILED_TO_RESPOND) })
  const request = parseRequest(frame.pdu)
  const answer =
    'exception' in request ? request : answerRead(device, request.table, request.address, request.quantity, at)
  const pdu = isException(answer) ? exceptionPdu(fc, answer.exception) : registersPdu(fc, answer)
  return spoiled({ ...frame, pdu }, device.fault)
}

const sent = (frame: Frame, delay_ms = 0): Reply => ({ bytes: encodeFrame(frame), delay_ms })

function spoiled(frame: Frame, fault: Fault): Reply {
  if (typeof fault === 'object') return sent(frame, 'delay_ms' in fault ? fault.delay_ms : 0)
  switch (fault) {
    case 'hang':
      return 'nothing'
    case 'close':
      return 'close'
    case 'truncate': {
      const whole = encodeFrame(frame)
      return { bytes: whole.subarray(0, whole.length >> 1), delay_ms: 0 }
    }
    case 'short':
      return sent({ ...frame, pdu: frame.pdu.subarray(0, Math.max(1, frame.pdu.length - 2)) })
    case 'wrong-transaction':
      return sent({ ...frame, transaction: (frame.transaction + 1) & 0xffff })
    case 'wrong-unit':
      return sent({ ...frame, unit: (frame.unit + 1) & 0xff })
    default:
      return sent(frame)
  }
}
