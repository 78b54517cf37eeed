/** Which losses of foreign nodes are news: each is told once, also over restarts of the desk and of ingest. Pure. */
import type { Instant } from '../domain/time.ts'
import type { ForeignLoss, IngestHealth } from '../domain/wire/ingest-health.ts'

export class Losses {
  /** As each node's losses were last told of, in the words of one process of ingest. */
  readonly #known = new Map<string, string>()
  /** From before this desk began: the newest loss that an alarm tells. */
  readonly #told = new Map<string | undefined, Instant>()

  /** @param node `undefined`: any that is not told of by name */
  told(node: string | undefined, at: Instant): void {
    this.#told.set(node, at)
  }

  /** What came since the last call. Clocks that are set hide nothing: instants count only for what was before this desk. */
  news({ boot, foreign_lost }: Pick<IngestHealth, 'boot' | 'foreign_lost'>): ForeignLoss[] {
    return foreign_lost.filter(({ node, messages, gaps, last_ns }) => {
      const now = `${boot} ${messages} ${gaps}`
      const before = this.#known.get(node)
      this.#known.set(node, now)
      if (before !== undefined) return before !== now
      const told = this.#told.get(node) ?? this.#told.get(undefined)
      return told === undefined || last_ns > told
    })
  }
}
