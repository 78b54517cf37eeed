/**
 * Keeps the histories that the page draws: asks the desk for each once per connection, then adds what comes live.
 * How a series is thinned and drawn is `state/series.ts` and `charts/`'s.
 */
import { type Signal, signal } from '@preact/signals'
import type { ReadingJson } from '../../domain/api.ts'
import type { Span } from './charts/hydrograph-data.ts'
import type { Api } from './io/api-client.ts'
import { msOf, nsOf } from './state/instants.ts'
import { addReading, COLUMNS, emptySeries, fromColumns, prune, type Series } from './state/series.ts'

export type History = {
  readonly series: Series
  /** Gaps that the store has counted in the window. */
  readonly gaps: readonly Span[]
  readonly state: 'loading' | 'loaded' | 'failed'
}

/** A history that could not be read is asked for again after this. */
const RETRY_MS = 15_000

export type SeriesKeeper = {
  /** The history of a channel over the last `window_ms`; asked for on first use. */
  history(channel: string, window_ms: number): Signal<History>
  add(readings: readonly ReadingJson[]): void
  /** Forgets what left its window and asks again for what could not be read. */
  everySecond(): void
  /** Asks for everything again: after a lost line, or when the store can be read again. */
  reload(): void
}

export function createSeriesKeeper(api: Api, now_ms: () => number): SeriesKeeper {
  const kept = new Map<
    string,
    { channel: string; window_ms: number; history: Signal<History>; asked: number; asked_ms: number }
  >()

  async function load(key: string): Promise<void> {
    const entry = kept.get(key)!
    entry.asked += 1
    const mine = entry.asked
    const to_ms = now_ms()
    entry.asked_ms = to_ms
    // On the grid of the columns, so that the desk's and ours are the same.
    const { width_ms } = emptySeries(entry.window_ms)
    const from_ms = Math.floor((to_ms - entry.window_ms) / width_ms) * width_ms
    const points = COLUMNS + 1
    const [from, to] = [nsOf(from_ms), nsOf(from_ms + points * width_ms)]
    const [series, gaps] = await Promise.all([api.series(entry.channel, from, to, points), api.gaps(from, to)])
    if (mine !== entry.asked) return
    const before = entry.history.value
    if (!series.ok) {
      entry.history.value = { ...before, state: 'failed' }
      return
    }
    // What came live while the answer was on its way is in `before` only.
    const loaded = fromColumns(entry.window_ms, series.value.columns)
    const end_ms = loaded.columns.at(-1)?.last_ms ?? Number.NEGATIVE_INFINITY
    const columns = [...loaded.columns, ...before.series.columns.filter((c) => c.t_ms >= end_ms + loaded.width_ms)]
    entry.history.value = {
      series: { ...loaded, columns },
      gaps: gaps.ok
        ? gaps.value.gaps
            .filter((g) => g.channels.includes(entry.channel))
            .map((g) => ({ from_ms: msOf(g.from_ns), to_ms: msOf(g.to_ns) }))
        : before.gaps,
      state: 'loaded',
    }
  }

  return {
    history: (channel, window_ms) => {
      const key = `${channel} ${window_ms}`
      const known = kept.get(key)
      if (known !== undefined) return known.history
      const history = signal<History>({ series: emptySeries(window_ms), gaps: [], state: 'loading' })
      kept.set(key, { channel, window_ms, history, asked: 0, asked_ms: 0 })
      void load(key)
      return history
    },
    add: (readings) => {
      for (const { channel, history } of kept.values()) {
        const mine = readings.filter((r) => r.channel === channel)
        if (mine.length === 0) continue
        history.value = { ...history.value, series: mine.reduce(addReading, history.value.series) }
      }
    },
    everySecond: () => {
      for (const [key, { history, asked_ms }] of kept) {
        const series = prune(history.value.series, now_ms())
        if (series !== history.value.series) history.value = { ...history.value, series }
        if (history.value.state === 'failed' && now_ms() - asked_ms > RETRY_MS) void load(key)
      }
    },
    reload: () => {
      for (const key of kept.keys()) void load(key)
    },
  }
}
