/**
 * A Modbus link to simulated devices without a socket, for rehearsals on the simulated clock: the same registers, the same
 * faults, as a strict client sees them. One request at a time, in the order they were made.
 */
import { type Clock, ModbusError, type ModbusLink, type ModbusReply } from '../domain/ports.ts'
import { monotonic } from '../domain/time.ts'
import { answerRead } from './answer.ts'
import { GATEWAY_TARGET_FAILED_TO_RESPOND, isException, type SimulatedDevice, type Table } from './device.ts'
import { type Timebase, timebase } from './timebase.ts'

export type MemoryLinkOptions = {
  /** A request without an answer is given up after this long; default 1000. */
  readonly timeout_ms?: number
  /** Instants of the devices; default: the clock's wall time now, carried on by its monotonic clock. */
  readonly at?: Timebase
}

export function memoryLink(
  devices: ReadonlyMap<number, SimulatedDevice>,
  clock: Clock,
  options: MemoryLinkOptions = {},
): ModbusLink {
  const at = options.at ?? timebase(clock)
  const timeout_ms = options.timeout_ms ?? 1000
  let last: Promise<unknown> = Promise.resolve()
  let open = true
  /** Ends the wait under way, if any. */
  let give = () => {}

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.at(monotonic(clock.monotonic() + BigInt(Math.round(ms * 1e6))), resolve)
      give = () => {
        cancel()
        resolve()
      }
    })
  const closed = (detail: string) => new ModbusError('closed', detail)

  async function read(unit: number, table: Table, address: number, quantity: number): Promise<ModbusReply> {
    if (!open) throw closed('the link is closed')
    const sent = clock.monotonic()
    const device = devices.get(unit)
    if (device === undefined) throw exception(GATEWAY_TARGET_FAILED_TO_RESPOND)
    const answer = answerRead(device, table, address, quantity, at())
    const failure = await faultOf(device)
    if (!open) throw closed('the link was closed')
    if (failure !== undefined) throw failure
    if (isException(answer)) throw exception(answer.exception)
    return { registers: answer, sent, received: clock.monotonic() }
  }

  /** What a client that trusts nothing makes of a wire fault; a bad reply on TCP is dropped, so it ends as a time-out. */
  async function faultOf({ fault, id }: SimulatedDevice): Promise<ModbusError | undefined> {
    if (typeof fault === 'object') {
      const delay_ms = 'delay_ms' in fault ? fault.delay_ms : 0
      if (delay_ms > 0) await wait(Math.min(delay_ms, timeout_ms))
      return delay_ms > timeout_ms ? new ModbusError('timeout', `${id} did not answer in ${timeout_ms} ms`) : undefined
    }
    switch (fault) {
      case 'close':
        return closed(`${id} closed the connection`)
      case 'short':
      case 'wrong-unit':
      case 'wrong-transaction':
      case 'wrong-crc':
        return new ModbusError('bad-reply', `${id}: ${fault}`)
      case 'hang':
      case 'truncate':
        await wait(timeout_ms)
        return new ModbusError('timeout', `${id} did not answer in ${timeout_ms} ms`)
      default:
        return undefined
    }
  }

  return {
    readRegisters(unit, table, address, quantity) {
      const turn = last.then(() => read(unit, table, address, quantity))
      last = turn.catch(() => {})
      return turn
    },
    async close() {
      open = false
      give()
      await last
    },
  }
}

const exception = (code: number): ModbusError => new ModbusError(`exception-${code}`, `Modbus exception ${code}`)
