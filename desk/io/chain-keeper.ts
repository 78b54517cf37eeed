/**
 * Once a day: writes the head of the journal's chain into the log, where whoever keeps logs elsewhere can prove by it that
 * nothing before was changed, and removes entries that are older than the site keeps them.
 */
import type { Clock, Log } from '../../domain/ports.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { Journal } from './journal.ts'

export type ChainKeeperOptions = {
  readonly clock: Clock
  readonly log: Log
  readonly alarms: () => AlarmDesk
  readonly journal: Journal
  /** How long entries are kept. */
  readonly days: number
}

const DAY_NS = 86_400n * 1_000_000_000n

export class ChainKeeper {
  readonly #o: ChainKeeperOptions
  #last: bigint

  constructor(options: ChainKeeperOptions) {
    this.#o = options
    this.#last = options.clock.monotonic()
  }

  async tick(): Promise<void> {
    const { clock, log, alarms } = this.#o
    if (clock.monotonic() - this.#last < DAY_NS) return
    this.#last = clock.monotonic()
    const { seq, hash } = alarms().journalHead
    log.info('head of the journal', { seq, hash })
    await alarms().note('chain', 'desk', { what: 'head', seq, hash, to: 'log' })
    await this.#retain()
  }

  /** A journal that is away now is tried again tomorrow. */
  async #retain(): Promise<void> {
    const { clock, log, journal, days } = this.#o
    const now = clock.now()
    const before = now - BigInt(Math.round(days * 86_400)) * 1_000_000_000n
    const needed = await this.#firstNeeded()
    try {
      for (;;) {
        const anchor = await journal.retain(String(before), needed, String(now))
        if (anchor === undefined) return
        log.info('old entries of the journal removed and sealed', anchor.body as Record<string, unknown>)
      }
    } catch (error) {
      log.warn('old entries of the journal cannot be removed', { why: String(error) })
    }
  }

  /** A drill or a window that is not over is read from its first entry at the next start. */
  async #firstNeeded(): Promise<number> {
    const rows = [...(await this.#o.journal.ofKind('drill')), ...(await this.#o.journal.ofKind('maintenance'))]
    const over = new Set<string>()
    for (const { body } of rows) {
      const { what, drill, id } = body as { what: string; drill?: string; id?: string }
      if (what === 'ended' || what === 'failed') over.add(drill ?? id ?? '')
    }
    const open = rows.filter(({ body }) => {
      const { drill, id } = body as { drill?: string; id?: string }
      return !over.has(drill ?? id ?? '') && (drill ?? id) !== undefined
    })
    return open.reduce((least, { seq }) => Math.min(least, seq), Number.MAX_SAFE_INTEGER)
  }
}
