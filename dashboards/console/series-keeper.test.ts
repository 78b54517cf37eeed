import { expect, test } from 'vitest'
import type { SeriesColumnJson } from '../../domain/api.ts'
import { createApi } from './io/api-client.ts'
import { createSeriesKeeper } from './series-keeper.ts'
import { ns } from './test/fake-world.ts'
import { NOW_MS, reading } from './test/fixtures.ts'

const WINDOW_MS = 240_000
const row = (before_ms: number, value: number): SeriesColumnJson => [ns(NOW_MS - before_ms), value, value, value, 1, 1]
const live = (before_ms: number, value: number) => reading('dead-run/stage', value, { t_ns: ns(NOW_MS - before_ms) })

/** A desk whose answer to `/series` is given by the test, when it likes. */
function desk() {
  const waiting: Array<(columns: SeriesColumnJson[] | null) => void> = []
  const api = createApi((url) => {
    if (String(url).includes('/gaps'))
      return Promise.resolve(
        Response.json({
          gaps: [
            { channels: ['dead-run/stage'], from_ns: ns(NOW_MS - 9000), to_ns: ns(NOW_MS - 8000) },
            { channels: ['other/stage'], from_ns: ns(NOW_MS - 7000), to_ns: ns(NOW_MS - 6000) },
          ],
        }),
      )
    return new Promise((answer) => {
      waiting.push((columns) =>
        answer(
          columns === null ? new Response('{}', { status: 503 }) : Response.json({ channel: 'c', unit: 'm', columns }),
        ),
      )
    })
  })
  const clock = { now_ms: NOW_MS }
  return { keeper: createSeriesKeeper(api, () => clock.now_ms), waiting, clock }
}
const settle = () => new Promise((done) => setTimeout(done, 5))

test('a history is asked for once, and what comes live meanwhile is not lost', async () => {
  const { keeper, waiting } = desk()
  const history = keeper.history('dead-run/stage', WINDOW_MS)
  expect(keeper.history('dead-run/stage', WINDOW_MS)).toBe(history)
  keeper.add([live(0, 3)])
  waiting[0]!([row(2000, 1), row(1000, 2)])
  await settle()
  expect(waiting).toHaveLength(1)
  expect(history.value.state).toBe('loaded')
  expect(history.value.series.columns.map((c) => c.mean)).toEqual([1, 2, 3])
  expect(history.value.gaps).toEqual([{ from_ms: NOW_MS - 9000, to_ms: NOW_MS - 8000 }])
})

test('when the store cannot be read the page says so, keeps adding and asks again', async () => {
  const { keeper, waiting, clock } = desk()
  const history = keeper.history('dead-run/stage', WINDOW_MS)
  waiting[0]!(null)
  await settle()
  keeper.add([live(0, 3)])
  expect(history.value.state).toBe('failed')
  expect(history.value.series.columns.map((c) => c.mean)).toEqual([3])
  keeper.everySecond()
  expect(waiting).toHaveLength(1)
  clock.now_ms += 16_000
  keeper.everySecond()
  waiting[1]!([row(1000, 1)])
  await settle()
  expect(history.value.series.columns.map((c) => c.mean)).toEqual([1, 3])
})

test('after a lost line everything is asked for again, and an older answer that comes later is ignored', async () => {
  const { keeper, waiting } = desk()
  const history = keeper.history('dead-run/stage', WINDOW_MS)
  keeper.reload()
  waiting[1]!([row(1000, 7)])
  await settle()
  waiting[0]!([row(1000, 1)])
  await settle()
  expect(history.value.series.columns.map((c) => c.mean)).toEqual([7])
})
