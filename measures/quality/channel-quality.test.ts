import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Flag } from '../../domain/reading.ts'
import { instant } from '../../domain/time.ts'
import { ChannelQuality, type ChannelQualityState, type ChannelTests, judgeSeries } from './channel-quality.ts'

const at = (t_s: number) => instant(BigInt(Math.round(t_s * 1e9)))

const STAGE: ChannelTests = {
  grossRange: { fail: [-2, 20], suspect: [-1, 12] },
  spike: { suspect: 0.3, fail: 0.8 },
  rateOfChange: { suspect: 1 / 900 },
  flatLine: { suspect_s: 4 * 900, fail_s: 8 * 900, tolerance: 0.001, period_s: 900 },
  attenuatedSignal: { check: 'range', suspect: 0.05, period_s: 6 * 900, span_min_s: 4 * 900 },
  climatology: { members: [{ period: 'month', from: 1, to: 12, usual: [-0.5, 8] }] },
  missingCodes: [-999_999],
}

/** All final flags of a stream; `cut` says after which pushes the channel is stopped and started from its state. */
function streamed(
  t_s: readonly number[],
  values: ReadonlyArray<number | null>,
  tests: ChannelTests,
  cut: (i: number) => boolean = () => false,
) {
  let channel = new ChannelQuality(tests)
  const out = t_s.map(() => ({ flag: 9 as Flag, test: null as string | null, flags: {} }))
  t_s.forEach((t, i) => {
    const { now, revised } = channel.push({ t_ns: at(t), value: values[i]! })
    out[i] = { flag: now.flag, test: now.test, flags: now.flags }
    if (revised) out[i - 1] = { flag: revised.flag, test: revised.test, flags: revised.flags }
    if (cut(i)) channel = new ChannelQuality(tests, JSON.parse(JSON.stringify(channel.state())) as ChannelQualityState)
  })
  return out
}

const samples = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: -30, max: 30 }).map((v) => v / 10) },
      { weight: 4, arbitrary: fc.constant(1.5) },
      { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN, -999_999, 1000, Number.POSITIVE_INFINITY, 11.5) },
    ),
  ),
  { maxLength: 60 },
)

describe('stream and batch', () => {
  test('give the same flags, whatever the spacing, and across restarts of the machine', () => {
    fc.assert(
      fc.property(samples, fc.nat(7), (rows, k) => {
        let now = 1_600_000_000
        const t = rows.map(([dt]) => (now += dt * 60))
        const x = rows.map(([, value]) => value)
        const batch = judgeSeries(t, x, STAGE)
        expect(streamed(t, x, STAGE)).toEqual(batch)
        expect(streamed(t, x, STAGE, (i) => i % (k + 1) === 0)).toEqual(batch)
      }),
      { numRuns: 150 },
    )
  })
  test('a shift of all values and spans changes no flag', () => {
    const tests: ChannelTests = { spike: { suspect: 0.5 }, rateOfChange: { suspect: 0.002 } }
    fc.assert(
      fc.property(samples, (rows) => {
        let now = 0
        const t = rows.map(([dt]) => (now += dt * 60))
        const x = rows.map(([, value]) =>
          value === null || !Number.isFinite(value) ? null : Math.round(value * 10) / 8,
        )
        const lifted = x.map((v) => (v === null ? null : v + 1024))
        expect(judgeSeries(t, lifted, tests)).toEqual(judgeSeries(t, x, tests))
      }),
      { numRuns: 60 },
    )
  })
})

describe('a stage as it comes in', () => {
  const tests: ChannelTests = { grossRange: { fail: [-2, 20] }, spike: { suspect: 0.3, fail: 0.8 } }
  test('a spike inside the range is good and provisional, then failed by the spike test one sample later', () => {
    const channel = new ChannelQuality(tests)
    channel.push({ t_ns: at(0), value: 1 })
    const spike = channel.push({ t_ns: at(900), value: 3 })
    expect(spike.now).toMatchObject({ flag: 1, test: null, provisional: true, flags: { grossRange: 1, spike: 2 } })
    const next = channel.push({ t_ns: at(1800), value: 1.01 })
    expect(next.revised).toMatchObject({ t_ns: at(900), flag: 4, test: 'spike', provisional: false })
    expect(next.now).toMatchObject({ flag: 1, provisional: true })
  })
  test('the first flag is told with the plainest test that gave it', () => {
    const channel = new ChannelQuality(STAGE)
    channel.push({ t_ns: at(0), value: 1 })
    expect(channel.push({ t_ns: at(60), value: 11.9 }).now).toMatchObject({ flag: 3, test: 'rateOfChange' })
    expect(channel.push({ t_ns: at(120), value: 25 }).now).toMatchObject({
      flag: 4,
      test: 'grossRange',
      flags: { spike: 2, rateOfChange: 2 },
      provisional: false,
    })
  })
  test('missing is 9, from null, NaN or the code of the source; no test, no verdict', () => {
    const channel = new ChannelQuality(STAGE)
    for (const [i, value] of [null, Number.NaN, -999_999].entries())
      expect(channel.push({ t_ns: at(i), value }).now).toMatchObject({ flag: 9, test: null, provisional: false })
    expect(new ChannelQuality({}).push({ t_ns: at(0), value: 1 }).now.flag).toBe(2)
    expect(new ChannelQuality({}).push({ t_ns: at(0), value: null }).now.flag).toBe(9)
  })
  test('a clock that goes back begins anew and says so', () => {
    const channel = new ChannelQuality(STAGE)
    channel.push({ t_ns: at(900), value: 1 })
    expect(channel.push({ t_ns: at(900), value: 5 })).toMatchObject({
      restarted: true,
      revised: null,
      now: { flag: 1 },
    })
    expect(channel.push({ t_ns: at(960), value: 5 }).restarted).toBe(false)
  })
  test('settings that make no sense are refused when the channel is made', () => {
    expect(() => new ChannelQuality({ grossRange: { fail: [5, 1] } })).toThrow(/grossRange.fail/)
    expect(() => new ChannelQuality({ flatLine: { suspect_s: 1, tolerance: -1 } })).toThrow(/tolerance/)
    expect(() => new ChannelQuality({ attenuatedSignal: { suspect: 1, period_s: 0 } })).toThrow(/period_s/)
    expect(
      () => new ChannelQuality({ climatology: { members: [{ period: 'month', from: 0, to: 3, usual: [0, 1] }] } }),
    ).toThrow(/members\[0\]/)
  })
})
