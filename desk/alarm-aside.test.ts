import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { STATE_LETTER } from '../domain/alarm.ts'
import { evolve, type NewEntry, newAlarm, shownState } from './alarm.ts'
import { at, record } from './testing-site.ts'
import { Story } from './testing-story.ts'

describe('shelved', () => {
  test('nobody is told of what comes meanwhile, and the state underneath is judged on', () => {
    const story = new Story().shelve()
    expect(story.letter).toBe('G')
    story.told(record(1, 60))
    expect([story.letter, story.under]).toEqual(['G', 'B'])
    expect(story.notices).toEqual([])
    expect(story.kinds()).toEqual(['shelve 0', 'onset 1', 'state 1'])
    expect(story.last('shelve')).toMatchObject({
      actor: 'Mei',
      body: {
        from: 'normal',
        to: 'shelved',
        until_ns: String(at(120)),
        one_shot: false,
        reason: 'gauge is being cleaned',
      },
    })
  })

  test('ends by itself: true by then, it is unacknowledged and told once', () => {
    const story = new Story().shelve().told(record(1, 61)).until(120)
    expect(story.letter).toBe('B')
    expect(story.notices).toMatchObject([{ n: 1, late: false, onset_ns: String(at(61)) }])
    expect(story.notices[0]!.text).toContain('while shelved')
    expect(story.last('unshelve')).toMatchObject({
      actor: 'desk',
      body: { to: 'unacknowledged', because: 'time', late: false },
    })
    expect(story.until(130).told(record(1, 61)).notices).toHaveLength(1)
  })

  test('false by then and nothing came: normal, and nobody is told anything', () => {
    const story = new Story().shelve().until(120)
    expect(story.letter).toBe('A')
    expect(story.kinds()).toEqual(['shelve 0', 'unshelve 0'])
  })

  test('what began and ended meanwhile is told once, late, with how many there were', () => {
    const story = new Story().shelve()
    for (const n of [1, 2, 3]) story.told(record(n, 60 + n)).told(record(n, 60 + n, 60.5 + n))
    story.until(120)
    expect(story.letter).toBe('D')
    expect(story.notices).toMatchObject([{ n: 3, late: true }])
    expect(story.notices[0]!.text).toMatch(/LATE: .*while shelved, the last of 3/)
    expect(story.acknowledge().letter).toBe('A')
  })

  test('an alarm that was acknowledged comes back unacknowledged and is told again, not as a new occurrence', () => {
    const story = new Story().told(record(1, 50)).acknowledge().shelve().back('unshelve')
    expect(story.letter).toBe('B')
    expect(story.alarm.acknowledged).toBeNull()
    expect(story.notices).toHaveLength(1)
    expect(story.last('re-alarm')).toMatchObject({ body: { because: 'unshelve', priority: 'high' } })
  })

  test('who shelved it has seen what stood then: its return needs no answer', () => {
    expect(
      new Story()
        .told(record(1, 50))
        .shelve()
        .told(record(1, 50, 70))
        .until(120).letter,
    ).toBe('A')
  })

  test('one shot: ends with the return of the condition', () => {
    const story = new Story()
      .told(record(1, 50))
      .shelve(60, { one_shot: true })
      .told(record(1, 50, 70))
    expect(story.letter).toBe('A')
    expect(story.last('unshelve')?.body).toMatchObject({ because: 'one-shot', to: 'normal' })
    const pre = new Story().shelve(60, { one_shot: true }).told(record(1, 61))
    expect(pre.letter, 'shelved before anything came, it lasts until that returns').toBe('G')
    expect(pre.told(record(1, 61, 62)).letter, 'which nobody has seen').toBe('D')
  })

  test('a latched alarm that is held stays held, and has to be answered', () => {
    const held = new Story(true)
      .told(record(1, 50))
      .told(record(1, 50, 55))
      .acknowledge()
    expect(held.letter).toBe('F')
    expect(held.shelve().until(120).letter).toBe('E')
    expect(
      new Story(true)
        .shelve()
        .told(record(1, 61))
        .told(record(1, 61, 62))
        .until(120).letter,
    ).toBe('E')
  })

  test('never for longer than the site allows, never by an old view, never without end', () => {
    const story = new Story().shelve(481)
    expect(story.letter).toBe('A')
    expect(story.refusals[0]).toContain('at most 480 min')
    expect(new Story().shelve(0).refusals).toHaveLength(1)
    const old = new Story()
    old.take({ kind: 'shelve', etag: '9', until_ns: at(90), one_shot: false, reason: 'x', by: 'Mei' })
    expect(old.refusals[0]).toContain('changed since it was shown')
    expect(new Story().back('unshelve').refusals).toEqual(['the alarm is not shelved'])
  })

  test('carried out late is marked late, once', () => {
    const story = new Story().shelve().until(150)
    expect(story.last('unshelve')?.body).toMatchObject({ late: true, due_ns: String(at(120)) })
    expect(story.until(151).kinds()).toEqual(['shelve 0', 'unshelve 0'])
  })

  test('shelved anew, the older time has no effect', () => {
    const story = new Story().shelve(60)
    const [first] = story.journal
    story.minute = 100
    story.shelve(60)
    story.take({
      kind: 'due',
      what: 'shelved',
      due_ns: BigInt((first!.body as { until_ns: string }).until_ns) as never,
    })
    expect(story.letter).toBe('G')
    expect(story.until(160).letter).toBe('A')
  })
})

