import { describe, expect, test } from 'vitest'
import type { Reading } from '../domain/reading.ts'
import { type Alarm, newAlarm } from './alarm.ts'
import { mayBelong, RunningPeaks } from './running-peak.ts'
import { at, limitOf, OUTBOX, OUTBOX_NEW } from './testing-site.ts'

const limit = limitOf('creek-red')
const standing = (n: number, peak: number, present: object = {}, state: Alarm['state'] = 'unacknowledged'): Alarm => {
  const alarm = newAlarm('north:creek-red')
  const about = {
    value: peak,
    peak,
    limit: 2,
    unit: 'm',
    flag: 1,
    unconfirmed: false,
    exercise: true,
    time_unknown: false,
  }
  const times = { onset_ns: String(at(10)), returned_ns: null, learned_ns: String(at(10)) }
  return { ...alarm, state, present: { ...about, ...times, outbox: OUTBOX, n, ...present } as Alarm['present'] }
}
const reading = (minutes: number, value: number | null, more: Partial<Reading> = {}): Reading => ({
  channel: 'creek/stage',
  value,
  t_ns: at(minutes),
  half_width_ns: 0n,
  flag: 1,
  ...more,
})

describe('an alarm that stands shows the worst value so far', () => {
  test('later readings raise the peak, lower ones do not', () => {
    const peaks = new RunningPeaks()
    const alarm = standing(1, 2)
    expect(peaks.observe(alarm, limit, reading(11, 3.5))).toBe(true)
    expect(peaks.observe(alarm, limit, reading(12, 2.5))).toBe(false)
    expect(peaks.peakOf(alarm, limit)).toBe(3.5)
  })

  test('for a limit below, the lowest is the worst', () => {
    const peaks = new RunningPeaks()
    const below = { ...limit, direction: 'below' as const }
    expect(peaks.observe(standing(1, 0.5), below, reading(11, 0.25))).toBe(true)
    expect(peaks.peakOf(standing(1, 0.5), below)).toBe(0.25)
  })

  test('of a span, the one further from its middle', () => {
    const peaks = new RunningPeaks()
    const span = { ...limit, kind: 'outside', parameters: { low: 0 } }
    expect(peaks.observe(standing(1, 2.1), span, reading(11, -0.05)), '1.05 m from the middle, 2.1 m is 1.1 m').toBe(
      false,
    )
    expect(peaks.observe(standing(1, 2.1), span, reading(12, -0.5))).toBe(true)
    expect(peaks.peakOf(standing(1, 2.1), span)).toBe(-0.5)
  })

  test.each([
    'stale_s',
    'failed_s',
    'k_of_n',
    'differs_from',
    'reaching',
    'rising_faster_than',
    'output_failed',
    'new',
  ])('metres are never the peak of a limit of kind %s', (kind) => {
    const peaks = new RunningPeaks()
    const other = { ...limit, kind, limit: 1, unit: 's' }
    expect(peaks.observe(standing(1, 2), other, reading(11, 99))).toBe(false)
    expect(peaks.peakOf(standing(1, 2), other)).toBe(2)
  })

  test('values from before the onset, failed and missing ones do not count', () => {
    const peaks = new RunningPeaks()
    const alarm = standing(1, 2)
    expect(peaks.observe(alarm, limit, reading(9, 9))).toBe(false)
    expect(peaks.observe(alarm, limit, reading(11, 9, { flag: 4 }))).toBe(false)
    expect(peaks.observe(alarm, limit, reading(11, null, { flag: 9 }))).toBe(false)
    expect(peaks.peakOf(alarm, limit)).toBe(2)
  })

  test('the second of the onset counts: a PGA stands at the start of its second', () => {
    const peaks = new RunningPeaks()
    expect(peaks.observe(standing(1, 2), limit, reading(10 - 0.5 / 60, 4))).toBe(true)
  })

  test('after the return the peak of the record stands; a new occurrence or outbox starts anew', () => {
    const peaks = new RunningPeaks()
    peaks.observe(standing(1, 2), limit, reading(11, 5))
    expect(peaks.peakOf(standing(1, 4.75, {}, 'returned-unacknowledged'), limit)).toBe(4.75)
    expect(peaks.peakOf(standing(2, 2.25), limit)).toBe(2.25)
    expect(peaks.peakOf(standing(1, 2.5, { outbox: OUTBOX_NEW }), limit)).toBe(2.5)
  })
})

test('a reading may belong to an alarm that stands, from the second of its onset on', () => {
  expect(mayBelong(standing(1, 2), at(10))).toBe(true)
  expect(mayBelong(standing(1, 2), at(10 - 0.5 / 60))).toBe(true)
  expect(mayBelong(standing(1, 2), at(10 - 1 / 60))).toBe(false)
  expect(mayBelong(standing(1, 2, {}, 'returned-unacknowledged'), at(11))).toBe(false)
  expect(mayBelong(newAlarm('north:creek-red'), at(11))).toBe(false)
})
