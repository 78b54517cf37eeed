/**
 * The writing side. A batch goes to InfluxDB first; when it has said 204 the identities go to the state database; then the
 * outcomes are told. A crash in between leaves points without identities, which come again and are written over alike.
 */
import { PlumblineError } from '../../../domain/errors.ts'
import type { AppendOutcome, Clock, Log, SeriesWriter, StoreHealth } from '../../../domain/ports.ts'
import type { KeptRecord, Ranges, RejectedRecord, Stream } from '../../../domain/record.ts'
import type { Monotonic } from '../../../domain/time.ts'
import { afterMs, sleepUntil } from '../../../runtime/clock.ts'
import { openSqlite, type SqliteClient } from '../../../runtime/sqlite-worker.ts'
import { diskHealth } from '../../io/health.ts'
import { commitOf, outcomesOf } from '../outcomes.ts'
import { Planner } from '../plan.ts'
import type { InfluxSettings } from '../settings.ts'
import { type Call, takeBatch } from './call-batch.ts'
import { extremesOf } from './extremes.ts'
import { FactFinder } from './facts.ts'
import { Http, unavailable } from './http.ts'
import { REFUSED_BY_SERVER, sendLines } from './line-sender.ts'
import { prepareStore } from './prepare.ts'
import { Roller } from './roller.ts'

export const STATE_FILE = 'store-state.db'

/** Hours are rolled up once nobody has written to them for so many rounds; a pause lets batches pass. */
const ROLL = { round_ms: 1000, quiet_rounds: 30, pause_ms: 20 }

