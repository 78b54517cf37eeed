import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromIso, instant, toIso } from './time.ts'

describe('instants', () => {
  test('keep nanoseconds through text', () => {
    expect(toIso(instant(1_528_048_800_123_456_789n))).toBe('2018-06-03T18:00:00.123456789Z')
    expect(fromIso('2018-06-03T18:00:00.123456789Z')).toBe(1_528_048_800_123_456_789n)
  })

  test('take a zone offset into account and refuse a text without zone', () => {
    expect(fromIso('2000-10-06T13:30:10+09:00')).toBe(fromIso('2000-10-06T04:30:10Z'))
    expect(fromIso('2000-10-06T13:30:10')).toBeUndefined()
    expect(fromIso('2000-13-06T13:30:10Z')).toBeUndefined()
  })

  test('refuse a day that does not exist', () => {
    expect(fromIso('2001-02-29T00:00:00Z')).toBeUndefined()
    expect(fromIso('2000-02-29T00:00:00Z')).toBe(951_782_400_000_000_000n)
  })

  test('any instant from 1900 to 2200 survives the round trip', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -2_208_988_800_000_000_000n, max: 7_258_118_400_000_000_000n }), (ns) => {
        expect(fromIso(toIso(instant(ns)))).toBe(ns)
      }),
    )
  })
})
