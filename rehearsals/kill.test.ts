/** Kill -9 of each part loses and doubles no sample; what a scalar gauge could not give meanwhile is a counted gap. */
import { expect, test } from 'vitest'
import { killEach } from './kill-each.ts'

test('broker, ingest, desk and edge are killed in turn: zero missing, doubled, altered or out of order', async () => {
  const told = await killEach()
  expect(told).toMatchObject({ missing: 0, doubled: 0, altered: 0, outOfOrder: 0 })
  // 4 deaths of 2.5 s, 5 pauses of 3 s: at least 25 s of samples at 100 Hz.
  expect(told.expected).toBeGreaterThan(2300)
  const [gap] = told.gaugeGaps.filter((g) => g.reason === 'edge-down')
  expect(gap).toBeDefined()
  expect(gap!.missing).toBeGreaterThanOrEqual(2)
  expect(Number(gap!.to_ns - gap!.from_ns) / 1e9).toBeLessThanOrEqual(told.down_s['edge']! + 3)
  for (const ms of told.stop_ms) expect(ms).toBeLessThan(3000)
}, 120_000)
