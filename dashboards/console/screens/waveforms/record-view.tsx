/** A recorded stretch of several sensors on one axis of time: lanes to one scale, filter, cursor, figures and files. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { DeviceJson } from '../../../../domain/api.ts'
import { axisStats } from '../../charts/strip-layout.ts'
import { useApp, useSpeech, useWords } from '../../components/app-context.ts'
import { Await } from '../../components/asked.tsx'
import { ExerciseMark } from '../../components/marks.tsx'
import { type Filter, filtered, filterProblem, runsOf, stripBlocks } from '../../state/record.ts'
import { href, type Route, type Stretch, stretchQuery } from '../../state/route.ts'
import { axesOf, filterOf, filterQuery, MOVE_OF_KEY, MOVES, moved, STRETCH_MAX_MS, shifted } from './choice.ts'
import { Exports } from './exports.tsx'
import { FilterForm } from './filter-form.tsx'
import { type Loaded, useBlocks } from './load.ts'
import { RecordLanes } from './record-lanes.tsx'
import { Spectrum } from './spectrum-view.tsx'
import { Values } from './values.tsx'
import { words as WORDS } from './words.ts'

type Props = { devices: readonly DeviceJson[]; stretch: Stretch; route: Route }

export function RecordView({ devices, stretch, route }: Props) {
  const app = useApp()
  const { format } = useSpeech()
  const own = useWords(WORDS)
  const filter = filterOf(route.query)
  const at = (change: Record<string, string | undefined>) =>
    href('waveforms', devices[0]?.id, { ...route.query, ...change })
  const to = (next: Stretch) => at(stretchQuery(next))
  const { from_ms, to_ms } = stretch
  const span_ms = to_ms - from_ms
  const ends = own.recorded(format.instant(from_ms, app.now_ms.value), format.instant(to_ms, app.now_ms.value))
  if (span_ms > STRETCH_MAX_MS)
    return (
      <>
        <p>{ends}</p>
        <p class="unknown">{own.tooLong}</p>
        <p class="actions">
          <a class="button" href={to({ from_ms, to_ms: from_ms + STRETCH_MAX_MS })}>
            {own.firstPart}
          </a>
        </p>
      </>
    )
  return (
    <>
      <p class="number">{ends}</p>
      <div class="controls no-print">
        {MOVES.map((move) => (
          <a key={move} class="button" href={to(moved(stretch, move))}>
            {own[move]}
          </a>
        ))}
      </div>
      <FilterForm
        key={JSON.stringify(filter)}
        filter={filter}
        onApply={(next) => {
          location.hash = at(filterQuery(next))
        }}
      />
      <Samples
        devices={devices}
        stretch={stretch}
        filter={filter}
        go={(next) => {
          location.hash = to(next)
        }}
      />
      <Spectrum key={devices[0]?.id} devices={devices} stretch={stretch} />
    </>
  )
}

type SamplesProps = { devices: readonly DeviceJson[]; stretch: Stretch; filter: Filter; go(next: Stretch): void }

function Samples({ devices, stretch, filter, go }: SamplesProps) {
  const asked = useBlocks(useApp(), devices, stretch)
  // Through a move in time the slider stays on the page, and with it the focus of whoever moves by keys.
  const kept = useRef<readonly Loaded[] | null>(null)
  kept.current = asked.value ?? kept.current
  const shown = asked.value ?? (asked.refusal === null ? kept.current : null)
  const props = { devices, stretch, filter, go }
  return (
    <>
      {(shown === null || asked.refusal !== null) && <Await asked={asked}>{() => null}</Await>}
      {shown !== null && <Lanes {...props} loaded={shown} pending={asked.value === null} />}
    </>
  )
}

type LanesProps = SamplesProps & { loaded: readonly Loaded[]; pending: boolean }

function Lanes({ devices, loaded, pending, stretch, filter, go }: LanesProps) {
  const app = useApp()
  const { words, format } = useSpeech()
  const own = useWords(WORDS)
  const { from_ms, to_ms } = stretch
  const [cursor_ms, setCursor] = useState((from_ms + to_ms) / 2)
  useEffect(() => setCursor((from_ms + to_ms) / 2), [from_ms, to_ms])
  const key = [filter.kind, filter.low_hz, filter.high_hz].join(' ')
  const sensors = useMemo(
    () =>
      devices.map((device) => {
        const axes = axesOf(device)
        const found = loaded.find((l) => l.device === device.id)
        const raw = runsOf(found?.blocks ?? [], axes)
        const runs = filtered(raw, filter)
        const range = device.channels.find((c) => c.kind === 'axis')?.range
        const blocks = stripBlocks(runs, filter.kind === 'none' && range ? range.high : null)
        const stats = axes.map((_, i) => axisStats(blocks, i, from_ms, to_ms))
        const there_ms = raw.reduce(
          (sum, run) => sum + overlap_ms(run.t0_ms, run.step_ms * run.axes[0]!.length, stretch),
          0,
        )
        const rate_hz = raw[0] === undefined ? null : 1000 / raw[0].step_ms
        return {
          device,
          axes,
          runs,
          blocks,
          stats,
          share: there_ms / (to_ms - from_ms),
          rate_hz,
          refusal: found?.refusal ?? null,
        }
      }),
    [loaded, key, devices.map((d) => d.id).join(' '), from_ms, to_ms],
  )
  const peak = Math.max(0, ...sensors.flatMap((s) => s.stats.map((a) => a.peak)))
  const rate_hz = sensors.find((s) => s.rate_hz !== null)?.rate_hz ?? null
  const problem = rate_hz === null ? null : filterProblem(filter, rate_hz)
  const hz = (value: number) => format.number(value, 2)
  const clipped = sensors.some((s) => s.stats.some((a) => a.clipped))
  return (
    <>
      {problem !== null && (
        <p class="problem">
          {problem === 'order' ? own.filterOrder : own.filterCorner(format.number(rate_hz! / 2, 0))}
        </p>
      )}
      {filter.kind !== 'none' && problem === null && (
        <p class="notice">
          {own.filterSaid(
            own.filterName[filter.kind],
            filter.kind === 'lowpass' ? '0 Hz' : `${hz(filter.low_hz)} Hz`,
            filter.kind === 'highpass' ? `${format.number((rate_hz ?? 0) / 2, 0)} Hz` : `${hz(filter.high_hz)} Hz`,
          )}
        </p>
      )}
      <div class="record-group">
        {sensors.map(({ device, axes, blocks, share, refusal }) => (
          <div key={device.id}>
            <h3>
              {device.name} {device.simulated && <ExerciseMark />}
            </h3>
            {refusal !== null && <p class="unknown">{own.notLoaded(device.name, refusal.message)}</p>}
            {!pending && refusal === null && share === 0 && <p class="unknown">{own.noSamples(device.name)}</p>}
            <div class="lane-row">
              <ul class="lane-names" aria-hidden="true">
                {axes.map((axis) => (
                  <li key={axis}>{axis.toUpperCase()}</li>
                ))}
              </ul>
              <RecordLanes
                blocks={blocks}
                axes={axes.length}
                stretch={stretch}
                peak={peak}
                cursor_ms={cursor_ms}
                onCursor={setCursor}
                onDrag={(by_ms) => go(shifted(stretch, by_ms))}
              />
            </div>
          </div>
        ))}
      </div>
      <p class="record-ends number muted">
        <span>{format.clock(from_ms)}</span>
        <span>{own.scale(format.quantity(peak, 'acceleration'))}</span>
        <span>{format.clock(to_ms)}</span>
      </p>
      <p class="muted no-print">{own.keysHint}</p>
      {clipped && <p class="problem">{words.stripClipped}</p>}
      <label class="cursor-field no-print">
        {own.cursor}
        <input
          type="range"
          min="0"
          max="1000"
          value={Math.round(((cursor_ms - from_ms) / (to_ms - from_ms)) * 1000)}
          onKeyDown={(event) => {
            const move = MOVE_OF_KEY[event.key]
            if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
            event.preventDefault()
            go(moved(stretch, move))
          }}
          aria-valuetext={format.instant(cursor_ms, app.now_ms.value)}
          onInput={(event) => setCursor(from_ms + (event.currentTarget.valueAsNumber / 1000) * (to_ms - from_ms))}
        />
      </label>
      {pending ? (
        <p class="muted">{words.chartLoading}</p>
      ) : (
        <>
          <Values sensors={sensors} cursor_ms={cursor_ms} />
          <Exports sensors={sensors} stretch={stretch} filter={filter} />
        </>
      )}
    </>
  )
}

function overlap_ms(t0_ms: number, length_ms: number, { from_ms, to_ms }: Stretch): number {
  return Math.max(0, Math.min(to_ms, t0_ms + length_ms) - Math.max(from_ms, t0_ms))
}
