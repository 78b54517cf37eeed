/**
 * A device that is nothing but its tables: coils, discrete inputs, holding and input registers, each from an address on.
 * For controllers that are written to (a pump, a gate) and for what a scenario sets by hand.
 */
import type { Instant } from '../domain/time.ts'
import {
  type BitTable,
  type Boot,
  type DeviceIdentity,
  type Fault,
  ILLEGAL_DATA_ADDRESS,
  ILLEGAL_DATA_VALUE,
  ILLEGAL_FUNCTION,
  type ModbusException,
  refuseFault,
  type SimulatedDevice,
  type Table,
} from './device.ts'

/** Values from `address` on; what stands here is what a start of the device sets. */
export type Bank = { readonly address: number; readonly values: readonly number[] }

export type Written = {
  readonly table: 'coil' | 'holding'
  readonly address: number
  readonly values: readonly number[]
}

export type RegisterBankOptions = DeviceIdentity & {
  readonly coils?: Bank
  readonly discretes?: Bank
  readonly holding?: Bank
  readonly inputs?: Bank
  /** Judges a write before it is done: an exception refuses it, whole. */
  readonly onWrite?: (written: Written, at: Instant) => ModbusException | undefined
}

type Held<A extends Uint8Array | Uint16Array> = { readonly address: number; readonly values: A }

export class RegisterBank implements SimulatedDevice {
  readonly id: string
  readonly unit_id: number
  readonly model: DeviceIdentity['model']
  readonly #options: RegisterBankOptions
  #bits!: Readonly<Record<BitTable, Held<Uint8Array> | undefined>>
  #words!: Readonly<Record<Table, Held<Uint16Array> | undefined>>
  #boot: Boot
  #fault: Fault = 'none'

  constructor(options: RegisterBankOptions) {
    this.id = options.id
    this.unit_id = options.unit_id
    this.model = options.model
    this.#options = options
    this.#boot = options.boot
    this.restart(options.boot)
  }

  get boot(): Boot {
    return this.#boot
  }
  get fault(): Fault {
    return this.#fault
  }

  setFault(fault: Fault): void {
    if (fault === 'nan' || fault === 'invalid-code' || fault === 'status')
      refuseFault(this.id, fault, 'a fault of the wire: its registers have no meaning of their own')
    this.#fault = fault
  }

  /** Every table holds again what it was made with. */
  restart(boot: Boot): void {
    const { coils, discretes, holding, inputs } = this.#options
    const held = <A extends Uint8Array | Uint16Array>(bank: Bank | undefined, from: (v: readonly number[]) => A) =>
      bank && { address: bank.address, values: from(bank.values) }
    const bits = (v: readonly number[]) => Uint8Array.from(v, (bit) => (bit ? 1 : 0))
    this.#bits = { coil: held(coils, bits), discrete: held(discretes, bits) }
    this.#words = {
      holding: held(holding, (v) => Uint16Array.from(v)),
      input: held(inputs, (v) => Uint16Array.from(v)),
    }
    this.#boot = boot
  }

  readRegisters(table: Table, address: number, quantity: number): Uint16Array | ModbusException {
    return placed(this.#words[table], address, quantity, (values, i) => values.slice(i, i + quantity))
  }

  readBits(table: BitTable, address: number, quantity: number): Uint8Array | ModbusException {
    return placed(this.#bits[table], address, quantity, (values, i) => values.slice(i, i + quantity))
  }

  writeRegisters(address: number, words: Uint16Array, at: Instant): ModbusException | undefined {
    return placed(this.#words.holding, address, words.length, (values, i) => {
      const refused = this.#options.onWrite?.({ table: 'holding', address, values: [...words] }, at)
      if (refused === undefined) values.set(words, i)
      return refused
    })
  }

  writeCoils(address: number, bits: Uint8Array, at: Instant): ModbusException | undefined {
    return placed(this.#bits.coil, address, bits.length, (values, i) => {
      const refused = this.#options.onWrite?.({ table: 'coil', address, values: [...bits] }, at)
      if (refused === undefined) values.set(bits, i)
      return refused
    })
  }

  /** What the process behind the device changes: an input register or a discrete input. */
  setInput(table: 'input' | 'discrete', address: number, value: number): ModbusException | undefined {
    const held: Held<Uint8Array | Uint16Array> | undefined = table === 'input' ? this.#words.input : this.#bits.discrete
    if (!Number.isInteger(value) || value < 0 || value > (table === 'input' ? 0xffff : 1))
      return { exception: ILLEGAL_DATA_VALUE }
    return placed(held, address, 1, (values, i) => {
      values[i] = value
      return undefined
    })
  }
}

/** 1 where the device has no such table, 2 where the table does not reach so far (figures 11 to 22). */
function placed<A extends Uint8Array | Uint16Array, R>(
  held: Held<A> | undefined,
  address: number,
  quantity: number,
  act: (values: A, index: number) => R,
): R | ModbusException {
  if (held === undefined) return { exception: ILLEGAL_FUNCTION }
  const index = address - held.address
  if (index < 0 || index + quantity > held.values.length) return { exception: ILLEGAL_DATA_ADDRESS }
  return act(held.values, index)
}
