import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ScalarPoint } from '../domain/model.ts'
import { registersOf } from './raw-value.ts'
import { divide, GAP_MAX, planReads } from './read-plan.ts'

const point = (metric: string, address: number, more: Partial<ScalarPoint> = {}): ScalarPoint => ({
  metric,
  address,
  table: 'input',
  type: 'float32',
  unit: 'm',
  range: { low: 0, high: 20 },
  ...more,
})
const shape = (points: ScalarPoint[], max_registers?: number) =>
  planReads({ points, max_registers }).map(
    (r) => `${r.table} ${r.address}+${r.quantity}: ${r.points.map((p) => p.metric)}`,
  )

describe('the points of a device share requests', () => {
  test('status word and stage of the gauge come in one request of four registers', () => {
    expect(shape([point('stage', 2, { status: { address: 0, bit: 0 } })])).toEqual(['input 0+4: stage'])
  })
  test('neighbours merge, tables do not, and a wide hole is not read', () => {
    const points = [
      point('c', 2 + GAP_MAX + 1),
      point('a', 0, { type: 'int16' }),
      point('b', 1, { type: 'int16' }),
      point('d', 0, { table: 'holding' }),
      point('e', 200),
    ]
    expect(shape(points)).toEqual(['holding 0+2: d', 'input 0+2: a,b', 'input 11+2: c', 'input 200+2: e'])
  })
  test('a device that allows few registers gets more requests', () => {
    const points = Array.from({ length: 6 }, (_, i) => point(`p${i}`, i * 2))
    expect(shape(points, 4)).toEqual(['input 0+4: p0,p1', 'input 4+4: p2,p3', 'input 8+4: p4,p5'])
  })
  test('a status word far away is read for itself', () => {
    expect(shape([point('stage', 106, { status: { address: 10, bit: 0 } })])).toEqual([
      'input 10+1: ',
      'input 106+2: stage',
    ])
  })

  test('a point alone is read alone, with its own status word', () => {
    const points = [
      point('a', 0, { type: 'int16' }),
      point('b', 1, { type: 'int16', alone: true, status: { address: 3, bit: 0 } }),
      point('c', 2, { type: 'int16' }),
    ]
    expect(shape(points)).toEqual(['input 0+1: a', 'input 1+3: b', 'input 2+1: c'])
  })

  test('holes are not crossed, and a point inside one is not read', () => {
    const holes = [{ table: 'input' as const, from: 3, to: 3 }]
    const points = [point('a', 0, { type: 'int16' }), point('b', 5, { type: 'int16' }), point('c', 2)]
    const reads = planReads({ points, holes }).map(
      (r) => `${r.address}+${r.quantity}: ${r.points.map((p) => p.metric)}`,
    )
    expect(reads).toEqual(['0+1: a', '5+1: b'])
  })

  test('bit tables are planned by their own limit', () => {
    const points = [0, 8, 1990, 2001].map((address) => point(`c${address}`, address, { table: 'coil', type: 'bit' }))
    expect(planReads({ points, max_gap: 100 }).map((r) => `${r.table} ${r.address}+${r.quantity}`)).toEqual([
      'coil 0+9',
      'coil 1990+12',
    ])
    expect(planReads({ points, max_bits: 5 }).map((r) => r.quantity)).toEqual([1, 1, 1, 1])
  })

  describe('whatever the map', () => {
    const TABLES = ['holding', 'input', 'coil', 'discrete'] as const
    const address = fc.integer({ min: 0, max: 300 })
    const anyPoint = fc.record({
      address,
      table: fc.constantFrom(...TABLES),
      type: fc.constantFrom('int16' as const, 'float32' as const, 'float64' as const),
      alone: fc.boolean(),
      status: fc.option(fc.record({ address, bit: fc.constant(0) }), { nil: undefined }),
      unit_register: fc.option(fc.record({ address, codes: fc.constant({ '0': 'm' }) }), { nil: undefined }),
    })
    const anyModel = fc.record({
      points: fc
        .array(anyPoint, { maxLength: 20 })
        .map((parts) =>
          parts.map((p, i) =>
            point(`p${i}`, p.address, { ...p, type: p.table === 'coil' || p.table === 'discrete' ? 'bit' : p.type }),
          ),
        ),
      max_registers: fc.integer({ min: 4, max: 125 }),
      max_bits: fc.integer({ min: 1, max: 2000 }),
      max_gap: fc.integer({ min: 0, max: 20 }),
      holes: fc.array(
        fc
          .record({ table: fc.constantFrom(...TABLES), from: address, length: fc.integer({ min: 0, max: 5 }) })
          .map(({ table, from, length }) => ({ table, from, to: from + length })),
        { maxLength: 6 },
      ),
    })
    type AnyModel = { points: ScalarPoint[]; holes: { table: string; from: number; to: number }[] }
    const inHole = (model: AnyModel, table: string, from: number, to: number) =>
      model.holes.some((h) => h.table === table && h.from < to && h.to >= from)
    const rangeOf = (p: ScalarPoint) => [p.address, p.address + registersOf(p.type)] as const

    test('every point outside the holes is decoded exactly once, from one request, with what judges it', () => {
      fc.assert(
        fc.property(anyModel, (model) => {
          const reads = planReads(model)
          const covered = (table: string, from: number, to: number) =>
            reads.some((r) => r.table === table && r.address <= from && to <= r.address + r.quantity)
          for (const p of model.points) {
            const [from, to] = rangeOf(p)
            const times = reads.filter((r) => r.points.includes(p))
            expect(times.length).toBe(inHole(model, p.table, from, to) ? 0 : 1)
            const [own] = times
            if (own === undefined) continue
            expect(own.address <= from && to <= own.address + own.quantity).toBe(true)
            for (const word of [p.status, p.unit_register])
              if (word !== undefined && !inHole(model, p.table, word.address, word.address + 1))
                expect(covered(p.table, word.address, word.address + 1)).toBe(true)
          }
        }),
        { numRuns: 500 },
      )
    })

    test('no request is too long, touches a hole, bridges a wide gap, or reads a point alone together with another', () => {
      fc.assert(
        fc.property(anyModel, (model) => {
          for (const read of planReads(model)) {
            const bits = read.table === 'coil' || read.table === 'discrete'
            expect(read.quantity).toBeLessThanOrEqual(bits ? model.max_bits : model.max_registers)
            expect(inHole(model, read.table, read.address, read.address + read.quantity)).toBe(false)
            let end = read.address
            for (const span of read.spans) {
              expect(span.from - end).toBeLessThanOrEqual(model.max_gap)
              end = Math.max(end, span.to)
            }
            expect(end).toBe(read.address + read.quantity)
            if (read.points.some((p) => p.alone)) expect(read.points).toHaveLength(1)
          }
        }),
        { numRuns: 500 },
      )
    })

    test('a value and its status word within the gap, in one request wherever the device allows it', () => {
      fc.assert(
        fc.property(anyModel, (model) => {
          const reads = planReads(model)
          for (const p of model.points) {
            const [from, to] = rangeOf(p)
            if (p.status === undefined || p.unit_register !== undefined) continue
            const first = Math.min(from, p.status.address)
            const last = Math.max(to, p.status.address + 1)
            const gap = Math.max(p.status.address - to, from - p.status.address - 1)
            const most = p.table === 'coil' || p.table === 'discrete' ? model.max_bits : model.max_registers
            if (gap > model.max_gap || last - first > most || inHole(model, p.table, first, last)) continue
            const own = reads.find((r) => r.points.includes(p))!
            expect(own.address <= first && last <= own.address + own.quantity).toBe(true)
          }
        }),
        { numRuns: 500 },
      )
    })

    test('dividing a read again and again asks for every span, and ends', () => {
      fc.assert(
        fc.property(anyModel, (model) => {
          for (const read of planReads(model)) {
            const leaves = (r: typeof read): (typeof read)[] => divide(r)?.flatMap(leaves) ?? [r]
            const parts = leaves(read)
            expect(parts.flatMap((r) => r.points)).toEqual(read.points)
            expect(parts.flatMap((r) => r.spans)).toEqual(read.spans)
            for (const part of parts) expect(part.spans).toHaveLength(1)
          }
        }),
      )
    })
  })
})
