import { describe, expect, test } from 'vitest'
import { ns, SITE } from '../test/fake-world.ts'
import { alarm, NOW_MS, quietSite, reading, speech } from '../test/fixtures.ts'
import type { Link } from './link.ts'
import { NOTHING_YET } from './live-state.ts'
import { lobbySays } from './lobby.ts'

const AT = { mono_ms: 0, wall_ms: NOW_MS }
const LIVE: Link = { state: 'live', pulse: { desk_ms: NOW_MS, at: AT } }
const LOST: Link = { state: 'lost', pulse: { desk_ms: NOW_MS, at: AT }, for_ms: 90_000 }
const says = (
  more: Parameters<typeof quietSite>[0] = {},
  link: Link = LIVE,
  id = 'tower-a',
  language: 'en' | 'zh-TW' = 'en',
) => lobbySays(SITE, id, quietSite(more), link, NOW_MS, speech(language))

describe('the page in the lobby', () => {
  test('says of a quiet building what was recorded, in both languages, and never that it is safe', () => {
    expect(says()).toEqual({
      tone: 'quiet',
      text: 'Tower A: no shaking, no threshold exceeded in the recorded data.',
      age: 'State of 14:05:00 +08:00',
    })
    expect(says({}, LIVE, 'tower-a', 'zh-TW').text).toBe('Tower A：無搖晃，紀錄資料中未超過任何限值。')
  })
  test('says what was exceeded, and of the water and other alarms nothing', () => {
    const said = says({ alarms: [alarm('roof-pga'), alarm('run-2')], readings: [reading('dead-run/stage', 1.5)] })
    expect(said.tone).toBe('exceeded')
    expect(said.text).toMatch(/^Tower A: .*limit exceeded \(Roof shaking above 80 gal/)
    expect(said.text).not.toContain('Dead Run')
  })
  test('calls a building unknown whose sensors are silent', () =>
    expect(says({ readings: [reading('tower-a-roof/pga', 0.1, { t_ns: ns(NOW_MS - 60_000) })] }).tone).toBe('unknown'))
  test('keeps telling while the line is lost: unknown, for how long, and what was last known', () => {
    const said = says({}, LOST)
    expect(said.tone).toBe('unknown')
    expect(said.text).toContain('1 min 30 s')
    expect(said.age).toMatch(/^Last known at .*: Tower A: no shaking/)
  })
  test('has nothing to say before the first data, nor of a structure that is not there', () => {
    expect(lobbySays(null, 'tower-a', NOTHING_YET, { state: 'connecting', since: AT }, NOW_MS, speech()).tone).toBe(
      'unknown',
    )
    expect(says({}, LIVE, 'tower-z').text).toBe('There is no such structure on this site.')
  })
})
