/**
 * What the node knows now: last reading of each channel, which devices answer, the present record of each limit.
 * Births are made from it; it keeps one value per channel and limit of the site file, no more.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Reading } from '../domain/reading.ts'
import { LastReadings } from './last-readings.ts'
import { type Correct, restampCondition } from './restamp.ts'

export class Present {
  /** By channel of the site file, which has a place whether it was read or not. */
  #last = new LastReadings([])
  readonly #online = new Set<string>()
  readonly #conditions = new Map<string, ConditionRecord>()
  #info = new Map<string, Readonly<Record<string, string>>>()

  constructor(channels: Iterable<string>) {
    this.keepChannels(channels)
  }

  /** The channels are these now; what is known of others is forgotten. */
  keepChannels(channels: Iterable<string>): void {
    const before = this.#last
    this.#last = new LastReadings(channels)
    for (const channel of this.#last.channels) {
      const known = before.get(channel)
      if (known !== undefined) this.#last.set(known)
    }
  }

  /** A reading older than the one known changes nothing. */
  reading(reading: Reading): void {
    this.#last.set(reading)
  }
  lastReading(channel: string): Reading | undefined {
    return this.#last.get(channel)
  }

  /** Whether that is news. */
  setOnline(device: string, online: boolean): boolean {
    if (this.#online.has(device) === online) return false
    if (online) this.#online.add(device)
    else this.#online.delete(device)
    return true
  }
  isOnline(device: string): boolean {
    return this.#online.has(device)
  }

  /** What a device says of itself. */
  setInfo(device: string, info: Readonly<Record<string, string>>): void {
    this.#info.set(device, info)
  }
  info(device: string): Readonly<Record<string, string>> {
    return this.#info.get(device) ?? {}
  }

  /** Instants from before the time was known, put right. */
  restamp(correct: Correct): void {
    this.#last.restamp((t_ns) => correct(t_ns) ?? t_ns)
    for (const [id, record] of this.#conditions) this.#conditions.set(id, restampCondition(record, correct))
  }

  condition(record: ConditionRecord): void {
    this.#conditions.set(record.limit_id, record)
  }
  lastCondition(limitId: string): ConditionRecord | undefined {
    return this.#conditions.get(limitId)
  }
}
