/**
 * What the node knows now: last reading of each channel, which devices answer, the present record of each limit.
 * Births are made from it; it keeps one value per channel and limit of the site file, no more.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Reading } from '../domain/reading.ts'

export class Present {
  readonly #readings = new Map<string, Reading>()
  readonly #online = new Set<string>()
  readonly #conditions = new Map<string, ConditionRecord>()
  readonly #channels: ReadonlySet<string>

  constructor(channels: Iterable<string>) {
    this.#channels = new Set(channels)
  }

  /** A reading older than the one known changes nothing. */
  reading(reading: Reading): void {
    if (!this.#channels.has(reading.channel)) return
    const known = this.#readings.get(reading.channel)
    if (known === undefined || known.t_ns <= reading.t_ns) this.#readings.set(reading.channel, reading)
  }
  lastReading(channel: string): Reading | undefined {
    return this.#readings.get(channel)
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

  condition(record: ConditionRecord): void {
    this.#conditions.set(record.limit_id, record)
  }
  lastCondition(limitId: string): ConditionRecord | undefined {
    return this.#conditions.get(limitId)
  }
}
