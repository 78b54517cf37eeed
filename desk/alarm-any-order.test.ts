import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ConditionRecord } from '../domain/condition.ts'
import { evolve, type NewEntry, newAlarm } from './alarm.ts'
import { record } from './testing-site.ts'
import { Story } from './testing-story.ts'

/** Truth of one gauge: `count` occurrences, the last perhaps still true; told in any order, repeated, with births. */
const histories = fc
  .record({ count: fc.integer({ min: 1, max: 8 }), open: fc.boolean(), latch: fc.boolean() })
  .chain(({ count, open, latch }) => {
    const truth = Array.from({ length: count }, (_, i) => ({
      rise: record(i + 1, 10 * i),
      fall: open && i === count - 1 ? undefined : record(i + 1, 10 * i, 10 * i + 5),
    }))
    const records = truth.flatMap(({ rise, fall }) => (fall === undefined ? [rise] : [rise, fall]))
    const last = truth.at(-1)!
    const present = last.fall ?? last.rise
    const arrivals = fc.tuple(
      fc.shuffledSubarray(records, { minLength: 0, maxLength: records.length }),
      fc.array(fc.constantFrom('birth', 'acknowledge', 'reset', 'comment'), { maxLength: 12 }),
      fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length }),
      fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 40 }),
    )
    return arrivals.map(([some, others, all, places]) => {
      const mixed: Array<ConditionRecord | string> = [...some, ...all]
      for (const [i, other] of others.entries()) mixed.splice(places[i]! % (mixed.length + 1), 0, other)
      return { latch, count, present, mixed }
    })
  })

describe('whatever comes, in whatever order', () => {
  test('each occurrence has exactly one notice, onset and return; none is lost; nothing unanswered is normal', () => {
    fc.assert(
      fc.property(histories, ({ latch, count, present, mixed }) => {
        const story = new Story(latch)
        for (const one of mixed) {
          if (typeof one !== 'string') story.told(one)
          else if (one === 'birth') story.born(present)
          else if (one === 'acknowledge') story.acknowledge()
          else if (one === 'reset') story.reset()
          else story.take({ kind: 'comment', by: 'Lin', text: 'noted' })
          if (story.letter === 'A') expect(story.alarm.late).toEqual([])
        }
        const of = (kind: string) =>
          story.journal
            .filter((e) => e.kind === kind && e.dedupe !== null)
            .map((e) => e.occurrence!)
            .sort((a, b) => a - b)
        const every = Array.from({ length: count }, (_, i) => i + 1)
        expect(of('notice')).toEqual(every)
        expect(of('onset')).toEqual(every)
        expect(of('return')).toEqual(present.state ? every.slice(0, -1) : every)
        expect('BC'.includes(story.letter), `true now, shown as ${story.letter}`).toBe(present.state)
        expect(new Set(story.journal.filter((e) => e.dedupe !== null).map((e) => e.dedupe)).size).toBe(
          story.journal.filter((e) => e.dedupe !== null).length,
        )
      }),
      { numRuns: 400 },
    )
  })

  test('an occurrence that nobody answered is never in a state that needs no answer', () => {
    fc.assert(
      fc.property(histories, ({ latch, mixed }) => {
        const story = new Story(latch)
        const unanswered = new Set<number>()
        for (const one of mixed) {
          const known = story.journal.length
          if (typeof one === 'string') {
            if (one === 'acknowledge' && story.acknowledge().journal.length > known) unanswered.clear()
            continue
          }
          story.told(one)
          for (const entry of story.journal.slice(known)) if (entry.kind === 'notice') unanswered.add(entry.occurrence!)
          if (unanswered.size > 0) expect('BDE'.includes(story.letter) || story.alarm.late.length > 0).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('the alarm is a function of its journal', () => {
    fc.assert(
      fc.property(histories, ({ latch, present, mixed }) => {
        const story = new Story(latch)
        for (const one of mixed) {
          if (typeof one !== 'string') story.told(one)
          else if (one === 'birth') story.born(present)
          else if (one === 'acknowledge') story.acknowledge()
          else if (one === 'reset') story.reset()
        }
        const read = JSON.parse(JSON.stringify(story.journal)) as NewEntry[]
        expect(read.reduce(evolve, newAlarm('north:creek-red'))).toEqual(story.alarm)
      }),
      { numRuns: 200 },
    )
  })
})
