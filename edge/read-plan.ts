/**
 * Which requests read the points of a device: neighbours share one, as long as the device allows its length, the registers
 * between them are few, and none of them is forbidden. Reading them, and what a refusal teaches, is `point-reads.ts`.
 */
import type { Model, ScalarPoint } from '../domain/model.ts'
import { isBitTable, registersOf } from './raw-value.ts'

/** Registers (or bits) [from, to) that belong together: a value, or a word that judges values. */
export type Span = {
  readonly from: number
  readonly to: number
  /** Points whose value this is. */
  readonly points: readonly ScalarPoint[]
}
export type PlannedRead = {
  readonly table: ScalarPoint['table']
  readonly address: number
  readonly quantity: number
  /** Points whose value lies in this read; each is in exactly one. */
  readonly points: readonly ScalarPoint[]
  /** What is asked, in order of address; a refused read is divided between them. */
  readonly spans: readonly Span[]
}
export type Plannable = Pick<Model, 'points' | 'max_registers' | 'max_bits' | 'max_gap' | 'holes'>

/** Modbus Application Protocol 1.1b3, 6.3 and 6.1: at most 125 registers or 2000 bits a request. */
export const REGISTERS_MAX = 125
export const BITS_MAX = 2000
/** Unasked registers that one request may read on the way; more is more likely to hit a hole of the map than to save time. */
export const GAP_MAX = 8

/**
 * Requests in order of table and address. A value and the words that judge it (status, unit) come in one request where the
 * device allows it. A point that lies in a hole of the model is in none.
 */
export function planReads(model: Plannable): PlannedRead[] {
  const readable = (model.points ?? []).filter(
    (p) => !touchesHole(model, p.table, p.address, p.address + registersOf(p.type)),
  )
  const groups = readable
    .flatMap((point) => groupsOf(model, point))
    .sort((a, b) => (a.table === b.table ? a.from - b.from || a.to - b.to : a.table < b.table ? -1 : 1))
  const merged: Group[] = []
  for (const group of groups) {
    const last = merged.at(-1)
    if (last !== undefined && !last.alone && mergeable(model, last, group)) {
      last.to = Math.max(last.to, group.to)
      last.spans.push(...group.spans)
    } else merged.push({ ...group, spans: [...group.spans] })
  }
  return merged.map(({ table, spans }) => readOf(table, spans))
}

/** The two halves of a read that was refused whole; `undefined` where it asks for one thing only. */
export function divide({ table, spans }: PlannedRead): readonly [PlannedRead, PlannedRead] | undefined {
  if (spans.length < 2) return undefined
  const half = Math.ceil(spans.length / 2)
  return [readOf(table, spans.slice(0, half)), readOf(table, spans.slice(half))]
}

function readOf(table: ScalarPoint['table'], all: readonly Span[]): PlannedRead {
  const spans: Span[] = []
  for (const span of all.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = spans.at(-1)
    if (last !== undefined && last.from === span.from && last.to === span.to)
      spans[spans.length - 1] = { ...last, points: [...last.points, ...span.points] }
    else spans.push(span)
  }
  const address = spans[0]!.from
  const quantity = Math.max(...spans.map(({ to }) => to)) - address
  return { table, address, quantity, points: spans.flatMap(({ points }) => points), spans }
}

/** Spans that one request will fetch. */
type Group = { table: ScalarPoint['table']; from: number; to: number; alone: boolean; spans: Span[] }

const longest = (model: Plannable, table: ScalarPoint['table']): number =>
  isBitTable(table) ? (model.max_bits ?? BITS_MAX) : (model.max_registers ?? REGISTERS_MAX)

const touchesHole = ({ holes }: Plannable, table: ScalarPoint['table'], from: number, to: number): boolean =>
  holes?.some((hole) => hole.table === table && hole.from < to && hole.to >= from) ?? false

function mergeable(model: Plannable, a: Group, b: Group): boolean {
  if (a.table !== b.table || b.alone) return false
  const from = Math.min(a.from, b.from)
  const to = Math.max(a.to, b.to)
  const gap = Math.max(b.from - a.to, a.from - b.to)
  return (
    gap <= (model.max_gap ?? GAP_MAX) && to - from <= longest(model, a.table) && !touchesHole(model, a.table, from, to)
  )
}

/** The value with the words that judge it, as far as they fit; each that does not fit is read for itself. */
function groupsOf(model: Plannable, point: ScalarPoint): Group[] {
  const { table, address, type, status, unit_register, alone = false } = point
  const groupOf = (from: number, to: number, points: readonly ScalarPoint[]): Group => ({
    table,
    from,
    to,
    alone,
    spans: [{ from, to, points }],
  })
  const value = groupOf(address, address + registersOf(type), [point])
  const judging = [status, unit_register]
    .flatMap((word) => (word === undefined ? [] : [groupOf(word.address, word.address + 1, [])]))
    .sort((a, b) => distance(a, value) - distance(b, value))
  const apart: Group[] = []
  for (const word of judging) {
    if (mergeable(model, value, { ...word, alone: false })) {
      value.from = Math.min(value.from, word.from)
      value.to = Math.max(value.to, word.to)
      value.spans.push(...word.spans)
    } else if (!touchesHole(model, table, word.from, word.to)) apart.push({ ...word, alone: false })
  }
  return [value, ...apart]
}

const distance = (a: Group, b: Group): number => Math.max(a.from - b.to, b.from - a.to, 0)
