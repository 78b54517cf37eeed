import { describe, expect, test } from 'vitest'
import type { JournalEntryJson } from '../domain/alarm.ts'
import { QualityTally } from './alarm-quality.ts'
import { at } from './testing-site.ts'

const NOW = { stale: [], shelved: [], targets: {} }
const tallied = (
  entries: Array<[minute: number, kind: JournalEntryJson['kind'], alarm?: string, body?: object]>,
  to = 60,
) => {
  const tally = new QualityTally()
  for (const [minute, kind, alarm = 'n:a', body = {}] of entries)
    tally.take({ at_ns: String(at(minute)), kind, alarm, occurrence: 1, body: { priority: 'high', ...body } })
  return tally.json(at(0), at(to), NOW)
}
const told = (...minutes: number[]) => minutes.map((minute): [number, 'notice'] => [minute, 'notice'])

describe('quality of alarms', () => {
  test('rates: each ten minutes with any, their mean over the span, and the most', () => {
    const figures = tallied(told(1, 2, 3, 25))
    expect(figures.per_10_min).toEqual([
      [String(at(0)), 3],
      [String(at(20)), 1],
    ])
    expect(figures).toMatchObject({
      annunciated: 4,
      average_per_10_min: 4 / 6,
      most_per_10_min: 3,
      floods: [],
      flood_share: 0,
    })
  })

  test('an alarm flood: from the first of ten in ten minutes until fewer than five are left', () => {
    const figures = tallied(told(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
    // Of minutes 0 to 9 the fifth last, minute 5, leaves the window at minute 15; then four are left.
    expect(figures.floods).toEqual([{ from_ns: String(at(0)), to_ns: String(at(15)), alarms: 10 }])
    expect(figures.flood_share).toBe(0.25)
    expect(tallied(told(0, 1, 2, 3, 4, 5, 6, 7, 8)).floods).toEqual([])
  })

  test('chattering: three changes within a minute', () => {
    const three: Parameters<typeof tallied>[0] = [
      [1, 'onset'],
      [1.3, 'return'],
      [1.6, 'onset'],
    ]
    expect(tallied(three).chattering).toEqual([{ alarm: 'n:a', transitions: 3, most_per_min: 3 }])
    expect(
      tallied([
        [1, 'onset'],
        [1.5, 'return'],
        [2.1, 'onset'],
      ]).chattering,
    ).toEqual([])
  })

  test('fleeting: gone within a minute and nobody had answered', () => {
    expect(
      tallied([
        [1, 'onset'],
        [1, 'notice'],
        [1.9, 'return'],
      ]).fleeting,
    ).toEqual([{ alarm: 'n:a', count: 1 }])
    expect(
      tallied([
        [1, 'onset'],
        [1, 'notice'],
        [1.5, 'acknowledge'],
        [1.9, 'return'],
      ]).fleeting,
    ).toEqual([])
    expect(
      tallied([
        [1, 'onset'],
        [1, 'notice'],
        [2.1, 'return'],
      ]).fleeting,
    ).toEqual([])
  })

  test('time to acknowledge: median and 95th percentile; one answer covers what was told before it', () => {
    const entries = [1, 2, 3, 4].flatMap((n): Parameters<typeof tallied>[0] => [
      [10 * n, 'notice', `n:${n}`],
      [10 * n + n, 'acknowledge', `n:${n}`],
    ])
    expect(tallied(entries).acknowledge).toEqual({ count: 4, median_s: 120, p95_s: 240 })
    expect(
      tallied([
        [1, 'notice'],
        [2, 're-alarm'],
        [3, 'acknowledge'],
      ]).acknowledge,
    ).toEqual({ count: 2, median_s: 60, p95_s: 120 })
    expect(tallied([]).acknowledge).toEqual({ count: 0, median_s: null, p95_s: null })
  })

  test('the ten most frequent with their share, and the split by priority; drills are left out', () => {
    const entries: Parameters<typeof tallied>[0] = [
      ...[1, 2, 3].map((minute): [number, 'notice', string] => [minute, 'notice', 'n:a']),
      [4, 'notice', 'n:b', { priority: 'low' }],
      [5, 'notice', 'n:c', { drill: { id: 'd', name: 'D' } }],
    ]
    expect(tallied(entries)).toMatchObject({
      top: [
        { alarm: 'n:a', count: 3, share: 0.75 },
        { alarm: 'n:b', count: 1, share: 0.25 },
      ],
      priorities: { critical: 0, high: 3, medium: 0, low: 1 },
    })
  })
})
