import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planColumns } from './columns-plan.ts'
import { GRAIN_NS } from './rollup.ts'

const S = 1_000_000_000n
const MINUTE = 60n * S
const HOUR = 60n * MINUTE
const [MINUTES, SECONDS] = [['1h', '1m'] as const, ['1h', '1m', '1s'] as const]

test('narrow columns are as asked; wide ones hold whole rollups and begin with one', () => {
  expect(planColumns({ from: 5n, to: 1000n * S }, 1000, MINUTES)).toEqual({ start: 5n, width_ns: S, grain: undefined })
  // 24 h in 1,000 columns: 86.4 s would be too narrow for minutes.
  expect(planColumns({ from: 0n, to: 24n * HOUR }, 1000, MINUTES).grain).toBeUndefined()
  expect(planColumns({ from: 0n, to: 24n * HOUR }, 1000, SECONDS)).toEqual({
    start: 0n,
    width_ns: 87n * S,
    grain: '1s',
  })
  // 30 days in 1,000 columns: 43.2 minutes.
  expect(planColumns({ from: 0n, to: 720n * HOUR }, 1000, MINUTES)).toEqual({
    start: 0n,
    width_ns: 44n * MINUTE,
    grain: '1m',
  })
  expect(planColumns({ from: -1n, to: 720n * HOUR }, 100, MINUTES)).toEqual({
    start: -HOUR,
    width_ns: 8n * HOUR,
    grain: '1h',
  })
})

test('no column begins before the first instant of 64 bits', () => {
  const from = -(2n ** 63n)
  // 2^63 ns is no whole number of minutes: a minute that began there would begin too early.
  expect(planColumns({ from, to: 0n }, 1, MINUTES)).toEqual({ start: from, width_ns: 2n ** 63n, grain: undefined })
})

test('columns never number more than asked, cover the window, and hold whole rollups', () => {
  const at = fc.bigInt(-(10n ** 18n), 2n * 10n ** 18n)
  fc.assert(
    fc.property(
      at,
      fc.bigInt(1n, 10n ** 17n),
      fc.integer({ min: 1, max: 10_000 }),
      fc.constantFrom(['1m'] as const, MINUTES, SECONDS),
      (from, length, points, grains) => {
        const to = from + length
        const { start, width_ns, grain } = planColumns({ from, to }, points, grains)
        expect(start <= from).toBe(true)
        expect(start + width_ns * BigInt(points) >= to).toBe(true)
        if (grain === undefined) {
          expect(start).toBe(from)
          return
        }
        expect([start % GRAIN_NS[grain], width_ns % GRAIN_NS[grain]]).toEqual([0n, 0n])
        expect(from - start < GRAIN_NS[grain]).toBe(true)
      },
    ),
  )
})
