import { describe, expect, test } from 'vitest'
import { deskNow_ms, elapsed_ms, LOST_AFTER_MS, linkAt } from './link.ts'

const at = (ms: number, wall_ms = 1_000_000 + ms) => ({ mono_ms: ms, wall_ms })
const pulse = { desk_ms: 5_000_000, at: at(0) }

describe('the line to the desk', () => {
  test('lives while the newest tick is not older than 3 s', () => {
    expect(linkAt(pulse, at(0), at(LOST_AFTER_MS)).state).toBe('live')
    expect(linkAt(pulse, at(0), at(LOST_AFTER_MS + 1))).toEqual({ state: 'lost', pulse, for_ms: LOST_AFTER_MS + 1 })
  })
  test('is connecting before the first tick, and lost when that takes too long', () => {
    expect(linkAt(null, at(0), at(1000)).state).toBe('connecting')
    expect(linkAt(null, at(0), at(4000))).toEqual({ state: 'lost', pulse: null, for_ms: 4000 })
  })
  test('is lost after a sleep through which the monotonic clock stood still', () =>
    expect(linkAt(pulse, at(0), at(200, 1_000_000 + 3_600_000)).state).toBe('lost'))
  test('a wall clock stepped back does not make an old line young', () =>
    expect(elapsed_ms(at(0), at(9000, 500_000))).toBe(9000))
})

test("ages are told by the desk's clock, carried on between ticks", () => {
  expect(deskNow_ms(pulse, at(700))).toBe(5_000_700)
  expect(deskNow_ms(null, at(700))).toBe(1_000_700)
})