export const openState = (folder: string, readOnly = false): Promise<SqliteClient> =>
  openSqlite({
    path: `${folder}/${STATE_FILE}`,
    readOnly,
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
  #roller: Roller
  #stopRolling: () => void = () => {}
  #ready: Promise<void> | undefined
  /** One batch after the other: what is new depends on the one before. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #waiting: Call[] = []
  /** Lines that the server refused since it last took a whole batch. */
  #refused = 0
  #notBefore: Monotonic | undefined
  #rollingFails = false
  #closed = false

  constructor(settings: InfluxSettings, folder: string, log: Log, clock: Clock, state: SqliteClient) {
    this.#settings = settings
    this.#folder = folder
    this.#log = log
    this.#clock = clock
    this.#http = new Http(settings)
    this.#state = Promise.resolve(state)
    this.#facts = this.#newFacts()
    this.#roller = new Roller(this.#http, settings)
    this.#nextRound()
  }

  /** Calls that wait for the one under way go together into the next batch; each is answered for itself. */
  append(records: readonly KeptRecord[]): Promise<readonly AppendOutcome[]> {
    if (this.#closed) return Promise.reject(unavailable(`${this.#folder}: the store is closed`))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject })
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#appendWaiting())
    })
  }

  /** Never rejects: what went wrong is told to those whose records it concerns. */
  async #appendWaiting(): Promise<void> {
    const calls = takeBatch(this.#waiting)
    if (this.#waiting.length > 0) void this.#inTurn(() => this.#appendWaiting(), true)
    try {
      const outcomes = [...(await this.#append(calls.flatMap((call) => call.records)))]
      for (const call of calls) call.resolve(outcomes.splice(0, call.records.length))
    } catch (error) {
      for (const call of calls) call.reject(error)
    }
  }

  quarantine(rejected: readonly RejectedRecord[]): Promise<void> {
    return this.#inTurn(async () => {
      if (rejected.length > 0) await (await this.#openState()).call('quarantine', rejected)
    })
  }

  /** Takes over what another store had committed: edge nodes are then told so by this one. */
  adopt(owners: ReadonlyArray<{ node: string; outbox: string; stream: Stream; ranges: Ranges }>): Promise<void> {
    return this.#inTurn(async () => (await this.#openState()).call('adopt', owners))
  }

  async committed(node: string, outbox: string, stream: Stream): Promise<Ranges> {
    if (this.#closed) throw unavailable(`${this.#folder}: the store is closed`)
    return (await this.#openState()).call<Ranges>('committed', node, outbox, stream)
  }

  /** While the server is away it is told all the same, without what only the server knows. */
  async health(): Promise<StoreHealth> {
    const { quarantined } = await (await this.#openState()).call<{ quarantined: number }>('health')
    const { bytes: _, ...disk } = await diskHealth(this.#folder)
    const unknown = { oldest_ns: undefined, newest_ns: undefined }
    const extremes = await extremesOf(this.#http, this.#settings).catch(() => unknown)
    return { kind: 'influxdb', where: this.#http.url, bytes: undefined, ...disk, ...extremes, quarantined }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopRolling()
    let last: unknown
    while (last !== this.#last) {
      last = this.#last
      await last
    }
    this.#http.close()
    const state = await this.#state.catch(() => undefined)
    await state?.close()
  }

  /** Databases and policies are there, or made. @throws PlumblineError INFLUX_CONFIG that says what to run. */
  prepare(): Promise<void> {
    this.#ready ??= prepareStore(this.#http, this.#settings, this.#log).catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  /** Makes all rollups that are behind, hours at rest for `rounds` rounds; with 0 whatever was touched. */
  async rollUp(rounds = 0): Promise<void> {
    const some = (): Promise<number> =>
      this.#inTurn(async () => {
        await this.prepare()
        return this.#roller.roll(await this.#openState(), rounds)
      })
    while ((await some()) > 0) await sleepUntil(this.#clock, afterMs(this.#clock, ROLL.pause_ms))
  }

  #nextRound(): void {
    if (this.#closed) return
    this.#stopRolling = this.#clock.at(afterMs(this.#clock, ROLL.round_ms), () => {
      const release = this.#clock.hold()
      void this.#round().finally(() => {
        release()
        this.#nextRound()
      })
    })
  }

  /** Rollups that cannot be made now are made later: nothing but the speed of long views depends on them. */
  async #round(): Promise<void> {
    try {
      if (await this.#roller.due(await this.#openState(), ROLL.quiet_rounds)) await this.rollUp(ROLL.quiet_rounds)
      if (this.#rollingFails) this.#log.info('rollups are made again', { url: this.#http.url })
      this.#rollingFails = false
    } catch (error) {
      if (this.#closed || this.#rollingFails) return
      this.#rollingFails = true
      this.#log.warn('rollups cannot be made; points are stored all the same', { why: (error as Error).message })
    }
  }

  #inTurn<T>(work: () => Promise<T>, begun = false): Promise<T> {
    if (this.#closed && !begun) return Promise.reject(unavailable(`${this.#folder}: the store is closed`))
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #append(records: readonly KeptRecord[]): Promise<readonly AppendOutcome[]> {
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

  async #store(records: readonly KeptRecord[]): Promise<AppendOutcome[]> {
    const state = await this.#openState()
    const plan = new Planner(this.#settings.site, await this.#facts.find(state, records))
    for (const record of records) plan.add(record)
    await this.#roller.announce(plan.parts.flatMap(({ touched = [] }) => touched))
    await sendLines(this.#http, this.#settings.database, plan.lines)
    const commit = commitOf(records, plan)
    await state.call('commit', commit)
    this.#roller.learn(commit.touched)
    this.#facts.learn(commit.marks, commit.ranges)
    this.#tellRefused(plan)
    return outcomesOf(plan)
  }

  /** Once for a run of batches with bad lines, and once when it has ended. */
  #tellRefused(plan: Planner): void {
    const bad = plan.parts.filter((part) => part.refused?.startsWith(REFUSED_BY_SERVER))
    if (bad.length > 0 && this.#refused === 0)
      this.#log.error('InfluxDB refuses lines; they are in quarantine, the others are stored', {
        url: this.#http.url,
        why: bad[0]!.refused,
      })
    else if (bad.length === 0 && this.#refused > 0)
      this.#log.info('InfluxDB takes all lines again', { url: this.#http.url, quarantined: this.#refused })
    this.#refused = bad.length === 0 ? 0 : this.#refused + bad.length
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
      this.#roller = new Roller(this.#http, this.#settings)
    }
    return this.#state
  }

  #newFacts(): FactFinder {
    return new FactFinder(this.#http, this.#settings.database, this.#settings.site)
  }
}
