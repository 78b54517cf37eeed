/** What is wrong with a sensor, not with the world: stuck, spike, drift, worked into the values that a device plays. */
import type { Quantity } from '../../domain/units.ts'
import { sizeOf } from './kinds.ts'
import type { ScenarioStep } from './schema.ts'

/** What a device plays on one axis or shows in one point; position k is k / rate seconds after the start of the round. */
export type PlayedValues = { readonly quantity: Quantity; readonly values: Float64Array }

/** Changes the values in place: spike and drift those of their quantity, stuck all of the device. */
export function applySensorFault(step: ScenarioStep, played: readonly PlayedValues[], rate_hz: number): void {
  const first = Math.round(step.at_s * rate_hz)
  const { stuck, spike, drift } = step
  for (const { quantity, values } of played) {
    const end = (for_s: number) => Math.min(values.length, first + Math.max(1, Math.round(for_s * rate_hz)))
    if (stuck) values.fill(values[first]!, first, end(stuck.for_s))
    if (spike) values[first]! += sizeOf(spike, quantity)
    if (drift) {
      const last = end(drift.for_s)
      for (let k = first; k < last; k++) values[k]! += (sizeOf(drift, quantity) * (k - first + 1)) / (last - first)
    }
  }
}
