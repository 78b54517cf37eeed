import { describe, expect, test } from 'vitest'
import { STREAMS, type Stream } from '../domain/record.ts'
import { type Instant, instant, instantFromMs, NS_PER_S } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import type { StreamLimits } from './outbox.ts'
import { OutboxWatch } from './outbox-watch.ts'
import { MemoryRecorder } from './testing.ts'

const START = instantFromMs(Date.UTC(2026, 0, 1))
const at = (s: number): Instant => instant(START + BigInt(s) * NS_PER_S)
const limit: StreamLimits = { maxBytes: 1000, maxAge_ns: 1000n * NS_PER_S }
const limits = { conditions: limit, readings: limit, blocks: limit }

function node(recorder = new MemoryRecorder(), now = START) {
  const watch = new OutboxWatch('n1', limits, recorder, silentLog, now)
  const seen = Object.fromEntries(
    STREAMS.map((s) => [s, { dropped: 0, unrecorded: 0, disk_bytes: 0, oldest_age_s: 0 }]),
  ) as Record<Stream, { dropped: number; unrecorded: number; disk_bytes: number; oldest_age_s: number }>
  const look = (s: number) => watch.look(seen, at(s))
  const told = () => recorder.conditions.map(({ limit_id, state, occurrence }) => [limit_id, state, occurrence])
  return { seen, look, told, recorder }
}

describe('a loss of records', () => {
  test.each([
    ['of what a limit drops', (seen: ReturnType<typeof node>['seen']) => seen.blocks.dropped++],
    ['of what a full disk does not take', (seen: ReturnType<typeof node>['seen']) => seen.conditions.unrecorded++],
  ])('%s is one condition, until a minute passes without another', (_, lose) => {
    const { seen, look, told } = node()
    look(0)
    expect(told()).toEqual([])
    for (const s of [5, 10, 15]) {
      lose(seen)
      look(s)
    }
    look(74)
    expect(told()).toEqual([['outbox-n1', true, 1]])
    look(75)
    expect(told().slice(1)).toEqual([['outbox-n1', false, 1]])
    lose(seen)
    look(80)
    expect(told().slice(2)).toEqual([['outbox-n1', true, 2]])
  })

  test.each([
    ['bytes', { disk_bytes: 760 }, { disk_bytes: 750 }],
    ['age', { oldest_age_s: 760 }, { oldest_age_s: 750 }],
  ])('stands while the stream is near its limit of %s', (_, full, drained) => {
    const { seen, look, told } = node()
    Object.assign(seen.readings, { dropped: 3 }, full)
    for (let s = 0; s < 3600; s += 5) look(s)
    expect(told()).toHaveLength(1)
    Object.assign(seen.readings, drained)
    look(3600)
    expect(told()).toHaveLength(2)
  })

  test('that stood when the node ended returns a minute after its start, with nothing lost since', () => {
    const { seen, look, recorder } = node()
    seen.readings.dropped = 1
    look(0)
    const next = node(recorder, at(100))
    for (let s = 100; s < 160; s += 5) next.look(s)
    expect(next.told()).toHaveLength(1)
    next.look(160)
    expect(next.told()).toEqual([
      ['outbox-n1', true, 1],
      ['outbox-n1', false, 1],
    ])
  })

  test('a clock that is set back does not make it stand for ever', () => {
    const { seen, look, told } = node()
    seen.readings.dropped = 1
    look(86_400)
    look(0)
    look(60)
    expect(told()).toHaveLength(2)
  })
})
