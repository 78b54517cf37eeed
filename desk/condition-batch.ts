/**
 * Condition records of one payload belong together: a rise and its return that come in one packet are one occurrence
 * that began and ended unseen, not an alarm that is raised and cleared within a millisecond.
 */
import type { ReceivedCondition } from '../domain/wire/condition.ts'

/** For each occurrence only what is known of it at the end of the payload, in the order in which they first stand there. */
export function lastOfEachOccurrence(received: readonly ReceivedCondition[]): ReceivedCondition[] {
  const last = new Map<string, ReceivedCondition>()
  for (const one of received) {
    const { record, identity } = one
    const key = JSON.stringify([record.limit_id, identity.outbox, record.occurrence])
    // A return is final: no later record of the same occurrence can make it true again.
    if (last.get(key)?.record.state !== false) last.set(key, one)
  }
  return [...last.values()]
}
