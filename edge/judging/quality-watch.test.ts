import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Site } from '../../domain/channel.ts'
import type { Model } from '../../domain/model.ts'
import type { QualityTests } from '../../domain/quality-tests.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { MemoryState, siteOf } from '../testing.ts'
import { LoneJump } from './lone-jump.ts'
import { QualityWatch } from './quality-watch.ts'

const at = (s: number): Instant => instant(BigInt(Math.round((1_700_000_000 + s) * 1000)) * 1_000_000n)
const gauge = (quality: QualityTests): Model => ({
  id: 'g',
  name: 'Gauge',
  source: 'test',
  points: [
    { metric: 'stage', table: 'input', address: 0, type: 'float32', unit: 'ft', range: { low: 0, high: 60 }, quality },
  ],
  poll_ms: 1000,
})

function watch(quality: QualityTests, site_quality?: unknown, time_scale?: number) {
  const { site, node } = siteOf([{ id: 'a', model: gauge(quality), time_scale }])
  const device = node.links[0]!.devices[0]! as { quality?: unknown }
  device.quality = site_quality
  const state = new MemoryState()
  const make = () => new QualityWatch(site as Site, node, state)
  let quality_watch = make()
  return {
    again: () => {
      quality_watch = make()
    },
    give: (s: number, value: number | null, flag: 1 | 4 | 9 = value === null ? 9 : 1) => {
      const reading = { channel: 'a/stage', value, t_ns: at(s), half_width_ns: 0n, flag }
      const [judged] = quality_watch.judge([reading])
      return judged!.reason === undefined ? judged!.flag : `${judged!.flag} ${judged!.reason}`
    },
  }
}

describe('quality control at the edge', () => {
  test('gross range: thresholds in the unit of the point, values in metres', () => {
    // 10 ft = 3.048 m, 30 ft = 9.144 m
    const line = watch({ usual: { low: 0, high: 10 }, possible: { low: 0, high: 30 } })
    expect([3.04, 3.06, 9.14, 9.15].map((v, s) => line.give(s, v))).toEqual([
      1,
      '3 gross-range',
      '3 gross-range',
      '4 gross-range',
    ])
  })

  test('a spike is doubtful at once, never more; the value after it is not blamed', () => {
    const line = watch({ spike: { suspect: 1 } }) // 0.3048 m
    expect([1, 1.1, 2, 1.1, 1.2].map((v, s) => line.give(s, v))).toEqual([1, 1, '3 spike', 1, 1])
  })

  test('a real step is doubtful for one value', () => {
    const line = watch({ spike: { suspect: 1, fail: 10 } })
    expect([1, 2, 2.1, 8, 8].map((v, s) => line.give(s, v))).toEqual([1, '3 spike', 1, '4 spike', 1])
  })

  test('rate of change per hour of device time', () => {
    const tests = { rate_of_change: { suspect_per_h: 36 } } // 0.01 ft/s = 0.003048 m/s
    expect([1, 1.003, 1.0065].map((v, s) => watch(tests).give(s, v))).toEqual([1, 1, 1])
    const line = watch(tests)
    expect([1, 1.003, 1.0065].map((v, s) => line.give(s, v))).toEqual([1, 1, '3 rate-of-change'])
    const fast = watch(tests, undefined, 60)
    expect([1, 1.1, 1.3].map((v, s) => fast.give(s, v))).toEqual([1, 1, '3 rate-of-change'])
  })

  test('flat line is kept over a restart', () => {
    const line = watch({ flat_line: { tolerance: 0.1, suspect_s: 5, fail_s: 8 } })
    const flags = []
    for (let s = 0; s <= 9; s++) {
      if (s === 4) line.again()
      flags.push(line.give(s, 1))
    }
    expect(flags).toEqual([1, 1, 1, 1, 1, '3 flat-line', '3 flat-line', '3 flat-line', '4 flat-line', '4 flat-line'])
  })

  test('the first value after a restart is judged by those before it', () => {
    const line = watch({ spike: { suspect: 1 } })
    line.give(0, 1)
    line.again()
    expect(line.give(1, 2)).toBe('3 spike')
  })

  test('what is bad already keeps its own reason, and is no neighbour', () => {
    const line = watch({ spike: { suspect: 1 } })
    expect([line.give(0, 1), line.give(1, null), line.give(2, 50, 4), line.give(3, 1)]).toEqual([1, 9, 4, 1])
  })

  test('a site changes one test and keeps the others, or leaves all out', () => {
    const model = { usual: { low: 0, high: 10 }, spike: { suspect: 1 } }
    const entry = { metric: 'stage', unit: 'm', tests: { spike: { suspect: 5 } } }
    const changed = watch(model, [{ ...entry, defaults: true }])
    expect([changed.give(0, 1), changed.give(1, 3), changed.give(2, 4)]).toEqual([1, 1, '3 gross-range'])
    const alone = watch(model, [{ ...entry, defaults: false }])
    expect([alone.give(0, 1), alone.give(1, 3), alone.give(2, 4)]).toEqual([1, 1, 1])
  })
})

test('values that move by no more than the threshold are never doubtful; a lone one beyond it always is', () => {
  const steps = fc.array(fc.double({ min: -0.99, max: 0.99, noNaN: true }), { minLength: 2, maxLength: 50 })
  fc.assert(
    fc.property(steps, fc.nat(), fc.boolean(), (moves, where, up) => {
      const values = [0]
      for (const move of moves) values.push(values.at(-1)! + move)
      const clean = new LoneJump({ suspect: 1 }, 1)
      expect(values.map((v, i) => clean.push(i, v)).every((flag) => flag === 1)).toBe(true)
      const at = 1 + (where % (values.length - 1))
      const spiked = values.map((v, i) => (i === at ? values[i - 1]! + (up ? 3 : -3) : v))
      const machine = new LoneJump({ suspect: 1 }, 1)
      const flags = spiked.map((v, i) => machine.push(i, v))
      expect(flags[at]).toBe(3)
      expect(flags.slice(0, at).every((flag) => flag === 1)).toBe(true)
    }),
  )
})
