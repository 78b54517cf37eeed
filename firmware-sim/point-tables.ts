/**
 * The four tables of a register map: which addresses there are, what stands in them and what may be written. Values come
 * from whoever asks (SI by point); carrying requests is left to `answer.ts`.
 *
 * A table reaches from its first to its last address of the map: what lies between the points is reserved and reads 0, what
 * the model lists as `holes` is refused.
 */
import { type Info, type Model, type ScalarPoint, TYPE_REGISTERS } from '../domain/model.ts'
import { fromSi, toSi } from '../domain/units.ts'
import {
  type BitTable,
  type Fault,
  ILLEGAL_DATA_ADDRESS,
  ILLEGAL_DATA_VALUE,
  ILLEGAL_FUNCTION,
  isException,
  type ModbusException,
  type Table,
} from './device.ts'
import { infoWords } from './info.ts'
import { codeWords, isFloat, maskOf, pointWords, rawOf, rawWords } from './words.ts'

type AnyTable = Table | BitTable
type Status = NonNullable<ScalarPoint['status']>
/** SI value of a point at the instant of the request; NaN = the device has none. */
export type Shown = (point: ScalarPoint, channel: number) => number

type Placed = {
  readonly point: ScalarPoint
  /** Place in the model's list. */
  readonly channel: number
  readonly registers: number
  readonly mask: number
  readonly unit: string
}
type Image = {
  readonly first: number
  readonly last: number
  readonly points: readonly Placed[]
  /** What stands there whatever is measured: unit codes, information, status words while all is well. */
  readonly fixed: Uint16Array
  readonly holes: ReadonlyArray<{ readonly from: number; readonly to: number }>
  /** Bits that may be written, those that were, and with what. */
  readonly writable: Uint16Array
  readonly written: Uint16Array
  readonly words: Uint16Array
}

const ADDRESS: ModbusException = { exception: ILLEGAL_DATA_ADDRESS }
const VALUE: ModbusException = { exception: ILLEGAL_DATA_VALUE }

export class PointTables {
  readonly points: readonly ScalarPoint[]
  readonly #images: Readonly<Record<AnyTable, Image | undefined>>

