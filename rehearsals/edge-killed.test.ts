/** A dozen deaths of the edge in the middle of a change, a drill or a resend: nothing lost, nothing doubled, every hole told. */
import { expect, test } from 'vitest'
import { edgeKilled } from './edge-killed.ts'
import { WHOLE } from './truth.ts'

test('kill -9 of the edge at twelve random instants of changes, drills and resends', async () => {
  const told = await edgeKilled({ kills: 12, seed: 20_260_301 })
  expect(told.samples).toMatchObject(WHOLE)
  // Twelve deaths of more than a second each.
  expect(told.samples.expected).toBeGreaterThan(2000)
  expect(told).toMatchObject({ kills: 12, doubled: 0, untold: 0 })
}, 240_000)
