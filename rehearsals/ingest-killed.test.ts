/**
 * kill -9 of ingest a dozen times while the edge sends its backlog again: nothing is lost, nothing is stored twice. Fifty are
 * `npm run rehearse -- ingest-killed --rounds 50`.
 */
import { expect, test } from 'vitest'
import type { LatestReading, StoredGap } from '../domain/ports.ts'
import { instant } from '../domain/time.ts'
import { holesIn, ingestKilled } from './ingest-killed.ts'
import { WHOLE } from './truth.ts'

const KILLS = 12

test(`kill -9 of ingest at ${KILLS} random instants of a resend`, { timeout: 60_000 + KILLS * 15_000 }, async () => {
  const told = await ingestKilled({ kills: KILLS, seed: 20_261_122 })
  expect(told.samples).toMatchObject(WHOLE)
  // At 100 Hz each life and death of ingest lasts two seconds at least.
  expect(told.samples.expected).toBeGreaterThan(KILLS * 200)
  expect(told.readings).toBeGreaterThan(KILLS * 2)
  expect(told).toMatchObject({ doubled: 0, untold: 0, lost: 0 })
})

test('a poll that timed out is a hole with its gap; anything else of the kind is told', () => {
  const s = (seconds: number) => instant(BigInt(Math.round(seconds * 1000)) * 1_000_000n)
  const reading = (seconds: number, value: number | null = 1) => ({ t_ns: s(seconds), value }) as LatestReading
  const gap = (from: number, to: number, missing: number, reason = 'timeout') =>
    ({ from_ns: s(from), to_ns: s(to), missing, reason }) as StoredGap
  const polls = [reading(0), reading(1.1), reading(2, null), reading(4), reading(5)]
  expect(holesIn(polls, [gap(1.1, 4, 2)], 1)).toEqual({ untold: 0, lost: 0 })
  expect(holesIn(polls, [], 1), 'the gap is not there').toEqual({ untold: 1, lost: 0 })
  expect(holesIn(polls, [gap(1.1, 4, 1)], 1), 'of another size').toEqual({ untold: 1, lost: 1 })
  expect(holesIn(polls, [gap(1.1, 4, 2, 'not-received')], 1)).toEqual({ untold: 0, lost: 1 })
  expect(holesIn(polls, [gap(1.1, 4, 2)], 0), 'the edge counted none').toEqual({ untold: 0, lost: 1 })
  expect(holesIn(polls.slice(0, 2), [gap(0, 1.1, 1)], 1), 'nothing is missing').toEqual({ untold: 0, lost: 1 })
})
