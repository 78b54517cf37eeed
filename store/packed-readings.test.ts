import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyReading } from '../domain/reading.fixture.ts'
import type { Flag, Reading } from '../domain/reading.ts'
import { ReadingPages } from '../domain/reading-page.ts'
import { instant } from '../domain/time.ts'
import { readingRefusal } from './check.ts'
import { byChannel, placesIn, ReadingPacker, readingAt } from './packed-readings.ts'

test('what comes out in the other thread is what went in, record by record', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ readings: fc.array(anyReading) }), { maxLength: 6 }), (records) => {
      const packer = new ReadingPacker(records.reduce((sum, record) => sum + record.readings.length, 0))
      const pages = new ReadingPages()
      const runs = records.map(({ readings }, i) =>
        packer.add(i % 2 === 0 ? readings : pages.put(readings), () => false),
      )
      const { buffer } = packer.columns.value
      const there = structuredClone(packer.columns, { transfer: [buffer as ArrayBuffer] })
      const back = runs.map((run) => placesIn(run).map((place) => readingAt(there, place)))
      expect(back).toEqual(records.map((record) => record.readings))
    }),
  )
})

test('a refused one leaves no trace', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(
    (metric): Reading => ({ channel: `d/${metric}`, value: 1, t_ns: instant(5n), half_width_ns: 0n, flag: 1 }),
  ) as [Reading, Reading, Reading]
  const packer = new ReadingPacker(3)
  const run = packer.add([a, b, c], (reading) => reading === b)
  expect(placesIn(run).map((place) => readingAt(packer.columns, place))).toEqual([a, c])
})

test('of a page, what may be refused is asked for one by one: no channel, no half width below 0, no flag that is none', () => {
  const good: Reading = { channel: 'd/a', value: 1, t_ns: instant(5n), half_width_ns: 0n, flag: 1 }
  const odd = [
    { ...good, channel: '' },
    { ...good, half_width_ns: -1n },
    { ...good, flag: 7 as Flag },
  ]
  const packer = new ReadingPacker(4)
  const run = packer.add(new ReadingPages().put([...odd, good]), (r) => readingRefusal(r) !== undefined)
  expect(placesIn(run).map((place) => readingAt(packer.columns, place))).toEqual([good])
})

test('by channel: each channel together, in the order in which its readings came, and none but those asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.boolean())), (said) => {
      const packer = new ReadingPacker(said.length)
      packer.add(
        said.map(([c], i): Reading => ({ channel: `d/${c}`, value: i, t_ns: instant(0n), half_width_ns: 0n, flag: 1 })),
        () => false,
      )
      const asked = said.flatMap(([, wanted], i) => (wanted ? [i] : []))
      const { channels, channel } = packer.columns
      const expected = channels.flatMap((_, c) => asked.filter((i) => channel[i] === c))
      expect([...byChannel(packer.columns, Uint32Array.from(asked))]).toEqual(expected)
    }),
  )
})
