/**
 * The limits of a node as the parts see them: one object for as long as the node runs, behind which the limits can be
 * exchanged while devices keep polling. How a limit is judged is `limit-watch.ts`; what survives the exchange is what
 * survives a restart.
 */
import type { ConditionRecord } from '../domain/condition.ts'
import type { Flag, Reading } from '../domain/reading.ts'
import type { Instant } from '../domain/time.ts'
import type { LimitWatch, WatchedLimit } from './limit-watch.ts'

export type Limits = Pick<
  LimitWatch,
  'on' | 'judge' | 'evaluate' | 'observe' | 'tick' | 'timed' | 'stateOf' | 'onTransition'
>

export class NodeLimits implements Limits {
  readonly #lists = new Map<string, WatchedLimit[]>()
  readonly #listeners: Array<(record: ConditionRecord) => void> = []
  #watch: LimitWatch

  constructor(watch: LimitWatch) {
    this.#watch = watch
    this.#listen()
  }

  /** The limits that `make` gives take the place of the present ones, whose state is saved before. */
  exchange(now: Instant, make: () => LimitWatch): void {
    this.#watch.tick(now)
    this.#watch = make()
    this.#listen()
    for (const [channel, list] of this.#lists) list.splice(0, list.length, ...this.#watch.on(channel))
  }

  #listen(): void {
    this.#watch.onTransition((record) => {
      for (const listener of this.#listeners) listener(record)
    })
  }

  /** The same list every time: parts keep it. */
  on(channel: string): readonly WatchedLimit[] {
    const known = this.#lists.get(channel)
    if (known !== undefined) return known
    const list = [...this.#watch.on(channel)]
    this.#lists.set(channel, list)
    return list
  }

  judge(readings: readonly Reading[]): Reading[] {
    return this.#watch.judge(readings)
  }
  evaluate(channel: string, value: number | null, flag: Flag, t_ns: Instant): void {
    this.#watch.evaluate(channel, value, flag, t_ns)
  }
  observe(channel: string, value: number | null, flag: Flag, t_ns: Instant): void {
    this.#watch.observe(channel, value, flag, t_ns)
  }
  get timed(): boolean {
    return this.#watch.timed
  }
  tick(now: Instant): void {
    this.#watch.tick(now)
  }
  stateOf(limitId: string): ReturnType<LimitWatch['stateOf']> {
    return this.#watch.stateOf(limitId)
  }
  onTransition(listener: (record: ConditionRecord) => void): void {
    this.#listeners.push(listener)
  }
}
