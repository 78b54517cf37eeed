/** The natural frequency of quiet times over the last weeks, as the highest sensor that tells it has it: a line and its range, no verdict. */
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Sparkline } from '../../components/sparkline.tsx'
import { isDrawn } from '../../state/series.ts'
import type { StructureSensor } from '../../state/structure.ts'
import { words as WORDS } from './words.ts'

const WINDOW_MS = 30 * 86_400_000
/** A day in which it never was quiet enough is a gap. */
const GAP_MS = 86_400_000
/** Less than this from bottom to top [Hz] is what temperature does in a day. */
const SPAN_LEAST_HZ = 0.05

export function AmbientTrend({ sensors }: { sensors: readonly StructureSensor[] }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const [top] = sensors
    .flatMap((sensor) => {
      const channel = sensor.device.channels.find((c) => c.metric === 'natural_frequency')
      return channel === undefined ? [] : [{ sensor, channel }]
    })
    .sort((a, b) => (b.sensor.floor?.height_m ?? 0) - (a.sensor.floor?.height_m ?? 0))
  if (top === undefined) return null
  const { series, state } = app.histories.history(top.channel.id, WINDOW_MS).value
  const columns = series.columns.filter(isDrawn)
  const hz = (value: number) => `${format.number(value, 3)} Hz`
  const place = top.sensor.floor?.name ?? top.sensor.device.name
  const window = format.span(WINDOW_MS)
  return (
    <>
      <h3>{own.ambient}</h3>
      {state === 'failed' && <p class="why">{words.chartFailed}</p>}
      {columns.length === 0 ? (
        <p class="muted">{state === 'loading' ? own.ambientLoading : own.ambientNone(place, window)}</p>
      ) : (
        <>
          <Sparkline
            series={series}
            window_ms={WINDOW_MS}
            now_ms={app.now_ms.value}
            gap_ms={GAP_MS}
            span_least={SPAN_LEAST_HZ}
            summary={own.ambient}
          />
          <p class="number">
            {own.ambientRange(
              place,
              window,
              hz(Math.min(...columns.map((c) => c.low))),
              hz(Math.max(...columns.map((c) => c.high))),
              hz(columns.at(-1)!.mean),
            )}
          </p>
        </>
      )}
    </>
  )
}
