/** Who is told what in the demo site: one earthquake is one message, one flood of the river is one, and all are exercises. */
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { siteExample } from '../../domain/site-example.ts'
import { loadSite } from '../../domain/site-load.ts'
import { instant } from '../../domain/time.ts'
import { loadShippedModels } from '../../models/load.ts'
import { AnswerLinks } from './answer-links.ts'
import { plannedBody } from './planned.ts'
import type { Plan } from './planner.ts'
import { type Entry, TellingBook } from './telling-book.ts'

const known = { models: await loadShippedModels(), recordings: new Set(['jma-yonago-2000', 'usgs-dead-run-2018']) }
const loaded = loadSite(stringify(siteExample, { aliasDuplicateObjects: false }), 'site', known, () => undefined)
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
const { site } = loaded
const notices = site.file.notices!
const T0 = Date.UTC(2026, 2, 2, 2)
const SECOND = 1000

/** Notices at seconds; what the book plans by then, second for second. */
function told(at: ReadonlyArray<readonly [second: number, limit: string]>, until_s: number) {
  const book = new TellingBook(site.file, notices)
  const messages: Array<{ s: number; to: string[]; members: number; subject: string; exercise: boolean }> = []
  for (let s = 0; s <= until_s; s++) {
    const t = T0 + s * SECOND
    const wall = instant(BigInt(t) * 1_000_000n)
    for (const [, id] of at.filter(([second]) => second === s)) book.apply(notice(id, wall), t)
    for (;;) {
      const plan = book.plan({ t, wall })
      if (plan === undefined) break
      messages.push(message(plan, s, wall))
      for (const body of bodies(plan, wall))
        book.apply(
          { kind: 'delivery', alarm: null, occurrence: null, actor: 'desk', at_ns: String(wall), body } as Entry,
          t,
        )
    }
  }
  return messages
}
const bodies = (plan: Plan, now: ReturnType<typeof instant>) =>
  plan.targets.map((target) =>
    plannedBody(plan, target, {
      site,
      notices,
      known: () => undefined,
      now,
      links: new AnswerLinks(notices, undefined),
    }),
  )
function message(plan: Plan, s: number, wall: ReturnType<typeof instant>) {
  const [body] = bodies(plan, wall)
  const to = plan.targets.map(({ contact }) => contact.id)
  return { s, to, members: plan.members.length, subject: body!.subject, exercise: body!.exercise }
}
function notice(id: string, wall: bigint): Entry {
  const limit = site.limits.find((one) => one.id === id)!
  const value = limit.limit * 1.1
  const particulars = {
    ...{ value, peak: value, limit: limit.limit, unit: limit.unit, flag: 1, unconfirmed: false, exercise: true },
    time_unknown: false,
  }
  const about = { limit_id: id, name: limit.name, channel: limit.channel, direction: 'above', priority: limit.priority }
  const body = {
    outbox: 'o',
    late: false,
    text: '',
    onset_ns: String(wall),
    learned_ns: String(wall),
    ...about,
    ...particulars,
  }
  return { kind: 'notice', alarm: `edge-1:${id}`, occurrence: 1, actor: 'desk', at_ns: String(wall), body } as Entry
}

test('an earthquake that trips three limits of the tower is one message, and goes to the next when nobody answers', () => {
  const quake = [
    [0, 'tower-a-shaking'],
    [1, 'tower-a-strong'],
    [2, 'tower-a-roof-strong'],
  ] as const
  const messages = told(quake, 200)
  expect(messages.map(({ to, members }) => ({ to, members }))).toEqual([
    { to: ['duty-room'], members: 3 },
    { to: ['engineer'], members: 3 },
  ])
  expect(messages[0]!.s).toBeLessThanOrEqual(6)
  expect(messages[1]!.s - messages[0]!.s).toBe(120)
  for (const { subject, exercise } of messages) {
    expect(exercise).toBe(true)
    expect(subject).toMatch(/EXERCISE|演習/)
  }
})

test('nobody outside this machine can be reached by it, and nobody who was not asked to be told of exercises', () => {
  for (const { exercise, channels } of notices.contacts) {
    expect(exercise).toBe(true)
    expect(
      channels.flatMap((channel) => Object.keys(channel).filter((key) => /email|webhook|output/.test(key))),
    ).toEqual([])
  }
  expect(site.file.broker.host).toBe('127.0.0.1')
})
