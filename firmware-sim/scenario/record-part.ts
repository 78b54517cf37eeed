/** A recorded motion as a scenario wants it: cut, by compass axes, at a device's rate, scaled. Refuses what cannot be. */
import type { Recording } from '../../recordings/recording.ts'
import { axisOf, INSTALLED, sensorAxis } from '../axes.ts'
import { refuse } from '../physics/refuse.ts'
import { peakOf, resample } from '../physics/whole-record.ts'
import { cutWaveform } from '../play.ts'

export const COMPASS = ['ns', 'ew', 'ud'] as const
export type CompassAxis = (typeof COMPASS)[number]
export type Motion = Readonly<Record<CompassAxis, Float64Array>>

export const compassOf = (axis: string): CompassAxis | undefined => {
  const own = sensorAxis(axis)
  return COMPASS.find((compass) => INSTALLED[compass] === own)
}

export type Part = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly scale?: number | undefined
  /** Peak of the stronger horizontal axis. */
  readonly pga_m_s2?: number | undefined
}

/** @throws PlumblineError USAGE, SITE_INVALID where record, cut and scale do not go together */
export function motionOf(recording: Recording, part: Part, rate_hz: number): Motion {
  if (recording.kind !== 'waveform') refuse('recording', 'a waveform', recording.name)
  const { from, to } = part
  const play = { recording: recording.name, quiet_s: 0, lead_s: 0, ...(from && { from }), ...(to && { to }) }
  const { first, count } = cutWaveform(recording, play, 'part')
  const axes = COMPASS.map((axis) => {
    const whole = axisOf(recording, axis)
    if (whole === undefined && axis !== 'ud')
      refuse(
        'recording',
        `a record with an axis ${axis} or ${INSTALLED[axis]}`,
        recording.axes.map((a) => a.axis).join(', '),
      )
    const samples = (whole ?? new Float64Array(recording.axes[0]!.samples.length)).subarray(first, first + count)
    if (samples.some((x) => !Number.isFinite(x))) refuse('recording', 'a record without gaps', recording.name)
    return resample(samples, recording.sample_rate_hz, rate_hz)
  })
  const [ns, ew, ud] = axes as [Float64Array, Float64Array, Float64Array]
  const gain = part.scale ?? gainTo(part.pga_m_s2, Math.max(peakOf(ns), peakOf(ew)))
  const scaled = (samples: Float64Array) => samples.map((x) => x * gain)
  return { ns: scaled(ns), ew: scaled(ew), ud: scaled(ud) }
}

function gainTo(pga_m_s2: number | undefined, peak: number): number {
  if (pga_m_s2 === undefined) return 1
  return peak > 0 ? pga_m_s2 / peak : refuse('recording', 'a record that moves horizontally', peak)
}

/** Adds `part` from sample `first` on. @throws PlumblineError USAGE where it would go beyond the end of the round */
export function addMotion(into: Motion, part: Motion, first: number, rate_hz: number): void {
  const [length, room] = [part.ns.length, into.ns.length - first]
  if (length > room)
    refuse('length', `at most ${room / rate_hz} s, what is left of the round`, `${Math.ceil(length / rate_hz)} s`)
  for (const axis of COMPASS) for (let k = 0; k < length; k++) into[axis][first + k]! += part[axis][k]!
}

export const stillMotion = (count: number): Motion => ({
  ns: new Float64Array(count),
  ew: new Float64Array(count),
  ud: new Float64Array(count),
})
