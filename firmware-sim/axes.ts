/** Axes of a sensor that is installed to the compass: x = north-south, y = east-west, z = up-down, by the names of records. */
import type { Waveform } from '../recordings/recording.ts'

export type SensorAxis = 'x' | 'y' | 'z'
const NAMES: Readonly<Record<SensorAxis, readonly string[]>> = {
  x: ['x', 'ns'],
  y: ['y', 'ew'],
  z: ['z', 'ud', 'up'],
}

/** The sensor's axis for each of the compass. */
export const INSTALLED = { ns: 'x', ew: 'y', ud: 'z' } as const

/** Of an axis by any of its names; `undefined` for one of no known direction. */
export const sensorAxis = (name: string): SensorAxis | undefined =>
  (Object.keys(NAMES) as SensorAxis[]).find((axis) => NAMES[axis].includes(name))

/** The same for a metric or a column that ends with an axis: `tilt_x`, `wall tilt EW`. */
export const axisOfName = (name: string): SensorAxis | undefined =>
  sensorAxis(/(?<![^_\s-])[^_\s-]*$/.exec(name.toLowerCase())?.[0] ?? '')

/** Samples of the record for an axis of a sensor: by its own name, else by the compass. */
export function axisOf(wave: Waveform, axis: string): Float64Array | undefined {
  const known = sensorAxis(axis)
  const names = [axis, ...(known === undefined ? [] : NAMES[known])]
  const found = names.map((name) => wave.axes.find((a) => a.axis === name)).find((a) => a !== undefined)
  return found?.samples
}
