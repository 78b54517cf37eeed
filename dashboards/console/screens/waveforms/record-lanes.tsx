/** The lanes of one sensor over a recorded stretch, and one cursor over all of them; moves by drag and by keys. */
import { useEffect, useRef } from 'preact/hooks'
import { drawStrip, sizeStrip } from '../../charts/strip-canvas.ts'
import type { StripBlock } from '../../charts/strip-layout.ts'
import { readTheme } from '../../charts/theme.ts'
import { onSchemeChange, onWidth } from '../../io/color-scheme.ts'
import type { Stretch } from '../../state/route.ts'

type Props = {
  blocks: readonly StripBlock[]
  axes: number
  stretch: Stretch
  /** Largest deviation of all sensors shown, so that lanes can be compared. */
  peak: number
  cursor_ms: number
  onCursor(at_ms: number): void
  onDrag(by_ms: number): void
}

/** A press that moves less than this is a press. */
const DRAG_PX = 6

export function RecordLanes({ blocks, axes, stretch, peak, cursor_ms, onCursor, onDrag }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const pressed_px = useRef<number | null>(null)
  useEffect(() => {
    const element = canvas.current!
    const draw = () => drawStrip(element, blocks, axes, stretch, readTheme(element), peak)
    const stops = [
      onSchemeChange(draw),
      onWidth(element.parentElement!, (width) => {
        sizeStrip(element, width, axes)
        draw()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [blocks, axes, stretch.from_ms, stretch.to_ms, peak])
  const span_ms = stretch.to_ms - stretch.from_ms
  const perPixel_ms = () => span_ms / Math.max(1, canvas.current?.clientWidth ?? 1)
  const put = (event: PointerEvent) => {
    const left = canvas.current!.getBoundingClientRect().left
    onCursor(
      Math.min(stretch.to_ms, Math.max(stretch.from_ms, stretch.from_ms + (event.clientX - left) * perPixel_ms())),
    )
  }
  return (
    <div class="record-lanes" aria-hidden="true">
      <canvas
        ref={canvas}
        onPointerDown={(event) => {
          pressed_px.current = event.clientX
          canvas.current!.setPointerCapture(event.pointerId)
        }}
        onPointerMove={put}
        onPointerCancel={() => {
          pressed_px.current = null
        }}
        onPointerUp={(event) => {
          const from_px = pressed_px.current
          pressed_px.current = null
          if (from_px === null) return
          const by_px = event.clientX - from_px
          if (Math.abs(by_px) >= DRAG_PX) onDrag(-by_px * perPixel_ms())
          else put(event)
        }}
      />
      <span class="cursor-line" style={{ left: `${((cursor_ms - stretch.from_ms) / span_ms) * 100}%` }} />
    </div>
  )
}
