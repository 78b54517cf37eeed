/** The live strip of one accelerometer: receives its blocks, draws each frame, and says the numbers beside the lanes. */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { BlockFrameHeader, BlockJson, DeviceJson } from '../../../domain/api.ts'
import type { SampleArray } from '../../../domain/reading.ts'
import { M_S2_PER_GAL } from '../../../domain/units.ts'
import { drawStrip, type StripPicture, type StripWindow, sizeStrip } from '../charts/strip-canvas.ts'
import { axisStats, endOf_ms, type StripBlock, sampleAt } from '../charts/strip-layout.ts'
import { readTheme } from '../charts/theme.ts'
import { watchBlocks } from '../io/block-client.ts'
import { onFrames } from '../io/browser-clock.ts'
import { onSchemeChange, onWidth } from '../io/color-scheme.ts'
import { msOf, nsOf } from '../state/instants.ts'
import { displayDelay_ms, emptyFeed, receive, refill, type StripFeed } from '../state/strip-feed.ts'
import { useApp, useSpeech } from './app-context.ts'
import { ExerciseMark } from './marks.tsx'

const WINDOW_S = 30
/** How often the numbers beside the lanes change: faster cannot be read. */
const NUMBERS_MS = 500

type Shown = {
  readonly picture: StripPicture
  readonly delay_ms: number
  readonly silent: boolean
  /** Of each axis at the cursor; null where there is none. */
  readonly cursor: ReadonlyArray<number | null> | null
  readonly problem: string | null
}

/** How an engineer looks at live strips: what a filter makes of the samples, and a cursor so long before now. */
export type StripLook = {
  /** What is drawn in place of the samples as they came; another function = another look. */
  readonly shape: ((blocks: readonly StripBlock[]) => readonly StripBlock[]) | null
  /** Why it cannot be used at a rate. */
  problem(sample_rate_hz: number): string | null
  readonly cursor_s: number | null
  onCursor(before_s: number): void
}

export function StripView({ device, look = null }: { device: DeviceJson; look?: StripLook | null }) {
  const { words, format } = useSpeech()
  const axes = device.channels.filter((c) => c.kind === 'axis').map((c) => c.metric.split('/').at(-1) ?? c.metric)
  const feed = useRef<StripFeed>(emptyFeed)
  const broken = useSignal(0)
  const exercise = useSignal(device.simulated)
  const shown = useSignal<Shown | null>(null)
  const canvas = useStrip(device, axes, feed, shown, broken, exercise, look)
  const now = shown.value
  const gal = (value: number) => format.quantity(value, 'acceleration')
  const clipped = now?.picture.axes.some((a) => a.clipped) ?? false
  return (
    <figure class="strip">
      <figcaption>
        <h3>
          {words.stripTitle(device.name)}
          {exercise.value && <ExerciseMark />}
        </h3>
        <span class="muted number">
          {now && words.stripScale(`${format.number(now.picture.scale / M_S2_PER_GAL, 0)} gal`)}
        </span>
        {device.time_scale !== 1 && <span class="scale">{words.chartScale(format.number(device.time_scale, 0))}</span>}
      </figcaption>
      <div class="strip-body">
        <ul class="strip-axes">
          {axes.map((axis, i) => {
            const stats = now?.picture.axes[i]
            return (
              <li key={axis}>
                <strong>{words.stripAxis(axis)}</strong>
                <span class="number">
                  {stats && stats.count > 0 ? words.stripPeak(gal(stats.peak)) : words.unknownValue}
                </span>
                {stats && stats.count > 0 && <span class="number muted">{words.stripMean(gal(stats.mean))}</span>}
                {now?.cursor != null && (
                  <span class="number">
                    {words.stripCursor(now.cursor[i] == null ? words.unknownValue : gal(now.cursor[i]))}
                  </span>
                )}
              </li>
            )
          })}
        </ul>
        <div
          class="strip-canvas"
          aria-hidden="true"
          onPointerMove={(event) => {
            const { left, width } = event.currentTarget.getBoundingClientRect()
            const share = Math.min(1, Math.max(0, (event.clientX - left) / width))
            look?.onCursor(Math.round((1 - share) * WINDOW_S * 10) / 10)
          }}
        >
          <canvas ref={canvas} />
          {look?.cursor_s != null && (
            <span class="cursor-line" style={{ left: `${(1 - look.cursor_s / WINDOW_S) * 100}%` }} />
          )}
        </div>
      </div>
      <p class="strip-time number muted" aria-hidden="true">
        {[30, 20, 10].map((s) => (
          <span key={s}>−{words.stripWindow(String(s))}</span>
        ))}
        <span>{words.stripNow(format.number((now?.delay_ms ?? 0) / 1000, 1))}</span>
      </p>
      {now?.problem != null && <p class="problem">{now.problem}</p>}
      {clipped && <p class="problem">{words.stripClipped}</p>}
      {now?.silent && (
        <p class="unknown">{feed.current.blocks.length === 0 ? words.stripWaiting : words.stripNoBlocks}</p>
      )}
      {broken.value > 0 && <p class="unknown">{words.stripBroken(broken.value)}</p>}
    </figure>
  )
}

function useStrip(
  device: DeviceJson,
  axes: readonly string[],
  feed: { current: StripFeed },
  shown: Signal<Shown | null>,
  broken: Signal<number>,
  exercise: Signal<boolean>,
  look: StripLook | null,
) {
  const app = useApp()
  const canvas = useRef<HTMLCanvasElement>(null)
  // Read in each frame: another filter or cursor must not end the line that brings the blocks.
  const looked = useRef(look)
  looked.current = look
  useEffect(() => {
    const element = canvas.current!
    let theme = readTheme(element)
    let told_ms = Number.NEGATIVE_INFINITY
    const shaped = shaper()
    const draw = () => {
      const now_ms = app.deskNow_ms()
      const delay_ms = displayDelay_ms(feed.current)
      const to_ms = now_ms - delay_ms
      const window = { from_ms: to_ms - WINDOW_S * 1000, to_ms }
      const raw = feed.current.blocks
      const blocks = shaped(raw, looked.current?.shape ?? null)
      const picture = drawStrip(element, blocks, axes.length, window, theme)
      if (Math.abs(now_ms - told_ms) < NUMBERS_MS) return
      told_ms = now_ms
      const last = raw.at(-1)
      const cursor_s = looked.current?.cursor_s ?? null
      shown.value = {
        // Whether the sensor stood at its full scale is told by the samples as they came.
        picture: blocks === raw ? picture : { ...picture, axes: withClipped(picture.axes, raw, window) },
        delay_ms,
        silent: last === undefined || to_ms - endOf_ms(last) > device.stale_after_ms,
        cursor: cursor_s === null ? null : axes.map((_, i) => sampleAt(blocks, i, to_ms - cursor_s * 1000)),
        problem: last === undefined ? null : (looked.current?.problem(1000 / last.step_ms) ?? null),
      }
    }
    // What the store already holds of the window, so that a shaking in progress is seen whole.
    const fillFromRecord = async () => {
      const to_ms = app.deskNow_ms()
      const from_ms = to_ms - WINDOW_S * 1000
      const channel = device.channels.find((c) => c.kind === 'axis')
      const answer = channel && (await app.api.blocks(channel.id, nsOf(from_ms), nsOf(to_ms)))
      if (gone || !answer?.ok) return
      feed.current = refill(
        feed.current,
        answer.value.blocks.map((b) => storedBlock(b, device, axes)),
        from_ms,
      )
    }
    let gone = false
    const stops = [
      watchBlocks(device.id, {
        onBlock: (header, samples) => {
          feed.current = receive(
            feed.current,
            blockOf(header, device, axes, samples),
            app.deskNow_ms(),
            WINDOW_S * 1000,
          )
          exercise.value = header.exercise || device.simulated
        },
        onBroken: () => {
          broken.value += 1
        },
      }),
      onSchemeChange(() => {
        theme = readTheme(element)
      }),
      onWidth(element.parentElement!, (width) => sizeStrip(element, width, axes.length)),
      onFrames(draw),
    ]
    void fillFromRecord()
    return () => {
      gone = true
      for (const stop of stops) stop()
    }
  }, [device.id])
  return canvas
}

/** Shapes anew only when blocks came or another shape is asked for, not in every frame. */
function shaper() {
  let [of, by]: [readonly StripBlock[] | null, StripLook['shape']] = [null, null]
  let made: readonly StripBlock[] = []
  return (raw: readonly StripBlock[], shape: StripLook['shape']): readonly StripBlock[] => {
    if (shape === null) return raw
    if (raw !== of || shape !== by) [of, by, made] = [raw, shape, shape(raw)]
    return made
  }
}

const withClipped = (axes: StripPicture['axes'], raw: readonly StripBlock[], { from_ms, to_ms }: StripWindow) =>
  axes.map((stats, i) => ({ ...stats, clipped: axisStats(raw, i, from_ms, to_ms).clipped }))

/** Axes in the order of the device's channels, whatever the order in the frame; one that is missing has no samples. */
function blockOf(
  header: BlockFrameHeader,
  device: DeviceJson,
  axes: readonly string[],
  samples: readonly SampleArray[],
): StripBlock {
  return {
    t0_ms: msOf(header.t0_ns),
    step_ms: 1000 / header.sample_rate_hz,
    scale: header.scale,
    ...fullSteps(device, header.scale),
    first_counter: header.first_counter,
    axes: axes.map((axis) => samples[header.axes.indexOf(axis)] ?? new Int16Array(0)),
  }
}

function storedBlock(block: BlockJson, device: DeviceJson, axes: readonly string[]): StripBlock {
  return {
    t0_ms: msOf(block.t0_ns),
    step_ms: 1000 / block.sample_rate_hz,
    scale: block.scale,
    ...fullSteps(device, block.scale),
    first_counter: block.first_counter,
    axes: axes.map((axis) => Int32Array.from(block.axes[axis] ?? [])),
  }
}

function fullSteps({ channels }: DeviceJson, scale: number): Pick<StripBlock, 'full_steps'> {
  const range = channels.find((c) => c.kind === 'axis')?.range
  return range ? { full_steps: Math.round(range.high / scale) } : {}
}
