/** A dozen faults by a fixed seed; `npm run rehearse -- faults-at-random --rounds 200` goes on. */
import { expect, test } from 'vitest'
import { faultsAtRandom } from './faults-at-random.ts'
import { WHOLE } from './truth.ts'

test('parts killed and frozen, uplinks cut and slow, at random: nothing lost, nothing doubled, each rise told once', async () => {
  const told = await faultsAtRandom({ rounds: 12, seed: 4, freeze_s: 2, hurry: 2 })
  expect(told.samples).toMatchObject(WHOLE)
  expect(told).toMatchObject({ doubled: 0, untold: 0, rises: { missing: 0, invented: 0, doubled: 0 } })
  expect(Object.keys(told.by).length).toBeGreaterThan(5)
}, 400_000)
