/** One packet of twenty is lost, on every connection of the line: nothing of what was recorded is, and each rise is told once. */
import { expect, test } from 'vitest'
import { lossyNet } from './lossy-net.ts'
import { WHOLE } from './truth.ts'

test('5 % of all packets dropped by the kernel: nothing lost, nothing doubled, every hole told, each rise told once', async (context) => {
  const told = await lossyNet({ share: 0.05, rounds: 3 })
  if ('cannot' in told) return context.skip(`no network of its own here: ${told.cannot}`)
  expect(told.samples).toMatchObject(WHOLE)
  expect(told).toMatchObject({ doubled: 0, untold: 0, rises: { expected: 3, told: 3, again: 0 } })
  expect(told.sent_again).toBeGreaterThan(0)
}, 240_000)
