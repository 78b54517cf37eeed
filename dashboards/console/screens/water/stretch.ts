/** Which stretch of a gauge is shown: the last hours, live; or a recorded one that the address names. */
import type { DeviceJson } from '../../../../domain/api.ts'
import type { Span } from '../../charts/hydrograph-data.ts'
import type { Asked } from '../../components/asked.tsx'
import { useAsked } from '../../components/asked.tsx'
import type { App } from '../../service.ts'
import { msOf, nsOf } from '../../state/instants.ts'
import type { Stretch } from '../../state/route.ts'
import { COLUMNS, emptySeries, fromColumns, HYDROGRAPH_LEAST_MS, type Series } from '../../state/series.ts'
import type { WaterView } from '../../state/water.ts'

const HOUR_MS = 3600_000
/** Of the device's own time. */
export const WINDOWS_MS = [12, 48, 7 * 24, 30 * 24].map((h) => h * HOUR_MS)

export type Shown = {
  readonly series: Series
  readonly gaps: readonly Span[]
  readonly state: 'loading' | 'loaded' | 'failed'
  readonly from_ms: number
  readonly to_ms: number
  readonly live: boolean
}

/** The wall time of a window of device time: a gauge that runs 180 times as fast shows 12 h in 4 min. */
export const wallWindow_ms = (device: DeviceJson, window_ms: number): number =>
  Math.max(HYDROGRAPH_LEAST_MS, window_ms / device.time_scale)

export function liveStretch(app: App, view: WaterView, device: DeviceJson, window_ms: number): Shown {
  const { series, gaps, state } = app.histories.history(view.water.gauge, wallWindow_ms(device, window_ms)).value
  const to_ms = app.now_ms.value
  return { series, gaps, state, from_ms: to_ms - series.window_ms, to_ms, live: true }
}

/** A recorded stretch, asked for once; null while none is wanted. */
export function useRecorded(app: App, channel: string, stretch: Stretch | null): Shown | null {
  const key = stretch === null ? '' : `${stretch.from_ms} ${stretch.to_ms}`
  const asked: Asked<Pick<Shown, 'series' | 'gaps'>> = useAsked(async () => {
    if (stretch === null) return { ok: true, value: { series: emptySeries(1), gaps: [] } }
    const { from_ms, to_ms } = stretch
    const [from, to] = [nsOf(from_ms), nsOf(to_ms)]
    const [series, gaps] = await Promise.all([app.api.series(channel, from, to, COLUMNS), app.api.gaps(from, to)])
    if (!series.ok) return series
    const spans = gaps.ok ? gaps.value.gaps.filter((g) => g.channels.includes(channel)) : []
    return {
      ok: true,
      value: {
        series: fromColumns(to_ms - from_ms, series.value.columns),
        gaps: spans.map((g) => ({ from_ms: msOf(g.from_ns), to_ms: msOf(g.to_ns) })),
      },
    }
  }, [channel, key])
  if (stretch === null) return null
  const { value, refusal } = asked
  return {
    series: value?.series ?? emptySeries(stretch.to_ms - stretch.from_ms),
    gaps: value?.gaps ?? [],
    state: value !== null ? 'loaded' : refusal === null ? 'loading' : 'failed',
    ...stretch,
    live: false,
  }
}
