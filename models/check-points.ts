/**
 * What the points of a register map must hold: settings stand only where they mean something, codes are ones that the raw
 * type can give, units are of one quantity. The address space is `check-address.ts`.
 */
import { BIT_TABLES, type Model, ORDERS, type PointType, type ScalarPoint, TYPE_REGISTERS } from '../domain/model.ts'
import { qualityMistakes } from '../domain/quality-tests.ts'
import { quantityOf } from '../domain/units.ts'
import { CONDITION_PREFIX, DEVICE_MODEL, GAP } from '../domain/wire/names.ts'
import type { Checked, Mistake, Path } from '../domain/yaml-check.ts'
import type { Addresses } from './check-address.ts'

type Say = (key: Path, expected: string, got: unknown) => Mistake

export function pointMistakes(model: Model, addresses: Addresses, say: Checked['mistakeAt']): Mistake[] {
  const points = model.points ?? []
  return points.flatMap((point, i) => {
    const path: Path = ['points', i]
    const told: Say = (key, expected, got) => say([...path, ...key], expected, got)
    const first = points.findIndex((p) => p.metric === point.metric) === i
    return [
      ...(first ? [] : [told(['metric'], 'a metric that no other point has', point.metric)]),
      ...metricMistakes(model, point, told),
      ...(isBit(point) ? bitTableMistakes(point, told) : registerMistakes(point, told)),
      ...valueMistakes(point, told),
      ...sizeMistakes(model, point, say),
      ...addresses.mistakes([...path, 'address'], point.table, point.address, TYPE_REGISTERS[point.type]),
      ...(point.status === undefined || isBit(point)
        ? []
        : addresses.mistakes([...path, 'status', 'address'], point.table, point.status.address, 1)),
      ...(point.unit_register === undefined || isBit(point)
        ? []
        : addresses.mistakes([...path, 'unit_register', 'address'], point.table, point.unit_register.address, 1)),
    ]
  })
}

const isBit = ({ table }: Pick<ScalarPoint, 'table'>): boolean => (BIT_TABLES as readonly string[]).includes(table)

/** First parts of metric names that the wire uses itself (docs/reference/wire.md). */
const TAKEN: readonly string[] = [CONDITION_PREFIX, DEVICE_MODEL, GAP, 'block/'].map((name) => name.split('/')[0]!)

function metricMistakes(model: Model, { metric }: ScalarPoint, told: Say): Mistake[] {
  if (TAKEN.includes(metric.split('/')[0]!)) return [told(['metric'], 'a name that the wire does not use', metric)]
  if ((model.measures ?? []).some((measure) => measure === metric))
    return [told(['metric'], 'another name than the measure', metric)]
  return []
}

function bitTableMistakes(point: ScalarPoint, told: Say): Mistake[] {
  const out: Mistake[] = []
  if (point.type !== 'bit') out.push(told(['type'], `bit in the table ${point.table}`, point.type))
  for (const key of ['bit', 'bits', 'byte', 'order', 'status', 'unit_register'] as const)
    if (point[key] !== undefined) out.push(told([key], `no ${key} in a table of bits`, point[key]))
  if (point.writable && point.table === 'discrete')
    out.push(told(['writable'], 'writable only in coils and holding registers', true))
  return out
}

/** Orders that fit the registers of a type; of a single byte, `byte` alone says where it stands. */
export const ordersOf = (type: PointType): readonly string[] =>
  type === 'int8' || type === 'uint8' ? [] : ORDERS[TYPE_REGISTERS[type]]

