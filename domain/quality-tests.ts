/**
 * Quality tests of a channel as models and site files write them (QARTOD names), and the same in SI. Judging is done by
 * `measures/quality/`; where thresholds come from is the engineer's business.
 */
import Type, { type Static } from 'typebox'
import { differenceToSi, toSi } from './units.ts'

const closed = { additionalProperties: false } as const
const Span = (description: string) =>
  Type.Optional(
    Type.Object(
      { low: Type.Number(), high: Type.Number() },
      { ...closed, description: `${description}; both ends are within.` },
    ),
  )
const Threshold = (description: string) => Type.Optional(Type.Number({ exclusiveMinimum: 0, description }))

export const QualityTests = Type.Object(
  {
    possible: Span('Gross range: a value outside is failed'),
    usual: Span('Gross range: a value outside is suspect'),
    spike: Type.Optional(
      Type.Object(
        {
          suspect: Threshold(
            'A jump above this from one value to the next is suspect until the next value bears it out.',
          ),
          fail: Threshold('A jump above this is failed until the next value bears it out.'),
        },
        { ...closed, description: 'Single values that their neighbours do not support, in `unit`.' },
      ),
    ),
    rate_of_change: Type.Optional(
      Type.Object(
        {
          suspect_per_h: Threshold('Faster than this is suspect.'),
          fail_per_h: Threshold('Faster than this is failed.'),
        },
        { ...closed, description: 'Change from one value to the next, in `unit` per hour of device time.' },
      ),
    ),
    flat_line: Type.Optional(
      Type.Object(
        {
          tolerance: Type.Number({ exclusiveMinimum: 0, description: 'Flat means a range below this, in `unit`.' }),
          suspect_s: Threshold('Flat for this long is suspect, in device time [s].'),
          fail_s: Threshold('Flat for this long is failed, in device time [s].'),
        },
        { ...closed, description: 'A value that stands still for longer than this signal ever does.' },
      ),
    ),
  },
  { ...closed, description: 'Quality tests; a test that is left out is not made.' },
)
export type QualityTests = Static<typeof QualityTests>

type Thresholds = { readonly suspect?: number; readonly fail?: number }
/** Everything in SI and seconds of device time. */
export type QualityTestsSi = {
  readonly possible?: readonly [number, number]
  readonly usual?: readonly [number, number]
  readonly spike?: Thresholds
  /** Per second. */
  readonly rate_of_change?: Thresholds
  readonly flat_line?: { readonly tolerance: number; readonly suspect_s?: number; readonly fail_s?: number }
}

const defined = (suspect: number | undefined, fail: number | undefined): Thresholds => ({
  ...(suspect !== undefined && { suspect }),
  ...(fail !== undefined && { fail }),
})

/** @param unit of the values, known to `UNITS` */
export function qualityToSi(tests: QualityTests, unit: string): QualityTestsSi {
  const span = (s: { low: number; high: number }) => [toSi(s.low, unit)!, toSi(s.high, unit)!] as const
  const d = (value: number | undefined) => (value === undefined ? undefined : differenceToSi(value, unit)!)
  const perHour = (value: number | undefined) => (value === undefined ? undefined : d(value)! / 3600)
  const { possible, usual, spike, rate_of_change: rate, flat_line: flat } = tests
  return {
    ...(possible && { possible: span(possible) }),
    ...(usual && { usual: span(usual) }),
    ...(spike && { spike: defined(d(spike.suspect), d(spike.fail)) }),
    ...(rate && { rate_of_change: defined(perHour(rate.suspect_per_h), perHour(rate.fail_per_h)) }),
    ...(flat && {
      flat_line: {
        tolerance: d(flat.tolerance)!,
        ...(flat.suspect_s !== undefined && { suspect_s: flat.suspect_s }),
        ...(flat.fail_s !== undefined && { fail_s: flat.fail_s }),
      },
    }),
  }
}

/** What makes no sense in a set of tests: the key and what was expected. */
export function qualityMistakes(tests: QualityTests): Array<{ path: string[]; expected: string; got: unknown }> {
  const out: Array<{ path: string[]; expected: string; got: unknown }> = []
  for (const key of ['possible', 'usual'] as const) {
    const span = tests[key]
    if (span !== undefined && !(span.low < span.high))
      out.push({ path: [key, 'low'], expected: `a value below high (${span.high})`, got: span.low })
  }
  const { possible, usual } = tests
  if (possible && usual && (usual.low < possible.low || usual.high > possible.high))
    out.push({
      path: ['usual'],
      expected: `a span within possible (${possible.low} to ${possible.high})`,
      got: `${usual.low} to ${usual.high}`,
    })
  for (const [key, a, b] of [
    ['spike', 'suspect', 'fail'],
    ['rate_of_change', 'suspect_per_h', 'fail_per_h'],
    ['flat_line', 'suspect_s', 'fail_s'],
  ] as const) {
    const test = tests[key] as Readonly<Record<string, number | undefined>> | undefined
    if (test === undefined) continue
    const [suspect, fail] = [test[a], test[b]]
    if (suspect === undefined && fail === undefined)
      out.push({ path: [key], expected: `${a}, ${b} or both`, got: undefined })
    if (suspect !== undefined && fail !== undefined && suspect > fail)
      out.push({ path: [key, a], expected: `at most ${b} (${fail})`, got: suspect })
  }
  return out
}
