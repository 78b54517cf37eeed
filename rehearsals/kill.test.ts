/** Kill -9 of each part loses and doubles no sample; what a scalar gauge could not give meanwhile is a counted gap. */
import { readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
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

// Three lines at once: most of their time is waiting.
describe.concurrent("what happened to the edge's disk while it was dead loses and doubles nothing that was published", () => {
  const whole = { missing: 0, doubled: 0, altered: 0, outOfOrder: 0 }
  const story = { order: ['edge'] as const, down_ms: 1500, between_ms: 4000 }

  test('the outbox was wiped: a new one takes over, the ring is read again', async () => {
    const told = await killEach({ ...story, spoil: (folder) => rm(join(folder, 'outbox'), { recursive: true }) })
    expect(told).toMatchObject(whole)
    expect(told.expected).toBeGreaterThan(800)
  }, 120_000)

  test('everything of the edge but its password was wiped', async () => {
    const spoil = async (folder: string) => {
      for (const name of await readdir(folder))
        if (name !== 'mqtt-password') await rm(join(folder, name), { recursive: true })
    }
    const told = await killEach({ ...story, spoil })
    expect(told).toMatchObject(whole)
    expect(told.expected).toBeGreaterThan(800)
  }, 120_000)

  test('the tail of every stream was torn at a byte that is no border', async () => {
    let torn = 0
    const spoil = async (folder: string) => {
      for (const stream of ['conditions', 'readings', 'blocks']) {
        const path = join(folder, 'outbox', stream)
        const last = (await readdir(path)).sort().at(-1)
        if (last === undefined) continue
        const { size } = await stat(join(path, last))
        if (size > 100) torn++
        await truncate(join(path, last), Math.max(0, size - 37))
      }
    }
    const told = await killEach({ ...story, spoil })
    expect(torn).toBeGreaterThanOrEqual(2)
    expect(told).toMatchObject(whole)
  }, 120_000)
})
