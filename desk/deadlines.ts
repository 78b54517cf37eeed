/**
 * Times at which something ends by itself. Each is kept twice: as the wall clock will show it, and as the time that has to pass
 * from when the desk first knew of it. The earlier one counts, so that a clock that is set back lengthens nothing that
 * somebody has put aside, and one that is set forward, or a desk that was away, is made good at once. Pure.
 */
import type { Instant, Monotonic } from '../domain/time.ts'

export type Deadline = {
  readonly key: string
  readonly due_ns: Instant
  /** It may never lie further ahead than this when it is first seen. */
  readonly most_ns?: bigint | undefined
}

export class Deadlines {
  readonly #known = new Map<string, { due_ns: Instant; passes: bigint }>()

  /** Those that have come. What is no longer among them is forgotten; one with another instant begins anew. */
  due<D extends Deadline>(deadlines: readonly D[], now: Instant, mono: Monotonic): D[] {
    const kept = new Set(deadlines.map(({ key }) => key))
    for (const key of this.#known.keys()) if (!kept.has(key)) this.#known.delete(key)
    return deadlines.filter(({ key, due_ns, most_ns }) => {
      const known = this.#known.get(key)
      if (known?.due_ns === due_ns) return now >= due_ns || mono >= known.passes
      const left = due_ns - now
      this.#known.set(key, { due_ns, passes: mono + (most_ns !== undefined && left > most_ns ? most_ns : left) })
      return left <= 0n
    })
  }
}