function registerMistakes(point: ScalarPoint, told: Say): Mistake[] {
  const { type, order, bit, bits, byte } = point
  const out: Mistake[] = []
  const orders = ordersOf(type)
  if (order !== undefined && !orders.includes(order))
    out.push(
      told(['order'], orders.length === 0 ? `no order for ${type}` : `one of ${orders.join(', ')} for ${type}`, order),
    )
  const inRegister = type === 'bit' || type === 'bits'
  if (inRegister && bit === undefined)
    out.push(told(['bit'], `which bit of the register the ${type} start at`, undefined))
  if (!inRegister && bit !== undefined) out.push(told(['bit'], 'bit only of the types bit and bits', bit))
  if (type === 'bits' && bits === undefined) out.push(told(['bits'], 'how many bits the field has', undefined))
  if (type !== 'bits' && bits !== undefined) out.push(told(['bits'], 'bits only of the type bits', bits))
  if (type === 'bits' && (bit ?? 0) + (bits ?? 0) > 16)
    out.push(told(['bits'], `at most ${16 - (bit ?? 0)} bits from bit ${bit}`, bits))
  if (type !== 'int8' && type !== 'uint8' && byte !== undefined)
    out.push(told(['byte'], 'byte only of int8 and uint8', byte))
  if (point.writable && point.table !== 'holding')
    out.push(told(['writable'], 'writable only in coils and holding registers', true))
  return [...out, ...statusMistakes(point, told), ...unitMistakes(point, told)]
}

function statusMistakes({ status }: ScalarPoint, told: Say): Mistake[] {
  if (status === undefined || [status.bit, status.mask, status.codes].some((rule) => rule !== undefined)) return []
  return [told(['status'], 'at least one of bit, mask and codes', status)]
}

function unitMistakes({ unit, unit_register }: ScalarPoint, told: Say): Mistake[] {
  if (unit_register === undefined) return []
  const path: Path = ['unit_register', 'codes']
  const entries = Object.entries(unit_register.codes)
  if (entries.length === 0) return [told(path, 'at least one unit', unit_register.codes)]
  return entries.flatMap(([code, other]) => [
    ...(Number(code) > 0xffff ? [told([...path, code], 'a code that one register can hold', code)] : []),
    ...(quantityOf(other) === quantityOf(unit)
      ? []
      : [told([...path, code], `a unit of ${quantityOf(unit)}, as ${unit} is; leave other codes out`, other)]),
  ])
}

function valueMistakes(point: ScalarPoint, told: Say): Mistake[] {
  const out: Mistake[] = []
  if (point.scale === 0) out.push(told(['scale'], 'a scale other than 0', point.scale))
  if (point.range.low >= point.range.high)
    out.push(told(['range', 'high'], `more than low (${point.range.low})`, point.range.high))
  for (const { path, expected, got } of qualityMistakes(point.quality ?? {}))
    out.push(told(['quality', ...path], expected, got))
  ;(point.invalid_codes ?? []).forEach((code, i) => {
    if (!canHold(point, code)) out.push(told(['invalid_codes', i], `a raw value that ${point.type} can hold`, code))
  })
  return out
}

function sizeMistakes(model: Model, { metric, type }: ScalarPoint, say: Checked['mistakeAt']): Mistake[] {
  const least = TYPE_REGISTERS[type]
  if (model.max_registers === undefined || model.max_registers >= least) return []
  return [say(['max_registers'], `at least ${least}, so that ${metric} comes in one read`, model.max_registers)]
}

/** Lowest and highest raw value; a code of a signed type may also be written as its bit pattern (0x8000 for -32768). */
const CODES: Readonly<
  Record<Exclude<PointType, 'bits' | 'float16' | 'float32' | 'float64'>, readonly [number, number]>
> = {
  bit: [0, 1],
  int8: [-128, 0xff],
  uint8: [0, 0xff],
  int16: [-32_768, 0xffff],
  uint16: [0, 0xffff],
  bcd16: [0, 9999],
  int32: [-(2 ** 31), 0xffff_ffff],
  uint32: [0, 0xffff_ffff],
  bcd32: [0, 99_999_999],
  int64: [-(2 ** 63), 2 ** 64 - 1],
  uint64: [0, 2 ** 64 - 1],
}
/** Largest finite binary16 (IEEE 754-2019, table 3.5). */
const FLOAT16_MAX = 65_504

/** A code that the raw type cannot hold would never match: that is a mistake, not a setting. */
function canHold({ type, bits }: Pick<ScalarPoint, 'type' | 'bits'>, code: number): boolean {
  if (type === 'float64') return Number.isFinite(code)
  if (type === 'float32') return Number.isFinite(Math.fround(code))
  if (type === 'float16') return Math.abs(code) <= FLOAT16_MAX
  const [low, high] = type === 'bits' ? [0, 2 ** (bits ?? 16) - 1] : CODES[type]
  return Number.isInteger(code) && code >= low && code <= high
}
