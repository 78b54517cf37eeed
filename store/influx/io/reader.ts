/** The reading side: questions to both databases, answered as the embedded store answers them. */
import { type ErrorCode, invariant, PlumblineError } from '../../../domain/errors.ts'
import { splitChannel } from '../../../domain/ids.ts'
import type {
  LatestReading,
  Log,
  SeriesColumn,
  SeriesReader,
  StoredBlock,
  StoredGap,
  StoreHealth,
} from '../../../domain/ports.ts'
import { influxDatabase, type SeriesKind } from '../../../domain/series.ts'
import type { Instant } from '../../../domain/time.ts'
import { SERIES_KINDS } from '../../files.ts'
import { blocksIn, gapOf, readingOf } from '../answers.ts'
import { Queries } from '../queries.ts'
import type { Answer } from '../results.ts'
import type { InfluxSettings } from '../settings.ts'
import { askColumns, type Source } from './columns.ts'
import { extremesOf } from './extremes.ts'
import { Http, unavailable } from './http.ts'

const COLUMNS_MAX = 10_000
const READINGS_MAX = 1_000_000

export class InfluxReader implements SeriesReader {
  readonly #settings: InfluxSettings
  readonly #log: Log
  readonly #http: Http
  readonly #queries: Queries
  #known: Promise<void> | undefined
  #away: ErrorCode | undefined
  #closed = false

  constructor(settings: InfluxSettings, log: Log) {
    this.#settings = settings
    this.#log = log
    this.#http = new Http(settings)
    this.#queries = new Queries(settings.site)
  }

  async latest(): Promise<readonly LatestReading[]> {
    const newest = new Map<string, LatestReading>()
    for (const kind of SERIES_KINDS) {
      const [rows] = await this.#ask(kind, this.#queries.latest())
      for (const row of rows!) {
        const reading = readingOf(row, row.tags['channel'] ?? '', kind)
        const known = newest.get(reading.channel)
        if (known === undefined || reading.t_ns > known.t_ns) newest.set(reading.channel, reading)
      }
    }
    return [...newest.values()]
  }

  async series(
    channel: string,
    from: Instant,
    to: Instant,
    points: number,
    signal?: AbortSignal,
  ): Promise<readonly SeriesColumn[]> {
    inBounds('points', points, 1, COLUMNS_MAX)
    if (to <= from) return []
    const columns = (kind: SeriesKind, source: Source) =>
      askColumns((statements) => this.#askUntil(signal, kind, statements), this.#queries, source, { from, to }, points)
    const readings = await this.#newest(this.#queries.newestReading(channel), signal)
    if (readings !== undefined) return columns(readings, { channel })
    const { device, metric } = splitChannel(channel)
    const slash = metric.indexOf('/')
    const group = { device, group: metric.slice(0, slash) }
    const blocks = slash < 0 ? undefined : await this.#newest(this.#queries.newestSample(group), signal)
    // What the server no longer keeps lives on in its rollups.
    const kind = blocks ?? (await this.#newest(this.#queries.newestRollup(channel), signal))
    if (kind === undefined) return []
    return columns(kind, slash < 0 ? { channel } : { channel, axis: [group, metric.slice(slash + 1)] })
  }

  async readings(channel: string, from: Instant, to: Instant, limit: number): Promise<readonly LatestReading[]> {
    inBounds('limit', limit, 0, READINGS_MAX)
    if (limit === 0 || to <= from) return []
    const all = await this.#both(this.#queries.readings(channel, from, to, limit), (rows, kind) =>
      rows.map((row) => readingOf(row, channel, kind)),
    )
    return all.sort(byInstant((reading) => reading.t_ns)).slice(0, limit)
  }

  async blocks(
    device: string,
    group: string,
    from: Instant,
    to: Instant,
    signal?: AbortSignal,
  ): Promise<readonly StoredBlock[]> {
    if (to <= from) return []
    const all = await this.#both(
      this.#queries.blocks({ device, group }, from, to),
      (rows, kind) => blocksIn(rows, { device, group }, kind),
      signal,
    )
    return all.sort(byInstant((block) => block.t0_ns))
  }

  async gaps(from: Instant, to: Instant, signal?: AbortSignal): Promise<readonly StoredGap[]> {
    const all = await this.#both(
      this.#queries.gaps(from, to),
      (rows, kind) =>
        rows
          .map((row) => gapOf(row, kind))
          .filter((gap) => gap.from_ns < to && (gap.to_ns > from || gap.from_ns >= from)),
      signal,
    )
    return all.sort(byInstant((gap) => gap.from_ns))
  }

  /** Bytes are the server's own affair; the quarantine and the last backup stand on ingest's machine. */
  async health(): Promise<StoreHealth> {
    await this.#ask('real', this.#queries.newest('reading'))
    const extremes = await extremesOf(this.#http, this.#settings)
    const unknown = { bytes: undefined, free_bytes: undefined, quarantined: undefined, last_backup_ns: undefined }
    return { kind: 'influxdb', where: this.#http.url, ...unknown, ...extremes }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#http.close()
  }

  async #both<T>(query: string, take: (rows: Answer, kind: SeriesKind) => T[], signal?: AbortSignal): Promise<T[]> {
    const out: T[] = []
    for (const kind of SERIES_KINDS) out.push(...take((await this.#askUntil(signal, kind, [query]))[0]!, kind))
    return out
  }

  /** The database that holds the newest; the real one where both are equal. */
  async #newest(query: string, signal?: AbortSignal): Promise<SeriesKind | undefined> {
    let best: { kind: SeriesKind; at: Instant } | undefined
    for (const kind of SERIES_KINDS) {
      const at = (await this.#askUntil(signal, kind, [query]))[0]![0]?.t_ns
      if (at !== undefined && (best === undefined || at > best.at)) best = { kind, at }
    }
    return best?.kind
  }

  #ask(kind: SeriesKind, statement: string): Promise<Answer[]> {
    return this.#askUntil(undefined, kind, [statement])
  }

  async #askUntil(signal: AbortSignal | undefined, kind: SeriesKind, statements: readonly string[]): Promise<Answer[]> {
    signal?.throwIfAborted()
    if (this.#closed) throw unavailable(`${this.#http.url}: the reader is closed`)
    try {
      // Something else at this address (VictoriaMetrics) answers every question, and wrongly.
      this.#known ??= this.#http.dialect().then(() => undefined)
      await this.#known
      const answers = await this.#http.query(influxDatabase(this.#settings.database, kind), statements, signal)
      this.#tell(undefined)
      return statements.map((_, i) => answers[i] ?? [])
    } catch (error) {
      signal?.throwIfAborted()
      this.#known = undefined
      this.#tell(error instanceof PlumblineError ? error.code : 'BUG', error)
      throw error
    }
  }

  #tell(code: ErrorCode | undefined, error?: unknown): void {
    if (code === this.#away || this.#closed) return
    this.#away = code
    if (code === undefined) this.#log.info('series store is there', { url: this.#http.url })
    else this.#log.warn('series store is away', { code, why: (error as Error).message })
  }
}

const inBounds = (what: string, n: number, from: number, to: number): void =>
  invariant(Number.isInteger(n) && n >= from && n <= to, `${what} from ${from} to ${to}: ${n}`)

const byInstant =
  <T>(of: (item: T) => bigint) =>
  (a: T, b: T): number => {
    const [x, y] = [of(a), of(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }
