import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyReading } from './reading.fixture.ts'
import type { Flag, Reading } from './reading.ts'
import { ReadingPages, ReadingRun } from './reading-page.ts'
import { instant } from './time.ts'

test('records get back what they put there, however many share a page', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyReading), { maxLength: 20 }), fc.nat(4096), (records, before) => {
      const pages = new ReadingPages()
      // The records lie somewhere on a page, or across the end of one.
      pages.put(Array.from({ length: before }, () => one(0)))
      const put = records.map((readings) => pages.put(readings))
      expect(put.map((run) => [...run])).toEqual(records)
      expect(put.map(({ length }) => length)).toEqual(records.map(({ length }) => length))
    }),
  )
})

test('the newest instant of a run is that of its own readings, whatever stands beside them on the page', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.bigInt({ min: -9n, max: 9n }))), (records) => {
      const pages = new ReadingPages()
      const put = records.map((instants) => pages.put(instants.map((t): Reading => ({ ...one(1), t_ns: instant(t) }))))
      const newest = records.map((instants) => [...instants].sort((a, b) => Number(b - a))[0])
      expect(put.map((run) => (run instanceof ReadingRun ? run.newest_ns : undefined))).toEqual(newest)
    }),
  )
})

const one = (value: number): Reading => ({ channel: 'd/m', value, t_ns: instant(5n), half_width_ns: 0n, flag: 1 })

test.each<[string, Reading]>([
  ['an instant beyond 64 bits', { ...one(1), t_ns: instant(2n ** 63n) }],
  ['a half width beyond 64 bits', { ...one(1), half_width_ns: 2n ** 64n }],
  ['a value that is no number', { ...one(Number.NaN) }],
  ['an infinite value', { ...one(Number.POSITIVE_INFINITY) }],
  ['a flag that is none', { ...one(1), flag: 300 as Flag }],
])('%s is kept as it came, for the store to refuse', (_, odd) => {
  const readings = [one(1), odd]
  expect(new ReadingPages().put(readings)).toBe(readings)
})

test('more readings than a page has stay a list; as JSON a run is the list that it stands for', () => {
  const many = Array.from({ length: 4097 }, (_, i) => one(i))
  expect(new ReadingPages().put(many)).toBe(many)
  const run = new ReadingPages().put([{ ...one(2), half_width_ns: 0n }])
  expect(run).toBeInstanceOf(ReadingRun)
  const asText = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  expect(JSON.parse(JSON.stringify(run, asText))).toEqual([
    { channel: 'd/m', value: 2, t_ns: '5', half_width_ns: '0', flag: 1 },
  ])
})
