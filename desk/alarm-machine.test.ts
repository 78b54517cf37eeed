import { describe, expect, test } from 'vitest'
import { etagOf } from './alarm-machine.ts'
import { at, neverRaised, OUTBOX_NEW, record } from './testing-site.ts'
import { Story } from './testing-story.ts'

describe('the life of an alarm', () => {
  test('rises, is acknowledged, returns to normal', () => {
    const story = new Story().told(record(1, 60))
    expect(story.letter).toBe('B')
    expect(story.acknowledge().letter).toBe('C')
    expect(story.alarm.acknowledged).toEqual({ by: 'Mei', at_ns: String(at(60)) })
    expect(story.told(record(1, 60, 75)).letter).toBe('A')
    expect(story.kinds()).toEqual(['onset 1', 'notice 1', 'state 1', 'acknowledge 1', 'state 1', 'return 1', 'state 1'])
  })

  test('returns unseen by anybody and waits for the acknowledgement', () => {
    const story = new Story().told(record(1, 60)).told(record(1, 60, 75))
    expect(story.letter).toBe('D')
    expect(story.alarm.present).toMatchObject({ n: 1, returned_ns: String(at(75)), peak: 2.31 })
    expect(story.acknowledge().letter).toBe('A')
  })

  test('latched: held after its return until acknowledged and reset, in that order', () => {
    const story = new Story(true).told(record(1, 60)).told(record(1, 60, 75))
    expect(story.letter).toBe('E')
    expect(story.reset().refusals).toEqual(['the alarm is not acknowledged: acknowledge before resetting'])
    expect(story.letter).toBe('E')
    expect(story.acknowledge().letter).toBe('F')
    expect(story.reset('Lin').letter).toBe('A')
    expect(story.journal.findLast((e) => e.kind === 'reset')?.actor).toBe('Lin')
  })

  test('latched: not reset while the condition is true', () => {
    const story = new Story(true).told(record(1, 60)).acknowledge().reset()
    expect(story.letter).toBe('C')
    expect(story.refusals[0]).toContain('still true')
    expect(story.told(record(1, 60, 75)).letter).toBe('F')
  })

  test.each([
    ['C', (s: Story) => s.told(record(1, 60)).acknowledge()],
    [
      'A',
      (s: Story) =>
        s
          .told(record(1, 60))
          .acknowledge()
          .told(record(1, 60, 61)),
    ],
    ['D', (s: Story) => s.told(record(1, 60)).told(record(1, 60, 61))],
    ['B', (s: Story) => s.told(record(1, 60))],
  ])('a new occurrence from %s is not acknowledged by the old acknowledgement', (letter, before) => {
    const story = before(new Story())
    expect(story.letter).toBe(letter)
    story.told(record(2, 90))
    expect(story.letter).toBe('B')
    expect(story.alarm.acknowledged).toBeNull()
    expect(story.alarm.present).toMatchObject({ n: 2, onset_ns: String(at(90)), returned_ns: null })
    expect(story.notices.map((n) => n.n)).toEqual([1, 2])
  })

  test('the same occurrence, told again while it is acknowledged, is silent', () => {
    const story = new Story().told(record(1, 60)).acknowledge()
    const before = story.journal.length
    story.told(record(1, 60)).born(record(1, 60))
    expect(story.letter).toBe('C')
    expect(story.journal).toHaveLength(before)
  })

  test('an acknowledgement of what was seen before a newer occurrence came is refused', () => {
    const story = new Story()
      .told(record(1, 60))
      .told(record(1, 60, 61))
      .told(record(2, 62))
    story.take({ kind: 'acknowledge', occurrence: 1, etag: etagOf(story.alarm), by: 'Mei' })
    expect(story.refusals[0]).toContain('newest occurrence is 2, not 1')
    story.take({ kind: 'acknowledge', occurrence: 2, etag: '1', by: 'Mei' })
    expect(story.refusals[1]).toContain('changed since')
    expect(story.letter).toBe('B')
  })

  test('acknowledging twice is refused, and a comment never makes an acknowledgement stale', () => {
    const story = new Story().told(record(1, 60))
    const seen = etagOf(story.alarm)
    story.take({ kind: 'comment', by: 'Lin', text: 'on my way' })
    story.take({ kind: 'acknowledge', occurrence: 1, etag: seen, by: 'Mei', comment: 'seen' })
    expect(story.letter).toBe('C')
    expect(story.alarm.comments).toEqual([
      { at_ns: String(at(60)), by: 'Lin', text: 'on my way' },
      { at_ns: String(at(60)), by: 'Mei', text: 'seen' },
    ])
    expect(story.acknowledge().refusals).toEqual(['there is nothing to acknowledge'])
  })
})

