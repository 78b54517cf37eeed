import { beforeEach, describe, expect, test } from 'vitest'
import { rangesOf } from '../domain/ranges.ts'
import type { Ranges } from '../domain/record.ts'
import { type Monotonic, monotonic } from '../domain/time.ts'
import { type Position, START } from './outbox.ts'
import { PENDING_BYTES_MAX, Resend, type Resent } from './resend.ts'

const s = (seconds: number): Monotonic => monotonic(BigInt(Math.round(seconds * 1000)) * 1_000_000n)
const at = (offset: number): Position => ({ segment: 1, at: offset * 100 })
const place = (offset: number) => ({ previousEnd: at(offset), position: at(offset), end: at(offset + 1) })
const record = (offset: number, bytes = 100): Resent => ({ offset, position: at(offset), bytes })
const upTo = (n: number): Ranges => [[1, n]]

let policy: Resend
beforeEach(() => {
  policy = new Resend({ windowRecords: 256, inOrder: false }, s(0))
})
/** Session up, owner known to be online since long. */
function online(): void {
  policy.session(true)
  policy.ownerState(true, 1, s(-100))
}
const mayNew = (now: Monotonic, pending = 0) => policy.roomForNew(policy.room(now, pending))

describe('nothing is sent again', () => {
  test.each([
    ['without a session', () => policy.ownerState(true, 1, s(-100))],
    ['while the owner was not heard of in this session', () => policy.session(true)],
    [
      'after the owner went offline',
      () => {
        online()
        policy.ownerState(false, 2, s(0))
      },
    ],
    [
      'when a new session began and its STATE was not heard yet',
      () => {
        online()
        policy.session(false)
        policy.session(true)
      },
    ],
    [
      'in the grace after the owner came online',
      () => {
        policy.session(true)
        policy.ownerState(true, 1, s(9))
      },
    ],
  ])('%s', (_, arrange) => {
    arrange()
    expect(mayNew(s(10))).toEqual({ records: 0, bytes: 0 })
    expect(policy.due(s(10))).toEqual([])
  })

  test('while the socket is behind', () => {
    online()
    expect(mayNew(s(10), PENDING_BYTES_MAX + 1).bytes).toBe(0)
    expect(mayNew(s(10), PENDING_BYTES_MAX).bytes).toBeGreaterThan(0)
  })
})

describe('the owner', () => {
  test('that comes online anew makes everything eligible after the grace, from the start of the stream', () => {
    online()
    policy.sentLive(1, place(1), s(0))
    policy.cursor = at(50)
    policy.ownerState(true, 2, s(1))
    expect(policy.cursor).toBe(START)
    expect(policy.wants(1)).toBe(true)
    expect(mayNew(s(2.9)).bytes).toBe(0)
    expect(mayNew(s(3)).bytes).toBeGreaterThan(0)
  })

  test('known since before a lost session needs no grace and starts nothing over', () => {
    online()
    policy.cursor = at(50)
    policy.session(false)
    policy.session(true)
    policy.ownerState(true, 1, s(20))
    expect(policy.cursor).toEqual(at(50))
    expect(mayNew(s(20)).bytes).toBeGreaterThan(0)
  })

  test('is not taken offline by a will that is older than its birth', () => {
    policy.session(true)
    policy.ownerState(true, 100, s(0))
    policy.ownerState(false, 99, s(1))
    expect(policy.ownerOnline).toBe(true)
    policy.ownerState(false, 100, s(1))
    expect(policy.ownerOnline).toBe(false)
  })
})

describe('live records', () => {
  test('are left alone until the time-out of 10 s, then looked at again', () => {
    online()
    policy.cursor = at(0)
    for (let i = 0; i < 5; i++) policy.sentLive(i, place(i), s(i * 0.1))
    expect(policy.cursor).toEqual(at(5))
    expect([0, 4].map((o) => policy.wants(o))).toEqual([false, false])
    policy.expire(s(10.3))
    expect(policy.cursor).toEqual(at(5))
    policy.expire(s(10.4))
    expect(policy.cursor).toEqual(at(0))
    expect(policy.wants(0)).toBe(true)
  })

  test('that were acknowledged are not looked at again', () => {
    online()
    policy.cursor = at(1)
    policy.sentLive(1, place(1), s(0))
    policy.acknowledged(upTo(1), s(0.1))
    expect(policy.nextWake(s(0.1), false)).toBeUndefined()
    policy.expire(s(100))
    expect(policy.cursor).toEqual(at(2))
  })

  test('do not carry the place along while a backlog lies before them', () => {
    online()
    policy.cursor = at(3)
    policy.sentLive(9, place(9), s(0))
    expect(policy.cursor).toEqual(at(3))
  })

  test('wait longer where acknowledgements take long: 4 x the measured time', () => {
    online()
    for (let i = 0; i < 40; i++) {
      policy.sentLive(i + 1, place(i + 1), s(i * 100))
      policy.acknowledged(upTo(i + 1), s(i * 100 + 5))
    }
    expect(Number(policy.timeout_ns) / 1e9).toBeCloseTo(20, 0)
  })

  test('of a day without an answer are kept in bounded memory', () => {
    policy.session(true)
    const before = process.memoryUsage().heapUsed
    for (let i = 1; i <= 864_000; i++) policy.sentLive(i, place(i), s(i / 10))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6)
    policy.ownerState(true, 1, s(86_400))
    expect(policy.wants(1)).toBe(true)
  })
})

