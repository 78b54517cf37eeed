/** SIGHUP to a real edge node: what stays has no gap, what goes leaves its backlog behind, a wrong file changes nothing. */
import { expect, test } from 'vitest'
import { configChange } from './config-change.ts'
import { WHOLE } from './truth.ts'

test('a gauge goes, one comes and a limit moves while the broker is away: nothing is missing, nothing doubled', async () => {
  const told = await configChange()
  expect(told.refused).toMatch(/nodes: expected/)
  expect(told.changedByWrong).toBe(false)
  expect(told.samples).toMatchObject(WHOLE)
  expect(told.samples.expected).toBeGreaterThan(800)
  expect(told.doubled).toBe(0)
  // Polled five times a second; two cores may be busy with more than this.
  expect(told.stayed_step_s).toBeLessThan(1)
  expect(told.gone_step_s).toBeLessThan(1)
  expect(told.gone_before_s).toBeLessThan(1)
  expect(told.added).toBeGreaterThan(10)
  expect(told.alarm).toEqual(['unacknowledged', 'returned-unacknowledged'])
}, 120_000)
