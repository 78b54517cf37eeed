/**
 * Which alarms logic suppresses by design, and why: a maintenance window covers every alarm of its devices; a fault covers
 * the alarms that only repeat it. So a dead edge node is one alarm and not one for each channel. Pure: what is wanted is
 * compared with what holds, so that nothing is left suppressed when its cause has gone, whatever was missed.
 */
import type { MaintenanceJson } from '../domain/api-desk.ts'
import { kindOfLimit } from '../domain/condition.ts'
import { splitChannel } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Alarm } from './alarm.ts'
import type { SuppressionCause } from './alarm-aside.ts'
import type { AlarmDefinition } from './alarm-json.ts'
import type { LogicEvent } from './alarm-leave.ts'

/** A fault of the line that stands now: of a whole node, or of one device of it. */
export type ParentFault = {
  readonly alarm: string
  readonly name: string
  readonly node: string
  readonly device?: string
}

/** They say that nothing comes, or nothing good: what a dead node or device says already. */
const ECHOES: ReadonlySet<string> = new Set(['stale_s', 'failed_s'])

type Wanted = { readonly key: string; readonly cause: SuppressionCause; readonly reason: string }

function wantedOf(
  { node, limit }: AlarmDefinition,
  windows: readonly MaintenanceJson[],
  faults: readonly ParentFault[],
): Wanted[] {
  const { device } = splitChannel(limit.channel)
  const maintenance = windows
    .filter(({ devices }) => devices.includes(device))
    .map(
      ({ id, name, reason }): Wanted => ({
        key: `maintenance:${id}`,
        cause: 'maintenance',
        reason: `${name}: ${reason}`,
      }),
    )
  if (!ECHOES.has(kindOfLimit(limit))) return maintenance
  const parents = faults
    .filter((fault) => fault.node === node && (fault.device === undefined || fault.device === device))
    .map(
      ({ alarm, name, device: of }): Wanted => ({
        key: `fault:${alarm}`,
        cause: of === undefined ? 'node-offline' : 'parent',
        reason: name,
      }),
    )
  return [...maintenance, ...parents]
}

export type Suppressing = { readonly id: string; readonly event: LogicEvent }

/** What has to change so that exactly what is wanted holds. `endOf`: when a maintenance window was due to end. */
export function suppressionChanges(
  alarms: Iterable<readonly [Alarm, AlarmDefinition]>,
  windows: readonly MaintenanceJson[],
  faults: readonly ParentFault[],
  endOf: (key: string) => Instant | undefined,
): Suppressing[] {
  const out: Suppressing[] = []
  for (const [alarm, definition] of alarms) {
    const held = alarm.aside.suppressed
    if (held.length === 0 && windows.length === 0 && faults.length === 0) continue
    const wanted = wantedOf(definition, windows, faults)
    for (const { key, cause, reason } of wanted)
      if (!held.some((one) => one.key === key))
        out.push({ id: alarm.id, event: { kind: 'suppress', key, cause, reason } })
    for (const { key } of held)
      if (!wanted.some((one) => one.key === key)) {
        const due_ns = endOf(key)
        out.push({
          id: alarm.id,
          event: { kind: 'unsuppress', key, ...(due_ns !== undefined && { late_since_ns: due_ns }) },
        })
      }
  }
  return out
}
