import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { record, shaking, stage, T0 } from '../records.fixture.ts'
import { canBeKey, escapeKey, stringField, tagSet } from './line-protocol.ts'
import { type Facts, Planner } from './plan.ts'
import { blockLines, readingLine, samplesOf } from './points.ts'
import { answersOf } from './results.ts'
import { creationOf, dialectOf, writePath } from './settings.ts'

const facts = (): Facts => ({
  committed: new Set(),
  readings: new Map(),
  gaps: new Map(),
  ranges: new Map(),
  blocks: new Map(),
})

describe('line protocol', () => {
  test('a reading: tags in order, floats bare, integers marked, text in quotes, nanoseconds', () => {
    expect(readingLine('a site', stage(0, 1, { flag: 3, reason: 'status', detail: 'said "no"' }))).toBe(
      'reading,channel=dead-run/stage,device=dead-run,metric=stage,site=a\\ site value=1,flag=3i,flag_rank=3i,' +
        `half_width_ns=1234567i,reason_text="status",detail="said \\"no\\"" ${T0}`,
    )
  })

  test('a reading without a value has no value field', () => {
    expect(readingLine('s', stage(0, null, { flag: 9, reason: 'timeout' }))).not.toContain('value=')
  })

  test('whatever a name is, its escaped form holds no bare separator', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => text !== '' && canBeKey(text)),
        (name) => {
          const escaped = escapeKey(name)
          expect(escaped.replace(/\\[,= ]/g, '')).not.toMatch(/[,= ]/)
          expect(escaped.replace(/\\([,= ])/g, '$1')).toBe(name)
          expect(
            stringField(name)
              .slice(1, -1)
              .replace(/\\["\\]/g, ''),
          ).not.toContain('"')
        },
      ),
    )
  })

  test('an empty tag is no tag: the server would refuse the line', () => {
    expect(tagSet({ b: '1', a: '', c: '2' })).toBe(',b=1,c=2')
  })

  test('samples of a block survive as text, bit by bit', () => {
    const block = shaking(0, 300)
    const text = /samples="([^"]*)"/.exec(blockLines('s', block, 0).block)![1]!
    const back = samplesOf(text, 900)
    for (const [a, { samples }] of block.axes.entries()) expect(back.subarray(a * 300, (a + 1) * 300)).toEqual(samples)
  })

  test('a line per sample, in SI, at the instant of the sample', () => {
    const { wave } = blockLines('s', shaking(3, 2), 0)
    expect(wave).toHaveLength(2)
    expect(wave[1]).toBe(
      `wave,boot=7,device=yonago,group=acceleration,site=s x=${(28 - 32_768) * 0.000_598_55},` +
        `y=${(11_028 - 32_768) * 0.000_598_55},z=${(22_028 - 32_768) * 0.000_598_55} ${T0 + 40_000_000n}`,
    )
  })
})

describe('answers', () => {
  test('integers beyond 2^53 and instants keep their last digit', () => {
    const [rows] = answersOf(
      '{"results":[{"series":[{"columns":["time","to_ns","n"],"values":[["2018-06-03T18:00:00.123456789Z",1528048800123456789,7]]}]}]}',
    )
    expect(rows![0]!.t_ns).toBe(1_528_048_800_123_456_789n)
    expect([rows![0]!.get('to_ns'), rows![0]!.get('n'), rows![0]!.get('else')]).toEqual([
      1_528_048_800_123_456_789n,
      7,
      null,
    ])
  })

  const chunk = (values: string, more = '') =>
    `{"results":[{"statement_id":0,"series":[{"columns":["time"],"values":[${values}]${more}}]}]}\n`
  const [first, second] = ['["2018-06-03T18:00:00Z"]', '["2018-06-03T18:00:01Z"]']

  test('a long answer comes in several chunks', () => {
    const [rows] = answersOf(chunk(first, ',"partial":true') + chunk(second))
    expect(rows!.map((row) => row.t_ns)).toEqual([T0, T0 + 1_000_000_000n])
  })

  test('an answer without its end is no answer', () => {
    expect(() => answersOf(chunk(first, ',"partial":true'))).toThrow(/end of the answer is missing/)
  })

  test('3.x: a table that nobody has written yet is empty, the other statements stand', () => {
    const text = `{"results":[{"statement_id":0,"error":"table 'gap' not found"}]}\n${chunk(first).replace('0', '1')}`
    expect(answersOf(text).map((rows) => rows.length)).toEqual([0, 1])
  })

  test('the reason stands behind "not executed"', () => {
    const text = '{"results":[{"statement_id":0,"error":"not executed"},{"statement_id":1,"error":"no such thing"}]}'
    expect(() => answersOf(text)).toThrow('no such thing')
  })
})

describe('what is sent where', () => {
  test('always nanoseconds: 1.6 takes "us" for ns without a word', () => {
    expect(writePath('x', { kind: 'exercise', policy: 'raw' })).toBe('/write?db=x-exercise&rp=raw&precision=ns')
  })

  test('versions tell the dialect; without one it is no InfluxDB', () => {
    expect(['1.6.7~rc0', '1.8.10', 'v2.7.12', '2.9.0', '3.10.1', '', undefined, '4.0.0'].map(dialectOf)).toEqual([
      'v1',
      'v1',
      'v2',
      'v2',
      'v3',
      undefined,
      undefined,
      undefined,
    ])
  })

  test('databases are made without an end: nothing is thrown away unasked', () => {
    expect(creationOf({ site: 's', url: '', database: 'x' }, 'real')).toEqual([
      'CREATE DATABASE "x"',
      'CREATE RETENTION POLICY "raw" ON "x" DURATION INF REPLICATION 1',
    ])
  })
})

describe('the plan of a batch', () => {
  test('blocks longer than a text field or the look-back allows become several, each sample once', () => {
    for (const [n, sample_rate_hz] of [
      [30_000, 100],
      [1_000, 0.5],
    ] as const) {
      const planner = new Planner('s', facts())
      planner.add(record({ blocks: [shaking(0, n, { sample_rate_hz })] }))
      const runs = planner.parts.map((part) => part.range![1])
      expect(runs.length).toBeGreaterThan(1)
      expect(runs.reduce((sum, run) => sum + run.n, 0)).toBe(n)
      for (const run of runs) expect(run.n * 3 <= 22_500 && run.n / sample_rate_hz <= 600).toBe(true)
    }
  })

  test('two readings of one instant in one batch: the first goes, the other is put aside', () => {
    const planner = new Planner('s', facts())
    planner.add(record({ readings: [stage(0, 1), stage(0, 2), stage(0, 1)] }))
    expect(planner.lines).toHaveLength(1)
    expect(planner.parts.map((part) => part.refused)).toEqual([
      undefined,
      'dead-run/stage at 2018-06-03T18:00:00.000Z: stored is 1 (flag 1), came 2 (flag 1)',
    ])
  })

  test('what a crash left uncommitted is written again, not beside itself', () => {
    const known = facts()
    const block = shaking(0, 100)
    const owner = JSON.stringify(['real', 'yonago', 'acceleration', 7])
    known.blocks.set(owner, [{ first: 0, n: 100, t0_ns: block.t0_ns, shift_ns: 0, sample_rate_hz: 100 }])
    const planner = new Planner('s', known)
    planner.add(record({ blocks: [block] }))
    const texts = planner.lines[0]!.texts()
    expect(texts[0]).toContain('shift_ns=0i')
    expect(texts).toHaveLength(101)
  })
})
