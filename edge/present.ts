/**
 * What the node knows now: last reading of each channel, which devices answer, the present record of each limit.
 * Births are made from it; it keeps one value per channel and limit of the site file, no more.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Reading } from '../domain/reading.ts'
import { type Correct, restampCondition } from './restamp.ts'

export class Present {
  /** By channel of the site file, which has a place whether it was read or not. */
  #last = new Map<string, { reading: Reading | undefined }>()
  readonly #online = new Set<string>()
  readonly #conditions = new Map<string, ConditionRecord>()
  #info = new Map<string, Readonly<Record<string, string>>>()

  constructor(channels: Iterable<string>) {
    this.keepChannels(channels)
  }

  /** The channels are these now; what is known of others is forgotten. */
  keepChannels(channels: Iterable<string>): void {
    this.#last = new Map([...channels].map((id) => [id, this.#last.get(id) ?? { reading: undefined }]))
  }

  /** A reading older than the one known changes nothing. */
  reading(reading: Reading): void {
    const last = this.#last.get(reading.channel)
    if (last === undefined || (last.reading !== undefined && last.reading.t_ns > reading.t_ns)) return
    last.reading = reading
  }
  lastReading(channel: string): Reading | undefined {
    return this.#last.get(channel)?.reading
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
    for (const last of this.#last.values())
      last.reading &&= { ...last.reading, t_ns: correct(last.reading.t_ns) ?? last.reading.t_ns }
    for (const [id, record] of this.#conditions) this.#conditions.set(id, restampCondition(record, correct))
  }

  condition(record: ConditionRecord): void {
    this.#conditions.set(record.limit_id, record)
  }
  lastCondition(limitId: string): ConditionRecord | undefined {
    return this.#conditions.get(limitId)
  }
}
