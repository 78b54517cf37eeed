/** Readings of any kind that can be kept, for property tests of whatever keeps or moves them. */
import fc from 'fast-check'
import type { Flag, Reading } from './reading.ts'
import { instant } from './time.ts'

const int64 = fc.bigInt({ min: 1n - 2n ** 63n, max: 2n ** 63n - 1n })
const devices = fc.constantFrom('', 'a', 'aa', 'tower', 'drill.x.tower')
const metrics = fc.constantFrom('', 'x', '/x', 'acceleration/x', 'a/x', '水位')

export const anyReading: fc.Arbitrary<Reading> = fc.record({
  channel: fc.oneof(
    fc.tuple(devices, metrics).map(([device, metric]) => `${device}/${metric}`),
    fc.string(),
  ),
  value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  t_ns: int64.map(instant),
  half_width_ns: int64,
  flag: fc.constantFrom<Flag>(1, 2, 3, 4, 9),
  reason: fc.constantFrom(undefined, 'timeout' as const, 'nan' as const),
  detail: fc.option(fc.string(), { nil: undefined }),
})
