import { describe, expect, test } from 'vitest'
import { type Instant, instant, type Monotonic, monotonic, NS_PER_MS } from '../domain/time.ts'
import type { Outbox, Position, Stored } from './outbox.ts'
import { Resend } from './resend.ts'
import { PIECE_BYTES, restAfter } from './resend-pace.ts'
import { Resender } from './resender.ts'
import type { Uplink } from './uplink.ts'

const ms = (n: number): bigint => BigInt(n) * NS_PER_MS

describe('a rest', () => {
  test('is twice the work before it: a third of the time at most goes into resending', () => {
    expect(restAfter(ms(2))).toBe(ms(4))
    expect(restAfter(0n)).toBe(0n)
  })

  test('is no longer than 50 ms, however long a disk was waited for', () => {
    expect(restAfter(ms(1000))).toBe(ms(50))
  })
})

describe('a backlog of 200 records of 1 kB', () => {
  const RECORDS = 200
  const BYTES = 1000
  const READ_MS = 3

  /** Each read takes 3 ms; rests pass at once and are noted with what was sent before them. */
  async function drain() {
    let now = 0n
    let sent = 0
    const pieces: number[] = []
    const rests: bigint[] = []
    let done = () => {}
    const handedOver = new Promise<void>((resolve) => {
      done = resolve
    })
    const clock = {
      trusted: true,
      corrected: () => undefined,
      now: (): Instant => instant(1n),
      monotonic: (): Monotonic => monotonic(now),
      hold: () => () => {},
      at: (at: Monotonic, fn: () => void) => {
        // Longer waits are no rests: the resender looks again each second.
        if (at - now > ms(50)) return () => {}
        rests.push(at - now)
        pieces.push(sent)
        sent = 0
        now = at
        queueMicrotask(fn)
        return () => {}
      },
    }
    const stored = (offset: number): Stored => ({
      record: {
        offset,
        kind: 'readings',
        boot: new Uint8Array(16),
        mono_ns: 0n,
        utc_ns: instant(1n),
        device: 'gauge',
        metrics: new Uint8Array(0),
      },
      position: { segment: 1, at: offset * BYTES },
      next: { segment: 1, at: (offset + 1) * BYTES },
      bytes: BYTES,
    })
    const outbox = {
      id: 'box',
      end: () => ({ segment: 1, at: RECORDS * BYTES }),
      isCommitted: () => false,
      read: async (_: string, from: Position, bytes: number) => {
        now += ms(READ_MS)
        const first = Math.floor(from.at / BYTES)
        const all = Array.from({ length: Math.min(RECORDS - first, Math.ceil(bytes / BYTES)) }, (_, i) =>
          stored(first + i),
        )
        return { stored: all, next: all.at(-1)!.next }
      },
    } as unknown as Outbox
    const policy = new Resend({ windowRecords: 1024, inOrder: false }, monotonic(now))
    policy.session(true)
    policy.ownerState(true, 1, monotonic(-ms(10_000)))
    let records = 0
    const resent = policy.resent.bind(policy)
    policy.resent = (batch, at) => {
      resent(batch, at)
      records += batch.length
      sent += batch.reduce((sum, { bytes }) => sum + bytes, 0)
      if (records >= 128) done()
    }
    const uplink = { born: true, pendingBytes: 0, backfilling: false, sendRecorded: () => true } as unknown as Uplink
    const lanes = [{ stream: 'readings', policy }] as const
    const log = { info() {}, warn() {}, error() {}, child: () => log }
    const resender = new Resender({ outbox, uplink, lanes, clock, log, editionOf: () => '' })
    resender.wake()
    await handedOver
    await resender.stop()
    return { pieces, rests }
  }

  test('goes in pieces of at most 32 KiB and a record, with a rest after each', async () => {
    const { pieces, rests } = await drain()
    expect(pieces.length).toBeGreaterThanOrEqual(3)
    expect(Math.max(...pieces)).toBeLessThanOrEqual(PIECE_BYTES + BYTES)
    expect(new Set(rests)).toEqual(new Set([ms(2 * READ_MS)]))
  })
})
