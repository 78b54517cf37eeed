/**
 * What a register map must hold beyond its schema: it fits the address space, its parts do not overlap, its measures have
 * what they are computed from. Each rule is one small function; all run, so that every mistake is told at once.
 */
import { MEASURES, type Model, RING_HEADER_REGISTERS, type ScalarPoint } from '../domain/model.ts'
import { quantityOf } from '../domain/units.ts'
import type { Checked, Mistake, Path } from '../domain/yaml-check.ts'

type Say = Checked['mistakeAt']

/** Registers of one table: addresses 0 to 65,535 (Modbus Application Protocol 1.1b3, 4.4). */
const ADDRESSES = 65_536

export const modelMistakes = (model: Model, id: string, say: Say): Mistake[] => [
  ...(model.id === id ? [] : [say(['id'], `the name of its folder, ${id}`, model.id)]),
  ...(model.ring === undefined && (model.points ?? []).length === 0 ? [say([], 'points or a ring', undefined)] : []),
  ...pointMistakes(model, say),
  ...ringMistakes(model, say),
  ...measureMistakes(model, say),
]

export const wordsOf = (point: Pick<ScalarPoint, 'type'>): 1 | 2 =>
  point.type === 'int16' || point.type === 'uint16' ? 1 : 2

function pointMistakes(model: Model, say: Say): Mistake[] {
  const points = model.points ?? []
  return points.flatMap((point, i) => {
    const path: Path = ['points', i]
    const out: Mistake[] = []
    if (points.findIndex((p) => p.metric === point.metric) !== i)
      out.push(say([...path, 'metric'], 'a metric that no other point has', point.metric))
    if (point.address + wordsOf(point) > ADDRESSES)
      out.push(say([...path, 'address'], `an address at which ${wordsOf(point)} registers fit`, point.address))
    if (point.order !== undefined && wordsOf(point) === 1)
      out.push(say([...path, 'order'], 'no order for a value of one register', point.order))
    if (point.scale === 0) out.push(say([...path, 'scale'], 'a scale other than 0', point.scale))
    if (point.range.low >= point.range.high)
      out.push(say([...path, 'range', 'high'], `more than low (${point.range.low})`, point.range.high))
    ;(point.invalid_codes ?? []).forEach((code, c) => {
      if (!canHold(point.type, code))
        out.push(say([...path, 'invalid_codes', c], `a raw value that ${point.type} can hold`, code))
    })
    return out
  })
}

/** Lowest and highest raw value; a code of a signed type may also be written as its bit pattern (0x8000 for -32768). */
const CODES: Readonly<Record<Exclude<ScalarPoint['type'], 'float32'>, readonly [number, number]>> = {
  int16: [-32_768, 0xffff],
  uint16: [0, 0xffff],
  int32: [-(2 ** 31), 0xffff_ffff],
  uint32: [0, 0xffff_ffff],
}

/** A code that the raw type cannot hold would never match: that is a mistake, not a setting. */
function canHold(type: ScalarPoint['type'], code: number): boolean {
  if (type === 'float32') return Number.isFinite(Math.fround(code))
  return Number.isInteger(code) && code >= CODES[type][0] && code <= CODES[type][1]
}

function ringMistakes({ ring, max_registers }: Model, say: Say): Mistake[] {
  if (ring === undefined) return []
  const out: Mistake[] = []
  const mistake = (key: string, expected: string, got: unknown) => out.push(say(['ring', key], expected, got))
  const samples = ring.depth * ring.axes.length
  const headerEnd = ring.header_address + RING_HEADER_REGISTERS
  if (headerEnd > ADDRESSES)
    mistake('header_address', `an address at which ${RING_HEADER_REGISTERS} registers fit`, ring.header_address)
  if (ring.samples_address + samples > ADDRESSES)
    mistake(
      'depth',
      `at most ${Math.floor((ADDRESSES - ring.samples_address) / ring.axes.length)} samples per axis from register ${ring.samples_address}`,
      ring.depth,
    )
  if (ring.samples_address < headerEnd && ring.samples_address + samples > ring.header_address)
    mistake(
      'samples_address',
      `samples outside the header (${ring.header_address} to ${headerEnd - 1})`,
      ring.samples_address,
    )
  if (new Set(ring.axes).size !== ring.axes.length) mistake('axes', 'each axis once', ring.axes)
  if (quantityOf(ring.unit) !== 'acceleration') mistake('unit', 'a unit of acceleration', ring.unit)
  if (!Number.isInteger(Math.round(ring.sample_rate_hz * 1e6) / 1e3))
    mistake('sample_rate_hz', 'whole millihertz, as the header holds them', ring.sample_rate_hz)
  // The edge reads complete blocks behind the writer: fewer than two leave no time to read one.
  if (ring.block_samples * 2 > ring.depth)
    mistake('block_samples', `at most half the depth (${ring.depth})`, ring.block_samples)
  const least = Math.max(RING_HEADER_REGISTERS, ring.axes.length)
  if (max_registers !== undefined && max_registers < least)
    out.push(say(['max_registers'], `at least ${least}, so that the ring's header comes in one read`, max_registers))
  return out
}

function measureMistakes(model: Model, say: Say): Mistake[] {
  const measures = model.measures ?? []
  return measures.flatMap((measure, i) => {
    if (measures.indexOf(measure) !== i) return [say(['measures', i], 'each measure once', measure)]
    const { from } = MEASURES[measure]
    const there = model.ring?.group === from || (model.points ?? []).some((p) => p.metric === from)
    return there ? [] : [say(['measures', i], `a measure of what the device gives (${measure} needs ${from})`, measure)]
  })
}
