/**
 * One component as a reader found it, and how components become one waveform: same start, rate and length, or a clear
 * error. Axis names are given here too, so that every format says ns, ew, up alike.
 */
import { type Instant, instant } from '../domain/time.ts'
import { type Component, gapsOf, recordingInvalid, SAMPLE_RATE_HZ_MAX, type Waveform } from './recording.ts'

export type PartQuantity = 'acceleration' | 'velocity' | 'displacement'

export type Part = {
  readonly file: string
  readonly format: string
  readonly quantity: PartQuantity
  /** SI of the quantity. */
  readonly samples: Float64Array
  readonly sample_rate_hz: number
  /** Absent where the file states none. */
  readonly start?: Instant
  readonly station?: string
  readonly instrument?: string
  readonly source: string
  readonly corrected?: boolean
  readonly component: Component
  readonly notes?: readonly string[]
}

export type Direction = Pick<Component, 'axis' | 'vertical' | 'azimuth_deg'>

/** Axis of an azimuth in degrees clockwise from north: 0 is ns, 90 is ew, any other `az<degrees>`. */
export function horizontal(azimuth_deg: number): Direction {
  const azimuth = ((azimuth_deg % 360) + 360) % 360
  const axis = azimuth === 0 ? 'ns' : azimuth === 90 ? 'ew' : `az${azimuth}`
  return { axis, vertical: false, azimuth_deg: azimuth }
}

const QUADRANT = /^([NS])\s*(\d{1,3}(?:\.\d+)?)\s*([EW])$/i
const VERTICAL = /^(up|u|ud|u-d|z|v|vert|vert\.|vertical|ver|vrt|vt)$/i
const DOWNWARD = /^(down|dwn|dn)$/i

/** Words of a header: `Up`, `90 Deg`, `N10E`, `N-S`, `H1`; unknown words become the axis' name. */
export function direction(words: string): Direction {
  const text = words
    .trim()
    .replace(/deg(rees|\.)?$/i, '')
    .trimEnd()
  if (VERTICAL.test(text)) return { axis: 'up', vertical: true }
  if (DOWNWARD.test(text)) return { axis: 'down', vertical: true }
  if (/^\d{1,3}(\.\d+)?$/.test(text) && Number(text) <= 360) return horizontal(Number(text))
  const quadrant = QUADRANT.exec(text)
  if (quadrant !== null) {
    const [from, turn, to] = [quadrant[1]!.toUpperCase(), Number(quadrant[2]), quadrant[3]!.toUpperCase()]
    return horizontal(from === 'N' ? (to === 'E' ? turn : -turn) : to === 'E' ? 180 - turn : 180 + turn)
  }
  if (/^(n|ns|n-s|north)$/i.test(text)) return horizontal(0)
  if (/^(e|ew|e-w|east)$/i.test(text)) return horizontal(90)
  const axis = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
  return { axis: axis === '' ? 'a' : axis, vertical: false }
}

/** @throws PlumblineError RECORDING_INVALID */
export function checkedRate(file: string, line: number, rate_hz: number, got: string): number {
  if (!(rate_hz > 0 && rate_hz <= SAMPLE_RATE_HZ_MAX))
    recordingInvalid(file, line, `a sampling rate above 0 and up to ${SAMPLE_RATE_HZ_MAX} Hz`, got)
  return rate_hz
}

/** 1 / interval, freed of the rounding of the interval: 0.01 s is 100 Hz. */
export function rateOf(interval_s: number): number {
  const rate = 1 / interval_s
  const whole = Math.round(rate)
  return whole > 0 && Math.abs(rate - whole) < 1e-9 * rate ? whole : rate
}

/** Order in which people name axes; vertical last. */
const rank = ({ component }: Part): number =>
  component.vertical ? 3 : /^(ns|h1|x)\d?$/.test(component.axis) ? 0 : /^(ew|h2|y)\d?$/.test(component.axis) ? 1 : 2

