/**
 * A link as one device sees it. A device that answers exception 1 (Modbus Application Protocol 1.1b3, 7: illegal function)
 * does not know the function, whatever the address: it is not asked for that function again for a while, by any part of
 * its model. Writes are always tried: a person asked for them. What a silent device refused is forgotten (`forget`).
 */
import { type Clock, ModbusError, type ModbusLink } from '../domain/ports.ts'
import { monotonic } from '../domain/time.ts'
import { ASK_AGAIN_NS } from './point-reads.ts'

const READS = { holding: 3, input: 4, coil: 1, discrete: 2 } as const
const FIFO = 24
const IDENTITY = 43
const UNKNOWN = 'exception-1'

export class KnownFunctions implements ModbusLink {
  readonly #link: ModbusLink
  readonly #clock: Pick<Clock, 'monotonic'>
  /** When a refused function is asked for again. */
  readonly #again = new Map<number, bigint>()
  readonly writeCoils: ModbusLink['writeCoils']
  readonly writeRegisters: ModbusLink['writeRegisters']
  readonly maskWriteRegister: ModbusLink['maskWriteRegister']
  readonly readWriteRegisters: ModbusLink['readWriteRegisters']

  constructor(link: ModbusLink, clock: Pick<Clock, 'monotonic'>) {
    this.#link = link
    this.#clock = clock
    this.writeCoils = (...args) => link.writeCoils(...args)
    this.writeRegisters = (...args) => link.writeRegisters(...args)
    this.maskWriteRegister = (...args) => link.maskWriteRegister(...args)
    this.readWriteRegisters = (...args) => link.readWriteRegisters(...args)
  }

  readRegisters: ModbusLink['readRegisters'] = (unit, table, address, quantity) =>
    this.#ask(READS[table], () => this.#link.readRegisters(unit, table, address, quantity))

  readBits: ModbusLink['readBits'] = (unit, table, address, quantity) =>
    this.#ask(READS[table], () => this.#link.readBits(unit, table, address, quantity))

  readFifo: ModbusLink['readFifo'] = (unit, address) => this.#ask(FIFO, () => this.#link.readFifo(unit, address))

  readIdentity: ModbusLink['readIdentity'] = (unit) => this.#ask(IDENTITY, () => this.#link.readIdentity(unit))

  /** The device may be another one, or ready by now: everything is asked again. */
  forget(): void {
    this.#again.clear()
  }

  pollEnded(): void {
    this.#link.pollEnded?.()
  }

  /** The link is its owner's to close. */
  close(): Promise<void> {
    return Promise.resolve()
  }

  async #ask<T>(fn: number, ask: () => Promise<T>): Promise<T> {
    const again = this.#again.get(fn)
    if (again !== undefined) {
      if (this.#clock.monotonic() < again)
        throw new ModbusError(UNKNOWN, `the device does not know function ${fn}; it is left alone for a while`)
      this.#again.delete(fn)
    }
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ModbusError && error.reason === UNKNOWN)
        this.#again.set(fn, monotonic(this.#clock.monotonic() + ASK_AGAIN_NS))
      throw error
    }
  }
}
