/**
 * Quality tests of a channel as models and site files write them (QARTOD names), and the same in SI. Judging is done by
 * `measures/quality/`; where thresholds come from is the engineer's business.
 */
import type { QualityTests } from './quality-schema.ts'
import { differenceToSi, toSi } from './units.ts'

export type { QualityTests } from './quality-schema.ts'

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
