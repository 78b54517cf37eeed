/** What may be asked of a drill on this site: judged before anything is begun. Pure; who carries it out is `io/drill-desk.ts`. */
import type { DrillStartBody } from '../domain/api.ts'
import { devicesOf, type Site } from '../domain/channel.ts'
import { DRILL_MAX_H } from '../domain/drill.ts'
import { PlumblineError } from '../domain/errors.ts'

/** Half an hour: long enough for one, short enough for one that was forgotten. */
export const MINUTES_DEFAULT = 30

/** @throws PlumblineError DRILL_REFUSED */
export function refuseUnsound(asked: DrillStartBody, site: Site, current: { readonly id: string } | undefined): void {
  const { shadows = [], max_minutes = MINUTES_DEFAULT } = asked
  const refuse = (why: string): never => {
    throw new PlumblineError('DRILL_REFUSED', why)
  }
  if (current !== undefined) refuse(`${current.id} runs: end it first, one drill runs at a time`)
  if (!(max_minutes > 0 && max_minutes <= DRILL_MAX_H * 60))
    refuse(`max_minutes: expected more than 0 and at most ${DRILL_MAX_H * 60}, got ${max_minutes}`)
  const devices = new Map(devicesOf(site).map(({ device }) => [device.id, device]))
  const real = [...devices.values()].filter((device) => device.simulated === undefined).map(({ id }) => id)
  for (const id of shadows) {
    const expected = real.length > 0 ? `a real device (${real.slice(0, 20).join(', ')})` : 'none: no device is real'
    if (!devices.has(id)) refuse(`shadows: expected ${expected}, got "${id}", which is not in the site file`)
    if (devices.get(id)!.simulated) refuse(`shadows: "${id}" is simulated and takes part as it is`)
  }
  if (new Set(shadows).size !== shadows.length) refuse('shadows: a device stands there twice')
  if (shadows.length === 0 && real.length === devices.size)
    refuse('shadows: this site has no simulated device; name the real devices that get a shadow')
}
