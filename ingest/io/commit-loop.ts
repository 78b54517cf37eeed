/**
 * Brings what waits into the store, one transaction at a time, and tells what was committed. While the store fails nothing
 * is told, and the same batch is tried again with back-off; a record that alone makes a batch fail is put aside.
 */
import { type ErrorCode, PlumblineError } from '../../domain/errors.ts'
import type { AppendOutcome, Clock, Log, SeriesWriter } from '../../domain/ports.ts'
import type { KeptRecord, RejectedRecord } from '../../domain/record.ts'
import { afterMs, sleepUntil } from '../../runtime/clock.ts'
import { Histogram } from '../../runtime/prometheus.ts'
import { type Arrival, bodyJson, rejectedArrival } from '../arrival.ts'
import { Waiting, type WaitingLimits } from '../waiting.ts'

export type CommitLoopOptions = {
  readonly store: SeriesWriter
  readonly clock: Clock
  readonly log: Log
  /** Committed durably, one outcome for each. */
  readonly onCommitted: (arrivals: readonly Arrival[], outcomes: readonly AppendOutcome[]) => void
  readonly limits?: WaitingLimits
  /** What one transaction takes; default `BATCH_MAX`. */
  readonly batch?: WaitingLimits
}

/**
 * How long a record waits for others to share its transaction: ten times what the last one took. A transaction writes the
 * page of each channel that it touches, however few readings of it there are, so that under load fewer and larger ones
 * store more (research: limits.md 1).
 */
const GATHER = { least_ms: 50, most_ms: 500, factor: 10 } as const
const COMMIT_BOUNDS_S = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30] as const
/** A store that is back is used again within `most`. */
const RETRY_MS = { first: 250, most: 2_000 }

export class CommitLoop {
  readonly #o: CommitLoopOptions
  readonly #waiting: Waiting
  #running: Promise<void> | undefined
  #cancelGather: (() => void) | undefined
  #stopping = false
  #gaveUp = false
  /** Ends the wait before the next attempt. */
  readonly #hurry = new AbortController()
  #failing: ErrorCode | undefined
  #failures = 0
  #overflowing = 0
  /** Among so many of the oldest is one that made a batch fail for a reason of its own: it is found by halving. */
  #suspects = 0
  #gather_ms: number = GATHER.least_ms
  /** Records not taken because the memory was full, and those that no transaction accepts. */
  dropped = 0
  unstorable = 0
  batches = 0
  /** Duration of transactions that succeeded. */
  readonly commitTime = new Histogram(COMMIT_BOUNDS_S)

  constructor(options: CommitLoopOptions) {
    this.#o = options
    this.#waiting = new Waiting(options.limits, options.batch)
  }

