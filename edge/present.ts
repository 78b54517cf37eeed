/**
 * What the node knows now: last reading of each channel, which devices answer, the present record of each limit.
 * Births are made from it; it keeps one value per channel and limit of the site file, no more.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Reading } from '../domain/reading.ts'
import { type Correct, restampCondition } from './restamp.ts'

export class Present {
  readonly #readings = new Map<string, Reading>()
  readonly #online = new Set<string>()
  readonly #conditions = new Map<string, ConditionRecord>()
  #info = new Map<string, Readonly<Record<string, string>>>()
  #channels: ReadonlySet<string>

  constructor(channels: Iterable<string>) {
    this.#channels = new Set(channels)
  }

  /** The channels are these now; what is known of others is forgotten. */
  keepChannels(channels: Iterable<string>): void {
    this.#channels = new Set(channels)
    for (const id of this.#readings.keys()) if (!this.#channels.has(id)) this.#readings.delete(id)
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

  /** What a device says of itself. */
  setInfo(device: string, info: Readonly<Record<string, string>>): void {
    this.#info.set(device, info)
  }
  info(device: string): Readonly<Record<string, string>> {
    return this.#info.get(device) ?? {}
  }

  /** Instants from before the time was known, put right. */
  restamp(correct: Correct): void {
    for (const [channel, reading] of this.#readings)
      this.#readings.set(channel, { ...reading, t_ns: correct(reading.t_ns) ?? reading.t_ns })
    for (const [id, record] of this.#conditions) this.#conditions.set(id, restampCondition(record, correct))
  }

  condition(record: ConditionRecord): void {
    this.#conditions.set(record.limit_id, record)
  }
  lastCondition(limitId: string): ConditionRecord | undefined {
    return this.#conditions.get(limitId)
  }
}
