/**
 * What every simulated device is to the rest of the room: registers at an instant, a boot, and one fault at a time. What
 * the registers hold is left to `accelerometer.ts`, `fifo-device.ts` and `gauge.ts`, carrying them to `io/` and `memory-link.ts`.
 */
import { PlumblineError } from '../domain/errors.ts'
import type { Model } from '../domain/model.ts'
import type { Instant } from '../domain/time.ts'
import type { Program } from './program.ts'

export type Table = 'holding' | 'input'
export type BitTable = 'coil' | 'discrete'

/** Exception codes, Modbus Application Protocol 1.1b3 section 7. */
export const ILLEGAL_FUNCTION = 1
export const ILLEGAL_DATA_ADDRESS = 2
export const ILLEGAL_DATA_VALUE = 3
export const SERVER_DEVICE_FAILURE = 4
export const SERVER_DEVICE_BUSY = 6
export const GATEWAY_TARGET_FAILED_TO_RESPOND = 11
export type ModbusException = { readonly exception: number }
export const isException = (answer: object): answer is ModbusException => 'exception' in answer

/** A start of the device: its id is never 0 and differs from the start before; counters and device time count from `at`. */
export type Boot = { readonly id: number; readonly at: Instant }

/**
 * What a device does wrong, until it is told otherwise.
 * In the registers: `nan`, `invalid-code`, `wrong-order` (values), `status` (status word). On the wire: the rest.
 */
export type Fault =
  | 'none'
  | { readonly exception: number }
  /** No answer; the connection stays open. */
  | 'hang'
  /** The connection closes when a request comes; a serial line, which cannot close, stays silent. */
  | 'close'
  | 'nan'
  | 'invalid-code'
  | 'status'
  /** Values of several registers come with their words the other way round, as after a change of firmware. */
  | 'wrong-order'
  /** Half a reply, then nothing. */
  | 'truncate'
  /** A whole frame whose byte count promises one register more than it holds. */
  | 'short'
  /** The transaction id is another's; on a serial line, which has none, the CRC is wrong. */
  | 'wrong-transaction'
  /** The CRC is wrong; on TCP, which has none, the transaction id is another's. */
  | 'wrong-crc'
  | 'wrong-unit'
  | { readonly delay_ms: number }

export interface SimulatedDevice {
  readonly id: string
  readonly unit_id: number
  readonly model: Model
  readonly boot: Boot
  readonly fault: Fault
  /** @throws PlumblineError USAGE for a fault that a device of this model cannot show. */
  setFault(fault: Fault): void
  /** Counters and device time start from 0 and what it held is gone; the fault, if any, stays. */
  restart(boot: Boot): void
  /** What the registers hold at `at`, all latched at that instant. */
  readRegisters(table: Table, address: number, quantity: number, at: Instant): Uint16Array | ModbusException
  /** FC 6, 16, 22, 23: holding registers from `address`, all or none. A device without it refuses the function. */
  writeRegisters?(address: number, values: Uint16Array, at: Instant): ModbusException | undefined
  /** FC 1, 2: one element per bit, 0 or 1. */
  readBits?(table: BitTable, address: number, quantity: number, at: Instant): Uint8Array | ModbusException
  /** FC 5, 15: coils from `address`, one element per bit, all or none. */
  writeCoils?(address: number, bits: Uint8Array, at: Instant): ModbusException | undefined
  /** FC 24: what stands in the queue, oldest first, not cleared by reading. */
  readFifo?(address: number, at: Instant): Uint16Array | ModbusException
}

/** A device that somebody can play something into while it runs. */
export interface PlayableDevice extends SimulatedDevice {
  /**
   * From the next sample (of a gauge: from `at`) on it shows the program in place of what the site says; `undefined` = the
   * site's own again, where its rounds stand by then. Boot id, counters and what a ring already holds stay as they are. The
   * program may be steered at any time afterwards and may play in several devices at once.
   * @throws PlumblineError PLAY_REFUSED where the device cannot show that kind of recording: nothing has changed then
   */
  play(program: Program | undefined, at: Instant): void
}

export type DeviceIdentity = {
  readonly id: string
  readonly unit_id: number
  readonly model: Model
  /** Device seconds per real second. */
  readonly time_scale: number
  readonly boot: Boot
}

/** Refuses a fault that would change nothing: a drill with it would pass without having tested anything. */
export function refuseFault(device: string, fault: Fault, expected: string): never {
  throw new PlumblineError('USAGE', `fault of ${device}: expected ${expected}, got ${JSON.stringify(fault)}`)
}
