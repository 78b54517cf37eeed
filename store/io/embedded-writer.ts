/** The writing side of the embedded store: packs batches for the database thread, and opens the thread anew where it died. */
import { PlumblineError } from '../../domain/errors.ts'
import type { AppendOutcome, Clock, Log, SeriesWriter, StoreHealth } from '../../domain/ports.ts'
import type { KeptRecord, Ranges, RejectedRecord, Stream } from '../../domain/record.ts'
import { openSqlite, type SqliteClient, transferred } from '../../runtime/sqlite-worker.ts'
import { seriesFiles } from '../files.ts'
import { buffersOf, pack } from '../packed.ts'
import type { Retention } from '../retention.ts'
import { diskHealth, type RowHealth } from './health.ts'
import type { Tended } from './tend-program.ts'
import { Tender } from './tender.ts'

/**
 * 32 MiB of log. A transaction writes the last page of each channel anew: those that several wrote are brought into the file
 * once. SQLite's own thousand pages are fewer than one transaction of a thousand channels.
 */
const CHECKPOINT_PAGES = 8192

export const openWriterThread = (folder: string): Promise<SqliteClient> =>
  openSqlite({
    ...seriesFiles(folder),
    synchronous: 'FULL',
    checkpointPages: CHECKPOINT_PAGES,
    program: new URL('./write-program.ts', import.meta.url),
  })

export type Tend = { readonly clock: Clock; readonly retention: Retention }

export class EmbeddedWriter implements SeriesWriter {
  readonly #folder: string
  readonly #log: Log
  #client: Promise<SqliteClient>
  readonly #tender: Tender | undefined
  #appending = 0
  #closed = false

  /** With `tend`, rollups are made and old rows dropped in the background. */
  constructor(folder: string, log: Log, client: SqliteClient, tend?: Tend) {
    this.#folder = folder
    this.#log = log
    this.#client = Promise.resolve(client)
    this.#tender =
      tend &&
      new Tender({
        ...tend,
        log,
        busy: () => this.#appending > 0,
        tend: async (order) => (await this.#open()).call<Tended>('tend', order),
      })
  }

  async append(records: readonly KeptRecord[]): Promise<readonly AppendOutcome[]> {
    if (records.length === 0) return []
    const client = await this.#open()
    const batch = pack(records)
    this.#appending++
    try {
      return await client.call<AppendOutcome[]>('append', transferred(batch, buffersOf(batch)))
    } finally {
      this.#appending--
    }
  }

  async quarantine(rejected: readonly RejectedRecord[]): Promise<void> {
    if (rejected.length > 0) await (await this.#open()).call('quarantine', rejected)
  }

  async committed(node: string, outbox: string, stream: Stream): Promise<Ranges> {
    return (await this.#open()).call<Ranges>('committed', node, outbox, stream)
  }

  async health(): Promise<StoreHealth> {
    const rows = await (await this.#open()).call<RowHealth>('health')
    return { kind: 'embedded', where: this.#folder, ...rows, ...(await diskHealth(this.#folder)) }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#tender?.stop()
    const client = await this.#client.catch(() => undefined)
    await client?.close()
  }

  /** The thread, opened anew where the last one died: whoever calls again finds the store working again. */
  async #open(): Promise<SqliteClient> {
    if (this.#closed) throw new PlumblineError('STORE_UNAVAILABLE', `${this.#folder}: the store is closed`)
    const current = this.#client
    const client = await current.catch(() => undefined)
    if (client?.alive) return client
    if (this.#client === current) {
      this.#log.warn('series store opened anew', { folder: this.#folder })
      this.#client = openWriterThread(this.#folder)
    }
    return this.#client
  }
}
