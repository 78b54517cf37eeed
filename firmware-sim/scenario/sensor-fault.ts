/** What is wrong with a sensor, not with the world: stuck, spike, drift, worked into the values that a device plays. */
import type { ScenarioStep } from './schema.ts'

/** Changes `axes` in place; position k is k / `rate_hz` seconds after the start of the round. */
export function applySensorFault(step: ScenarioStep, axes: readonly Float64Array[], rate_hz: number): void {
  const first = Math.round(step.at_s * rate_hz)
  const size = (s: { stage_m?: number; acceleration_m_s2?: number }) => s.stage_m ?? s.acceleration_m_s2 ?? 0
  for (const values of axes) {
    const end = (for_s: number) => Math.min(values.length, first + Math.max(1, Math.round(for_s * rate_hz)))
    if (step.stuck) values.fill(values[first]!, first, end(step.stuck.for_s))
    if (step.spike) values[first]! += size(step.spike)
    if (step.drift) {
      const last = end(step.drift.for_s)
      for (let k = first; k < last; k++) values[k]! += (size(step.drift) * (k - first + 1)) / (last - first)
    }
  }
}
