import { describe, expect, it } from 'vitest'
import { FAIL, GOOD, MISSING, type Reading } from '../domain/reading.ts'
import { addNs, instant } from '../domain/time.ts'
import { LastReadings } from './last-readings.ts'

const T = instant(1_700_000_000_123_456_789n)
const good: Reading = { channel: 'd/a', value: -0.1, t_ns: T, half_width_ns: 1_500_001n, flag: GOOD }

describe('the newest reading of each channel', () => {
  it('comes back exactly as it was given, with a value or without', () => {
    const last = new LastReadings(['d/a', 'd/b'])
    const missing: Reading = {
      channel: 'd/b',
      value: null,
      t_ns: addNs(T, 1n),
      half_width_ns: 0n,
      flag: MISSING,
      reason: 'timeout',
      detail: 'no whole answer in 300 ms',
    }
    last.set(good)
    last.set(missing)
    expect(last.get('d/a')).toStrictEqual(good)
    expect(last.get('d/b')).toStrictEqual(missing)
  })

  it('tells zero from no value, and nothing read yet from both', () => {
    const last = new LastReadings(['d/a', 'd/b'])
    expect(last.get('d/a')).toBeUndefined()
    last.set({ ...good, value: 0 })
    expect(last.get('d/a')?.value).toBe(0)
    last.set({ ...good, value: null, flag: FAIL, reason: 'out-of-range' })
    expect(last.get('d/a')).toStrictEqual({ ...good, value: null, flag: FAIL, reason: 'out-of-range' })
    expect(last.get('d/b')).toBeUndefined()
  })

  it('forgets why once the channel is good again', () => {
    const last = new LastReadings(['d/a'])
    last.set({ ...good, flag: FAIL, reason: 'out-of-range', detail: 'above' })
    last.set(good)
    expect(last.get('d/a')).toStrictEqual(good)
  })

  it('is found in whatever order the channels come, and again and again', () => {
    const channels = ['d/a', 'd/b', 'd/c']
    const last = new LastReadings(channels)
    for (const [i, channel] of ['d/b', 'd/c', 'd/a', 'd/b', 'd/b', 'd/none', 'd/a', 'd/c'].entries())
      last.set({ ...good, channel, value: i, t_ns: addNs(T, BigInt(i)) })
    expect(channels.map((channel) => last.get(channel)?.value)).toEqual([6, 4, 7])
  })

  it('is not replaced by an older one, and a channel without a place is passed over', () => {
    const last = new LastReadings(['d/a'])
    last.set(good)
    last.set({ ...good, value: 7, t_ns: addNs(T, -1n) })
    last.set({ ...good, channel: 'd/other' })
    expect(last.get('d/a')).toStrictEqual(good)
    expect(last.get('d/other')).toBeUndefined()
  })

  it('takes another instant where that was corrected, an earlier than 1970 too', () => {
    const last = new LastReadings(['d/a', 'd/b'])
    last.set({ ...good, t_ns: instant(5n) })
    last.restamp((t_ns) => addNs(t_ns, -9n))
    expect(last.get('d/a')?.t_ns).toBe(-4n)
    expect(last.get('d/b')).toBeUndefined()
  })
})