describe('resent records', () => {
  test('come again after 10, 20, 40 … s and never later than 5 min', () => {
    online()
    let now = 0
    const waits: number[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      policy.resent([record(1)], s(now))
      const due = Number(policy.nextWake(s(now), false)) / 1e9
      expect(policy.due(s(due - 0.001))).toEqual([])
      expect(policy.due(s(due)).map((r) => r.offset)).toEqual([1])
      waits.push(due - now)
      now = due
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300])
  })

  test('come again in offset order', () => {
    online()
    policy.resent([record(3), record(1)], s(0))
    policy.resent([record(2)], s(1))
    expect(policy.due(s(30)).map((r) => r.offset)).toEqual([1, 2, 3])
  })

  test('are at most 256 in flight, and an answer makes room', () => {
    online()
    policy.resent(
      Array.from({ length: 256 }, (_, i) => record(i + 1)),
      s(0),
    )
    expect(mayNew(s(1)).records).toBe(0)
    policy.acknowledged(upTo(100), s(1))
    expect(mayNew(s(1)).records).toBe(100)
  })

  test('that the owner never answers make way for others, 1,024 of them', () => {
    online()
    let next = 1
    let now = 0
    for (let round = 0; round < 40; round++) {
      const due = policy.due(s(now))
      policy.resent(due, s(now))
      const room = mayNew(s(now))
      const fresh = Array.from({ length: room.records }, () => record(next++, 10))
      policy.resent(fresh, s(now))
      now += 301
    }
    expect(next - 1).toBeGreaterThanOrEqual(1024)
    expect(next - 1).toBeLessThanOrEqual(1024 + 256)
    // It answers at last: what waited for up to five minutes is due at once.
    policy.acknowledged(rangesOf([1]), s(now))
    expect(policy.due(s(now + 2)).length).toBe(next - 2)
  })

  test('of the conditions go one batch at a time', () => {
    policy = new Resend({ windowRecords: 64, inOrder: true }, s(0))
    online()
    expect(mayNew(s(1)).records).toBe(64)
    policy.resent([record(1), record(2)], s(1))
    expect(mayNew(s(1)).records).toBe(0)
    policy.acknowledged(upTo(1), s(2))
    expect(mayNew(s(2)).records).toBe(0)
    policy.acknowledged(upTo(2), s(3))
    expect(mayNew(s(3)).records).toBe(64)
  })
})

describe('the share of the link', () => {
  /** Sends whatever it may in steps of 50 ms for `seconds`; each record is acknowledged after `ack_s`. */
  function drain(ack_s: number, seconds: number): number {
    online()
    let offset = 0
    let sent = 0
    const flying: Array<{ offset: number; at: number }> = []
    for (let now = 0; now < seconds; now += 0.05) {
      while (flying.length > 0 && flying[0]!.at <= now) policy.acknowledged(upTo(flying.shift()!.offset), s(now))
      let room = mayNew(s(now))
      while (room.bytes > 0 && room.records > 0) {
        policy.resent([record(++offset, 1300)], s(now))
        flying.push({ offset, at: now + ack_s })
        sent += 1300
        room = mayNew(s(now))
      }
    }
    return sent / seconds
  }

  test('is about 256 KiB/s where nothing comes back, and ends at the window', () => {
    expect(drain(1e9, 4) * 4).toBeLessThanOrEqual(256 * 1300)
  })

  test('grows far beyond where acknowledgements are quick: a day of blocks in minutes', () => {
    // A day of one accelerometer at 100 Hz is 86,400 blocks of about 1,300 bytes; 50 x real time is 65,000 bytes/s a sensor.
    expect(drain(0.05, 20)).toBeGreaterThan(50 * 65_000)
  })

  test('stays small where they are slow, so that live data on the same link waits little', () => {
    expect(drain(4, 60)).toBeLessThan(64 * 1024)
  })
})
