/**
 * Ingest: the Sparkplug host application that owns the streams `readings` and `blocks`. Guide to the room: `intake.ts` makes
 * records of messages, `waiting.ts` bounds what is not yet stored, `io/commit-loop.ts` commits it in batches, and
 * `acknowledge.ts` says what the edge nodes may then forget. Ingest keeps nothing of its own: what it has not acknowledged
 * the edge sends again.
 */
import type { Site } from '../domain/channel.ts'
import { ingestUser } from '../domain/data-folder.ts'
import { ingestHostId } from '../domain/ids.ts'
import type { AppendOutcome, Clock, ConnectMqtt, Log, SeriesWriter, Service } from '../domain/ports.ts'
import type { HostEvent } from '../domain/sparkplug/host-session.ts'
import { instantToMs } from '../domain/time.ts'
import { committedMetric } from '../domain/wire/committed.ts'
import { HostApplication } from '../runtime/host-application.ts'
import { acknowledgementsOf } from './acknowledge.ts'
import { type Arrival, identityOf } from './arrival.ts'
import { Intake } from './intake.ts'
import { CommitLoop } from './io/commit-loop.ts'
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
}

export type IngestStats = {
  readonly up: boolean
  /** Outcomes of records since the start. */
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
  /** Not taken because too much waited for the store; the edge sends them again. */
  readonly dropped: number
  /** Device data that name no record, or that nothing could store. */
  readonly faults: number
  readonly refusedMessages: number
  readonly waitingRecords: number
  readonly waitingBytes: number
  readonly batches: number
  /** Error code while the store fails. */
  readonly storeFailing: string | undefined
}

/** Everything of the site but commands: all of a node's messages count in its sequence. */
const filtersOf = (site: string): string[] =>
  ['NBIRTH/+', 'NDEATH/+', 'NDATA/+', 'DBIRTH/+/+', 'DDEATH/+/+', 'DDATA/+/+'].map((rest) => `spBv1.0/${site}/${rest}`)

const STOP = { commit_ms: 1_000, disconnect_ms: 1_000 }
/** Devices whose trouble was logged: each once. More names than a site has come only from a foreign hand. */
const TOLD_MAX = 1024

export class IngestService implements Service {
  readonly name = 'ingest'
  readonly #o: IngestOptions
  readonly #intake: Intake
  readonly #loop: CommitLoop
  readonly #host: HostApplication
  readonly #told = new Set<string>()
  readonly #counts = { stored: 0, duplicate: 0, quarantined: 0 }
  #faults = 0

  constructor(options: IngestOptions) {
    this.#o = options
    const { site, clock, log, store, limits } = options
    const group = site.file.site
    this.#intake = new Intake(site)
    this.#loop = new CommitLoop({ store, clock, log, limits, onCommitted: (...args) => this.#committed(...args) })
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
      checkSeq: () => true,
      onEvent: (event) => this.#take(event),
      onUp: () => this.#up(),
      onDown: () => this.#intake.forget(),
    })
  }

  async start(): Promise<void> {
    this.#host.start()
  }

  /** What waits is committed and acknowledged first, within its deadline. */
  async stop(): Promise<void> {
    await this.#loop.stop(STOP.commit_ms)
    await this.#host.stop(STOP.disconnect_ms)
  }

  stats(): IngestStats {
    return {
      up: this.#host.up,
      ...this.#counts,
      dropped: this.#loop.dropped,
      faults: this.#faults + this.#loop.unstorable,
      refusedMessages: this.#host.refused,
      waitingRecords: this.#loop.waitingRecords,
      waitingBytes: this.#loop.waitingBytes,
      batches: this.#loop.batches,
      storeFailing: this.#loop.failing,
    }
  }

  /** Births say what the data mean: they are asked for wherever they did not come by themselves. */
  #up(): void {
    for (const node of this.#intake.nodes)
      if (this.#host.births(node) === undefined) this.#host.requestRebirth(node, 'ingest came up')
  }

  #take(event: HostEvent): void {
    const { arrivals, faults } = this.#intake.take(event)
    for (const arrival of arrivals) this.#loop.offer(arrival)
    this.#faults += faults.length
    for (const { device, why } of faults) this.#tellOnce('fault', device, 'data that name no record; not stored', why)
  }

  #committed(arrivals: readonly Arrival[], outcomes: readonly AppendOutcome[]): void {
    for (const [i, outcome] of outcomes.entries()) {
      this.#counts[outcome.kind]++
      if (outcome.kind !== 'quarantined') continue
      const arrival = arrivals[i]!
      const { device } = 'record' in arrival ? arrival.record : arrival.rejected
      const { node, stream, offset } = identityOf(arrival)
      this.#tellOnce('quarantine', device, `record put into quarantine (${node} ${stream} ${offset})`, outcome.reason)
    }
    const timestamp = instantToMs(this.#o.clock.now())
    // An acknowledgement that is lost is made up for: the edge sends again, and the duplicate is acknowledged.
    for (const { publisher, committed } of acknowledgementsOf(arrivals))
      this.#host.command(publisher, [committedMetric(committed, timestamp)]).catch(() => {})
  }

  /** The first of a device is told; all are counted. */
  #tellOnce(kind: 'fault' | 'quarantine', device: string, message: string, why: string): void {
    const key = `${kind} ${device}`
    if (this.#told.has(key) || this.#told.size >= TOLD_MAX) return
    this.#told.add(key)
    this.#o.log.warn(message, { device, why })
  }
}
