import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packChunk, type Row, unpackChunk } from './chunk.ts'

const T0 = 1_528_048_800_000_000_000n
const row = (i: number, value: number | null, more: Partial<Row> = {}): Row => ({
  t_ns: T0 + BigInt(i) * 1_000_000_000n,
  value,
  half_width_ns: 200_000n,
  flag: value === null ? 9 : 1,
  reason: value === null ? 'timeout' : null,
  detail: null,
  ...more,
})
/** A small generator, so that the figures below are the same on every machine. */
function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
const bytesPerRow = (rows: Row[]): number => packChunk(rows)!.length / rows.length

describe('a chunk gives back every bit', () => {
  const bits = fc.double({ noNaN: true, noDefaultInfinity: true })
  const decimal = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 7 }))
  const value = fc.oneof(
    bits,
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    decimal.map(([steps, power]) => steps / 10 ** power),
    decimal.map(([steps, power]) => steps * 10 ** -power),
    fc.constantFrom(0, -0, 5e-324, Number.MAX_VALUE, 2 ** 53, 2 ** 60),
    fc.constant(null),
  )
  const rows = fc
    .array(
      fc.record({
        after: fc.oneof(fc.bigInt(1n, 10n), fc.bigInt(990_000_000n, 1_010_000_000n), fc.bigInt(1n, 10n ** 11n)),
        value,
        half_width_ns: fc.oneof(fc.bigInt(0n, 10n ** 6n), fc.bigInt(0n, 2n ** 52n)),
        flag: fc.constantFrom(1, 2, 3, 4, 9),
        reason: fc.constantFrom(null, 'timeout', 'exception-2', 'spike'),
        detail: fc.oneof(fc.constant(null), fc.string({ unit: 'grapheme', maxLength: 20 })),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((parts) => {
      let t_ns = T0
      return parts.map(({ after, ...part }): Row => {
        t_ns += after
        return { ...part, t_ns }
      })
    })

  test('whatever the values, instants and texts', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const body = packChunk(all)
        expect(body).toBeDefined()
        const chunk = unpackChunk(body!)
        expect(chunk.rows()).toEqual(all)
        for (const [i, { value }] of all.entries()) expect(Object.is(chunk.row(i).value, value)).toBe(true)
        for (const [i, { t_ns }] of all.entries()) expect([chunk.from(t_ns), chunk.from(t_ns + 1n)]).toEqual([i, i + 1])
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['instants before 1970', [row(0, 1, { t_ns: -5n }), row(0, 2, { t_ns: 7n })]],
    ['values of -0 among zeros', [row(0, 0), row(1, -0), row(2, 0)]],
    ['no value at all', [row(0, null), row(1, null)]],
    ['one row', [row(0, 0.1)]],
    ['tenths that are products, not quotients', [row(0, 3 * 0.1), row(1, 7 * 0.1), row(2, 6 * 0.1)]],
  ])('%s', (_, all) => {
    expect(unpackChunk(packChunk(all)!).rows()).toEqual(all)
  })

  test('what does not fit is left alone: a half width beyond 2^53', () => {
    expect(packChunk([row(0, 1, { half_width_ns: 2n ** 53n + 1n })])).toBeUndefined()
    expect(packChunk([])).toBeUndefined()
  })
})

describe('a chunk that is not whole', () => {
  const body = packChunk(Array.from({ length: 500 }, (_, i) => row(i, Math.sin(i))))!

  test('is told by its checksum, whichever byte is wrong', () => {
    for (let i = 0; i < body.length; i += 97) {
      const spoilt = body.slice()
      spoilt[i]! ^= 0x10
      expect(() => unpackChunk(spoilt), `byte ${i}`).toThrow()
    }
  })

  test('or cut', () => {
    for (const length of [0, 1, 20, body.length - 1]) expect(() => unpackChunk(body.subarray(0, length))).toThrow()
  })
})

describe('an hour at 1 Hz', () => {
  test('of a stage in millimetres on a steady clock needs about a byte and a half a reading', () => {
    const random = lcg(1)
    let stage_mm = 2000
    const next = (i: number): Row => {
      stage_mm += Math.round(random() * 4 - 2)
      return row(i, stage_mm / 1000)
    }
    expect(bytesPerRow(Array.from({ length: 3600 }, (_, i) => next(i)))).toBeLessThan(1.5)
  })

  test('of single precision, with instants and half widths that jitter to the nanosecond, stays below eight', () => {
    const random = lcg(2)
    let level = 2
    const jittered = (i: number): Row => {
      level += (random() - 0.5) / 100
      return row(i, Math.fround(level), {
        t_ns: T0 + BigInt(i) * 1_000_000_000n + BigInt(Math.round(random() * 1e6)),
        half_width_ns: 150_000n + BigInt(Math.round(random() * 1e5)),
      })
    }
    expect(bytesPerRow(Array.from({ length: 3600 }, (_, i) => jittered(i)))).toBeLessThan(8)
  })
})
