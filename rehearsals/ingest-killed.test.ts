/**
 * kill -9 of ingest a dozen times while the edge sends its backlog again: nothing is lost, nothing is stored twice. Fifty are
 * `npm run rehearse -- ingest-killed --rounds 50`.
 */
import { expect, test } from 'vitest'
import { ingestKilled } from './ingest-killed.ts'
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
