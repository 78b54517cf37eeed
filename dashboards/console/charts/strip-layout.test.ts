import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { displayDelay_ms, emptyFeed, receive, refill } from '../state/strip-feed.ts'
import {
  addBlock,
  axisStats,
  endOf_ms,
  LEAST_SCALE_M_S2,
  niceScale,
  type StripBlock,
  sampleAt,
  stripColumns,
} from './strip-layout.ts'

const block = (t0_ms: number, samples: number[], more: Partial<StripBlock> = {}): StripBlock => ({
  t0_ms,
  step_ms: 10,
  scale: 0.01,
  first_counter: t0_ms / 10,
  axes: [Int16Array.from(samples)],
  ...more,
})
const run = (t0_ms: number, n: number, value = (i: number) => i) =>
  block(
    t0_ms,
    Array.from({ length: n }, (_, i) => value(i)),
  )

describe('columns of the strip', () => {
  test('hold the lowest and highest sample: no peak is ever lost', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 300 }),
        (samples, width) => {
          const b = block(0, samples)
          const { low, high } = stripColumns([b], 0, 0, endOf_ms(b), width, 0)
          const top = Math.max(...[...high].filter((v) => !Number.isNaN(v)))
          const bottom = Math.min(...[...low].filter((v) => !Number.isNaN(v)))
          expect(top).toBeCloseTo(Math.max(...samples) * 0.01, 9)
          expect(bottom).toBeCloseTo(Math.min(...samples) * 0.01, 9)
        },
      ),
      { numRuns: 100 },
    ))
  test('are joined while samples follow each other, also where pixels are finer than samples', () => {
    const { low } = stripColumns([block(0, [0, 100])], 0, 0, 20, 10, 0)
    expect([...low.subarray(0, 6)].every((v) => !Number.isNaN(v))).toBe(true)
  })
  test('stay empty over a pause: no trace is not no motion', () => {
    const blocks = [run(0, 10), run(300, 10)]
    const { low } = stripColumns(blocks, 0, 0, 400, 40, 0)
    expect(Number.isNaN(low[9]!)).toBe(false)
    expect([...low.subarray(10, 30)].every(Number.isNaN)).toBe(true)
    expect(Number.isNaN(low[30]!)).toBe(false)
  })
  test('take the mean off', () => {
    const b = block(0, [981, 983, 979, 981])
    const stats = axisStats([b], 0, 0, 40)
    expect(stats.mean).toBeCloseTo(9.81, 9)
    expect(stats.peak).toBeCloseTo(0.02, 9)
    expect(stripColumns([b], 0, 0, 40, 4, stats.mean).high[1]).toBeCloseTo(0.02, 9)
  })
  test('of a sensor with more bits say so at its own full scale', () => {
    const b = { ...block(0, []), full_steps: 2 ** 23, axes: [Int32Array.of(0, 2 ** 23 - 1, 32_767, -(2 ** 23))] }
    expect([...stripColumns([b], 0, 0, 40, 4, 0).clipped]).toEqual([0, 1, 0, 1])
  })

  test('say where the sensor stood at its full scale', () => {
    const b = block(0, [0, 32_767, 0, -32_768])
    expect([...stripColumns([b], 0, 0, 40, 4, 0).clipped]).toEqual([0, 1, 0, 1])
    expect(axisStats([b], 0, 0, 40).clipped).toBe(true)
    expect(axisStats([b], 0, 0, 10).clipped).toBe(false)
  })
  test('show nothing for an axis that never came', () => {
    expect(axisStats([block(0, [1])], 1, 0, 10).count).toBe(0)
    expect([...stripColumns([block(0, [1])], 1, 0, 10, 3, 0).low].every(Number.isNaN)).toBe(true)
  })
})

test('a cursor reads the nearest sample of any block, and nothing in a pause', () => {
  const blocks = [block(0, [1, 2, 3]), block(100, [9])]
  expect([4, 6, 26, 60, 101].map((at_ms) => sampleAt(blocks, 0, at_ms))).toEqual([0.01, 0.02, null, null, 0.09])
  expect(sampleAt(blocks, 1, 0)).toBeNull()
})

test('the scale always holds the peak, in steps of 1, 2, 3, 5', () => {
  expect([0.001, 0.02, 0.0201, 0.05, 0.3, 0.8, 2.12, 19.6].map(niceScale)).toEqual([
    LEAST_SCALE_M_S2,
    0.02,
    0.03,
    0.05,
    0.3,
    1,
    3,
    20,
  ])
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (peak) => {
      expect(niceScale(peak)).toBeGreaterThanOrEqual(peak * (1 - 1e-9))
    }),
  )
})

describe('blocks', () => {
  test('are kept in order, each once, stored copy and live copy alike, none beyond the window', () => {
    let blocks: StripBlock[] = []
    for (const b of [run(1000, 10), run(1200, 10), run(1100, 10), { ...run(1100, 10), t0_ms: 1100.4 }])
      blocks = addBlock(blocks, b, 0)
    expect(blocks.map((b) => b.t0_ms)).toEqual([1000, 1100, 1200])
    expect(addBlock(blocks, run(1300, 10), 1150).map((b) => b.t0_ms)).toEqual([1100, 1200, 1300])
  })
  test('of a restarted device are new ones though the counter begins again', () => {
    const again = block(90_000, [1], { first_counter: 100 })
    expect(addBlock([run(1000, 10)], again, 0)).toHaveLength(2)
  })
  test('set how far behind the strip shows; stored ones do not', () => {
    let feed = emptyFeed
    for (let i = 0; i < 20; i += 1) feed = receive(feed, run(i * 500, 50), i * 500 + 610, 30_000)
    expect(displayDelay_ms(feed)).toBe(700)
    expect(displayDelay_ms(refill(feed, [run(-5000, 50)], -9000))).toBe(700)
    expect(displayDelay_ms(receive(feed, run(-9000, 50), 10_000, 30_000))).toBe(700)
  })
})
