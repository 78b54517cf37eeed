/**
 * A Modbus link to simulated devices without a socket, for rehearsals on the simulated clock: the same registers, the same
 * faults, as a strict client sees them. One request at a time, in the order they were made.
 */
import { type Clock, ModbusError, type ModbusLink, type ModbusReply } from '../domain/ports.ts'
import { type Instant, monotonic } from '../domain/time.ts'
import { answerPdu, answerRead } from './answer.ts'
import { GATEWAY_TARGET_FAILED_TO_RESPOND, isException, type SimulatedDevice } from './device.ts'
import * as requests from './requests.ts'
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

  /** Answers are made when the request comes, however late they arrive. */
  async function ask<T>(unit: number, answer: (device: SimulatedDevice, at: Instant) => T): Promise<Timed<T>> {
    if (!open) throw closed('the link is closed')
    const sent = clock.monotonic()
    const device = devices.get(unit)
    if (device === undefined) throw exception(GATEWAY_TARGET_FAILED_TO_RESPOND)
    const value = answer(device, at())
    const failure = await faultOf(device)
    if (!open) throw closed('the link was closed')
    if (failure !== undefined) throw failure
    return { value, sent, received: clock.monotonic() }
  }

  /** In the order in which they were made, one at a time. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = last.then(act)
    last = turn.catch(() => {})
    return turn
  }

  /** Reply PDU of a request that is not a plain register read. */
  const exchange = (unit: number, pdu: Uint8Array): Promise<Timed<Uint8Array>> =>
    inTurn(async () => {
      const reply = await ask(unit, (device, at) => answerPdu(device, pdu, at))
      if (reply.value[0]! & 0x80) throw exception(reply.value[1]!)
      return reply
    })
  const write = async (unit: number, pdu: Uint8Array): Promise<void> => void (await exchange(unit, pdu))

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
    readRegisters: (unit, table, address, quantity) =>
      inTurn(async () => {
        const { value, ...times } = await ask(unit, (device, at) => answerRead(device, table, address, quantity, at))
        if (isException(value)) throw exception(value.exception)
        return { registers: value, ...times }
      }),
    readBits: async (unit, table, address, quantity) => {
      const { value, ...times } = await exchange(unit, requests.readBits(table, address, quantity))
      return { bits: requests.bitsOf(value, quantity), ...times }
    },
    readFifo: async (unit, address) => {
      const { value, ...times } = await exchange(unit, requests.readFifo(address))
      return { registers: requests.registersFrom(value, 5), ...times }
    },
    readIdentity: async (unit) => {
      const objects = new Map<number, string>()
      for (let next: number | undefined = 0; next !== undefined; ) {
        const { value } = await exchange(unit, requests.readIdentity(next))
        next = requests.addObjects(objects, value)
      }
      return objects
    },
    writeCoils: (unit, address, bits) => write(unit, requests.writeCoils(address, bits)),
    writeRegisters: (unit, address, values, options) =>
      write(unit, requests.writeRegisters(address, values, options?.multiple ?? false)),
    maskWriteRegister: (unit, address, and, or) => write(unit, requests.maskWrite(address, and, or)),
    readWriteRegisters: async (unit, read, written) => {
      const { value, ...times } = await exchange(unit, requests.readWrite(read, written))
      return { registers: requests.registersFrom(value, 2), ...times }
    },
    async close() {
      open = false
      give()
      await last
    },
  }
}

type Timed<T> = { readonly value: T } & Pick<ModbusReply, 'sent' | 'received'>

const exception = (code: number): ModbusError => new ModbusError(`exception-${code}`, `Modbus exception ${code}`)
