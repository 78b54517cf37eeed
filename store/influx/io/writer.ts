/**
 * The writing side. A batch goes to InfluxDB first; when it has said 204 the identities go to the state database; then the
 * outcomes are told. A crash in between leaves points without identities, which come again and are written over alike.
 */
import { PlumblineError } from '../../../domain/errors.ts'
import type { AppendOutcome, Clock, Log, SeriesWriter } from '../../../domain/ports.ts'
import { addRange } from '../../../domain/ranges.ts'
import type { DeviceRecord, Ranges, RejectedRecord, Stream } from '../../../domain/record.ts'
import { INFLUX_POLICY, influxDatabase } from '../../../domain/series.ts'
import type { Monotonic } from '../../../domain/time.ts'
import { afterMs } from '../../../runtime/clock.ts'
import { openSqlite, type SqliteClient } from '../../../runtime/sqlite-worker.ts'
import { type Part, Planner } from '../plan.ts'
import { bucketName, creationOf, type InfluxSettings, TARGETS } from '../settings.ts'
import type { Commit } from '../state.ts'
import { FactFinder } from './facts.ts'
import { Http, unavailable } from './http.ts'
import { sendLines } from './line-sender.ts'

export const STATE_FILE = 'store-state.db'

export const openState = (folder: string): Promise<SqliteClient> =>
  openSqlite({
    path: `${folder}/${STATE_FILE}`,
    synchronous: 'FULL',
    program: new URL('./state-program.ts', import.meta.url),
  })

export class InfluxWriter implements SeriesWriter {
  readonly #settings: InfluxSettings
  readonly #folder: string
  readonly #log: Log
  readonly #clock: Clock
  readonly #http: Http
  #state: Promise<SqliteClient>
  #facts: FactFinder
  #ready: Promise<void> | undefined
  /** One batch after the other: what is new depends on the one before. */
  #last: Promise<unknown> = Promise.resolve()
  #notBefore: Monotonic | undefined
  #closed = false

  constructor(settings: InfluxSettings, folder: string, log: Log, clock: Clock, state: SqliteClient) {
    this.#settings = settings
    this.#folder = folder
    this.#log = log
    this.#clock = clock
    this.#http = new Http(settings)
    this.#state = Promise.resolve(state)
    this.#facts = this.#newFacts()
  }

  append(records: readonly DeviceRecord[]): Promise<readonly AppendOutcome[]> {
    return this.#inTurn(() => this.#append(records))
  }

