/** Whether a message that did not arrive is tried again, and when. Pure; times are those of a clock that never steps. */
import type { SendResult } from '../io/send/outgoing.ts'
import type { Delivery } from './incident.ts'

const FIRST_WAIT_MS = 5_000
const MOST_WAIT_MS = 300_000

/** When it is tried again after so many tries [ms]; `undefined` where it is given up. */
export function retryAt(
  { planned_t, action }: Pick<Delivery, 'planned_t' | 'action'>,
  give_up_min: number,
  tries: number,
  { after_ms, permanent }: Extract<SendResult, { ok: false }>,
  t: number,
): number | undefined {
  const wait_ms = after_ms ?? Math.min(FIRST_WAIT_MS * 3 ** Math.min(tries - 1, 8), MOST_WAIT_MS)
  if (permanent || action === 'test' || t + wait_ms > planned_t + give_up_min * 60_000) return undefined
  return t + wait_ms
}
