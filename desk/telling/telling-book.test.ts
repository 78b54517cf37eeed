import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AlarmName, MINUTE, NOTICES, START_MS, siteWith, Telling } from './testing-telling.ts'

const SITE = siteWith()
const telling = () => new Telling(SITE)

describe('the ladder', () => {
  test('a moment of grouping, the step with its repeat, then the next, and all anew when nobody answers', () => {
    const lines = telling().notice('creek-red').until(200).lines()
    expect(lines).toEqual(
      [
        '0.05 mei/phone: alarm',
        '0.05 trainee/phone: alarm',
        '10.05 mei/phone: alarm',
        '10.05 trainee/phone: alarm',
        '20.05 lin/phone: alarm',
        '20.05 lin/pager: alarm',
        '40.05 chief/phone: alarm',
        '160.05 mei/phone: alarm',
        '160.05 trainee/phone: alarm',
        '170.05 mei/phone: alarm',
        '170.05 trainee/phone: alarm',
        '180.05 lin/phone: alarm',
        '180.05 lin/pager: alarm',
        '200.05 chief/phone: alarm'.replace('200.05 chief/phone: alarm', ''),
      ].filter((line) => line !== ''),
    )
  })

  test('an answer ends it; those who were told hear that it has returned, once, and nobody else', () => {
    const story = telling().notice('creek-red').until(12).acknowledge('creek-red').until(60)
    expect(story.lines()).toHaveLength(4)
    story.returned('creek-red').until(300)
    expect(story.lines().slice(4)).toEqual(['60.5 mei/phone: returned', '60.5 trainee/phone: returned'])
    expect([...story.book.incidents()]).toEqual([])
  })

  test('what returned and was not answered is called for until somebody answers', () => {
    const story = telling().notice('creek-red').until(1).returned('creek-red').until(21)
    expect(story.lines()).toContain('1.5 mei/phone: returned')
    expect(story.lines()).toContain('20.05 lin/phone: alarm')
    story.acknowledge('creek-red').until(500)
    expect(story.lines().filter((line) => line.includes('chief'))).toEqual([])
  })

  test('a step of which every message failed for good does not wait for its time-out', () => {
    const story = telling()
    story.outcome = 'failed'
    story.notice('creek-red').until(1)
    expect(story.lines().map((line) => line.split(' ')[1])).toEqual([
      'mei/phone:',
      'trainee/phone:',
      'lin/phone:',
      'lin/pager:',
      'chief/phone:',
    ])
    story.until(119)
    expect(story.lines()).toHaveLength(5)
  })

  test('shelving holds the ladder; coming back true begins it anew, unacknowledged', () => {
    const story = telling().notice('creek-red').until(1)
    story.write('shelve', 'north:creek-red', 1, { from: 'unacknowledged', to: 'shelved' }, 'Mei')
    story.until(100)
    expect(story.lines()).toHaveLength(2)
    story.write('unshelve', 'north:creek-red', 1, { from: 'shelved', to: 'unacknowledged', because: 'time' })
    const body = {
      outbox: 'box',
      late: false,
      name: 'creek-red',
      channel: 'creek/stage',
      priority: 'high',
      kind: 'above',
      onset_ns: '1',
      learned_ns: '1',
    }
    story.write('re-alarm', 'north:creek-red', 1, body)
    story.until(111)
    expect(story.lines().slice(2)).toEqual([
      '100.05 mei/phone: alarm',
      '100.05 trainee/phone: alarm',
      '110.05 mei/phone: alarm',
      '110.05 trainee/phone: alarm',
    ])
    story.acknowledge('creek-red').returned('creek-red').until(200)
    expect(story.lines().slice(6)).toEqual(['111.5 mei/phone: returned', '111.5 trainee/phone: returned'])
  })

  test('a late occurrence is told, and not told to be over a second time', () => {
    const story = telling().notice('creek-red', 1, { late: true }).until(1).acknowledge('creek-red').until(100)
    expect(story.lines()).toEqual(['0.05 mei/phone: alarm', '0.05 trainee/phone: alarm'])
  })
})

