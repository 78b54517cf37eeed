/** What messages say, in both languages: value, level and what it means, trend, range to the next level, every mark and doubt. */
import { describe, expect, test } from 'vitest'
import { fromIso } from '../../domain/time.ts'
import type { Member } from './incident.ts'
import { type Known, type MessageInput, messageOf, withLinks } from './message.ts'
import { siteWith } from './testing-telling.ts'
import { MESSAGE_WORDS } from './words.ts'

const SITE = siteWith()
const at = (text: string) => fromIso(`2026-03-02T${text}Z`)!
const member = (more: Partial<Member> = {}): Member => ({
  ...{
    alarm: 'north:creek-amber',
    outbox: 'box',
    n: 1,
    name: 'Creek above amber',
    channel: 'creek/stage',
    limit_id: 'creek-amber',
  },
  ...{
    priority: 'medium',
    kind: 'above',
    rule: null,
    onset_ns: String(at('02:00:00')),
    learned_ns: String(at('02:00:01')),
  },
  ...{ value: 1.52, peak: 1.52, limit: 1.5, unit: 'm', unconfirmed: false, exercise: false, time_unknown: false },
  ...{ late: false, again: null, returned: false, acknowledged_by: null, aside: false, told: false },
  ...more,
})
const input = (more: Partial<MessageInput> = {}): MessageInput => ({
  ...{
    action: 'alarm',
    members: [member()],
    priority: 'medium',
    step: 0,
    steps: 2,
    round: 0,
    late_ms: 0,
    now: at('02:00:05'),
  },
  incident: { drill: null, reality: 'real', flood: false, about: 'creek', unlisted: 0 },
  ...more,
})
/** 0.50 m below the red level at 2 m, rising 0.6 to 1.2 m/h over the last ten minutes: 25 to 50 minutes. */
const rising: Known = {
  ...{ value: 1.5, t_ns: String(at('02:00:00')), unit: 'm', time_scale: 1 },
  rate: { least: 0.6 / 3600, greatest: 1.2 / 3600, newest: 0.9 / 3600 },
}
const told = (more: Partial<MessageInput> = {}, known: Known | undefined = rising, language: 'en' | 'zh-TW' = 'en') =>
  messageOf(input(more), SITE, () => known, language)

test('a message in English: what, when with its offset, what the level means, trend, a range that is no forecast', () => {
  expect(told()).toEqual({
    subject: 'MEDIUM: Creek above amber',
    short: 'MEDIUM: Creek above amber',
    text: [
      '- MEDIUM Creek above amber: 1.52 m, at 2026-03-02 10:00 UTC+08:00',
      '  Amber: watch',
      '  Now 1.50 m (2026-03-02 10:00 UTC+08:00), rising 0.90 m/h',
      '  Red in 25 min – 50 min at the rates of the last 10 minutes (not a forecast)',
      'The yard',
    ].join('\n'),
  })
})

test('and in Chinese', () => {
  const { subject, text } = told({}, rising, 'zh-TW')
  expect(subject).toBe('中優先: Creek above amber')
  expect(text).toContain('Amber：watch')
  expect(text).toContain('上升 0.90 m/h')
  expect(text).toContain('約 25 分鐘 – 50 分鐘達 Red（非預報）')
})

describe('no time to the next level is told', () => {
  test.each([
    ['where it did not rise throughout', { ...rising, rate: { least: 0, greatest: 1, newest: 0.5 } }],
    ['where it falls', { ...rising, rate: { least: -1, greatest: -0.5, newest: -0.7 } }],
    ['above the highest level', { ...rising, value: 2.5 }],
    ['beyond a day', { ...rising, rate: { least: 1e-7, greatest: 2e-7, newest: 1e-7 } }],
  ])('%s', (_, known) => expect(told({}, known).text).not.toContain('forecast'))
  test('where nothing good is known: unknown is said', () => {
    expect(messageOf(input(), SITE, () => undefined, 'en').text).toContain('Now: unknown, no good value.')
  })
})

test('every mark and doubt', () => {
  const drill = { id: 'autumn', name: 'Autumn' }
  const exercise = told({ incident: { drill, reality: 'drill', flood: false, about: 'creek', unlisted: 0 } })
  expect(exercise.subject).toBe('EXERCISE MEDIUM: Creek above amber')
  expect(exercise.text).toContain('EXERCISE - drill "Autumn"')
  const chinese = told(
    { incident: { drill: null, reality: 'exercise', flood: false, about: null, unlisted: 0 } },
    rising,
    'zh-TW',
  )
  expect([chinese.subject, chinese.text, chinese.short].every((text) => text.includes('演習'))).toBe(true)
  const doubtful = told({
    members: [member({ unconfirmed: true, time_unknown: true, again: '1' })],
    late_ms: 1_500_000,
    step: 1,
  })
  for (const mark of [
    'UNCONFIRMED',
    'TIME UNKNOWN',
    'told before',
    'LATE: this message was due 25 min ago',
    'Step 2 of 2: nobody has answered yet',
  ])
    expect(doubtful.text).toContain(mark)
  const late = told({ members: [member({ late: true, peak: 1.9, learned_ns: String(at('02:20:00')) })] })
  expect(late.text).toContain(
    '1.90 m, LATE: at 2026-03-02 10:00 UTC+08:00, learned 2026-03-02 10:20 UTC+08:00; it is over.',
  )
  expect(withLinks(told(), 'en', { repeat: true, answer: 'https://x/answer/t' })).toMatchObject({
    subject: 'POSSIBLE REPEAT MEDIUM: Creek above amber',
    text: expect.stringContaining('Acknowledge: https://x/answer/t'),
  })
})

test('a flood is one message that says so, and stays short enough for every service', () => {
  const members = Array.from({ length: 300 }, (_, i) => member({ name: `Alarm ${i} ${'x'.repeat(150)}` }))
  const { subject, text, short } = told({
    members,
    incident: { drill: null, reality: 'real', flood: true, about: null, unlisted: 12 },
  })
  expect(subject).toBe('MEDIUM: ALARM FLOOD: 312 alarms')
  expect(text).toContain('so many alarms within 10 minutes')
  expect(text.length).toBeLessThanOrEqual(2400)
  expect([...short].length).toBeLessThanOrEqual(160)
})

test('that it has returned is no all-clear, and no word of any message says that anything is safe', () => {
  const over = told({ action: 'returned' })
  expect(over.subject).toBe('RETURNED: Creek above amber')
  expect(over.text).toContain('This is no all-clear')
  for (const words of Object.values(MESSAGE_WORDS))
    for (const word of Object.values(words).flatMap((w) => (typeof w === 'string' ? [w] : [])))
      expect(word).not.toMatch(/\bsafe(ty|ly)?\b|安全/i)
})
