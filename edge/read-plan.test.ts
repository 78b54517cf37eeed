import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ScalarPoint } from '../domain/model.ts'
import { registersOf } from './decode.ts'
import { GAP_MAX, planReads } from './read-plan.ts'

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

  test('every register of every point is read, no request is too long, whatever the map', () => {
    const anyPoint = fc.record({
      address: fc.integer({ min: 0, max: 400 }),
      table: fc.constantFrom('holding' as const, 'input' as const),
      type: fc.constantFrom('int16' as const, 'float32' as const),
      status: fc.option(fc.record({ address: fc.integer({ min: 0, max: 400 }), bit: fc.constant(0) }), {
        nil: undefined,
      }),
    })
    fc.assert(
      fc.property(fc.array(anyPoint, { maxLength: 20 }), fc.integer({ min: 2, max: 125 }), (parts, max_registers) => {
        const points = parts.map((p, i) => point(`p${i}`, p.address, p))
        const reads = planReads({ points, max_registers })
        const covers = (table: string, from: number, n: number) =>
          reads.some((r) => r.table === table && r.address <= from && from + n <= r.address + r.quantity)
        for (const p of points) {
          expect(covers(p.table, p.address, registersOf(p.type))).toBe(true)
          if (p.status !== undefined) expect(covers(p.table, p.status.address, 1)).toBe(true)
        }
        for (const r of reads) expect(r.quantity).toBeLessThanOrEqual(max_registers)
        expect(reads.flatMap((r) => r.points).length).toBe(points.length)
      }),
    )
  })
})
