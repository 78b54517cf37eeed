/**
 * Which requests read the points of a device: neighbours share one, as long as the device allows its length and the
 * registers between them are few. Reading them is `scalar-poll.ts`.
 */
import type { Model, ScalarPoint } from '../domain/model.ts'
import { registersOf } from './decode.ts'

export type PlannedRead = {
  readonly table: ScalarPoint['table']
  readonly address: number
  readonly quantity: number
  /** Points whose value and status word lie wholly inside this read. */
  readonly points: readonly ScalarPoint[]
}

/** Modbus Application Protocol 1.1b3, 6.3: at most 125 registers a request. */
export const REGISTERS_MAX = 125
/** Unasked registers that one request may read on the way; more is more likely to hit a hole of the map than to save time. */
export const GAP_MAX = 8

/** Requests in order of table and address. A point and its status word always come in one request where that is possible. */
export function planReads(model: Pick<Model, 'points' | 'max_registers'>): PlannedRead[] {
  const most = model.max_registers ?? REGISTERS_MAX
  const spans = (model.points ?? [])
    .flatMap((point) => spansOf(point, most))
    .sort((a, b) => (a.table === b.table ? a.from - b.from || a.to - b.to : a.table < b.table ? -1 : 1))
  const reads: Span[] = []
  for (const span of spans) {
    const last = reads.at(-1)
    if (last !== undefined && last.table === span.table && mergeable(last, span, most)) {
      last.to = Math.max(last.to, span.to)
      last.points.push(...span.points)
    } else reads.push({ ...span, points: [...span.points] })
  }
  return reads.map(({ table, from, to, points }) => ({ table, address: from, quantity: to - from, points }))
}

/** Registers [from, to) */
type Span = { table: ScalarPoint['table']; from: number; to: number; points: ScalarPoint[] }

const mergeable = (a: Span, b: Span, most: number): boolean =>
  b.from - a.to <= GAP_MAX && Math.max(a.to, b.to) - a.from <= most

/** The value, and its status word: in one span where they fit, else the word in a span of its own. */
function spansOf(point: ScalarPoint, most: number): Span[] {
  const { table, address, type, status } = point
  const value = { table, from: address, to: address + registersOf(type), points: [point] }
  if (status === undefined) return [value]
  const from = Math.min(value.from, status.address)
  const to = Math.max(value.to, status.address + 1)
  if (to - from <= Math.min(most, registersOf(type) + 1 + GAP_MAX)) return [{ ...value, from, to }]
  return [value, { table, from: status.address, to: status.address + 1, points: [] }]
}
