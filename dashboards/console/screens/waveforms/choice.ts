/** What the address of the waveforms screen asks for: sensors, filter, and where a move in time leads. Pure. */
import type { DeviceJson } from '../../../../domain/api.ts'
import { FILTERS, type Filter } from '../../state/record.ts'
import type { Stretch } from '../../state/route.ts'

/** Four of three axes are the twelve lanes that a screen and a weak computer still show. */
export const SENSORS_MAX = 4
/** The desk's own limit for samples, and the least that is worth a picture. */
export const STRETCH_MAX_MS = 600_000
export const STRETCH_LEAST_MS = 1000

export const axesOf = (device: DeviceJson): string[] =>
  device.channels.filter((c) => c.kind === 'axis').map((c) => c.metric.split('/').at(-1) ?? c.metric)

export function sensorsOf(all: readonly DeviceJson[], id: string | null, more: string | undefined): DeviceJson[] {
  const first = all.find((d) => d.id === id) ?? all[0]
  if (first === undefined) return []
  const ids = new Set((more ?? '').split(','))
  return [first, ...all.filter((d) => d !== first && ids.has(d.id))].slice(0, SENSORS_MAX)
}

export function filterOf(query: Readonly<Record<string, string>>): Filter {
  const kind = FILTERS.find((f) => f === query.filter) ?? 'none'
  const number = (text: string | undefined, otherwise: number) => {
    const value = Number(text ?? Number.NaN)
    return Number.isFinite(value) ? value : otherwise
  }
  return { kind, low_hz: number(query.low, 0.5), high_hz: number(query.high, 10) }
}

export const filterQuery = ({ kind, low_hz, high_hz }: Filter): Record<string, string | undefined> =>
  kind === 'none'
    ? { filter: undefined, low: undefined, high: undefined }
    : { filter: kind, low: String(low_hz), high: String(high_hz) }

export const MOVES = ['earlier', 'later', 'closer', 'wider'] as const
export type Move = (typeof MOVES)[number]

/** Half a stretch to either side; half or twice as long about the middle, within what can be shown. */
export function moved({ from_ms, to_ms }: Stretch, move: Move): Stretch {
  const span_ms = to_ms - from_ms
  if (move === 'earlier') return shifted({ from_ms, to_ms }, -span_ms / 2)
  if (move === 'later') return shifted({ from_ms, to_ms }, span_ms / 2)
  const wanted_ms = move === 'closer' ? span_ms / 2 : span_ms * 2
  const half_ms = Math.min(STRETCH_MAX_MS, Math.max(STRETCH_LEAST_MS, wanted_ms)) / 2
  const middle_ms = (from_ms + to_ms) / 2
  return { from_ms: Math.round(middle_ms - half_ms), to_ms: Math.round(middle_ms + half_ms) }
}

export const shifted = ({ from_ms, to_ms }: Stretch, by_ms: number): Stretch => ({
  from_ms: Math.round(from_ms + by_ms),
  to_ms: Math.round(to_ms + by_ms),
})

/** While the cursor's slider has the focus; its arrows move the cursor. */
export const MOVE_OF_KEY: Readonly<Record<string, Move>> = {
  PageDown: 'earlier',
  PageUp: 'later',
  '+': 'closer',
  '=': 'closer',
  '-': 'wider',
}