  constructor(model: Model, deviceId: string) {
    this.points = model.points ?? []
    const image = (table: AnyTable) => imageOf(model, table, deviceId)
    this.#images = {
      holding: image('holding'),
      input: image('input'),
      coil: image('coil'),
      discrete: image('discrete'),
    }
  }

  has(...tables: AnyTable[]): boolean {
    return tables.some((table) => this.#images[table] !== undefined)
  }

  /** Whether anything of a table may be written. */
  canWrite(table: 'holding' | 'coil'): boolean {
    return this.#images[table]?.writable.some((mask) => mask !== 0) ?? false
  }

  /** What a fault would need to show in the registers, where nothing of this map can. */
  cannotShow(fault: Fault): string | undefined {
    const some = (has: (point: ScalarPoint) => unknown): boolean => this.points.some(has)
    if (fault === 'nan' && !some((p) => isFloat(p.type))) return 'a model with a float32 point'
    if (fault === 'invalid-code' && !some((p) => p.invalid_codes?.length)) return 'a model with invalid_codes'
    if (fault === 'status' && !some((p) => p.status)) return 'a model with a status word'
    if (fault === 'wrong-order' && !some((p) => TYPE_REGISTERS[p.type] > 1))
      return 'a model with values of several registers'
    return undefined
  }

  /** Registers, or bits of a bit table one to an element; exception 1 without the table, 2 outside it. */
  read(table: AnyTable, address: number, quantity: number, fault: Fault, shown: Shown): Uint16Array | ModbusException {
    const image = this.#images[table]
    if (image === undefined) return { exception: ILLEGAL_FUNCTION }
    if (!isThere(image, address, quantity)) return ADDRESS
    const at = address - image.first
    const out = image.fixed.slice(at, at + quantity)
    for (const placed of image.points) put(out, address, placed, fault, shown)
    for (let i = 0; i < quantity; i++) {
      const written = image.written[at + i]!
      if (written !== 0) out[i] = (out[i]! & ~written) | (image.words[at + i]! & written)
    }
    return out
  }

  /**
   * Holds until `forget`. Refused, all of it: what is not there or may not be written (2); part of a value, a value outside
   * the point's range, bits of the register that may not be written and would change (3).
   */
  write(
    table: 'holding' | 'coil',
    address: number,
    values: ArrayLike<number>,
    shown: Shown,
  ): ModbusException | undefined {
    const held = this.read(table, address, values.length, 'none', shown)
    if (isException(held)) return held
    const image = this.#images[table]!
    const at = address - image.first
    for (let i = 0; i < values.length; i++) {
      if (image.writable[at + i] === 0) return ADDRESS
      if (((values[i]! ^ held[i]!) & ~image.writable[at + i]! & 0xffff) !== 0) return VALUE
    }
    if (!image.points.every((placed) => mayHold(placed, address, values))) return VALUE
    for (let i = 0; i < values.length; i++) {
      image.written[at + i]! |= image.writable[at + i]!
      image.words[at + i] = values[i]!
    }
    return undefined
  }

  /** The device lost power: what was written is gone. */
  forget(): void {
    for (const image of Object.values(this.#images)) image?.written.fill(0)
  }
}

function isThere({ first, last, holes }: Image, address: number, quantity: number): boolean {
  const end = address + quantity - 1
  return address >= first && end <= last && !holes.some((hole) => address <= hole.to && end >= hole.from)
}

/** Writes a point and its status word into the registers from `address` on, as far as they reach. */
function put(out: Uint16Array, address: number, placed: Placed, fault: Fault, shown: Shown): void {
  const { point, channel, registers, mask } = placed
  const at = point.address - address
  const { status } = point
  const statusAt = status === undefined ? -1 : status.address - address
  const here = at < out.length && at + registers > 0
  if (!here && !(statusAt >= 0 && statusAt < out.length)) return
  const value = shown(point, channel)
  if (here) {
    const words = wordsOf(placed, value, fault)
    for (let i = 0; i < registers; i++)
      if (at + i >= 0 && at + i < out.length) out[at + i] = (out[at + i]! & ~mask) | (words[i]! & mask)
  }
  if (statusAt >= 0 && statusAt < out.length && (Number.isNaN(value) || fault === 'status'))
    out[statusAt] = invalidStatus(status!, out[statusAt]!)
}

/** A fault in the value leaves the status word alone: a reader must notice either by itself. */
function wordsOf({ point, unit, registers }: Placed, value: number, fault: Fault): number[] {
  if (point.table === 'coil' || point.table === 'discrete')
    return rawWords({ type: 'bit' }, Number.isNaN(value) ? 0 : rawIn(point, value, unit))
  if (fault === 'nan' && isFloat(point.type)) return rawWords(point, Number.NaN)
  const code = point.invalid_codes?.[0]
  if (fault === 'invalid-code' && code !== undefined) return codeWords(point, code)
  const words = pointWords(point, value, unit)
  return fault === 'wrong-order' && registers > 1 ? words.reverse() : words
}

const rawIn = (point: ScalarPoint, value: number, unit: string): number =>
  (fromSi(value, unit)! - (point.offset ?? 0)) / (point.scale ?? 1)

function invalidStatus({ bit, mask, codes }: Status, word: number): number {
  if (bit !== undefined) return word | (1 << bit)
  if (mask !== undefined) return word | (mask & -mask)
  return codes![0]!
}

/** The lowest word that none of the status words at an address takes for invalid. */
function validStatus(statuses: readonly Status[]): number {
  const means = (word: number, { bit, mask, codes }: Status): boolean =>
    (bit !== undefined && ((word >> bit) & 1) === 1) ||
    (mask !== undefined && (word & mask) !== 0) ||
    (codes?.includes(word) ?? false)
  let word = 0
  while (word < 0xffff && statuses.some((status) => means(word, status))) word++
  return word
}

/** Written registers hold the whole of the point, and a value in its range; points elsewhere do not mind. */
function mayHold({ point, registers, unit }: Placed, address: number, values: ArrayLike<number>): boolean {
  const at = point.address - address
  if (at >= values.length || at + registers <= 0 || point.writable !== true) return true
  if (at < 0 || at + registers > values.length) return false
  const raw =
    point.table === 'coil'
      ? values[at]!
      : rawOf(
          point,
          Array.from({ length: registers }, (_, i) => values[at + i]!),
        )
  const said = raw * (point.scale ?? 1) + (point.offset ?? 0)
  const inUnit = Math.fround(unit === point.unit ? said : fromSi(toSi(said, unit)!, point.unit)!)
  // Both bounds belong to the range; rounded with the value, 0.1 does not exceed itself.
  return inUnit >= Math.fround(point.range.low) && inUnit <= Math.fround(point.range.high)
}

/** The code of a unit register that means the model's own unit, else the first with the unit that it means. */
function shownUnit({ unit, unit_register }: ScalarPoint): { unit: string; code: number } | undefined {
  if (unit_register === undefined) return undefined
  const codes = Object.entries(unit_register.codes)
  const [code, meant] = codes.find(([, u]) => u === unit) ?? codes[0]!
  return { unit: meant, code: Number(code) }
}

function imageOf(model: Model, table: AnyTable, deviceId: string): Image | undefined {
  const points = (model.points ?? [])
    .map((point, channel) => ({
      point,
      channel,
      registers: TYPE_REGISTERS[point.type],
      mask: table === 'coil' || table === 'discrete' ? 1 : maskOf(point),
      unit: shownUnit(point)?.unit ?? point.unit,
    }))
    .filter(({ point }) => point.table === table)
  const infos: readonly Info[] = (model.info ?? []).filter((info) => info.table === table)
  const fixed = new Map<number, number>()
  const statuses = points.flatMap(({ point }) => point.status ?? [])
  for (const { address } of statuses) fixed.set(address, validStatus(statuses.filter((s) => s.address === address)))
  for (const { point } of points)
    if (point.unit_register) fixed.set(point.unit_register.address, shownUnit(point)!.code)
  for (const info of infos)
    for (const [i, word] of infoWords(info, deviceId, model).entries()) fixed.set(info.address + i, word)
  const addresses = [...fixed.keys(), ...points.flatMap((p) => [p.point.address, p.point.address + p.registers - 1])]
  if (addresses.length === 0) return undefined
  const first = Math.min(...addresses)
  const length = Math.max(...addresses) - first + 1
  const words = (at: (address: number) => number) => Uint16Array.from({ length }, (_, i) => at(first + i))
  const writable = new Uint16Array(length)
  for (const { point, registers, mask } of points)
    if (point.writable === true) for (let i = 0; i < registers; i++) writable[point.address - first + i]! |= mask
  return {
    first,
    last: first + length - 1,
    points,
    fixed: words((address) => fixed.get(address) ?? 0),
    holes: (model.holes ?? []).filter((hole) => hole.table === table),
    writable,
    written: new Uint16Array(length),
    words: new Uint16Array(length),
  }
}
