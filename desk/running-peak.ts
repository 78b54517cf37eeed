/**
 * The most extreme value of an occurrence while it lasts. The edge tells the peak with the return; until then the desk
 * takes it from the edge's own readings, so that nobody reads the value at the onset as the worst that has happened.
 * It is shown, not journalled: the peak of the record is what stands afterwards.
 */
import { judgesValue, type Limit } from '../domain/condition.ts'
import { FAIL, MISSING, type Reading } from '../domain/reading.ts'
import { type Instant, NS_PER_S } from '../domain/time.ts'
import type { Alarm } from './alarm.ts'
import { conditionIsTrue } from './alarm-table.ts'

type Seen = { readonly outbox: string; readonly n: number; readonly peak: number }

export class RunningPeaks {
  readonly #seen = new Map<string, Seen>()

  /**
   * True where the reading is the worst of the alarm's present occurrence so far. Readings are values of the channel:
   * they say nothing of a limit on an age, a rate or a count.
   */
  observe(alarm: Alarm, limit: Limit, reading: Reading): boolean {
    if (!judgesValue(limit)) return false
    const { present } = alarm
    if (present === null || !mayBelong(alarm, reading.t_ns) || !isSound(reading)) return false
    const before = this.peakOf(alarm, limit)
    const value = reading.value!
    if (before !== null && !worse(limit, value, before)) return false
    this.#seen.set(alarm.id, { outbox: present.outbox, n: present.n, peak: value })
    return true
  }

  /** Peak of the present occurrence as far as it is known. */
  peakOf(alarm: Alarm, limit: Limit): number | null {
    const { present } = alarm
    if (present === null) return null
    const seen = this.#seen.get(alarm.id)
    const current = seen?.n === present.n && seen.outbox === present.outbox && conditionIsTrue(alarm.state)
    if (!current) return present.peak
    return present.peak === null || worse(limit, seen.peak, present.peak) ? seen.peak : present.peak
  }
}

/** Of a span the value further from its middle, as the edge has it. */
function worse({ direction, limit, parameters }: Limit, a: number, b: number): boolean {
  if (parameters?.low === undefined) return direction === 'above' ? a > b : a < b
  const middle = (limit + parameters.low) / 2
  return Math.abs(a - middle) > Math.abs(b - middle)
}

/**
 * Whether a reading of this instant may be of the present occurrence. A measure stands at the start of the second it
 * belongs to: the second of the onset counts.
 */
export const mayBelong = ({ present, state }: Alarm, t_ns: Instant): boolean =>
  present !== null && conditionIsTrue(state) && t_ns > BigInt(present.onset_ns) - NS_PER_S

const isSound = ({ value, flag }: Reading): boolean => value !== null && flag !== FAIL && flag !== MISSING