/** Several files come in any order: the waveform is the same. */
export const sorted = (parts: readonly Part[]): Part[] =>
  [...parts].sort(
    (a, b) =>
      (a.component.channel ?? 0) - (b.component.channel ?? 0) ||
      rank(a) - rank(b) ||
      (a.component.axis < b.component.axis ? -1 : a.component.axis > b.component.axis ? 1 : 0),
  )

/** @throws PlumblineError RECORDING_INVALID naming the file that does not agree with the first. */
export function combined(parts: readonly Part[], name: string): Waveform {
  const first = parts[0]!
  for (const part of parts) agree(part, first)
  const unique = uniquelyNamed(parts)
  const accelerations = unique.filter((p) => p.quantity === 'acceleration')
  if (accelerations.length === 0) recordingInvalid(first.file, 1, 'an acceleration record', first.quantity)
  const components = accelerations.map((part) => withPublished(part, unique))
  for (const { samples, file } of accelerations)
    if (samples.every(Number.isNaN)) recordingInvalid(file, 1, 'at least one sample that is not missing', 'none')
  const notes = [...new Set(parts.flatMap((p) => p.notes ?? []))]
  return {
    kind: 'waveform',
    name,
    start: first.start ?? instant(0n),
    start_known: first.start !== undefined,
    sample_rate_hz: first.sample_rate_hz,
    unit: 'm/s²',
    axes: accelerations.map(({ component, samples }) => ({ axis: component.axis, samples })),
    source: first.source,
    format: first.format,
    ...(first.station === undefined ? {} : { station: first.station }),
    ...(first.instrument === undefined ? {} : { instrument: first.instrument }),
    ...(first.corrected === undefined ? {} : { corrected: first.corrected }),
    components,
    gaps: accelerations.flatMap(({ component, samples }) => gapsOf(component.axis, samples)),
    notes,
  }
}

function agree(part: Part, first: Part): void {
  const differs = (what: string, expected: unknown, got: unknown) =>
    recordingInvalid(part.file, 1, `${what} ${expected} of ${first.file}`, `${got}`)
  if (part.format !== first.format) differs('the format', first.format, part.format)
  if (part.station !== first.station) differs('the station', first.station, part.station)
  if (Math.abs(part.sample_rate_hz - first.sample_rate_hz) > 1e-9 * first.sample_rate_hz)
    differs('the sampling rate [Hz]', first.sample_rate_hz, part.sample_rate_hz)
  if ((part.start === undefined) !== (first.start === undefined)) differs('the start', first.start, part.start)
  const apart_s = Math.abs(Number((part.start ?? 0n) - (first.start ?? 0n))) / 1e9
  if (apart_s > 0.5 / first.sample_rate_hz) differs('the start [ns since 1970]', first.start, part.start)
  if (part.samples.length !== first.samples.length)
    differs('the number of samples', first.samples.length, part.samples.length)
  if (part.corrected !== first.corrected) differs('corrected =', first.corrected, part.corrected)
}

/** Buildings have several sensors in one direction: their channel numbers tell them apart, or nothing does. */
function uniquelyNamed(parts: readonly Part[]): Part[] {
  const key = (p: Part) => `${p.quantity} ${p.component.axis}`
  const count = new Map<string, number>()
  for (const part of parts) count.set(key(part), (count.get(key(part)) ?? 0) + 1)
  const named = parts.map((part) => {
    const { axis, channel } = part.component
    if (count.get(key(part)) === 1 || channel === undefined) return part
    return { ...part, component: { ...part.component, axis: `${axis}_${channel}` } }
  })
  const seen = new Set<string>()
  for (const part of named) {
    if (seen.has(key(part)))
      recordingInvalid(part.file, 1, 'a component that no other file holds', part.component.label)
    seen.add(key(part))
  }
  return named
}

function withPublished({ component }: Part, all: readonly Part[]): Component {
  const other = (quantity: PartQuantity) =>
    all.find((p) => p.quantity === quantity && p.component.axis === component.axis)?.samples
  const [velocity_m_s, displacement_m] = [other('velocity'), other('displacement')]
  return {
    ...component,
    ...(velocity_m_s === undefined ? {} : { velocity_m_s }),
    ...(displacement_m === undefined ? {} : { displacement_m }),
  }
}
