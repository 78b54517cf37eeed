/** Eight simulated hours without uplink: everything comes afterwards, conditions first, live data at once, and the outbox is empty. */
import { expect, test } from 'vitest'
import { outage8h } from './outage-8h.ts'

test('an outage of 8 h drains and trims fully: nothing lost, nothing doubled', async () => {
  const told = await outage8h(8)
  const whole = { missing: 0, doubled: 0, altered: 0 }
  expect(told).toMatchObject({ blocks: whole, readings: whole, conditions: { ...whole, expected: 32 } })
  expect(told.blocks.expected).toBeGreaterThan(28_800)
  expect(told.live_s).toBeLessThanOrEqual(2)
  // All at once they would be the first 32: the other streams begin with their first batches at the same moment.
  expect(told.conditions_s).toBeLessThanOrEqual(1)
  expect(told.before_conditions).toBeLessThan(500)
  expect(told.left).toBe(0)
  // Segments of 8 MiB that are committed are deleted: no more than the one that is written to, of each stream.
  expect(told.bytes_before).toBeGreaterThan(2 * 8 * 1024 * 1024)
  expect(told.bytes_after).toBeLessThan(told.bytes_before / 2)
}, 400_000)