describe('several at once', () => {
  test('out of service is shown before suppressed before shelved, and it comes back when the last has ended', () => {
    const story = new Story().told(record(1, 50)).shelve(300)
    expect(story.suppress().letter).toBe('H')
    expect(story.outOfService().letter).toBe('I')
    expect(story.unsuppress().letter).toBe('I')
    expect(story.suppress('maintenance:1').letter).toBe('I')
    expect(story.back('return-to-service', 'Chen').letter).toBe('H')
    expect(story.unsuppress('maintenance:1').letter).toBe('G')
    expect(story.back('unshelve').letter).toBe('B')
    expect(story.kinds().filter((kind) => kind.startsWith('re-alarm'))).toHaveLength(1)
  })

  test('suppressed by two causes it stays so until both have gone', () => {
    const story = new Story().suppress('a').suppress('b').unsuppress('a')
    expect(story.letter).toBe('H')
    expect(story.unsuppress('a').unsuppress('b').letter).toBe('A')
  })

  test('logic has seen nothing: an alarm that nobody answered waits for its answer', () => {
    expect(
      new Story()
        .told(record(1, 50))
        .suppress()
        .told(record(1, 50, 55))
        .unsuppress().letter,
    ).toBe('D')
  })

  test('out of service ends by its time where it has one', () => {
    const story = new Story().outOfService(90).told(record(1, 61))
    expect(story.until(89).letter).toBe('I')
    expect(story.until(90).letter).toBe('B')
    expect(new Story().outOfService().until(100_000).letter).toBe('I')
  })
})

describe('annunciates again', () => {
  test('acknowledged and not resolved for so long', () => {
    const story = new Story().told(record(1, 60)).acknowledge()
    expect(story.until(179).letter).toBe('C')
    expect(story.until(180).letter).toBe('B')
    expect(story.last('re-alarm')?.body).toMatchObject({ because: 'timer', late: false })
    expect(story.acknowledge().until(181).letter, 'the next one counts from the new acknowledgement').toBe('C')
  })

  test('more severe than when it was acknowledged', () => {
    const story = new Story().told(record(1, 60)).acknowledge()
    story.take({ kind: 'step-up', priority: 'critical', why: '3.10 m, beyond 3 m' })
    expect(story.letter).toBe('B')
    expect(story.last('re-alarm')?.body).toMatchObject({
      because: 'step-up',
      priority: 'critical',
      why: '3.10 m, beyond 3 m',
    })
    expect(story.acknowledge().take({ kind: 'step-up', priority: 'critical', why: 'again' }).letter, 'once').toBe('C')
    expect(
      story.told(record(1, 60, 70)).told(record(2, 80)).alarm.stepped_up,
      'a new occurrence begins anew',
    ).toBeNull()
  })
})

/** One gauge whose conditions come in order, while people and logic do what they like. */
const acts = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('raise', 'return', 'unseen') },
    fc.constantFrom('acknowledge', 'reset', 'comment', 'shelve', 'one-shot', 'unshelve', 'out', 'in', 'time'),
    fc.constantFrom('suppress a', 'suppress b', 'unsuppress a', 'unsuppress b', 'step-up', 'birth'),
  ),
  { maxLength: 60 },
)

