/** From the steps of a scenario to what is done when to which device, wire or uplink of a site. Doing it is `fault-timeline.ts`. */
import type { WireFaults } from '../../domain/wire-faults.ts'
import type { Fault } from '../device.ts'
import type { UplinkFaults } from '../uplink.ts'
import type { ScenarioFile, ScenarioStep } from './schema.ts'
import { linksOfStep, nodesOfStep, type SitePart, targetsOf, targetsOfStep } from './targets.ts'

/** `over`: it ends here. */
export type FaultEvent = { readonly at_s: number; readonly over: boolean } & (
  | { readonly kind: 'restart'; readonly device: string }
  | { readonly kind: 'fault'; readonly device: string; readonly fault: Fault }
  | { readonly kind: 'wire'; readonly node: string; readonly link: string; readonly faults: WireFaults }
  | { readonly kind: 'uplink'; readonly node: string; readonly faults: UplinkFaults }
)
type What = FaultEvent extends infer E ? (E extends FaultEvent ? Omit<E, 'at_s' | 'over'> : never) : never

export function faultOf({ kind, code, delay_ms }: NonNullable<ScenarioStep['fault']>): Fault {
  if (kind === 'exception') return { exception: code ?? 4 }
  return kind === 'delay' ? { delay_ms: delay_ms ?? 500 } : kind
}

/** In the order in which they happen; where one ends as the next begins, the end comes first. */
export function faultEvents(file: ScenarioFile, site: SitePart): FaultEvent[] {
  const events = file.timeline.flatMap((step): FaultEvent[] => {
    const { at_s, fault, wire, uplink, restart } = step
    const devices = () => targetsOfStep(step, targetsOf(site)).map(({ id }) => id)
    const whole = (what: What, for_s: number): FaultEvent[] => [
      { ...what, at_s, over: false },
      { ...what, at_s: at_s + for_s, over: true },
    ]
    if (restart) return devices().map((device) => ({ kind: 'restart', device, at_s, over: false }))
    if (fault)
      return devices().flatMap((device) => whole({ kind: 'fault', device, fault: faultOf(fault) }, fault.for_s))
    if (wire) {
      const { for_s, ...faults } = wire
      return linksOfStep(step, site).flatMap((place) => whole({ kind: 'wire', ...place, faults }, for_s))
    }
    if (uplink === undefined) return []
    const { for_s, ...faults } = uplink
    return nodesOfStep(step, site).flatMap((node) => whole({ kind: 'uplink', node, faults }, for_s))
  })
  return events.sort((a, b) => a.at_s - b.at_s || Number(b.over) - Number(a.over))
}

export const needsUplink = (file: ScenarioFile): boolean => file.timeline.some((step) => step.uplink !== undefined)
