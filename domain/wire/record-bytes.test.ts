import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Flag, Reading } from '../reading.ts'
import { encodePayload } from '../sparkplug/codec.ts'
import { instant } from '../time.ts'
import { bodyMetrics, emptyBody } from './record.ts'
import { encodeBody } from './record-bytes.ts'

const int64 = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })
const readings = fc.array(
  fc.record({
    metric: fc.oneof(fc.constantFrom('stage', 'acceleration/x'), fc.string({ unit: 'grapheme', maxLength: 100 })),
    value: fc.option(fc.double()),
    t_ns: int64.map(instant),
    half_width_ns: int64,
    flag: fc.constantFrom<Flag>(1, 2, 3, 4, 9),
  }),
  { maxLength: 20 },
)

test('gives the bytes of the metrics, for good readings and others', () => {
  fc.assert(
    fc.property(readings, fc.boolean(), (all, together) => {
      const body = {
        ...emptyBody,
        readings: all.map(({ metric, t_ns, ...rest }): Reading => {
          const reason = rest.flag === 1 ? {} : { reason: 'nan' as const, detail: 'raw NaN' }
          const of = together ? all[0]! : { t_ns, half_width_ns: rest.half_width_ns }
          return { channel: `gauge-1/${metric}`, ...rest, t_ns: of.t_ns, half_width_ns: of.half_width_ns, ...reason }
        }),
      }
      expect(Buffer.from(encodeBody('gauge-1', body))).toEqual(
        Buffer.from(encodePayload({ metrics: bodyMetrics('gauge-1', body) })),
      )
    }),
  )
})

test('two of one instant, and what follows them, keep their own instants', () => {
  const at = (t_ns: bigint): Reading => ({ channel: 'g/a', value: 1, t_ns: instant(t_ns), half_width_ns: 0n, flag: 1 })
  const body = { ...emptyBody, readings: [at(0n), at(5_000_000n), at(5_000_000n), at(4_000_000n)] }
  expect(encodeBody('g', body)).toEqual(encodePayload({ metrics: bodyMetrics('g', body) }))
})

test('a name so long that its metric needs a longer length leaves the times of its neighbours as they are', () => {
  const of = (channel: string): Reading => ({ channel, value: 1, t_ns: instant(7n), half_width_ns: 9n, flag: 1 })
  const long = `g/${'n'.repeat(100)}`
  const body = { ...emptyBody, readings: ['g/a', long, 'g/b', long, long, 'g/c'].map(of) }
  expect(encodeBody('g', body)).toEqual(encodePayload({ metrics: bodyMetrics('g', body) }))
  const first = { ...emptyBody, readings: [long, 'g/b', 'g/c'].map(of) }
  expect(encodeBody('g', first)).toEqual(encodePayload({ metrics: bodyMetrics('g', first) }))
})
