/**
 * All points of a model as the device has them now, decoded by the edge's own decoder: value, flag and reason. The reads are
 * those the edge would plan; what the device refuses is told and the rest is shown.
 */
import { type Model, RING_HEADER_REGISTERS, type ScalarPoint, sampledOf } from '../../domain/model.ts'
import type { ModbusLink } from '../../domain/ports.ts'
import type { Flag } from '../../domain/reading.ts'
import { fromSi, quantityOf, SI_UNIT } from '../../domain/units.ts'
import { decodePoint } from '../../edge/decode.ts'
import { readInfo } from '../../edge/device-info.ts'
import { planReads } from '../../edge/read-plan.ts'
import { decodeHeader } from '../../edge/ring.ts'
import { silentLog } from '../../runtime/log.ts'
import { BITS_MAX, isBits, type Missing, REGISTERS_MAX, readRange, type Table } from './read.ts'

const FLAG_NAME: Readonly<Record<Flag, string>> = {
  1: 'good',
  2: 'not evaluated',
  3: 'suspect',
  4: 'fail',
  9: 'missing',
}

/** What a table of the device gave, over all reads. */
type Held = { readonly words: Map<number, number>; readonly missing: Missing[] }

/** @throws ModbusError where the device does not answer at all */
export async function readModelLive(link: ModbusLink, unitId: number, model: Model): Promise<string[]> {
  const held = new Map<Table, Held>()
  for (const { table, address, quantity } of planReads(model)) {
    const all: Held = held.get(table) ?? { words: new Map(), missing: [] }
    const max = isBits(table) ? (model.max_bits ?? BITS_MAX) : (model.max_registers ?? REGISTERS_MAX)
    const { words, missing } = await readRange(link, unitId, { table, from: address, count: quantity }, max)
    for (const [at, word] of words) all.words.set(at, word)
    all.missing.push(...missing)
    held.set(table, all)
  }
  const points = (model.points ?? []).map((point) => pointLine(point, held.get(point.table)))
  const info = await readInfo(model.info ?? [], link, unitId, silentLog)
  return [
    ...points,
    ...(model.info ?? []).map(({ name }) => `  ${name}: ${info[name] ?? 'not given'}`),
    ...(await headerLines(link, unitId, model)),
  ]
}

/** A register that was not read has no value: decoding ends there. */
class NotRead extends Error {
  readonly address: number
  constructor(address: number) {
    super(`register ${address} was not read`)
    this.address = address
  }
}

function pointLine(point: ScalarPoint, held: Held | undefined): string {
  const name = `  ${point.metric.padEnd(24)}`
  const at = (address: number): number => {
    const word = held?.words.get(address)
    if (word === undefined) throw new NotRead(address)
    return word
  }
  try {
    const { value, flag, reason, detail } = decodePoint(point, at)
    const si = value === null ? '-' : `${short(value)} ${SI_UNIT[quantityOf(point.unit)!]}`
    const own = value === null ? '' : `(${short(fromSi(value, point.unit)!)} ${point.unit})`
    const why = reason === undefined ? '' : `: ${reason}${detail === undefined ? '' : `, ${detail}`}`
    return `${name}${si.padEnd(20)}${own.padEnd(20)}${FLAG_NAME[flag]}${why}`
  } catch (error) {
    if (!(error instanceof NotRead)) throw error
    const hole = held?.missing.find(({ from, to }) => error.address >= from && error.address <= to)
    const why = hole === undefined ? 'in a hole of the model' : `${hole.reason}, ${hole.detail}`
    return `${name}${'-'.padEnd(40)}missing: ${point.table} ${error.address} not read (${why})`
  }
}

const short = (value: number): string => String(Number(value.toPrecision(7)))

async function headerLines(link: ModbusLink, unitId: number, model: Model): Promise<string[]> {
  const sampled = sampledOf(model)
  const place = model.ring ?? model.fifo
  if (sampled === undefined || place === undefined) return []
  const table = 'table' in place ? place.table : 'holding'
  const range = { table, from: place.header_address, count: RING_HEADER_REGISTERS }
  const { words, missing } = await readRange(link, unitId, range, RING_HEADER_REGISTERS)
  if (missing.length > 0) return [`  ${sampled.group}: header not read (${missing[0]!.reason}, ${missing[0]!.detail})`]
  const header = decodeHeader(Uint16Array.from({ length: RING_HEADER_REGISTERS }, (_, i) => words.get(range.from + i)!))
  const differs = [
    ['axes', sampled.axes.length, header.axes] as const,
    ['depth', sampled.depth, header.depth] as const,
    ['sample rate [Hz]', sampled.sample_rate_hz, header.sample_rate_hz] as const,
  ].filter(([, expected, got]) => expected !== got)
  return [
    `  ${sampled.group}: boot ${header.boot_id}, newest sample ${header.newest}, ${header.sample_rate_hz} Hz, ${header.depth} samples of ${header.axes} axes, status ${header.status}`,
    ...differs.map(
      ([what, expected, got]) => `  ${sampled.group}: the model says ${what} ${expected}, the device ${got}`,
    ),
  ]
}
