import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Priority } from '../domain/condition.ts'
import type { NewEntry } from './alarm.ts'
import { GroupBook, type GroupPlace } from './groups.ts'
import { at } from './testing-site.ts'

/** Shaking and water of one site, with conditions that are true when `true` holds them. */
function book() {
  const isTrue = new Set<string>()
  const journal: NewEntry[] = []
  const rules = {
    placeOf: (alarm: string): GroupPlace | undefined => {
      if (alarm.startsWith('n:shake')) return { kind: 'ground-motion', about: 'tower' }
      if (alarm.startsWith('n:tilt')) return { kind: 'ground-motion', about: 'tower', joins: true }
      if (alarm.startsWith('n:creek')) return { kind: 'water-rise', about: 'creek' }
      return alarm === 'desk:edge-offline-n' ? { kind: 'node-offline', about: 'n' } : undefined
    },
    priorityOf: (alarm: string): Priority => (alarm.endsWith('strong') ? 'critical' : 'medium'),
    isTrue: (alarm: string) => isTrue.has(alarm),
    quiet_s: (kind: string) => (kind === 'node-offline' ? 0 : 120),
  }
  const groups = new GroupBook(rules)
  const entry = (
    kind: NewEntry['kind'],
    alarm: string,
    minute: number,
    onset = minute,
    body: object = {},
  ): NewEntry => ({
    ...{ at_ns: String(at(minute)), kind, alarm, occurrence: 1, actor: 'n', dedupe: null },
    body: { onset_ns: String(at(onset)), exercise: false, ...body },
  })
  const raise = (alarm: string, minute: number, onset = minute) => {
    isTrue.add(alarm)
    journal.push(...groups.take([entry('onset', alarm, minute, onset), entry('notice', alarm, minute, onset)]))
  }
  const tick = (minute: number) => journal.push(...groups.tick(at(minute)))
  const what = () => journal.map(({ body }) => (body as { what: string }).what)
  return { groups, rules, isTrue, journal, entry, raise, tick, what }
}

describe('one cause is one group', () => {
  test('an earthquake that trips every channel of a structure is one event with its channels', () => {
    const { groups, raise, isTrue, tick, what } = book()
    raise('n:shake-ground', 0)
    raise('n:shake-roof-strong', 0.05)
    raise('n:tilt-roof', 0.1)
    expect(groups.list()).toMatchObject([
      {
        kind: 'ground-motion',
        about: 'tower',
        priority: 'critical',
        exercise: false,
        ended_ns: null,
        began_ns: String(at(0)),
      },
    ])
    expect(groups.list()[0]!.alarms.map(({ alarm }) => alarm)).toEqual([
      'n:shake-ground',
      'n:shake-roof-strong',
      'n:tilt-roof',
    ])
    expect(groups.groupOf('n:tilt-roof')).toBe(groups.list()[0]!.id)
    tick(1)
    isTrue.clear()
    tick(2.9)
    expect(what()).not.toContain('ended')
    tick(3)
    expect(groups.list()[0]).toMatchObject({ ended_ns: String(at(1)) })
    expect(groups.groupOf('n:tilt-roof')).toBeNull()
  })

  test('an aftershock within the quiet time is the same event, one after it another', () => {
    const { groups, raise, isTrue, tick } = book()
    raise('n:shake-ground', 0)
    isTrue.clear()
    raise('n:shake-ground', 1.5)
    isTrue.clear()
    tick(1.6)
    expect(groups.list()).toHaveLength(1)
    tick(10)
    raise('n:shake-ground', 11)
    expect(groups.list().map(({ ended_ns }) => ended_ns !== null)).toEqual([false, true])
  })

  test('a rise through the levels of a water is one incident with its steps; shaking meanwhile is another', () => {
    const { groups, raise, tick } = book()
    raise('n:creek-action', 0)
    raise('n:creek-flood', 30)
    raise('n:shake-ground', 31)
    tick(40)
    raise('n:creek-major-strong', 60)
    expect(groups.list().map(({ kind, alarms }) => [kind, alarms.length])).toEqual([
      ['ground-motion', 1],
      ['water-rise', 3],
    ])
  })

  test('leaning alone is no earthquake', () => {
    const { groups, raise } = book()
    raise('n:tilt-roof', 0)
    expect(groups.list()).toEqual([])
  })

  test('a node that is away has what it hides as its children, and ends when it is back', () => {
    const { groups, raise, entry, isTrue, tick } = book()
    raise('desk:edge-offline-n', 0)
    groups.take([entry('suppress', 'n:creek-silent', 0, 0, { key: 'fault:desk:edge-offline-n' })])
    groups.take([entry('suppress', 'n:shake-silent', 0, 0, { key: 'maintenance:1' })])
    expect(groups.list()[0]).toMatchObject({ kind: 'node-offline', about: 'n', exercise: false })
    expect(groups.list()[0]!.alarms.map(({ alarm }) => alarm)).toEqual(['desk:edge-offline-n', 'n:creek-silent'])
    isTrue.clear()
    tick(1)
    expect(groups.list()[0]!.ended_ns).not.toBeNull()
  })
})

describe('an alarm flood by the words of the standard', () => {
  test('ten in ten minutes begin it, fewer than five in ten minutes end it', () => {
    const { groups, raise, tick } = book()
    for (let i = 0; i < 9; i++) raise(`n:other-${i}`, i)
    expect(groups.list()).toEqual([])
    raise('n:other-9', 9)
    expect(groups.list()).toMatchObject([{ kind: 'alarm-flood', about: null, began_ns: String(at(0)), ended_ns: null }])
    expect(groups.list()[0]!.alarms).toHaveLength(10)
    // At minute 14 those of minutes 5 to 9 are left: five.
    tick(14.9)
    expect(groups.list()[0]!.ended_ns).toBeNull()
    tick(15)
    expect(groups.list()[0]!.ended_ns).toBe(String(at(15)))
  })

  test('nine in ten minutes are none, however long it goes on', () => {
    const { groups, raise } = book()
    for (let i = 0; i < 100; i++) raise(`n:other-${i}`, i * 1.12)
    expect(groups.list()).toEqual([])
  })
})

test('groups are a function of their entries: a restart at any point finds them as they were', () => {
  const act = fc.record({
    alarm: fc.constantFrom('n:shake-a', 'n:shake-strong', 'n:creek-1', 'n:tilt-1', 'desk:edge-offline-n', 'n:x', 'n:y'),
    wait: fc.double({ min: 0, max: 5, noNaN: true }),
    what: fc.constantFrom('raise', 'clear', 'tick'),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const one = book()
      let minute = 0
      for (const { alarm, wait, what } of acts) {
        minute += wait
        if (what === 'raise') one.raise(alarm, minute)
        else if (what === 'clear') one.isTrue.delete(alarm)
        else one.tick(minute)
      }
      const again = new GroupBook(one.rules)
      for (const entry of JSON.parse(JSON.stringify(one.journal)) as NewEntry[]) again.apply(entry)
      expect(again.list()).toEqual(one.groups.list())
      const open = one.groups.list().filter(({ ended_ns }) => ended_ns === null)
      expect(new Set(open.map(({ kind, about }) => `${kind} ${about}`)).size, 'one open group for each cause').toBe(
        open.length,
      )
    }),
    { numRuns: 300 },
  )
})