describe('what belongs together', () => {
  test('alarms about one water within the moment are one message; one of higher priority is news at once', () => {
    const site = siteWith(NOTICES.replace('priorities: [critical, high]', 'waters: [creek]'))
    const story = new Telling(site).notice('creek-amber').until(2).notice('creek-red').until(5)
    expect(story.lines()).toEqual([
      '0.05 mei/phone: alarm',
      '0.05 trainee/phone: alarm',
      '2.05 mei/phone: update',
      '2.05 trainee/phone: update',
    ])
    story.notice('creek-amber', 2).until(9)
    expect(story.lines(), 'no news worth an interruption yet').toHaveLength(4)
    story.until(10.2)
    expect(story.lines().slice(-2), 'the repeat brings it').toEqual([
      '10.05 mei/phone: alarm',
      '10.05 trainee/phone: alarm',
    ])
    expect(story.sent.at(-1)!.body.members.map(({ alarm, occurrence }) => [alarm, occurrence])).toEqual([
      ['north:creek-amber', 1],
      ['north:creek-red', 1],
      ['north:creek-amber', 2],
    ])
    story.until(12).notice('creek-amber', 3).until(20.03)
    expect(story.lines(), 'and then nothing before ten minutes have passed').toHaveLength(6)
  })

  test('an alarm flood is one message that says so, and a critical alarm in it is still told', () => {
    const story = telling()
    for (let i = 0; i < 30; i++) story.notice(`extra-${i}`)
    story.until(1)
    expect(story.lines()).toEqual(['0.05 mei/phone: alarm', '0.05 trainee/phone: alarm'])
    const [incident] = [...story.book.incidents()]
    expect(incident).toMatchObject({ flood: true, members: { length: 30 } })
    expect(story.sent[0]!.body.members).toHaveLength(30)
    story.notice('roof-shaking').until(2)
    expect(story.lines().slice(2)).toEqual(['1.05 mei/phone: update', '1.05 trainee/phone: update'])
    expect(story.sent.at(-1)!.body.priority).toBe('critical')
  })

  test('what was told before a flood keeps its own message', () => {
    const story = telling().notice('creek-red').until(1)
    for (let i = 0; i < 30; i++) story.notice(`extra-${i}`)
    story.until(2)
    expect(story.lines()).toHaveLength(4)
    expect([...story.book.incidents()].map(({ flood }) => flood)).toEqual([false, true])
  })
})

describe('who is left alone', () => {
  test('an exercise reaches only those who ask for it, a drill only its recipients', () => {
    const exercise = telling().notice('creek-red', 1, { exercise: true }).until(300)
    expect(new Set(exercise.sent.map(({ to }) => to))).toEqual(new Set(['trainee/phone']))
    const drill = { id: 'autumn', name: 'Autumn', recipients: ['Lin Bo'] }
    const story = telling().notice('creek-red', 1, { exercise: true, drill, recipients: drill.recipients }).until(50)
    expect(new Set(story.sent.map(({ to }) => to))).toEqual(new Set(['lin/phone', 'lin/pager']))
    expect(story.sent.every(({ body }) => body.exercise)).toBe(true)
  })

  test('a drill and a real alarm of the same water never share a message', () => {
    const drill = { id: 'autumn', name: 'Autumn' }
    const story = telling()
      .notice('creek-red', 1, { exercise: true, drill, recipients: ['mei'] })
      .notice('creek-red', 2)
    story.until(1)
    expect([...story.book.incidents()].map(({ reality }) => reality).sort()).toEqual(['drill', 'real'])
    expect(story.sent.map(({ body }) => [body.contact, body.exercise])).toEqual([
      ['mei', true],
      ['mei', false],
      ['trainee', false],
    ])
  })

  test('quiet hours hold back what is not urgent, and their end tells it, not late; critical is never quiet', () => {
    const story = telling()
    story.t = START_MS + 12.5 * 60 * MINUTE // 22:30
    story
      .notice('creek-amber')
      .notice('roof-shaking')
      .until(13 * 60)
    expect(story.lines()).toEqual([
      '750.05 mei/phone: alarm',
      '750.05 trainee/phone: alarm',
      '760.05 mei/phone: alarm',
      '760.05 trainee/phone: alarm',
      '770.05 lin/phone: alarm',
      '770.05 lin/pager: alarm',
    ])
    story.acknowledge('roof-shaking').until(20 * 60 + 1)
    const [morning] = story.sent.slice(6)
    expect(morning!.t_min).toBeGreaterThanOrEqual(20 * 60)
    expect(morning!.t_min).toBeLessThan(20 * 60 + 1)
    expect(morning!.body.late_ms).toBe(0)
  })
})

