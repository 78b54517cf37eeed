import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredBlock } from '../../domain/ports.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { at, gap, shaking, stage } from '../records.fixture.ts'
import { type Checks, checkBlocks, checkGaps, checkReadings, differences } from './checks.ts'
import { BYTES_MAX, chunksOf, LINES_MAX } from './io/line-sender.ts'
import type { Part } from './plan.ts'
import { droppedAsOld, placesOf, saidIn } from './refusals.ts'

const blocksCheck = (blocks: readonly StoredBlock[], from: Instant, to: Instant): Checks => {
  const checks: Checks = new Map()
  checkBlocks(checks, blocks, from, to)
  return checks
}
const stored = (first: number, n: number): StoredBlock => ({ ...shaking(first, n), exercise: false })

describe('checksums of what is stored', () => {
  test('however the same samples are cut into blocks, the check is the same', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 8 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), 1_000]
        const pieces = edges.slice(1).map((end, i) => stored(edges[i]!, end - edges[i]!))
        const whole = blocksCheck([stored(0, 1_000)], at(0), at(10))
        expect(differences('x', whole, blocksCheck(pieces.reverse(), at(0), at(10)))).toEqual([])
      }),
    )
  })

  test('windows that follow on one another hold each sample once', () => {
    const checks: Checks = new Map()
    for (const [from, to] of [
      [0, 1.005],
      [1.005, 3.3],
      [3.3, 10],
    ] as const)
      checkBlocks(checks, [stored(0, 400), stored(400, 600)], at(from), at(to))
    expect([...checks.values()].map((check) => check.count)).toEqual([1_000, 1_000, 1_000])
  })

  test('one other sample, one reading more and another gap are found, with their day', () => {
    const other = stored(0, 100)
    other.axes[1]!.samples[50]! += 1
    const [a, b] = [blocksCheck([stored(0, 100)], at(0), at(9)), blocksCheck([other], at(0), at(9))]
    expect(differences('yonago/acceleration', a, b)).toEqual([
      'yonago/acceleration, 2018-06-03 y boot 7, 100 Hz, 0.00059855 m/s²: 100 in both, but not the same',
    ])
    const [few, many]: [Checks, Checks] = [new Map(), new Map()]
    const reading = (s: number) => ({ ...stage(s, s), exercise: false })
    checkReadings(few, [reading(0)])
    checkReadings(many, [reading(0), reading(1), reading(86_400)])
    expect(differences('dead-run/stage', few, many)).toEqual([
      'dead-run/stage, 2018-06-03: 1 in the embedded store, 2 in InfluxDB',
      'dead-run/stage, 2018-06-04: 0 in the embedded store, 1 in InfluxDB',
    ])
    const [one, another]: [Checks, Checks] = [new Map(), new Map()]
    checkGaps(
      one,
      [gap(0, 5), gap(1, 6)].map((g) => ({ ...g, exercise: false })),
    )
    checkGaps(
      another,
      [gap(1, 6), gap(0, 5)].map((g) => ({ ...g, exercise: false })),
    )
    expect(differences('gaps', one, another)).toEqual([])
  })
})

describe('what a server says of a write', () => {
  test('1.x, 2.x and 3.x each in their own words', () => {
    expect(saidIn('{"error":"partial write: points beyond retention policy dropped=3"}', '')).toEqual({
      why: 'partial write: points beyond retention policy dropped=3',
      named: [],
    })
    expect(saidIn('{"code":"invalid","message":"unable to parse \'m v= 1\': missing field value"}', '').named).toEqual([
      { text: 'm v= 1' },
    ])
    const data = { original_line: 'm v=', line_number: 2, error_message: 'No fields were provided' }
    const said = { why: 'parsing failed for write_lp endpoint; No fields were provided', named: [{ line_number: 2 }] }
    for (const shape of [data, [data]])
      expect(saidIn(JSON.stringify({ error: 'parsing failed for write_lp endpoint', data: shape }), '')).toEqual(said)
    expect(saidIn('<html>Bad Gateway</html>', 'x').why).toBe('<html>Bad Gateway</html>')
    expect(saidIn(undefined, 'Payload Too Large').why).toBe('Payload Too Large')
  })

  test('only places that the body has are taken', () => {
    const lines = ['a v=1 1', 'b v= 1', 'c v=1 1']
    expect(placesOf([{ line_number: 2 }, { line_number: 9 }, { line_number: 0 }], lines)).toEqual([1])
    expect(placesOf([{ text: 'c v=1 1' }, { text: 'nowhere' }, { text: 'c v=1 1' }], lines)).toEqual([2])
  })

  test('too old: 1.x and 2.x count them', () => {
    expect(droppedAsOld('partial write: points beyond retention policy dropped=12')).toBe(12)
    expect(droppedAsOld('partial write: dropped 7 points outside retention policy of duration 72h0m0s')).toBe(7)
    expect(droppedAsOld('field type conflict dropped=3')).toBe(0)
  })
})

test('requests are bounded by lines and by bytes, and no line is left out', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 1, maxLength: 12 }), (sizes) => {
      const part: Part = { record: 0, body: () => '' }
      const planned = [
        { target: { kind: 'real', policy: 'raw' } as const, part, texts: () => sizes.map((n) => 'x'.repeat(n)) },
        {
          target: { kind: 'real', policy: 'lasting' } as const,
          part,
          texts: () => Array.from({ length: 12_001 }, () => 'y'),
        },
      ]
      const chunks = [...chunksOf('d', planned)]
      expect(chunks.reduce((sum, chunk) => sum + chunk.texts.length, 0)).toBe(sizes.length + 12_001)
      for (const { texts } of chunks) {
        expect(texts.length).toBeLessThanOrEqual(LINES_MAX)
        expect(texts.join('\n').length).toBeLessThanOrEqual(BYTES_MAX)
      }
    }),
    { numRuns: 20 },
  )
})

test('an instant far before 1970 lies in its own day', () => {
  const checks: Checks = new Map()
  checkReadings(checks, [{ ...stage(0, 1, { t_ns: instant(-1n) }), exercise: false }])
  expect([...checks.keys()]).toEqual(['1969-12-31'])
})
