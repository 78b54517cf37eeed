/** Bands of rain as a scenario writes them, as one storm. What runs off is `physics/catchment.ts`. */
import { streamSeed } from '../physics/hash-noise.ts'
import { designStorm, type Storm } from '../physics/storm.ts'
import type { ScenarioStep } from './schema.ts'

type Bands = NonNullable<ScenarioStep['flood']>['rain']

export const STORM_STEP_S = 300

/** @param i which step of the timeline it is: another step rains differently */
export function stormOf(rain: Bands, seed: number, i: number): Storm {
  const bands = rain.map((band, b) => ({
    first: Math.round((band.at_h * 3600) / STORM_STEP_S),
    ...designStorm({ ...band, step_s: STORM_STEP_S, seed: streamSeed(seed, `timeline ${i} rain ${b}`) }),
  }))
  const rain_mm = new Float64Array(Math.max(0, ...bands.map((b) => b.first + b.rain_mm.length)))
  for (const band of bands) for (const [k, mm] of band.rain_mm.entries()) rain_mm[band.first + k]! += mm
  return { step_s: STORM_STEP_S, rain_mm }
}

/** Straight between the values; the last one after their end. */
export function between(values: Float64Array, position: number): number {
  const k = Math.min(Math.floor(position), values.length - 1)
  const [low, high] = [values[k]!, values[k + 1] ?? values[k]!]
  return low + (high - low) * Math.min(1, position - k)
}
