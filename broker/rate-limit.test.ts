import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RATE_LIMITS, RateLimit } from './rate-limit.ts'

const limits = { bytes: { per_s: 1000, burst: 2000 }, frames: { per_s: 10, burst: 20 } }

test('a burst passes; then as much as flows in', () => {
  const limit = new RateLimit(limits, 0)
  expect(limit.take(1999, 1, 0)).toBe(0)
  expect(limit.take(1001, 1, 0), '1000 bytes too many: a second, and a byte').toBeCloseTo(1001)
  expect(limit.take(0, 0, 1002)).toBe(0)
  expect(limit.take(1, 25, 1002), 'frames count for themselves').toBeGreaterThan(0)
})

test('over any span no more passes than the burst and what flows in, and the last read', () => {
  const read = fc.record({ bytes: fc.integer({ min: 1, max: 3000 }), pause_ms: fc.integer({ min: 0, max: 500 }) })
  fc.assert(
    fc.property(fc.array(read, { minLength: 1, maxLength: 60 }), (reads) => {
      const limit = new RateLimit({ ...limits, frames: RATE_LIMITS.frames }, 0)
      let now_ms = 0
      let passed = 0
      for (const { bytes, pause_ms } of reads) {
        now_ms += pause_ms
        expect(passed).toBeLessThanOrEqual(2000 + now_ms + 3000)
        passed += bytes
        now_ms += limit.take(bytes, 1, now_ms)
      }
    }),
  )
})
