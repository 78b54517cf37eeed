/**
 * What ingest says of itself and its store on its health topic, and when: at every change that somebody must act on, at most
 * once a look, and else once a period, so that silence is news too.
 */
import type { StoreHealth } from '../domain/ports.ts'
import type { Instant } from '../domain/time.ts'
import { secondsBetween } from '../domain/time.ts'
import { INGEST_HEALTH_PERIOD_S, type IngestHealth } from '../domain/wire/ingest-health.ts'
import type { IngestStats } from './tally.ts'

/** How often the store itself is asked; a new quarantine is a reason to ask at once. */
const STORE_PERIOD_S = 60

/** A change of these is told at once. */
const TELLING = ['taking', 'why', 'quarantined_total', 'dead_letter_total', 'foreign_lost'] as const

export type Quarantined = NonNullable<IngestHealth['last_quarantined']>
type Numbers = Pick<
  IngestStats,
  'serving' | 'storeFailing' | 'oldest_s' | 'waitingRecords' | 'quarantined' | 'foreignLosses'
>

export class HealthReport {
  readonly #boot: string
  #store: StoreHealth | undefined
  #asked_ns: Instant | undefined
  #last: Quarantined | null = null
  #said: IngestHealth | undefined

  /** @param boot names this process */
  constructor(boot: string) {
    this.#boot = boot
  }

  quarantined(last: Quarantined): void {
    this.#last = last
    this.#asked_ns = undefined
  }

  /** Whether the store should be asked now; it is taken to be asked then. */
  asks(now: Instant): boolean {
    const due = this.#asked_ns === undefined || Math.abs(secondsBetween(now, this.#asked_ns)) >= STORE_PERIOD_S
    if (due) this.#asked_ns = now
    return due
  }

  store(health: StoreHealth): void {
    this.#store = health
  }

  /** A new session of the broker: what was said before may not stand there any more. */
  forget(): void {
    this.#said = undefined
  }

  /** What is to be said now, or `undefined`. */
  look(numbers: Numbers, now: Instant): IngestHealth | undefined {
    const health = this.#health(numbers, now)
    const t_ns = this.#said?.t_ns
    const same = this.#said !== undefined && TELLING.every((key) => this.#said?.[key] === health[key])
    // A clock that was set back must not make ingest fall silent.
    if (same && t_ns !== undefined && Math.abs(secondsBetween(now, t_ns)) < INGEST_HEALTH_PERIOD_S) return undefined
    this.#said = health
    return health
  }

  #health(numbers: Numbers, t_ns: Instant): IngestHealth {
    const { serving, storeFailing, oldest_s, waitingRecords, quarantined, foreignLosses } = numbers
    const store = this.#store
    return {
      t_ns,
      boot: this.#boot,
      taking: serving,
      why: storeFailing ?? (serving ? null : 'behind'),
      lag_s: Math.round(oldest_s * 10) / 10,
      waiting_records: waitingRecords,
      quarantined_total: quarantined,
      last_quarantined: this.#last,
      dead_letter_total: store?.quarantined ?? null,
      store:
        store === undefined
          ? null
          : {
              kind: store.kind,
              bytes: store.bytes ?? null,
              free_bytes: store.free_bytes ?? null,
              oldest_ns: store.oldest_ns ?? null,
              newest_ns: store.newest_ns ?? null,
            },
      last_backup_ns: store?.last_backup_ns ?? null,
      foreign_lost: foreignLosses,
    }
  }
}
