import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planColumns, sourcesOf } from './columns-plan.ts'
import { GRAIN_NS, type Grain } from './rollups.ts'

const S = 1_000_000_000n
const MINUTE = 60n * S
const HOUR = 60n * MINUTE

test('narrow columns are as asked; wide ones hold whole rollups and begin with one', () => {
  expect(planColumns({ from: 5n, to: 1000n * S }, 1000, '1m')).toEqual({ start: 5n, width_ns: S, grain: undefined })
  // 24 h in 1,000 columns: 86.4 s would be too narrow for minutes.
  expect(planColumns({ from: 0n, to: 24n * HOUR }, 1000, '1m').grain).toBeUndefined()
  expect(planColumns({ from: 0n, to: 24n * HOUR }, 1000, '1s')).toEqual({ start: 0n, width_ns: 87n * S, grain: '1s' })
  // 30 days in 1,000 columns: 43.2 minutes.
  expect(planColumns({ from: 0n, to: 720n * HOUR }, 1000, '1m')).toEqual({
    start: 0n,
    width_ns: 44n * MINUTE,
    grain: '1m',
  })
  expect(planColumns({ from: -1n, to: 720n * HOUR }, 100, '1m')).toEqual({
    start: -HOUR,
    width_ns: 8n * HOUR,
    grain: '1h',
  })
})

test('columns never number more than asked, cover the window, and hold whole rollups', () => {
  const at = fc.bigInt(-(10n ** 18n), 2n * 10n ** 18n)
  fc.assert(
    fc.property(
      at,
      fc.bigInt(1n, 10n ** 17n),
      fc.integer({ min: 1, max: 10_000 }),
      fc.constantFrom('1s' as const, '1m' as const),
      (from, length, points, finest) => {
        const to = from + length
        const { start, width_ns, grain } = planColumns({ from, to }, points, finest)
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

test('rollups are taken of whole grains within hours that are known, points of the rest, nothing twice', () => {
  const window = { from: HOUR + 90n * S, to: 5n * HOUR + 30n * S }
  expect(sourcesOf(window, '1m', [1, 2, 4, 5])).toEqual({
    rollups: [
      { from: HOUR + 120n * S, to: 3n * HOUR },
      { from: 4n * HOUR, to: 5n * HOUR },
    ],
    points: [
      { from: window.from, to: HOUR + 120n * S },
      { from: 3n * HOUR, to: 4n * HOUR },
      { from: 5n * HOUR, to: window.to },
    ],
  })
  const hours = fc.uniqueArray(fc.integer({ min: -3, max: 30 })).map((all) => all.sort((a, b) => a - b))
  const grain = fc.constantFrom<Grain>('1s', '1m', '1h')
  fc.assert(
    fc.property(fc.bigInt(-HOUR, 20n * HOUR), fc.bigInt(1n, 9n * HOUR), hours, grain, (from, length, known, one) => {
      const to = from + length
      const { rollups, points } = sourcesOf({ from, to }, one, known)
      const all = [...rollups, ...points].sort((a, b) => (a.from < b.from ? -1 : 1))
      expect(all[0]!.from).toBe(from)
      expect(all.at(-1)!.to).toBe(to)
      for (const [i, span] of all.entries()) {
        expect(span.to > span.from).toBe(true)
        if (i > 0) expect(span.from).toBe(all[i - 1]!.to)
      }
      for (const span of rollups) expect([span.from % GRAIN_NS[one], span.to % GRAIN_NS[one]]).toEqual([0n, 0n])
    }),
  )
})
