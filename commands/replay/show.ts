/** What a person sees of a play: one line that a terminal redraws, or a plain line where the state changes. */
import type { PlayStatus } from '../../domain/simulator-control.ts'

const BAR = 24
const KEYS = 'space pauses, arrows wind 10 s, q stops'

export function playLine(play: PlayStatus, columns: number): string {
  const { position_s, length_s, state, speed, loop } = play
  const full = Math.round((BAR * position_s) / length_s)
  const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`
  const how = `${state}${speed === 1 ? '' : ` x${speed}`}${loop ? ' again and again' : ''}`
  return `${bar} ${clock(position_s)} / ${clock(length_s)}  ${how}  ${play.devices.join(', ')}  (${KEYS})`.slice(
    0,
    Math.max(40, columns - 1),
  )
}

/** For a log: without bar and keys. */
export const plainLine = ({ state, position_s, length_s, devices, name }: PlayStatus): string =>
  `${state} ${name} as ${devices.join(', ')}: ${clock(position_s)} of ${clock(length_s)}`

/** `0:12.3`, `1:02:03`. */
export function clock(s: number): string {
  const [h, m, rest] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(Math.floor(rest))}` : `${m}:${rest < 9.95 ? '0' : ''}${rest.toFixed(1)}`
}

export type Key = 'pause' | 'back' | 'on' | 'stop'

/** Keys in what a raw terminal sends, in order; Ctrl-C stops. */
export function keysOf(text: string): Key[] {
  const known: Readonly<Record<string, Key>> = {
    ' ': 'pause',
    '\x1b[D': 'back',
    '\x1b[C': 'on',
    q: 'stop',
    '\x03': 'stop',
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: arrows come as escape sequences
  return [...text.matchAll(/\x1b\[[A-D]|[\s\S]/g)].flatMap(([key]) => known[key] ?? [])
}
