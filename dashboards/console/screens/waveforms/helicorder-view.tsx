/** A day of one axis in half-hour lines, with the same in a table: each line opens its record. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DeviceJson, HelicorderJson } from '../../../../domain/api.ts'
import { drawHelicorder, LINE_HEIGHT } from '../../charts/helicorder-canvas.ts'
import { dayBeside, deviationOf, filledOf, isDay, scaleOf } from '../../charts/helicorder-layout.ts'
import { readTheme } from '../../charts/theme.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await, useAsked } from '../../components/asked.tsx'
import { ExerciseMark } from '../../components/marks.tsx'
import { createFormat } from '../../format.ts'
import { onSchemeChange, onWidth } from '../../io/color-scheme.ts'
import { msOf } from '../../state/instants.ts'
import { href, type Route, stretchQuery } from '../../state/route.ts'
import { axesOf, STRETCH_MAX_MS } from './choice.ts'
import { words as WORDS } from './words.ts'

const LINE_MIN = 30
const LINE_MS = LINE_MIN * 60_000
/** The newest line grows. */
const AGAIN_MS = 60_000
const GAINS = [0.25, 0.5, 1, 2, 4, 8]

export function HelicorderView({ device, route }: { device: DeviceJson; route: Route }) {
  const app = useApp()
  const { words } = useSpeech()
  const own = useWords(WORDS)
  const [gain, setGain] = useState(1)
  const axes = axesOf(device)
  const axis = axes.find((a) => a === route.query.axis) ?? axes[0]!
  // A day of the desk is one of the site, whatever zone the person looks in.
  const zone = app.site.value?.time_zone ?? 'UTC'
  const siteDay = createFormat(app.language.value, zone).day(app.now_ms.value)
  const day = isDay(route.query.day) ? route.query.day : siteDay
  const at = (change: Record<string, string | undefined>) =>
    href('waveforms', device.id, { view: 'day', day, axis, ...change })
  const channel = device.channels.filter((c) => c.kind === 'axis')[axes.indexOf(axis)]!.id
  const asked = useAsked(
    () => app.api.get<HelicorderJson>('/helicorder', { channel, day, line_minutes: String(LINE_MIN), columns: '600' }),
    [channel, day],
    day === siteDay ? AGAIN_MS : undefined,
  )
  const go = (change: Record<string, string | undefined>) => {
    location.hash = at(change)
  }
  return (
    <>
      <h3>
        {own.dayTitle(device.name, axis.toUpperCase(), day)} {device.simulated && <ExerciseMark />}
      </h3>
      <div class="controls no-print">
        <a class="button" href={at({ day: dayBeside(day, -1) })}>
          {own.previousDay}
        </a>
        {day < siteDay && (
          <a class="button" href={at({ day: dayBeside(day, 1) })}>
            {own.nextDay}
          </a>
        )}
        <label class="field is-inline">
          {own.dayField}
          <input
            type="date"
            value={day}
            max={siteDay}
            onChange={(event) => isDay(event.currentTarget.value) && go({ day: event.currentTarget.value })}
          />
        </label>
        <label class="field is-inline">
          {own.axis}
          <select value={axis} onChange={(event) => go({ axis: event.currentTarget.value })}>
            {axes.map((a) => (
              <option key={a} value={a}>
                {words.stripAxis(a)}
              </option>
            ))}
          </select>
        </label>
        <label class="field is-inline">
          {own.gain}
          <select value={String(gain)} onChange={(event) => setGain(Number(event.currentTarget.value))}>
            {GAINS.map((g) => (
              <option key={g} value={String(g)}>
                {own.gainName(String(g))}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Await asked={asked}>
        {(found) =>
          found.lines.every((line) => filledOf(line) === 0) ? (
            <p class="unknown">{own.dayNone}</p>
          ) : (
            <Day found={found} device={device} gain={gain} route={route} />
          )
        }
      </Await>
    </>
  )
}

type DayProps = { found: HelicorderJson; device: DeviceJson; gain: number; route: Route }

function Day({ found, device, gain, route }: DayProps) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const canvas = useRef<HTMLCanvasElement>(null)
  const now_ms = app.deskNow_ms()
  const from_ms = found.lines.map((line) => msOf(line.from_ns))
  const begun = found.lines.filter((_, i) => from_ms[i]! < now_ms)
  const rows = begun.map((line, i) => ({ from_ms: from_ms[i]!, most: deviationOf(line), filled: filledOf(line) }))
  const most = rows.reduce<(typeof rows)[number] | null>(
    (a, b) => (b.most !== null && (a === null || b.most > a.most!) ? b : a),
    null,
  )
  const passed = begun.length === 0 ? 1 : (Math.min(now_ms, from_ms.at(-1)! + LINE_MS) - from_ms[0]!) / LINE_MS
  const share = Math.min(1, rows.reduce((sum, r) => sum + r.filled, 0) / Math.max(passed, 1e-6))
  const query = { with: route.query.with }
  const open = (at_ms: number) =>
    href('waveforms', device.id, { ...query, ...stretchQuery({ from_ms: at_ms, to_ms: at_ms + STRETCH_MAX_MS }) })
  useEffect(() => {
    const element = canvas.current!
    let width_px = element.clientWidth
    const draw = () =>
      drawHelicorder(element, found, {
        scale: scaleOf(found.lines) / gain,
        width: width_px,
        now_ms,
        line_ms: LINE_MS,
        from_ms,
        theme: readTheme(element),
      })
    const stops = [
      onSchemeChange(draw),
      onWidth(element.parentElement!, (width) => {
        width_px = width
        draw()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [found, gain])
  return (
    <figure class="helicorder">
      <div class="helicorder-body">
        <ul class="helicorder-hours number muted" aria-hidden="true">
          {from_ms
            .filter((_, i) => i % 2 === 0)
            .map((at) => (
              <li key={at}>{format.shortClock(at)}</li>
            ))}
        </ul>
        <div aria-hidden="true">
          <canvas
            ref={canvas}
            onClick={(event) => {
              const box = canvas.current!.getBoundingClientRect()
              const line = Math.floor((event.clientY - box.top) / LINE_HEIGHT)
              const at_ms = (from_ms[line] ?? now_ms) + ((event.clientX - box.left) / box.width) * LINE_MS
              if (at_ms < now_ms) location.hash = open(Math.round(at_ms - STRETCH_MAX_MS / 10))
            }}
          />
        </div>
      </div>
      <figcaption>
        {most !== null && (
          <p>
            {own.daySummary(
              format.quantity(most.most!, 'acceleration'),
              format.shortClock(most.from_ms),
              format.number(share * 100, 0),
            )}
          </p>
        )}
        <p class="muted no-print">{own.dayHint}</p>
      </figcaption>
      <details class="data">
        <summary>{own.dayTable}</summary>
        <table class="table">
          <thead>
            <tr>
              {[own.from, own.peak, own.filled].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.from_ms}>
                <th scope="row" class="number">
                  <a class="row-link" href={open(row.from_ms)} aria-label={own.openAt(format.shortClock(row.from_ms))}>
                    {format.shortClock(row.from_ms)}
                  </a>
                </th>
                <td class="number" data-label={own.peak}>
                  {row.most === null ? words.unknownValue : format.quantity(row.most, 'acceleration')}
                </td>
                <td class="number" data-label={own.filled}>{`${format.number(row.filled * 100, 0)} %`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
