/**
 * Drafts a register map from what a probe saw and the points that a person chose. It passes the check of models, and says at
 * each place what only the manual can tell.
 */
import { PlumblineError } from '../../domain/errors.ts'
import { type Order, type PointType, TYPE_REGISTERS } from '../../domain/model.ts'
import { UNITS } from '../../domain/units.ts'
import { showMistake } from '../../domain/yaml-check.ts'
import { readModel } from '../../models/load.ts'
import { isBits, type Range, type Seen } from './read.ts'
import { valueAt } from './table.ts'

export type DraftPoint = {
  readonly metric: string
  readonly address: number
  readonly type: PointType
  readonly order?: Order
  readonly unit: string
}

const POINT = /^([a-z0-9_/]+)@(\d+):([a-z0-9]+)(?::([A-H]+))?:([^:]+)$/

/** `stage@2002:float32:ABCD:m` or, of one register, `level@5:int16:cm`. @throws PlumblineError USAGE */
export function readPoint(text: string): DraftPoint {
  const [, metric, address, type, order, unit] = POINT.exec(text) ?? []
  if (metric === undefined || unit === undefined)
    throw new PlumblineError('USAGE', `--point: expected METRIC@ADDRESS:TYPE[:ORDER]:UNIT, got "${text}"`)
  if (type === undefined || !Object.hasOwn(TYPE_REGISTERS, type))
    throw new PlumblineError(
      'USAGE',
      `--point: expected a type (${Object.keys(TYPE_REGISTERS).join(', ')}), got "${type}" in "${text}"`,
    )
  if (!Object.hasOwn(UNITS, unit))
    throw new PlumblineError(
      'USAGE',
      `--point: expected a unit (${Object.keys(UNITS).join(', ')}), got "${unit}" in "${text}"`,
    )
  return { metric, address: Number(address), type: type as PointType, unit, ...(order && { order: order as Order }) }
}

export type Draft = {
  readonly id: string
  readonly range: Range
  readonly seen: Seen
  readonly points: readonly DraftPoint[]
  /** What the device says of itself, by object id; `undefined` where it says nothing. */
  readonly identity: ReadonlyMap<number, string> | undefined
  /** Registers a request, where the person gave it. */
  readonly max: number | undefined
}

/** @throws PlumblineError USAGE where the points cannot make a right model; the mistakes name the line of the draft */
export function draftModel(draft: Draft): string {
  const { id, range, seen, points, identity, max } = draft
  if (points.length === 0)
    throw new PlumblineError('USAGE', '--draft: expected at least one --point METRIC@ADDRESS:TYPE[:ORDER]:UNIT')
  const name = [identity?.get(0), identity?.get(1), identity?.get(2)].filter((text) => text !== undefined).join(' ')
  const holes = seen.missing.filter(({ reason }) => reason === 'exception-2')
  const lines = [
    '# Drafted by ./plumbline probe. Every TODO is a question to the manual; docs/guides/add-a-model.md goes through them.',
    `id: ${id}`,
    `name: ${quoted(name === '' ? id : name)} # TODO the name people use`,
    `source: ${quoted('TODO manual, edition and pages that the map was read from')}`,
    'points:',
    ...points.flatMap((point) => pointLines(point, draft)),
    'poll_ms: 1000 # TODO how often a value is worth reading',
    ...(max === undefined ? [] : [`${isBits(range.table) ? 'max_bits' : 'max_registers'}: ${max}`]),
    ...(holes.length === 0 ? [] : ['# The device refused these addresses (exception 2).', 'holes:']),
    ...holes.map(({ from, to }) => `  - { table: ${range.table}, from: ${from}, to: ${to} }`),
    ...caseLines(draft),
  ]
  const text = `${lines.join('\n')}\n`
  const read = readModel(text, id)
  if ('mistakes' in read)
    throw new PlumblineError(
      'USAGE',
      `the draft has mistakes\n${read.mistakes.map((m) => `  ${showMistake(m)}`).join('\n')}`,
    )
  return text
}

function pointLines({ metric, address, type, order, unit }: DraftPoint, { range, seen }: Draft): string[] {
  const value = isBits(range.table) ? seen.words.get(address) : valueAt(seen.words, address, type, order)
  const { low, high } = rangeAround(value)
  const bit = (type === 'bit' || type === 'bits') && !isBits(range.table)
  return [
    `  - metric: ${metric}`,
    `    table: ${range.table}`,
    `    address: ${address}`,
    `    type: ${type}`,
    ...(bit ? ['    bit: 0 # TODO which bit; 0 is the lowest'] : []),
    ...(type === 'bits' ? ['    bits: 1 # TODO how many bits'] : []),
    ...(order === undefined ? [] : [`    order: ${order}`]),
    `    unit: ${quoted(unit)}`,
    ...(isBits(range.table) ? [] : ['    # TODO scale, offset, invalid_codes and status, where the manual has them']),
    `    range: { low: ${low}, high: ${high} } # TODO what the sensor can measure; this only holds ${value === undefined ? 'nothing' : Number(value.toPrecision(7))}, just read`,
  ]
}

/** Narrow on purpose: a range that nobody looked up then shows as out-of-range instead of passing everything. */
function rangeAround(value: number | undefined): { low: number; high: number } {
  if (value === undefined || !Number.isFinite(value) || Math.abs(value) > 1e15) return { low: 0, high: 1 }
  return { low: Math.min(0, Math.floor(value)), high: Math.max(1, Math.ceil(value)) }
}

function caseLines({ id, points, seen, range }: Draft): string[] {
  const words = points.flatMap(({ address, type }) =>
    Array.from({ length: isBits(range.table) ? 1 : TYPE_REGISTERS[type] }, (_, i) => address + i),
  )
  const registers = [...new Set(words)].filter((at) => seen.words.has(at)).map((at) => `${at}: ${seen.words.get(at)}`)
  return [
    `# What was just read, for models/${id}/cases/: write beside it what the device shows on its own display.`,
    `#   registers: { ${registers.join(', ')} }`,
  ]
}

/** Plain where YAML reads it as the same text. */
const quoted = (text: string): string => (/^[A-Za-z][A-Za-z0-9 ./-]*$/.test(text) ? text : JSON.stringify(text))
