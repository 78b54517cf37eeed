/**
 * A record of anybody's as a sensor that is installed to the compass plays it: its axes by the names that devices know.
 * What cannot be taken by name is taken by order, and said.
 */
import type { Waveform } from '../../recordings/recording.ts'
import { INSTALLED, sensorAxis } from '../axes.ts'

type Compass = keyof typeof INSTALLED

export type Turned = { readonly wave: Waveform; readonly notes: readonly string[] }

/** Horizontal axes beyond two, and axes of no known direction beyond what is free, are not played. */
export function toCompass(wave: Waveform): Turned {
  const taken = new Map<Compass, string>()
  for (const compass of Object.keys(INSTALLED) as Compass[]) {
    const found = wave.axes.find(({ axis }) => sensorAxis(axis) === INSTALLED[compass])
    if (found !== undefined) taken.set(compass, found.axis)
  }
  const notes: string[] = []
  const byOrder = (compass: Compass, vertical: boolean) => {
    if (taken.has(compass)) return
    const used = [...taken.values()]
    const next = wave.axes.find(({ axis }) => !used.includes(axis) && isVertical(wave, axis) === vertical)
    if (next === undefined) return
    taken.set(compass, next.axis)
    notes.push(`${next.axis} is played as ${compass}`)
  }
  byOrder('ns', false)
  byOrder('ew', false)
  byOrder('ud', true)
  const left = wave.axes.filter(({ axis }) => ![...taken.values()].includes(axis)).map(({ axis }) => axis)
  if (left.length > 0) notes.push(`not played: ${left.join(', ')}`)
  const axes = [...taken].map(([axis, from]) => {
    const { samples } = wave.axes.find((a) => a.axis === from)!
    return { axis, samples: from === 'down' ? samples.map((x) => -x) : samples }
  })
  return { wave: { ...wave, axes }, notes }
}

const isVertical = (wave: Waveform, axis: string): boolean =>
  wave.components?.find((c) => c.axis === axis)?.vertical ?? /^(ud|up|down|z|v)(_|$)/.test(axis)

/** Peak of the stronger horizontal axis [m/s²] of a record whose axes are the compass's. */
export const horizontalPeak_m_s2 = (wave: Waveform): number =>
  Math.max(0, ...wave.axes.filter(({ axis }) => axis !== 'ud').map(({ samples }) => peakOf(samples)))

export function peakOf(samples: Float64Array): number {
  let peak = 0
  for (const x of samples) if (Math.abs(x) > peak) peak = Math.abs(x)
  return peak
}