describe('a desk that was away', () => {
  test('carries out each step that has expired meanwhile once, marked late, and goes on as if it had not been away', () => {
    const story = telling().notice('creek-red').until(5).restart(30).until(60)
    expect(story.lines().slice(2)).toEqual([
      '35 mei/phone: alarm late',
      '35 trainee/phone: alarm late',
      '35 lin/phone: alarm late',
      '35 lin/pager: alarm late',
      '40.05 chief/phone: alarm',
    ])
  })

  test('for a week begins anew once', () => {
    const story = telling()
      .notice('creek-red')
      .until(5)
      .restart(7 * 24 * 60)
    story.carryOut()
    expect(
      story
        .lines()
        .slice(2)
        .map((line) => line.split(' ')[1]),
    ).toEqual([
      'mei/phone:',
      'trainee/phone:',
      'lin/phone:',
      'lin/pager:',
      'chief/phone:',
      'mei/phone:',
      'trainee/phone:',
    ])
  })

  test('a wall clock that is set back or forward neither skips nor doubles a step', () => {
    const steady = telling().notice('creek-red').until(300).lines()
    for (const step_h of [-1, 1, 5]) {
      const story = telling().notice('creek-red').until(15)
      story.stepped_ms = step_h * 3_600_000
      expect(story.until(300).lines()).toEqual(steady)
    }
  })
})

/** What may happen, minute after minute. */
const NAMES: readonly AlarmName[] = ['creek-amber', 'creek-red', 'roof-shaking', 'extra-1', 'extra-2']
type Act = {
  readonly kind: 'notice' | 'acknowledge' | 'returned' | 'wait'
  readonly name: AlarmName
  readonly minutes: number
}
const acts = fc.array(
  fc.record({
    kind: fc.constantFrom<Act['kind']>('notice', 'notice', 'acknowledge', 'returned', 'wait'),
    name: fc.constantFrom(...NAMES),
    minutes: fc.constantFrom(0, 0.01, 1, 7, 25, 90),
  }),
  { maxLength: 30 },
)

/** Runs the acts; `restartAt` are numbers of acts after which the desk is killed and back at once. */
function run(list: readonly Act[], restartAt: ReadonlySet<number> = new Set()): Telling {
  const story = telling()
  const count = new Map<AlarmName, number>()
  let minute = 0
  for (const [i, { kind, name, minutes }] of list.entries()) {
    if (kind === 'notice') {
      const n = (count.get(name) ?? 0) + 1
      count.set(name, n)
      story.notice(name, n)
    } else if (kind === 'acknowledge') story.acknowledge(name, 'Mei', count.get(name) ?? 0)
    else if (kind === 'returned') story.returned(name, count.get(name) ?? 0)
    minute += minutes
    story.until(minute)
    if (restartAt.has(i)) story.restart()
  }
  return story.until(minute + 400)
}

describe('whatever happens', () => {
  test('a kill at any moment changes nothing of what is told, to whom, and when', () => {
    fc.assert(
      fc.property(acts, fc.array(fc.nat(30)), (list, restarts) => {
        expect(run(list, new Set(restarts)).lines()).toEqual(run(list).lines())
      }),
      { numRuns: 60 },
    )
  })

  test('no message is planned twice', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const ids = run(list).sent.map(({ body }) => body.id)
        expect(new Set(ids).size).toBe(ids.length)
      }),
      { numRuns: 60 },
    )
  })

  test('an occurrence that nobody answered within the moment of grouping is named in a message', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const story = run(list)
        const named = new Set(story.sent.flatMap(({ body }) => body.members.map((m) => `${m.alarm}#${m.occurrence}`)))
        // Priority medium waits for the morning: the stories end at 18:00 at the latest that matters here.
        for (const { entry, t } of story.journal) {
          if (entry.kind !== 'notice') continue
          const answered = story.journal.some(
            (later) =>
              later.entry.kind === 'acknowledge' &&
              later.entry.alarm === entry.alarm &&
              later.t >= t &&
              later.t - t < 610_000,
          )
          const held = (entry.body as { priority: string }).priority === 'medium'
          if (!answered && !held) expect(named).toContain(`${entry.alarm}#${entry.occurrence}`)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('once everything is answered and has returned, nothing is due and nothing is remembered', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const story = run(list)
        for (const name of NAMES) {
          story.acknowledge(name)
          for (let n = 1; n <= 30; n++) story.returned(name, n)
        }
        story.until((story.t - START_MS) / MINUTE + 60 * 24)
        expect([...story.book.incidents()]).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('a snapshot in the middle gives the same book as the whole journal', () => {
    fc.assert(
      fc.property(acts, fc.nat(30), (list, cut) => {
        const story = run(list)
        const half = Math.min(cut * 3, story.journal.length)
        const first = new Telling(SITE)
        for (const { entry, t } of story.journal.slice(0, half)) first.book.apply(entry, t)
        const second = new Telling(SITE)
        second.book.restore(JSON.parse(JSON.stringify(first.book.snapshot())), 0)
        for (const { entry, t } of story.journal.slice(half)) second.book.apply(entry, t)
        const whole = new Telling(SITE)
        for (const { entry, t } of story.journal) whole.book.apply(entry, t)
        expect(second.book.snapshot()).toEqual(whole.book.snapshot())
      }),
      { numRuns: 60 },
    )
  })
})
