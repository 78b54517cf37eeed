/**
 * Alarm floods by the standard's words: ten alarms (or what the site says) within ten minutes begin one, fewer than half of
 * that end it (ISA-18.2). Each reality is counted by itself. Pure.
 */

/** ISA-18.2: ten minutes. */
const SPAN_MS = 600_000

export type FloodSnapshot = ReadonlyArray<readonly [group: string, times: readonly number[], flood: boolean]>

export class FloodWatch {
  readonly #most: number
  readonly #recent = new Map<string, { times: number[]; flood: boolean }>()

  constructor(most: number) {
    this.#most = most
  }

  /** Counts an alarm; whether it is part of a flood. */
  isFlood(group: string, t: number): boolean {
    const known = this.#recent.get(group) ?? { times: [], flood: false }
    known.times = [...known.times.filter((time) => t - time < SPAN_MS), t].slice(-this.#most)
    known.flood = known.times.length >= (known.flood ? this.#most / 2 : this.#most)
    this.#recent.set(group, known)
    return known.flood
  }

  snapshot(): FloodSnapshot {
    return [...this.#recent].map(([group, { times, flood }]) => [group, times, flood] as const)
  }
  restore(snapshot: FloodSnapshot, shift_ms: number): void {
    for (const [group, times, flood] of snapshot)
      this.#recent.set(group, { times: times.map((time) => time + shift_ms), flood })
  }
}
