/** A device fault as people name it, judged, and one as it is shown. */
import { PlumblineError } from '../../domain/errors.ts'
import type { Fault } from '../device.ts'
import { faultOf } from '../scenario/fault-events.ts'
import { FAULT_KINDS } from '../scenario/schema-faults.ts'

const DELAY_MAX_MS = 60_000

/** @throws PlumblineError SCENARIO_INVALID */
export function faultOfCall(kind: string, code: number | undefined, delay_ms: number | undefined): Fault {
  const known = FAULT_KINDS.find((k) => k === kind)
  if (known === undefined && kind !== 'none') refuse('kind', `none, ${FAULT_KINDS.join(', ')}`, kind)
  if (code !== undefined && (kind !== 'exception' || !(Number.isInteger(code) && code >= 1 && code <= 11)))
    refuse('code', 'a Modbus exception from 1 to 11, beside kind exception', code)
  if (delay_ms !== undefined && (kind !== 'delay' || !(delay_ms >= 1 && delay_ms <= DELAY_MAX_MS)))
    refuse('delay_ms', `1 to ${DELAY_MAX_MS}, beside kind delay`, delay_ms)
  if (known === undefined) return 'none'
  return faultOf({
    kind: known,
    for_s: 1,
    ...(code !== undefined && { code }),
    ...(delay_ms !== undefined && { delay_ms }),
  })
}

export function faultText(fault: Fault): string {
  if (typeof fault !== 'object') return fault
  return 'exception' in fault ? `exception ${fault.exception}` : `delay ${fault.delay_ms} ms`
}

function refuse(field: string, expected: string, got: unknown): never {
  throw new PlumblineError('SCENARIO_INVALID', `${field}: expected ${expected}, got ${JSON.stringify(got)}`)
}
