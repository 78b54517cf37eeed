import { describe, expect, test } from 'vitest'
import { fromIso, type Instant, instant, monotonic, NS_PER_S } from '../domain/time.ts'
import { NodeClock, RELEASED } from './node-clock.ts'

const at = (iso: string): Instant => fromIso(iso)!
const s = (seconds: number) => BigInt(seconds) * NS_PER_S
const mono = (seconds: number) => monotonic(s(seconds))
const plus = (t: Instant, seconds: number) => instant(t + s(seconds))
const RTC_LESS = at('1970-01-01T00:00:10Z')
const TRUE = at('2026-11-22T12:00:00Z')

test('a clock of before this release is not trusted; with `ntp` only a synchronised one is', () => {
  expect(new NodeClock('system', undefined).mayTrust(RTC_LESS, undefined)).toBe(false)
  expect(new NodeClock('system', undefined).mayTrust(RELEASED, undefined)).toBe(true)
  for (const [synchronised, may] of [
    [undefined, false],
    [false, false],
    [true, true],
  ] as const)
    expect(new NodeClock('ntp', undefined).mayTrust(TRUE, synchronised)).toBe(may)
  expect(new NodeClock('ntp', undefined).mayTrust(RTC_LESS, true)).toBe(false)
})

describe('without trusted time', () => {
  test('instants run on by the monotonic clock, after all that was known before, whatever the wall clock does', () => {
    const before = new NodeClock('system', undefined)
    before.trust(TRUE, mono(0))
    before.look(plus(TRUE, 3600), mono(3600))
    const clock = new NodeClock('system', before.save())
    clock.begin('b', mono(5))
    const first = clock.now(RTC_LESS, mono(5))
    expect(first).toBeGreaterThan(plus(TRUE, 3600))
    expect(clock.now(at('1999-01-01T00:00:00Z'), mono(15)) - first).toBe(s(10))
  })

  test('once the time is known each gets the offset of its boot; what was trusted stays', () => {
    const clock = new NodeClock('system', undefined)
    clock.begin('b', mono(5))
    const taken = clock.now(RTC_LESS, mono(8))
    expect(clock.correct(taken)).toBeUndefined()
    clock.trust(TRUE, mono(100))
    // 92 s before the clock was right.
    expect(clock.correct(taken)).toBe(plus(TRUE, -92))
    expect(clock.correct(taken, 'b')).toBe(plus(TRUE, -92))
    expect(clock.correct(at('2025-01-01T00:00:00Z'))).toBe(at('2025-01-01T00:00:00Z'))
    expect(clock.correct(taken, 'another boot')).toBeUndefined()
  })

  test('a process that starts again in the same boot goes on on the same line', () => {
    const first = new NodeClock('system', undefined)
    first.begin('b', mono(5))
    const taken = first.now(RTC_LESS, mono(8))
    const again = new NodeClock('system', first.save())
    again.begin('b', mono(20))
    expect(again.now(RTC_LESS, mono(28)) - taken).toBe(s(20))
    again.trust(TRUE, mono(30))
    expect(again.correct(taken, 'b')).toBe(plus(TRUE, -22))
  })

  test('of a boot in which the time was never known instants stay unknown', () => {
    const first = new NodeClock('system', undefined)
    first.begin('lost', mono(5))
    const taken = first.now(RTC_LESS, mono(8))
    const next = new NodeClock('system', first.save())
    next.trust(TRUE, mono(1))
    expect(next.correct(taken, 'lost')).toBeUndefined()
  })
})

describe('steps', () => {
  test.each([
    ['back 10 min', -600],
    ['forward 1 h', 3600],
  ])('%s: told once, with its size; slewing is none', (_, step_s) => {
    const clock = new NodeClock('system', undefined)
    clock.trust(TRUE, mono(0))
    expect(clock.look(plus(TRUE, 1), mono(1))).toBe(0n)
    // 500 ppm, the most that NTP slews, for 100 s.
    expect(clock.look(instant(TRUE + s(101) + 50_000_000n), mono(101))).toBe(0n)
    expect(clock.look(instant(TRUE + s(102 + step_s) + 50_000_000n), mono(102))).toBe(s(step_s))
    expect(clock.look(instant(TRUE + s(103 + step_s) + 50_000_000n), mono(103))).toBe(0n)
    expect(clock.steps).toBe(1)
  })
})
