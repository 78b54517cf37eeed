/**
 * How a value of a writable point is written and what must be read back: a coil, a bit of a register, or registers. Scale,
 * offset and byte order are those of the point, the other way round than `../decode.ts` uses them.
 */
import type { ScalarPoint } from '../../domain/model.ts'
import { ModbusError, type ModbusLink } from '../../domain/ports.ts'

export type WritePlan =
  | { readonly kind: 'coil'; readonly address: number; readonly on: boolean }
  | { readonly kind: 'bit'; readonly address: number; readonly bit: number; readonly on: boolean }
  | { readonly kind: 'registers'; readonly address: number; readonly values: readonly number[] }

export const coilPlan = (address: number, value: number): WritePlan => ({ kind: 'coil', address, on: value !== 0 })

/**
 * @param value in the unit of the point
 * @returns `undefined` where the type cannot hold the value, or is not one that can be written
 */
export function writePlan(point: ScalarPoint, value: number): WritePlan | undefined {
  const { address } = point
  if (point.table === 'coil') return coilPlan(address, value)
  if (point.table !== 'holding') return undefined
  if (point.type === 'bit') return { kind: 'bit', address, bit: point.bit ?? 0, on: value !== 0 }
  const raw = (value - (point.offset ?? 0)) / (point.scale ?? 1)
  const values = registersOf(point, raw)
  return values === undefined ? undefined : { kind: 'registers', address, values }
}

/** Lowest and highest value of the integer types that can be written. */
const SPAN = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
} as const

function registersOf({ type, order }: ScalarPoint, raw: number): number[] | undefined {
  const view = new DataView(new ArrayBuffer(4))
  if (type === 'float32') {
    if (!Number.isFinite(Math.fround(raw))) return undefined
    view.setFloat32(0, raw)
    return ordered([view.getUint16(0), view.getUint16(2)], order)
  }
  if (type !== 'int16' && type !== 'uint16' && type !== 'int32' && type !== 'uint32') return undefined
  const whole = Math.round(raw)
  const [low, high] = SPAN[type]
  if (!Number.isFinite(raw) || whole < low || whole > high) return undefined
  if (type === 'int16' || type === 'uint16') return ordered([whole & 0xffff], order)
  view.setUint32(0, whole >>> 0)
  return ordered([view.getUint16(0), view.getUint16(2)], order)
}

const swapped = (word: number): number => ((word & 0xff) << 8) | (word >> 8)
function ordered(words: number[], order: ScalarPoint['order']): number[] {
  const inOrder = order === 'CDAB' || order === 'DCBA' ? [...words].reverse() : words
  return order === 'BADC' || order === 'DCBA' || order === 'BA' ? inOrder.map(swapped) : inOrder
}

/** @throws ModbusError */
export async function write(link: ModbusLink, unitId: number, plan: WritePlan): Promise<void> {
  if (plan.kind === 'coil') return link.writeCoils(unitId, plan.address, [plan.on])
  if (plan.kind === 'registers') return link.writeRegisters(unitId, plan.address, plan.values)
  const mask = 1 << plan.bit
  return link.maskWriteRegister(unitId, plan.address, 0xffff & ~mask, plan.on ? mask : 0)
}

/** Whether the device holds what the plan writes. @throws ModbusError */
export async function holds(link: ModbusLink, unitId: number, plan: WritePlan): Promise<boolean> {
  if (plan.kind === 'coil') {
    const { bits } = await link.readBits(unitId, 'coil', plan.address, 1)
    return (bits[0] === 1) === plan.on
  }
  if (plan.kind === 'bit') {
    const { registers } = await link.readRegisters(unitId, 'holding', plan.address, 1)
    return ((registers[0]! >> plan.bit) & 1) === (plan.on ? 1 : 0)
  }
  const { registers } = await link.readRegisters(unitId, 'holding', plan.address, plan.values.length)
  return plan.values.every((value, i) => registers[i] === value)
}

/** Writes, then reads back. @throws ModbusError, `bad-reply` where the device confirmed and yet holds something else */
export async function writeConfirmed(link: ModbusLink, unitId: number, plan: WritePlan): Promise<void> {
  await write(link, unitId, plan)
  if (!(await holds(link, unitId, plan)))
    throw new ModbusError('bad-reply', `address ${plan.address} holds another value than was written and confirmed`)
}

/** The bit that a button gives: 0 or 1. @throws ModbusError */
export async function readBit(link: ModbusLink, unitId: number, at: ScalarPoint | number): Promise<boolean> {
  if (typeof at === 'number') return (await link.readBits(unitId, 'coil', at, 1)).bits[0] === 1
  const { address } = at
  if (at.table === 'coil' || at.table === 'discrete')
    return (await link.readBits(unitId, at.table, address, 1)).bits[0] === 1
  const { registers } = await link.readRegisters(unitId, at.table, address, 1)
  return ((registers[0]! >> (at.bit ?? 0)) & 1) === 1
}