function play(
  latch: boolean,
  list: readonly string[],
  after: (story: Story, act: string, entries: readonly NewEntry[]) => void,
) {
  const story = new Story(latch)
  const present = { n: 0, open: false }
  for (const [i, act] of list.entries()) {
    const before = story.journal.length
    story.minute = 60 + i * 10
    const rise = () => record(present.n, story.minute)
    const fall = () => record(present.n, story.minute - 1, story.minute)
    if (act === 'raise' && !present.open) {
      present.n++
      present.open = true
      story.told(rise())
    } else if (act === 'return' && present.open) {
      present.open = false
      story.told(fall())
    } else if (act === 'unseen' && !present.open) {
      present.n++
      story.told(fall())
    } else if (act === 'birth' && present.n > 0) story.born(present.open ? rise() : fall())
    else if (act === 'acknowledge') story.acknowledge()
    else if (act === 'reset') story.reset()
    else if (act === 'comment') story.take({ kind: 'comment', by: 'Lin', text: 'noted' })
    else if (act === 'shelve' || act === 'one-shot') story.shelve(25, { one_shot: act === 'one-shot' })
    else if (act === 'unshelve') story.back('unshelve')
    else if (act === 'out') story.outOfService(story.minute + 35)
    else if (act === 'in') story.back('return-to-service')
    else if (act === 'time') story.until(story.minute)
    else if (act === 'step-up') story.take({ kind: 'step-up', priority: 'critical', why: 'test' })
    else if (act.startsWith('suppress')) story.suppress(act.slice(-1))
    else if (act.startsWith('unsuppress')) story.unsuppress(act.slice(-1))
    after(story, act, story.journal.slice(before))
  }
  return { story, present }
}

describe('whatever people, logic and the gauge do', () => {
  const runs = { numRuns: 500 }

  test('no pair of state and event is undefined, and what is underneath is true when the condition is', () => {
    fc.assert(
      fc.property(fc.boolean(), acts, (latch, list) => {
        const { story, present } = play(latch, list, () => {})
        expect(Object.values(STATE_LETTER)).toContain(story.letter)
        expect('BC'.includes(story.under)).toBe(present.open)
      }),
      runs,
    )
  })

  test('no alarm is lost: an occurrence is told, or the alarm is aside, or somebody acknowledged it', () => {
    fc.assert(
      fc.property(fc.boolean(), acts, (latch, list) => {
        /** Occurrences of which nobody was told and which nobody acknowledged. */
        const untold = new Set<number>()
        play(latch, list, (story, act, entries) => {
          for (const { kind, occurrence, body } of entries) {
            if (kind === 'onset') untold.add(occurrence!)
            // One notice after a time aside speaks for all that came meanwhile.
            if (kind === 'notice' && 'meanwhile' in (body as object)) untold.clear()
            else if (kind === 'notice') untold.delete(occurrence!)
            if (kind === 'acknowledge') untold.clear()
          }
          if (untold.size > 0) expect('GHI', `${act}: ${[...untold]} untold`).toContain(story.letter)
        })
      }),
      runs,
    )
  })

  test('nothing comes back acknowledged, and every entry of G, H and I has its exit', () => {
    fc.assert(
      fc.property(fc.boolean(), acts, (latch, list) => {
        let letter = 'A'
        play(latch, list, (story, _, entries) => {
          const left = entries.find(({ kind }) => ['unshelve', 'unsuppress', 'return-to-service'].includes(kind))
          if ('GHI'.includes(letter) && !'GHI'.includes(story.letter)) {
            expect(left).toBeDefined()
            expect('CF').not.toContain(story.letter)
          }
          if (!'GHI'.includes(letter) && 'GHI'.includes(story.letter))
            expect(entries.some(({ kind }) => ['shelve', 'suppress', 'out-of-service'].includes(kind))).toBe(true)
          letter = story.letter
        })
      }),
      runs,
    )
  })

  test('every transition of what is shown, and of what is underneath, is journalled once, from where it was', () => {
    fc.assert(
      fc.property(fc.boolean(), acts, (latch, list) => {
        const { story } = play(latch, list, () => {})
        let alarm = newAlarm('north:creek-red')
        for (const entry of story.journal) {
          const body = entry.body as { from?: string; to?: string }
          const after = evolve(alarm, entry)
          const isState = entry.kind === 'state'
          const [from, to] = isState ? [alarm.state, after.state] : [shownState(alarm), shownState(after)]
          if (body.from !== undefined) expect([body.from, body.to]).toEqual([from, to])
          else expect([alarm.state, shownState(alarm)], entry.kind).toEqual([after.state, shownState(after)])
          alarm = after
        }
      }),
      runs,
    )
  })

  test('the alarm is a function of its journal: a restart at any point finds it as it was', () => {
    fc.assert(
      fc.property(fc.boolean(), acts, (latch, list) => {
        play(latch, list, (story) => {
          const read = JSON.parse(JSON.stringify(story.journal)) as NewEntry[]
          expect(read.reduce(evolve, newAlarm('north:creek-red'))).toEqual(story.alarm)
        })
      }),
      { numRuns: 100 },
    )
  })

  test('told at most once, whatever comes twice', () => {
    fc.assert(
      fc.property(fc.boolean(), acts, (latch, list) => {
        const { story } = play(latch, [...list, ...list], () => {})
        const keys = story.journal.flatMap(({ dedupe }) => dedupe ?? [])
        expect(new Set(keys).size).toBe(keys.length)
      }),
      { numRuns: 100 },
    )
  })
})