describe('what the desk learns late', () => {
  test.each([
    ['without latch', false, 'D'],
    ['with latch', true, 'E'],
  ])('an occurrence that began and ended unseen waits for an answer, %s', (_, latch, letter) => {
    const story = new Story(latch)
    story.minute = 25
    story.born(record(1, 5, 9))
    expect(story.letter).toBe(letter)
    expect(story.notices).toMatchObject([
      { n: 1, late: true, text: 'EXERCISE LATE: at 14:05, learned 14:25: Creek above red: 2.31 m' },
    ])
    expect(story.alarm.late).toMatchObject([{ n: 1, onset_ns: String(at(5)), returned_ns: String(at(9)) }])
    expect(story.acknowledge().alarm.late).toEqual([])
  })

  test('one that is still true is told at once with its true onset', () => {
    const story = new Story()
    story.minute = 25
    story.born(record(1, 5))
    expect(story.letter).toBe('B')
    expect(story.notices).toMatchObject([
      { late: false, onset_ns: String(at(5)), text: 'EXERCISE Creek above red: 2.05 m at 14:05, learned 14:25' },
    ])
  })

  test('the records that come after the birth are silent', () => {
    const story = new Story().born(record(1, 5, 9))
    const before = story.journal.length
    story
      .told(record(1, 5))
      .told(record(1, 5, 9))
      .told(record(1, 5, 9))
      .born(record(1, 5, 9))
    expect(story.journal).toHaveLength(before)
  })

  test('a number that was skipped is not invented; its record comes by resend and is told as late', () => {
    const story = new Story()
      .told(record(1, 1))
      .acknowledge()
      .told(record(1, 1, 2))
      .born(record(3, 20))
    expect(story.notices.map(({ n, late }) => [n, late])).toEqual([
      [1, false],
      [3, false],
    ])
    story
      .acknowledge()
      .told(record(2, 10))
      .told(record(2, 10, 12))
    expect(story.letter, 'the present occurrence is untouched').toBe('C')
    expect(story.alarm.present?.n).toBe(3)
    expect(story.alarm.late).toMatchObject([{ n: 2, onset_ns: String(at(10)), returned_ns: String(at(12)) }])
    expect(story.notices.map(({ n, late }) => [n, late]).at(-1)).toEqual([2, true])
  })

  test('an older late occurrence keeps an acknowledged alarm from going back to normal unanswered', () => {
    const story = new Story()
      .told(record(2, 20))
      .acknowledge()
      .told(record(1, 10, 12))
      .told(record(2, 20, 30))
    expect(story.letter).toBe('D')
    expect(story.acknowledge().letter).toBe('A')
  })

  test('a late occurrence beside a latched, acknowledged one is answered before the reset', () => {
    const story = new Story(true)
      .told(record(2, 20))
      .acknowledge()
      .told(record(2, 20, 30))
      .told(record(1, 10, 12))
    expect(story.letter).toBe('F')
    expect(story.reset().refusals).toEqual(['a late occurrence is not acknowledged: acknowledge it before resetting'])
    expect(story.acknowledge().reset().letter).toBe('A')
  })

  test('an older late occurrence from normal waits for an answer', () => {
    const story = new Story()
      .told(record(2, 20))
      .acknowledge()
      .told(record(2, 20, 30))
      .told(record(1, 10, 12))
    expect(story.letter).toBe('D')
    expect(story.alarm.acknowledged, 'the old answer is not an answer to this').toBeNull()
  })

  test('one acknowledgement covers the present occurrence and all late ones, and the journal says which', () => {
    const story = new Story()
      .told(record(3, 30))
      .told(record(1, 10, 12))
      .told(record(2, 20, 22))
      .acknowledge()
    expect(story.letter).toBe('C')
    expect(story.alarm.late).toEqual([])
    expect(story.journal.find((e) => e.kind === 'acknowledge')?.body).toEqual({ late: [1, 2] })
  })

  test('a newer occurrence that came and went while the present one was thought to be true ends it', () => {
    const story = new Story()
      .told(record(1, 10))
      .acknowledge()
      .born(record(2, 20, 22))
    expect(story.letter).toBe('D')
    expect(story.notices.map(({ n, late }) => [n, late])).toEqual([
      [1, false],
      [2, true],
    ])
    story.told(record(1, 10, 15))
    expect(story.kinds().at(-1), 'the return of the first comes by resend').toBe('return 1')
    expect(story.letter).toBe('D')
  })
})

describe('a node that lost its disk', () => {
  test('counts from 1 again: the same number in another outbox is another occurrence', () => {
    const story = new Story()
      .told(record(1, 1))
      .told(record(1, 1, 2))
      .acknowledge()
      .told(record(1, 50), OUTBOX_NEW)
    expect(story.letter).toBe('B')
    expect(story.notices).toHaveLength(2)
    expect(story.alarm.present).toMatchObject({ outbox: OUTBOX_NEW, n: 1, onset_ns: String(at(50)) })
  })

  test('a birth that was never raised ends what was true, at an instant that nobody knows', () => {
    const story = new Story().told(record(7, 10)).born(neverRaised(40), OUTBOX_NEW)
    expect(story.letter).toBe('D')
    expect(story.alarm.present).toMatchObject({ n: 7, returned_ns: null })
    expect(story.notices).toHaveLength(1)
  })

  test('a birth that names an older occurrence as over also ends one whose record died with the power', () => {
    const story = new Story()
      .told(record(4, 1, 2))
      .acknowledge()
      .told(record(5, 10))
      .born(record(4, 1, 2))
    expect(story.letter).toBe('D')
    expect(story.alarm.present).toMatchObject({ n: 5, returned_ns: null })
  })

  test('a birth is the truth now: what it says is true is shown as true, without a second notice', () => {
    const story = new Story()
      .told(record(4, 1))
      .told(record(4, 1, 2))
      .acknowledge()
      .born(record(4, 1))
    expect(story.letter).toBe('B')
    expect(story.notices).toHaveLength(1)
    expect(story.told(record(4, 1, 2)).letter, 'the old return, resent, ends nothing').toBe('B')
    expect(story.told(record(4, 1, 55)).letter).toBe('D')
  })
})
