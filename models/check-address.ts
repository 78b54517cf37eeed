/**
 * What every address of a register map obeys: it lies in the address space as the file counts it (from 0, or from 1 as
 * "register numbers"), the whole value fits behind it, and no hole is touched. What stands at an address is not known here.
 */
import type { BitTable, Model, RegisterTable } from '../domain/model.ts'
import type { Checked, Mistake, Path } from '../domain/yaml-check.ts'

/** Registers or bits of one table: addresses 0 to 65,535 on the wire (Modbus Application Protocol 1.1b3, 4.4). */
const ADDRESSES = 65_536

export class Addresses {
  readonly #base: 0 | 1
  readonly #holes: NonNullable<Model['holes']>
  readonly #say: Checked['mistakeAt']

  constructor(model: Pick<Model, 'address_base' | 'holes'>, say: Checked['mistakeAt']) {
    this.#base = model.address_base ?? 0
    this.#holes = model.holes ?? []
    this.#say = say
  }

  /** How many more fit from this address to the end of the table. */
  roomFrom(address: number): number {
    return ADDRESSES + this.#base - address
  }

  /** Mistakes of `count` registers (or bits, in a bit table) from `address`; told at `path`. */
  mistakes(path: Path, table: RegisterTable | BitTable, address: number, count: number): Mistake[] {
    return this.#outside(path, table, address, count) ?? this.#inHole(path, table, address, count)
  }

  holeMistakes(): Mistake[] {
    return this.#holes.flatMap(({ table, from, to }, i) => {
      const path: Path = ['holes', i]
      const outside = [
        ...(this.#outside([...path, 'from'], table, from, 1) ?? []),
        ...(this.#outside([...path, 'to'], table, to, 1) ?? []),
      ]
      return from <= to ? outside : [...outside, this.#say([...path, 'to'], `from (${from}) or more`, to)]
    })
  }

  #outside(path: Path, table: string, address: number, count: number): Mistake[] | undefined {
    const what = table === 'coil' || table === 'discrete' ? 'bit' : 'register'
    if (address < this.#base) return [this.#say(path, `${what} numbers from 1, as address_base says`, address)]
    if (count <= this.roomFrom(address)) return undefined
    const fit = count === 1 ? `1 ${what} fits` : `${count} ${what}s fit`
    return [this.#say(path, `an address at which ${fit}`, address)]
  }

  #inHole(path: Path, table: string, address: number, count: number): Mistake[] {
    const hole = this.#holes.find((h) => h.table === table && h.from < address + count && address <= h.to)
    if (hole === undefined) return []
    return [this.#say(path, `nothing inside the hole from ${hole.from} to ${hole.to}`, address)]
  }
}
