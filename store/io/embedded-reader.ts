/** The reading side of the embedded store. It opens at the first question, and again after it was away: the writer may come later. */
import { access } from 'node:fs/promises'
import { type ErrorCode, invariant, PlumblineError } from '../../domain/errors.ts'
import type {
  LatestReading,
  Log,
  SeriesColumn,
  SeriesReader,
  StoredBlock,
  StoredGap,
  StoreHealth,
} from '../../domain/ports.ts'
import type { Instant } from '../../domain/time.ts'
import { openSqlite, type SqliteClient } from '../../runtime/sqlite-worker.ts'
import { seriesFiles } from '../files.ts'
import { axesOf } from '../packed.ts'
import { diskHealth, type RowHealth } from './health.ts'
import { type FoundLatest, unpackLatest } from './latest.ts'
import type { FoundBlocks } from './read-program.ts'

const COLUMNS_MAX = 10_000
const READINGS_MAX = 1_000_000

export class EmbeddedReader implements SeriesReader {
  readonly #folder: string
  readonly #log: Log
  #client: Promise<SqliteClient> | undefined
  #away: ErrorCode | undefined
  #closed = false

  constructor(folder: string, log: Log) {
    this.#folder = folder
    this.#log = log
  }

  async latest(): Promise<readonly LatestReading[]> {
    return unpackLatest(await this.#ask<FoundLatest>('latest'))
  }

  async series(
    channel: string,
    from: Instant,
    to: Instant,
    points: number,
    signal?: AbortSignal,
  ): Promise<readonly SeriesColumn[]> {
    invariant(
      Number.isInteger(points) && points >= 1 && points <= COLUMNS_MAX,
      `points from 1 to ${COLUMNS_MAX}: ${points}`,
    )
    if (to <= from) return []
    return this.#askUntil(signal, 'series', channel, from, to, points)
  }

  async readings(channel: string, from: Instant, to: Instant, limit: number): Promise<readonly LatestReading[]> {
    invariant(
      Number.isInteger(limit) && limit >= 0 && limit <= READINGS_MAX,
      `limit from 0 to ${READINGS_MAX}: ${limit}`,
    )
    return this.#ask('readings', channel, from, to, limit)
  }

  async blocks(
    device: string,
    group: string,
    from: Instant,
    to: Instant,
    signal?: AbortSignal,
  ): Promise<readonly StoredBlock[]> {
    const { blocks, samples } = await this.#askUntil<FoundBlocks>(signal, 'blocks', device, group, from, to)
    return blocks.map(({ n, axes, at, wide, ...block }) => {
      const names = axesOf(axes)
      const samplesOf = (place: number) =>
        wide ? new Int32Array(samples, at + place * n * 4, n) : new Int16Array(samples, at + place * n * 2, n)
      return { ...block, device, group, axes: names.map((axis, i) => ({ axis, samples: samplesOf(i) })) }
    })
  }

  gaps(from: Instant, to: Instant, signal?: AbortSignal): Promise<readonly StoredGap[]> {
    return this.#askUntil(signal, 'gaps', from, to)
  }

  async health(): Promise<StoreHealth> {
    const rows = await this.#ask<RowHealth>('health')
    return { kind: 'embedded', where: this.#folder, ...rows, ...(await diskHealth(this.#folder)) }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#client !== undefined) await this.#drop(this.#client)
  }

  #ask<T>(name: string, ...args: unknown[]): Promise<T> {
    return this.#askUntil(undefined, name, ...args)
  }

  async #askUntil<T>(signal: AbortSignal | undefined, name: string, ...args: unknown[]): Promise<T> {
    if (this.#closed) throw new PlumblineError('STORE_UNAVAILABLE', `${this.#folder}: the reader is closed`)
    this.#client ??= this.#open()
    const asked = this.#client
    try {
      const answer = await (await asked).callUntil<T>(signal, name, ...args)
      this.#tell(undefined)
      return answer
    } catch (error) {
      const code = error instanceof PlumblineError ? error.code : 'BUG'
      if (code === 'STORE_UNAVAILABLE' || code === 'DATA_CORRUPT') {
        await this.#drop(asked)
        this.#tell(code, error)
      }
      throw error
    }
  }

  /** A missing file is found here, so that asking again costs no thread. */
  async #open(): Promise<SqliteClient> {
    const { path, attach } = seriesFiles(this.#folder)
    for (const file of [path, ...Object.values(attach)])
      await access(file).catch((cause: unknown) => {
        throw new PlumblineError('STORE_UNAVAILABLE', `${file} is not there`, { cause })
      })
    const program = new URL('./read-program.ts', import.meta.url)
    return openSqlite({ path, attach, readOnly: true, synchronous: 'NORMAL', program })
  }

  async #drop(client: Promise<SqliteClient>): Promise<void> {
    if (this.#client === client) this.#client = undefined
    await client.then(
      (opened) => opened.close(),
      () => undefined,
    )
  }

  #tell(code: ErrorCode | undefined, error?: unknown): void {
    if (code === this.#away || this.#closed) return
    this.#away = code
    if (code === undefined) this.#log.info('series store is there', { folder: this.#folder })
    else this.#log.warn('series store is away', { code, why: (error as Error).message })
  }
}
