/**
 * Ingest: the Sparkplug host application that owns the streams `readings` and `blocks`. Guide to the room: `intake.ts` makes
 * records of messages (`foreign.ts` of nodes without an outbox), `waiting.ts` bounds what is not yet stored,
 * `io/commit-loop.ts` commits it in batches, `acknowledge.ts` says what the edge nodes may then forget, `serving.ts` what
 * STATE says meanwhile, `health.ts` what people must know of it, and `metrics.ts` how it all goes. Of edge nodes ingest keeps nothing: what it has not acknowledged
 * they send again. When foreign nodes were last heard stands in `io/heard-file.ts`.
 */
import { randomUUID } from 'node:crypto'
import type { Site } from '../domain/channel.ts'
import { ingestUser } from '../domain/data-folder.ts'
import { ingestHostId } from '../domain/ids.ts'
import type { AppendOutcome, Clock, ConnectMqtt, Log, SeriesWriter, Service, StoreHealth } from '../domain/ports.ts'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import { instantToMs } from '../domain/time.ts'
import { committedMetric } from '../domain/wire/committed.ts'
import { encodeIngestHealth, ingestHealthTopic } from '../domain/wire/ingest-health.ts'
import { afterMs } from '../runtime/clock.ts'
import { HostApplication } from '../runtime/host-application.ts'
import { MetricsServer } from '../runtime/metrics-server.ts'
import { acknowledgementsOf } from './acknowledge.ts'
import { type Arrival, identityOf } from './arrival.ts'
import { Foreign } from './foreign.ts'
import { HealthReport } from './health.ts'
import { Intake } from './intake.ts'
import { CommitLoop } from './io/commit-loop.ts'
import { HeardFile } from './io/heard-file.ts'
import { readiness, renderMetrics } from './metrics.ts'
import { Serving } from './serving.ts'
import { type IngestStats, Tally } from './tally.ts'
import type { WaitingLimits } from './waiting.ts'

export type IngestOptions = {
  readonly site: Site
  /** `mqtt://host:port` */
  readonly brokerUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly connectMqtt: ConnectMqtt
  /** Opened before and closed after by whoever starts the service; ingest is its only writer. */
  readonly store: SeriesWriter
  readonly password: () => Promise<string>
  /** How much may wait for the store; default `WAITING_MAX`. */
  readonly limits?: WaitingLimits
  /** What one transaction takes; default `BATCH_MAX`. */
  readonly batch?: WaitingLimits
  /** Its data folder, where it is remembered when foreign nodes were last heard; default: it is not. */
  readonly folder?: string
}

/** Everything of the site but commands: all of a node's messages count in its sequence. */
const filtersOf = (site: string): string[] =>
  ['NBIRTH/+', 'NDEATH/+', 'NDATA/+', 'DBIRTH/+/+', 'DDEATH/+/+', 'DDATA/+/+'].map((rest) => `spBv1.0/${site}/${rest}`)

const STOP = { commit_ms: 1_000, disconnect_ms: 1_000 }
/** Devices whose trouble was logged: each once. More names than a site has come only from a foreign hand. */
const TOLD_MAX = 1024
/** Of a reason that is told beyond the store. */
const REASON_MAX = 500

/** How often it is looked whether the store keeps up, and how often it is written when foreign nodes were heard. */
const LOOK_MS = 1_000
const HEARD_MS = 10_000

export class IngestService implements Service {
  readonly name = 'ingest'
  readonly #o: IngestOptions
  readonly #intake: Intake
  #foreign: Foreign
  readonly #heard: HeardFile | undefined
  readonly #loop: CommitLoop
  readonly #host: HostApplication
  readonly #serving = new Serving()
  readonly #metrics: MetricsServer | undefined
  readonly #tally = new Tally()
  readonly #health = new HealthReport(randomUUID())
  #storeHealth: StoreHealth | undefined
  readonly #told = new Set<string>()
  #dropped = 0
  #stopTimers: Array<() => void> = []

  constructor(options: IngestOptions) {
    this.#o = options
    const { site, clock, log, store, limits, batch, folder } = options
    const { site: group, ingest } = site.file
    this.#intake = new Intake(site)
    this.#foreign = this.#foreignNodes()
    if (folder !== undefined && ingest.foreign.length > 0) this.#heard = new HeardFile(folder, log)
    this.#metrics =
      ingest.metrics &&
      new MetricsServer({
        ...ingest.metrics,
        page: () => renderMetrics(this.stats()),
        checks: () => readiness(this.stats()),
        ...(folder !== undefined && { data: folder }),
      })
    this.#loop = new CommitLoop({
      store,
      clock,
      log,
      limits,
      batch,
      onCommitted: (...args) => this.#committed(...args),
    })
    this.#host = new HostApplication({
      hostId: ingestHostId(group),
      group,
      url: options.brokerUrl,
      username: ingestUser(group),
      password: options.password,
      connectMqtt: options.connectMqtt,
      clock,
      log,
      filters: filtersOf(group),
      checkSeq: (node) => this.#intake.has(node) || this.#foreign.allows(node),
      tolerant: (node) => this.#foreign.allows(node),
      onEvent: (event) => this.#take(event),
      onUp: () => this.#up(),
      onDown: () => this.#down(),
    })
  }

  /** @throws PlumblineError PORT_IN_USE, USAGE, DATA_CORRUPT */
  async start(): Promise<void> {
    if (this.#heard !== undefined) this.#foreign = this.#foreignNodes(await this.#heard.read())
    await this.#metrics?.start()
    this.#every(LOOK_MS, async () => this.#look())
    this.#every(LOOK_MS, () => this.#askStore())
    if (this.#heard !== undefined) this.#every(HEARD_MS, () => this.#remember())
    this.#host.start()
  }

  /** What waits is committed and acknowledged first, within its deadline. */
  async stop(): Promise<void> {
    for (const stop of this.#stopTimers.splice(0)) stop()
    await this.#loop.stop(STOP.commit_ms)
    await this.#remember()
    await this.#host.stop(STOP.disconnect_ms)
    await this.#metrics?.stop()
  }

  /** Where the numbers are served, also where port 0 was asked for. */
  get metricsPort(): number | undefined {
    return this.#metrics?.port
  }

  stats(): IngestStats {
    const counts = this.#tally.counts()
    return {
      ...counts,
      up: this.#host.up,
      away: this.#host.away,
      serving: this.#serving.serving,
      dropped: this.#loop.dropped,
      faults: counts.faults + this.#loop.unstorable,
      refusedMessages: this.#host.refused,
      waitingRecords: this.#loop.waitingRecords,
      waitingBytes: this.#loop.waitingBytes,
      oldest_s: this.#loop.oldest_s,
      batches: this.#loop.batches,
      commitTime: this.#loop.commitTime.state(),
      storeFailing: this.#loop.failing,
      foreign: this.#foreign.counts,
      foreignLosses: this.#foreign.losses,
      store: this.#storeHealth,
    }
  }

  #foreignNodes(heard?: ReadonlyMap<string, number>): Foreign {
    const { foreign } = this.#o.site.file.ingest
    return new Foreign({ allowed: foreign, own: new Set(this.#intake.nodes), run: `foreign ${randomUUID()}`, heard })
  }

  #every(period_ms: number, work: () => Promise<void>): void {
    const { clock } = this.#o
    let cancel = () => {}
    let ended = false
    const next = () => {
      cancel = clock.at(afterMs(clock, period_ms), () => {
        const release = clock.hold()
        void work().finally(() => {
          if (!ended) next()
          release()
        })
      })
    }
    next()
    this.#stopTimers.push(() => {
      ended = true
      cancel()
    })
  }

  async #remember(): Promise<void> {
    await this.#heard?.write(this.#foreign.heard())
  }

  #look(): void {
    this.#judge()
    const { clock, site } = this.#o
    const health = this.#host.up ? this.#health.look(this.stats(), clock.now()) : undefined
    if (health !== undefined)
      this.#host.say(ingestHealthTopic(site.file.site), encodeIngestHealth(health)).catch(() => this.#health.forget())
  }

  /** A store that cannot answer shows in its appends. */
  async #askStore(): Promise<void> {
    if (!this.#health.asks(this.#o.clock.now())) return
    const health = await this.#o.store.health().catch(() => undefined)
    if (health === undefined) return
    this.#storeHealth = health
    this.#health.store(health)
  }

  /** A store that does not keep up is told by STATE: edge nodes keep their backlog until it does. */
  #judge(): void {
    const { oldest_s, dropped } = this.#loop
    const overflowed = dropped > this.#dropped
    this.#dropped = dropped
    if (!this.#serving.look({ oldest_s, overflowed }, Number(this.#o.clock.monotonic()) / 1e9)) return
    const { serving } = this.#serving
    this.#host.serve(serving)
    if (serving) this.#o.log.info('the store keeps up again: STATE online, edge nodes send their backlog')
    else
      this.#o.log.warn('the store does not keep up: STATE offline, edge nodes keep their backlog', {
        oldest_s,
        waiting: this.#loop.waitingRecords,
      })
  }

  /** Births say what the data mean: they are asked for wherever they did not come by themselves. */
  #up(): void {
    this.#health.forget()
    for (const node of [...this.#intake.nodes, ...this.#foreign.named])
      if (this.#host.births(node) === undefined) this.#host.requestRebirth(node, 'ingest came up')
  }

  #down(): void {
    this.#intake.forget()
    this.#foreign.sessionEnded()
    this.#tally.sessionEnded()
  }

  #take(event: HostEvent): void {
    this.#tally.event(event)
    if ('node' in event && this.#foreign.allows(event.node)) this.#takeForeign(event)
    else this.#takeOwn(event)
  }

  #takeOwn(event: HostEvent): void {
    const { arrivals, faults, rivals } = this.#intake.take(event)
    for (const arrival of arrivals) this.#loop.offer(arrival)
    this.#tally.faults += faults.length
    for (const { device, why } of faults) this.#tellOnce('fault', device, 'data that name no record; not stored', why)
    if (rivals !== true || event.kind !== 'data') return
    this.#tally.rivals++
    const why = 'each keeps an outbox of its own; all that they send is stored'
    this.#tellOnce('rivals', event.node, 'two gateways go by the name of one node', why)
  }

  #takeForeign(event: HostEvent): void {
    const { clock, log } = this.#o
    const before = this.#foreign.counts
    for (const arrival of this.#foreign.take(event, clock.monotonic(), clock.now())) this.#loop.offer(arrival)
    const { gaps, unstored } = this.#foreign.counts
    if (gaps > before.gaps && 'node' in event)
      log.warn('data of a foreign node are lost', { node: event.node, by: event.kind, gaps: gaps - before.gaps })
    for (const reason of unstored.keys())
      this.#tellOnce('unstored', reason, 'metrics of foreign nodes that are not stored', 'counted by reason')
  }

  #committed(arrivals: readonly Arrival[], outcomes: readonly AppendOutcome[]): void {
    const now = this.#o.clock.now()
    for (const [i, outcome] of outcomes.entries()) {
      const arrival = arrivals[i]!
      this.#tally.committed(arrival, outcome, now)
      if (outcome.kind !== 'quarantined') continue
      const { device } = 'record' in arrival ? arrival.record : arrival.rejected
      this.#health.quarantined({ t_ns: now, device, reason: outcome.reason.slice(0, REASON_MAX) })
      const { node, stream, offset } = identityOf(arrival)
      this.#tellOnce('quarantine', device, `record put into quarantine (${node} ${stream} ${offset})`, outcome.reason)
    }
    // An acknowledgement that is lost is made up for: the edge sends again, and the duplicate is acknowledged.
    for (const { publisher, committed } of acknowledgementsOf(arrivals))
      this.#host.command(publisher, [committedMetric(committed, instantToMs(now))]).catch(() => {})
  }

  /** The first of a device is told; all are counted. */
  #tellOnce(kind: 'fault' | 'quarantine' | 'rivals' | 'unstored', device: string, message: string, why: string): void {
    const key = `${kind} ${device}`
    if (this.#told.has(key) || this.#told.size >= TOLD_MAX) return
    this.#told.add(key)
    this.#o.log.warn(message, { device, why })
  }
}
