import { beforeEach, describe, expect, test } from 'vitest'
import { PlumblineError } from '../../domain/errors.ts'
import type { AppendOutcome, Clock, Log, SeriesWriter } from '../../domain/ports.ts'
import type { KeptRecord, RejectedRecord } from '../../domain/record.ts'
import { afterMs, SimulatedClock, sleepUntil } from '../../runtime/clock.ts'
import { type Arrival, identityOf, recordArrival } from '../arrival.ts'
import { noHealth } from '../test/no-health.ts'
import { at, identity, stage } from '../test/yard.ts'
import { BATCH_MAX } from '../waiting.ts'
import { CommitLoop } from './commit-loop.ts'

const MS = 1_000_000n
let clock: SimulatedClock
let batches: number[][]
let acknowledged: string[]
let quarantined: RejectedRecord[]
let said: string[]
/** What the next appends do; by default they store. */
let append: (records: readonly KeptRecord[]) => Promise<AppendOutcome[]>

const arrival = (offset: number): Arrival =>
  recordArrival('gateway', {
    identity: identity('readings', offset),
    device: 'gauge',
    exercise: false,
    historical: false,
    readings: [stage(offset, offset)],
    blocks: [],
    gaps: [],
  })
const offsetsOf = (records: readonly KeptRecord[]) => records.map((r) => r.identity.offset)
const stored = async (records: readonly KeptRecord[]): Promise<AppendOutcome[]> =>
  records.map(() => ({ kind: 'stored' }))
const failing = (code: 'DATA_FULL' | 'STORE_UNAVAILABLE') => () => Promise.reject(new PlumblineError(code, 'series.db'))

/** Time goes on while the store writes. */
const free = (): Clock =>
  Object.assign(Object.create(clock) as Clock, {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    at: (...args: Parameters<Clock['at']>) => clock.at(...args),
    hold: () => () => {},
  })

type Opened = { limits?: { records: number; bytes: number }; noQuarantine?: boolean; clock?: Clock }
function open(options: Opened = {}): CommitLoop {
  const line = (message: string) => void said.push(message)
  const log: Log = { info: line, warn: line, error: line, child: () => log }
  const store: SeriesWriter = {
    append: async (records) => {
      const outcomes = await append(records)
      batches.push(offsetsOf(records))
      return outcomes
    },
    committed: async () => [],
    health: noHealth,
    close: async () => {},
    quarantine: async (rejected) => {
      if (options.noQuarantine === true) throw new Error('the quarantine is not writable')
      quarantined.push(...rejected)
    },
  }
  return new CommitLoop({
    store,
    clock: options.clock ?? clock,
    log,
    limits: options.limits,
    onCommitted: (arrivals, outcomes) => {
      for (const [i, one] of arrivals.entries()) acknowledged.push(`${identityOf(one).offset} ${outcomes[i]!.kind}`)
    },
  })
}
const offer = (loop: CommitLoop, from: number, to: number) => {
  for (let offset = from; offset <= to; offset++) loop.offer(arrival(offset))
}

beforeEach(() => {
  clock = new SimulatedClock(at(0))
  batches = []
  acknowledged = []
  quarantined = []
  said = []
  append = stored
})

describe('records that come one by one', () => {
  test('share a transaction, at latest 50 ms after the first', async () => {
    const loop = open()
    offer(loop, 1, 2)
    await clock.advance(40n * MS)
    offer(loop, 3, 3)
    expect(batches).toEqual([])
    await clock.advance(10n * MS)
    expect(batches).toEqual([[1, 2, 3]])
    expect(acknowledged).toEqual(['1 stored', '2 stored', '3 stored'])
    expect(said).toEqual([])
  })

  test('a full batch does not wait, and what comes while it is written waits for the next', async () => {
    const loop = open()
    const writing = Promise.withResolvers<void>()
    append = async (records) => {
      await writing.promise
      return stored(records)
    }
    offer(loop, 1, BATCH_MAX.records + 54)
    await new Promise((resolve) => setImmediate(resolve))
    offer(loop, BATCH_MAX.records + 55, BATCH_MAX.records + 64)
    expect(acknowledged).toEqual([])
    writing.resolve()
    await clock.advance(0n)
    expect(batches.map((b) => b.length)).toEqual([BATCH_MAX.records])
    await clock.advance(50n * MS)
    expect(batches.map((b) => b.length)).toEqual([BATCH_MAX.records, 64])
  })
})

