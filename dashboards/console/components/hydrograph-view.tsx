/** Puts the hydrograph on the page: keeps its width, look and data, and says in text what it shows. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DeviceJson } from '../../../domain/api.ts'
import { createHydrograph, type Hydrograph, type HydrographView as Picture } from '../charts/hydrograph.ts'
import { hydrographData, summarize } from '../charts/hydrograph-data.ts'
import { readTheme } from '../charts/theme.ts'
import { onSchemeChange, onWidth } from '../io/color-scheme.ts'
import { hydrographWindow_ms } from '../state/series.ts'
import type { WaterView } from '../state/water.ts'
import { useApp, useSpeech } from './app-context.ts'

export function HydrographView({ view, device }: { view: WaterView; device: DeviceJson }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const box = useRef<HTMLDivElement>(null)
  const window_ms = hydrographWindow_ms(device.time_scale)
  const history = app.histories.history(view.water.gauge, window_ms).value
  const to_ms = app.now_ms.value
  const data = hydrographData(history.series, to_ms - window_ms, to_ms, device.stale_after_ms, history.gaps)
  const picture: Omit<Picture, 'theme'> = {
    data,
    from_s: (to_ms - window_ms) / 1000,
    to_s: to_ms / 1000,
    levels: view.levels.map(({ level }) => ({
      label: `${level.name}  ${format.quantity(level.stage_m, 'stage')}`,
      stage_m: level.stage_m,
      severity: level.severity,
    })),
    time: (at_s, step_s) => (step_s < 60 ? format.clock(at_s * 1000) : format.shortClock(at_s * 1000)),
    stage: (value_m) => format.number(value_m, 1),
  }
  useHydrograph(box, picture)
  const window =
    device.time_scale === 1
      ? words.chartWindowReal(format.span(window_ms))
      : words.chartWindow(format.span(window_ms), format.span(window_ms * device.time_scale))
  return (
    <figure class="chart">
      <div ref={box} class="plot" aria-hidden="true" />
      <figcaption>
        <p class="axis-caption">
          <span>{words.chartAxis(format.offset(to_ms))}</span>
          {device.time_scale !== 1 && (
            <span class="scale">{words.chartScale(format.number(device.time_scale, 0))}</span>
          )}
          <span>{window}</span>
          {data.gaps.length > 0 && (
            <span>
              <span class="swatch swatch-missing" aria-hidden="true" /> {words.legendMissing}
            </span>
          )}
          {data.suspect.some((v) => v !== null) && (
            <span>
              <span class="swatch swatch-suspect" aria-hidden="true" /> {words.legendSuspect}
            </span>
          )}
        </p>
        {history.state === 'loading' && <p class="muted">{words.chartLoading}</p>}
        {history.state === 'failed' && <p class="unknown">{words.chartFailed}</p>}
        <Summary data={data} window={window} />
      </figcaption>
    </figure>
  )
}

function Summary({ data, window }: { data: Picture['data']; window: string }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const summary = summarize(data)
  if (summary === null) return <p class="unknown">{words.chartNone}</p>
  const at = (ms: number) => format.instant(ms, app.now_ms.value)
  return (
    <p class="unseen">
      {words.chartSummary(
        window,
        format.quantity(summary.low, 'stage'),
        at(summary.low_ms),
        format.quantity(summary.high, 'stage'),
        at(summary.high_ms),
        summary.gaps,
      )}
    </p>
  )
}

function useHydrograph(box: { current: HTMLDivElement | null }, picture: Omit<Picture, 'theme'>): void {
  const plot = useRef<Hydrograph | null>(null)
  const latest = useRef(picture)
  latest.current = picture
  const [look, setLook] = useState(0)
  const theme = useRef<Picture['theme'] | null>(null)
  useEffect(() => {
    const element = box.current!
    theme.current = readTheme(element)
    const stopScheme = onSchemeChange(() => {
      theme.current = readTheme(element)
      setLook((n) => n + 1)
    })
    const stopWidth = onWidth(element, (width) => {
      if (plot.current === null)
        plot.current = createHydrograph(element, width, { ...latest.current, theme: theme.current! })
      else plot.current.resize(width)
    })
    return () => {
      stopScheme()
      stopWidth()
      plot.current?.destroy()
      plot.current = null
    }
  }, [])
  useEffect(() => {
    if (theme.current !== null) plot.current?.update({ ...picture, theme: theme.current })
  }, [picture.data, picture.from_s, picture.levels, look])
}