  get waitingRecords(): number {
    return this.#waiting.records
  }
  get waitingBytes(): number {
    return this.#waiting.bytes
  }
  /** Age of the oldest record that waits [s]; 0 where none does. */
  get oldest_s(): number {
    const since = this.#waiting.since
    return since === undefined ? 0 : Number(this.#o.clock.monotonic() - since) / 1e9
  }
  /** Why nothing is being committed now. */
  get failing(): ErrorCode | undefined {
    return this.#failing
  }

  offer(arrival: Arrival): void {
    if (this.#stopping) return
    if (!this.#waiting.offer(arrival, this.#o.clock.monotonic())) {
      if (this.#overflowing === 0)
        this.#o.log.warn('more waits for the store than memory allows; not taken, edge nodes send it again', {
          records: this.#waiting.records,
          bytes: this.#waiting.bytes,
        })
      this.#overflowing++
      this.dropped++
      return
    }
    this.#wake()
  }

  /** Commits what waits, or tries once more where the store fails; what is left at the deadline was never acknowledged. */
  async stop(deadline_ms: number): Promise<void> {
    this.#stopping = true
    this.#hurry.abort()
    this.#start()
    const { clock } = this.#o
    const done = new AbortController()
    const deadline = sleepUntil(clock, afterMs(clock, deadline_ms), done.signal)
    await Promise.race([this.#running, deadline])
    this.#gaveUp = true
    done.abort()
  }

  #wake(): void {
    if (this.#running !== undefined) return
    if (this.#waiting.batchReady) this.#start()
    else this.#cancelGather ??= this.#o.clock.at(afterMs(this.#o.clock, this.#gather_ms), () => this.#start())
  }

  #start(): void {
    this.#cancelGather?.()
    this.#cancelGather = undefined
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#waiting.records > 0 && !this.#stopping) this.#wake()
    })
  }

  /** Until nothing waits, or only what may wait for others to come. */
  async #run(): Promise<void> {
    while (this.#waiting.records > 0 && !this.#gaveUp) {
      const release = this.#o.clock.hold()
      const done = await this.#commitHead().finally(release)
      if (done && !(this.#stopping || this.#suspects > 0 || this.#waiting.batchReady)) return
      if (done) continue
      if (this.#stopping) return
      await sleepUntil(this.#o.clock, afterMs(this.#o.clock, this.#retry_ms()), this.#hurry.signal)
    }
  }

  #retry_ms(): number {
    return Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(10, this.#failures - 1))
  }

  /** False where the store fails and the same is to be tried again later. */
  async #commitHead(): Promise<boolean> {
    const head = this.#waiting.head(this.#suspects > 0 ? Math.ceil(this.#suspects / 2) : undefined)
    let outcomes: AppendOutcome[]
    const begun = this.#o.clock.monotonic()
    try {
      outcomes = await this.#commit(head)
    } catch (error) {
      if (error instanceof PlumblineError && error.fault === 'operating') {
        this.#fails(error)
        return false
      }
      this.#refused(head, error as Error)
      return true
    }
    this.#waiting.drop(head.length)
    this.#suspects = Math.max(0, this.#suspects - head.length)
    this.batches++
    const took_s = Number(this.#o.clock.monotonic() - begun) / 1e9
    this.commitTime.add(took_s)
    this.#gather_ms = Math.min(GATHER.most_ms, Math.max(GATHER.least_ms, GATHER.factor * 1000 * took_s))
    this.#works()
    this.#o.onCommitted(head, outcomes)
    return true
  }

  /** Both transactions, then one outcome for each. What is committed of them twice is a duplicate the second time. */
  async #commit(head: readonly Arrival[]): Promise<AppendOutcome[]> {
    const { store } = this.#o
    const records: KeptRecord[] = []
    const rejected: RejectedRecord[] = []
    for (const arrival of head) {
      if ('record' in arrival) records.push(arrival.record)
      else rejected.push(arrival.rejected)
    }
    const outcomes = records.length > 0 ? [...(await store.append(records))] : []
    if (rejected.length > 0) await store.quarantine(rejected)
    return head.map((arrival) =>
      'record' in arrival ? outcomes.shift()! : { kind: 'quarantined', reason: arrival.rejected.reason },
    )
  }

  /** The store works but not with these: halved until the one is found; that one goes to quarantine. */
  #refused(head: readonly Arrival[], error: Error): void {
    const [arrival] = head
    if (arrival === undefined || head.length > 1) {
      this.#suspects = head.length
      return
    }
    if ('record' in arrival) {
      const { identity, device, exercise } = arrival.record
      const reason = `the store refused it: ${error.message}`
      const rejected = { identity, device, exercise, reason, body: bodyJson(arrival.record) }
      const { foreign } = arrival
      const aside = { ...rejectedArrival(arrival.publisher, rejected), unaccepted: true, ...(foreign && { foreign }) }
      this.#waiting.replaceFirst(aside)
      return
    }
    if (this.unstorable === 0)
      this.#o.log.error('a record can be neither stored nor put aside; it is not acknowledged', { why: error.message })
    this.unstorable++
    this.#waiting.drop(1)
    this.#suspects = Math.max(0, this.#suspects - 1)
  }

  #fails(error: PlumblineError): void {
    this.#failures++
    if (this.#failing === error.code) return
    this.#failing = error.code
    this.#o.log.error('the store fails; nothing is acknowledged until it works', {
      code: error.code,
      why: error.message,
    })
  }

  #works(): void {
    const { log } = this.#o
    if (this.#failing !== undefined) log.info('the store works again', { attempts: this.#failures + 1 })
    this.#failing = undefined
    this.#failures = 0
    if (this.#overflowing > 0)
      log.info('what waits for the store fits into memory again', { notTaken: this.#overflowing })
    this.#overflowing = 0
  }
}
