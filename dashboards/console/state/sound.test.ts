import { expect, test } from 'vitest'
import { alarm, NOW_MS, quietAlarm } from '../test/fixtures.ts'
import { MUTE_MS, muteAt, muteNow, soundingAt } from './sound.ts'

const high = alarm('run-2')
const critical = alarm('roof-pga')

test('the worst alarm that waits for an answer is heard, answered ones are not', () => {
  expect(soundingAt([high, critical], null)).toBe('critical')
  expect(soundingAt([high, { ...critical, state: 'latched-acknowledged' }], null)).toBe('high')
  expect(soundingAt([quietAlarm('run-2'), alarm('run-3')], null)).toBeNull()
})

test('low priority is shown, not heard; nor is what somebody put aside', () => {
  expect(soundingAt([alarm('run-rise')], null)).toBeNull()
  const aside = { underlying: 'unacknowledged' as const, suppressed: null, out_of_service: null, shelved: null }
  expect(soundingAt([{ ...critical, state: 'shelved', aside }], null)).toBeNull()
})

test('a mute holds ten minutes for what was heard', () => {
  const mute = muteNow([high], NOW_MS)
  expect(soundingAt([high], muteAt(mute, [high], NOW_MS + MUTE_MS - 1))).toBeNull()
  expect(soundingAt([high], muteAt(mute, [high], NOW_MS + MUTE_MS))).toBe('high')
})

test('a mute ends for something worse, and for anything critical that is new', () => {
  const mute = muteNow([high], NOW_MS)
  expect(soundingAt([high, critical], muteAt(mute, [high, critical], NOW_MS + 1))).toBe('critical')
  const loud = muteNow([critical], NOW_MS)
  expect(muteAt(loud, [critical, high], NOW_MS + 1), 'less bad: still muted').toBe(loud)
  const again = { ...critical, occurrence: critical.occurrence + 1 }
  expect(muteAt(loud, [again], NOW_MS + 1), 'a new critical occurrence').toBeNull()
})
