/** Questions to the store of clients that leave: given up over HTTP, and bounded in number. */
import { afterEach, expect, test } from 'vitest'
import type { SeriesReader } from '../domain/ports.ts'
import { TestDesks, TestStore } from './testing.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

const SPAN = 'from=2018-06-03T00:00:00Z&to=2018-06-03T00:01:00Z'
const PATHS = ['series?channel=creek/stage', 'blocks?channel=roof/acceleration/x', 'gaps?'] as const

/** Answers nothing; knows who still waits. */
function slowStore() {
  const waiting = new Set<AbortSignal>()
  const never = (signal?: AbortSignal): Promise<never> => {
    waiting.add(signal!)
    return new Promise((_, reject) =>
      signal!.addEventListener('abort', () => {
        waiting.delete(signal!)
        reject(signal!.reason as Error)
      }),
    )
  }
  const slow: Partial<SeriesReader> = {
    series: (_, __, ___, ____, signal) => never(signal),
    blocks: (_, __, ___, ____, signal) => never(signal),
    gaps: (_, __, signal) => never(signal),
  }
  const series = Object.assign(new TestStore(), slow) as SeriesReader
  return { series, waiting }
}

test.each(PATHS)('%s: what nobody waits for any more is given up, and the store is not away for it', async (path) => {
  const { series, waiting } = slowStore()
  const desk = await desks.start({ series })
  const leaving = new AbortController()
  const asked = fetch(`${desk.url}/api/v1/${path}&${SPAN}`, { signal: leaving.signal }).catch(() => 'left')
  await expect.poll(() => waiting.size, { timeout: 20_000 }).toBe(1)
  leaving.abort()
  expect(await asked).toBe('left')
  await expect.poll(() => waiting.size, { timeout: 20_000 }).toBe(0)
  const { checks } = (await (await fetch(`${desk.url}/readyz`)).json()) as { checks: { store: { ok: boolean } } }
  expect(checks.store.ok).toBe(true)
})

test('beyond those that may wait one is turned away; when all have left, the next is asked at once', async () => {
  const { series, waiting } = slowStore()
  const desk = await desks.start({ series })
  const ask = (signal: AbortSignal) =>
    fetch(`${desk.url}/api/v1/${PATHS[0]}&${SPAN}`, { signal }).then(
      ({ status }) => status,
      () => 'left' as const,
    )
  const leaving = new AbortController()
  const asked = Array.from({ length: 4 + 256 + 1 }, () => ask(leaving.signal))
  expect(await Promise.race(asked)).toBe(429)
  expect(waiting.size, 'in the store').toBe(4)
  leaving.abort()
  expect((await Promise.all(asked)).filter((one) => one === 'left')).toHaveLength(260)
  await expect.poll(() => waiting.size, { timeout: 20_000 }).toBe(0)
  const last = new AbortController()
  const again = ask(last.signal)
  await expect.poll(() => waiting.size, { timeout: 20_000 }).toBe(1)
  last.abort()
  await again
})