  quarantine(rejected: readonly RejectedRecord[]): Promise<void> {
    return this.#inTurn(async () => {
      if (rejected.length > 0) await (await this.#openState()).call('quarantine', rejected)
    })
  }

  async committed(node: string, outbox: string, stream: Stream): Promise<Ranges> {
    if (this.#closed) throw unavailable(`${this.#folder}: the store is closed`)
    return (await this.#openState()).call<Ranges>('committed', node, outbox, stream)
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#last
    this.#http.close()
    const state = await this.#state.catch(() => undefined)
    await state?.close()
  }

  /** Databases and policies are there, or made. @throws PlumblineError STORE_UNAVAILABLE that says what to run. */
  prepare(): Promise<void> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(unavailable(`${this.#folder}: the store is closed`))
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #append(records: readonly DeviceRecord[]): Promise<readonly AppendOutcome[]> {
    if (records.length === 0) return []
    if (this.#notBefore !== undefined && this.#clock.monotonic() < this.#notBefore)
      throw unavailable(`${this.#http.url} asked to be left alone for a while`)
    this.#notBefore = undefined
    try {
      await this.prepare()
      return await this.#store(records)
    } catch (error) {
      // The database may have been dropped, or the server replaced: look again.
      if (error instanceof PlumblineError) this.#ready = undefined
      if (this.#http.retryAfter_s > 0) this.#notBefore = afterMs(this.#clock, this.#http.retryAfter_s * 1000)
      this.#http.retryAfter_s = 0
      throw error
    }
  }

  async #store(records: readonly DeviceRecord[]): Promise<AppendOutcome[]> {
    const state = await this.#openState()
    const plan = new Planner(this.#settings.site, await this.#facts.find(state, records))
    for (const record of records) plan.add(record)
    await sendLines(this.#http, this.#settings.database, plan.lines)
    const commit = commitOf(records, plan)
    await state.call('commit', commit)
    this.#facts.learn(commit.marks, commit.ranges)
    return outcomesOf(plan)
  }

  async #prepare(): Promise<void> {
    const { database } = this.#settings
    const dialect = await this.#http.dialect()
    if (dialect === 'v3') return this.#createV3()
    for (const kind of ['real', 'exercise'] as const) {
      if (await this.#isThere(influxDatabase(database, kind)).catch(this.#forbidden)) continue
      if (dialect === 'v2') {
        const buckets = TARGETS.map(
          (target) => `influx bucket create --name ${bucketName(database, target)} --retention 0`,
        )
        throw unavailable(`${this.#http.url} has no bucket for the series; run: ${buckets.join('; ')}`)
      }
      await this.#create(creationOf(database, kind))
    }
  }

  /** Both policies: asked as any reader would, so that the right to make databases is not needed once they are there. */
  async #isThere(database: string): Promise<boolean> {
    const [{ lasting, raw }, missing] = [
      INFLUX_POLICY,
      /database is not found|database not found|retention policy not found|bucket .*not found|dbrp/i,
    ]
    try {
      await this.#http.query(
        database,
        [lasting, raw].map((policy) => `SELECT * FROM "${policy}"."reading" LIMIT 1`),
      )
      return true
    } catch (error) {
      if (missing.test((error as Error).message)) return false
      throw error
    }
  }

  /** 1.x answers so also where the database is not there. */
  readonly #forbidden = (error: unknown): never => {
    const { message } = error as Error
    if (!message.includes('answered 403')) throw error
    const { database, user = 'USER' } = this.#settings
    const names = (['real', 'exercise'] as const).map((kind) => influxDatabase(database, kind))
    const grants = names.map((name) => `GRANT ALL ON "${name}" TO "${user}"`)
    const made = (['real', 'exercise'] as const).flatMap((kind) => creationOf(database, kind))
    throw unavailable(`${message.replace('STORE_UNAVAILABLE: ', '')}; ${asAdministrator([...made, ...grants])}`, error)
  }

  /** 3.x makes a database when it is written to, but a question before that fails. */
  async #createV3(): Promise<void> {
    for (const target of TARGETS) {
      const name = bucketName(this.#settings.database, target)
      try {
        if (await this.#http.createV3Database(name)) this.#log.info('made a database of the series', { name })
      } catch (error) {
        const { message } = error as Error
        throw unavailable(
          `${message.replace('STORE_UNAVAILABLE: ', '')}; run: influxdb3 create database ${name}`,
          error,
        )
      }
    }
  }

  async #create(statements: readonly string[]): Promise<void> {
    try {
      await this.#http.query(this.#settings.database, statements)
    } catch (error) {
      const { message } = error as Error
      throw unavailable(`${message.replace('STORE_UNAVAILABLE: ', '')}; ${asAdministrator(statements)}`, error)
    }
    this.#log.info('made the database of the series', { url: this.#http.url, statements })
  }

  /** The thread, opened anew where the last one died; what was remembered of its file is asked again. */
  async #openState(): Promise<SqliteClient> {
    const current = this.#state
    const client = await current.catch(() => undefined)
    if (client?.alive) return client
    if (this.#state === current) {
      this.#log.warn('store state opened anew', { folder: this.#folder })
      this.#state = openState(this.#folder)
      this.#facts = this.#newFacts()
    }
    return this.#state
  }

  #newFacts(): FactFinder {
    return new FactFinder(this.#http, this.#settings.database, this.#settings.site)
  }
}

const asAdministrator = (statements: readonly string[]): string =>
  `as an administrator run: ${statements.map((one) => `influx -execute '${one}'`).join('; ')}`

function commitOf(records: readonly DeviceRecord[], plan: Planner): Commit {
  const marks = new Map<string, bigint>()
  const ranges = new Map<string, Ranges>()
  const gaps: Commit['gaps'][number][] = []
  const refused: RejectedRecord[] = []
  for (const part of plan.parts) {
    if (part.refused !== undefined) {
      const { identity, device, exercise } = records[part.record]!
      refused.push({ identity, device, exercise, reason: part.refused, body: part.body() })
      continue
    }
    if (part.mark !== undefined) {
      const [owner, newest_ns] = part.mark
      if (newest_ns > (marks.get(owner) ?? -(2n ** 63n))) marks.set(owner, newest_ns)
    }
    if (part.range !== undefined) {
      const [owner, { first, n }] = part.range
      ranges.set(owner, addRange(ranges.get(owner) ?? [], first, first + n - 1))
    }
    if (part.gap !== undefined) gaps.push(part.gap)
  }
  const identities = records.filter((_, i) => !plan.records[i]!.known).map((record) => record.identity)
  return { identities, marks: [...marks], ranges: [...ranges], gaps, refused }
}

function outcomesOf({ records, parts }: Planner): AppendOutcome[] {
  const refused = new Map<number, Part[]>()
  for (const part of parts)
    if (part.refused !== undefined) refused.set(part.record, [...(refused.get(part.record) ?? []), part])
  return records.map(({ known, stored, same }, i) => {
    const [first, ...rest] = refused.get(i) ?? []
    if (first !== undefined)
      return {
        kind: 'quarantined',
        reason: rest.length === 0 ? first.refused! : `${first.refused} (and ${rest.length} more)`,
      }
    return { kind: known || (stored === 0 && same > 0) ? 'duplicate' : 'stored' }
  })
}