describe('a store whose transactions take longer', () => {
  test.each([
    [30, 300],
    [200, 500],
    [1, 50],
  ])('of %i ms gets the next after %i ms, with all that came meanwhile', async (took_ms, wait_ms) => {
    const loop = open({ clock: free() })
    append = async (records) => {
      await sleepUntil(clock, afterMs(clock, took_ms))
      return stored(records)
    }
    offer(loop, 1, 1)
    await clock.advance(BigInt(50 + took_ms) * MS)
    offer(loop, 2, 2)
    await clock.advance(BigInt(wait_ms - 1) * MS)
    offer(loop, 3, 3)
    expect(batches).toEqual([[1]])
    await clock.advance(BigInt(1 + took_ms) * MS)
    expect(batches).toEqual([[1], [2, 3]])
  })
})

describe('a store that fails', () => {
  test('acknowledges nothing, is told once, is tried with back-off, and loses nothing when it works again', async () => {
    const loop = open()
    let attempts = 0
    append = () => {
      attempts++
      return failing('DATA_FULL')()
    }
    offer(loop, 1, 3)
    await clock.advance(20_000n * MS)
    expect(acknowledged).toEqual([])
    expect(loop.failing).toBe('DATA_FULL')
    // After 50 ms, then 250, 500 and 1000 ms between attempts, and 2000 ms between the nine that follow.
    expect(attempts).toBe(13)
    expect(said).toEqual(['the store fails; nothing is acknowledged until it works'])
    append = stored
    offer(loop, 4, 4)
    await clock.advance(2_000n * MS)
    expect(acknowledged).toEqual(['1 stored', '2 stored', '3 stored', '4 stored'])
    expect(loop.failing).toBeUndefined()
    expect(said.at(-1)).toBe('the store works again')
  })

  test('memory stays bounded: the newest are not taken, are counted and told of once', async () => {
    const loop = open({ limits: { records: 100, bytes: 1e9 } })
    append = failing('STORE_UNAVAILABLE')
    offer(loop, 1, 500)
    await clock.advance(1_000n * MS)
    expect([loop.waitingRecords, loop.dropped]).toEqual([100, 400])
    expect(said.filter((line) => line.startsWith('more waits'))).toHaveLength(1)
    append = stored
    await clock.advance(5_000n * MS)
    expect(acknowledged).toHaveLength(100)
    expect(said.at(-1)).toBe('what waits for the store fits into memory again')
    offer(loop, 101, 102)
    await clock.advance(50n * MS)
    expect(acknowledged).toHaveLength(102)
  })
})

describe('a record that no transaction accepts', () => {
  const poison = async (records: readonly KeptRecord[]) => {
    if (offsetsOf(records).includes(7)) throw new PlumblineError('BUG', 'datatype mismatch')
    return stored(records)
  }

  test('goes to quarantine with the reason; those beside it are stored', async () => {
    const loop = open()
    append = poison
    offer(loop, 1, 20)
    await clock.advance(100n * MS)
    expect(acknowledged.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual(
      Array.from({ length: 20 }, (_, i) => (i + 1 === 7 ? '7 quarantined' : `${i + 1} stored`)),
    )
    expect(quarantined).toMatchObject([
      { identity: identity('readings', 7), device: 'gauge', reason: 'the store refused it: BUG: datatype mismatch' },
    ])
    expect(JSON.parse(quarantined[0]!.body)).toMatchObject({ readings: [{ channel: 'gauge/stage', value: 7 }] })
    expect(loop.waitingRecords).toBe(0)
  })

  test('is found by halving: a thousand records take some twenty transactions', async () => {
    const loop = open()
    let attempts = 0
    append = async (records) => {
      attempts++
      return poison(records)
    }
    offer(loop, 1, 1024)
    await clock.advance(1_000n * MS)
    expect(acknowledged).toHaveLength(1024)
    expect(quarantined.map(({ identity: { offset } }) => offset)).toEqual([7])
    expect(attempts).toBeLessThanOrEqual(22)
  })

  test('is left to the edge where it cannot be put aside either: not acknowledged, counted', async () => {
    const loop = open({ noQuarantine: true })
    append = poison
    offer(loop, 6, 8)
    await clock.advance(100n * MS)
    expect(acknowledged).toEqual(['6 stored', '8 stored'])
    expect(loop.unstorable).toBe(1)
  })
})

describe('stopping', () => {
  test('commits and acknowledges what waits, and takes no more', async () => {
    const loop = open()
    offer(loop, 1, 700)
    await loop.stop(1_000)
    expect(acknowledged).toHaveLength(700)
    offer(loop, 701, 701)
    expect(loop.waitingRecords).toBe(0)
  })

  test('does not wait for a store that fails', async () => {
    const loop = open()
    append = failing('STORE_UNAVAILABLE')
    offer(loop, 1, 3)
    await clock.advance(10_000n * MS)
    await loop.stop(1_000)
    expect(acknowledged).toEqual([])
  })
})
