import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GRAIN_NS, type Grain } from '../rollup.ts'
import { sourcesOf } from './sources.ts'

const S = 1_000_000_000n
const HOUR = 3600n * S

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
