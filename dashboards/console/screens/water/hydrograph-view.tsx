/** Puts the hydrograph on the page: keeps its width, look and data, and says in text what it shows. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DeviceJson } from '../../../../domain/api.ts'
import { createHydrograph, type Fan, type Hydrograph, type HydrographView as Picture } from '../../charts/hydrograph.ts'
import { hydrographData, summarize } from '../../charts/hydrograph-data.ts'
import { readTheme } from '../../charts/theme.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { onSchemeChange, onWidth } from '../../io/color-scheme.ts'
import { type Datum, offset_m } from '../../state/elevation.ts'
import type { Outlook } from '../../state/outlook.ts'
import type { WaterView } from '../../state/water.ts'
import type { Shown } from './stretch.ts'
import { words as WORDS } from './words.ts'

type Props = { view: WaterView; device: DeviceJson; shown: Shown; datum: Datum; outlook: Outlook | null }

export function HydrographView({ view, device, shown, datum, outlook }: Props) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const box = useRef<HTMLDivElement>(null)
  const { series, gaps, from_ms, to_ms, live } = shown
  const offset = offset_m(view.water, datum)
  const data = hydrographData(series, from_ms, to_ms, device.stale_after_ms, gaps)
  const fan = live ? fanOf(outlook, view.stage_m, to_ms, device.time_scale) : null
  const span_s = (to_ms - from_ms) / 1000
  // Room for the extrapolation: at most a third of the picture.
  const ahead_s = fan === null ? 0 : Math.min(fan.likely_s - fan.from_s, span_s / 2)
  const picture: Omit<Picture, 'theme'> = {
    data,
    from_s: from_ms / 1000,
    to_s: to_ms / 1000 + ahead_s * 1.1,
    fan,
    levels: view.levels.map(({ level }) => ({
      label: `${level.name}  ${format.quantity(level.stage_m + offset, 'stage')}`,
      stage_m: level.stage_m,
      severity: level.severity,
    })),
    time: (at_s, step_s) =>
      step_s < 60
        ? format.clock(at_s * 1000)
        : span_s > 86_400
          ? format.dayClock(at_s * 1000)
          : format.shortClock(at_s * 1000),
    shown: (stage_m) => format.onScreen(stage_m + offset, 'stage'),
    stage: (value) => format.number(value, 1),
  }
  useHydrograph(box, picture)
  const window = stretchText(shown, device)
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
          {data.failed.some((v) => v !== null) && (
            <span>
              <span class="cross" aria-hidden="true">
                ×
              </span>{' '}
              {own.legendFailed}
            </span>
          )}
          {fan !== null && (
            <span>
              <span class="swatch swatch-fan" aria-hidden="true" /> {own.legendFan}
            </span>
          )}
        </p>
        {shown.state === 'loading' && <p class="muted">{words.chartLoading}</p>}
        {shown.state === 'failed' && <p class="unknown">{words.chartFailed}</p>}
        <Summary data={data} window={window} offset={offset} />
      </figcaption>
    </figure>
  )

  function stretchText({ from_ms: from, to_ms: to, live: now, series: { window_ms } }: Shown, d: DeviceJson): string {
    if (!now) return own.recorded(format.instant(from, app.now_ms.value), format.instant(to, app.now_ms.value))
    return d.time_scale === 1
      ? words.chartWindowReal(format.span(window_ms))
      : words.chartWindow(format.span(window_ms), format.span(window_ms * d.time_scale))
  }
}

/** On the wall's clock: the outlook counts in the gauge's own time. */
function fanOf(outlook: Outlook | null, stage_m: number | null, now_ms: number, time_scale: number): Fan | null {
  if (outlook === null || stage_m === null) return null
  const { likely_s, soonest_s, latest_s } = outlook.reach
  const at = (device_s: number) => now_ms / 1000 + device_s / time_scale
  return {
    from_s: now_ms / 1000,
    from_m: stage_m,
    to_m: outlook.level.stage_m,
    soonest_s: at(soonest_s),
    likely_s: at(likely_s),
    latest_s: latest_s === null ? null : at(latest_s),
  }
}

function Summary({ data, window, offset }: { data: Picture['data']; window: string; offset: number }) {
  const app = useApp()
  const { words, format } = useSpeech()
  const summary = summarize(data)
  if (summary === null) return <p class="unknown">{words.chartNone}</p>
  const at = (ms: number) => format.instant(ms, app.now_ms.value)
  return (
    <p class="chart-summary">
      {words.chartSummary(
        window,
        format.quantity(summary.low + offset, 'stage'),
        at(summary.low_ms),
        format.quantity(summary.high + offset, 'stage'),
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
