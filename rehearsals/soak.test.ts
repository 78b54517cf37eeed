/** The soak itself, made short: what hours are to show must be counted at all. What is flat only hours can tell. */
import { expect, test } from 'vitest'
import { PARTS } from './processes.ts'
import { SMALL_OUTBOX_KB_MAX } from './small-outbox.ts'
import { soak } from './soak.ts'
import { isWhole } from './truth.ts'

test('eight rises in half a minute: every sample and each rise once, everything looked at', async () => {
  const soaked = await soak(0, 3_000)

  expect(isWhole(soaked.samples), JSON.stringify(soaked.samples)).toBe(true)
  expect(soaked).toMatchObject({ doubled: 0, untold: 0, rises: { expected: 8, told: 8, again: 0 } })
  for (const part of PARTS) {
    expect(soaked.resident_MB[part].most, part).toBeGreaterThan(20)
    expect(soaked.handles[part].most, part).toBeGreaterThan(10)
  }
  expect(soaked.outbox_kB.most).toBeGreaterThan(1)
  expect(soaked.outbox_kB.most).toBeLessThanOrEqual(SMALL_OUTBOX_KB_MAX)
  expect(soaked.delay_ms.most).toBeLessThan(10_000)
}, 120_000)
