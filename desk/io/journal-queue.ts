/**
 * What has been decided and must become durable: entries in their order, the alarms they changed, and the records that
 * may be acknowledged to the edge once they are written. While the journal cannot be written everything waits here.
 */
import type { JournalEntryJson } from '../../domain/alarm.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { addRange } from '../../domain/ranges.ts'
import type { Identity, Ranges } from '../../domain/record.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { Alarm, NewEntry } from '../alarm.ts'
import type { AlarmSnapshot, Journal } from './journal.ts'

export type JournalQueueOptions = {
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  /** Durable. */
  readonly onEntry: (entry: JournalEntryJson) => void
  /** Decided, and not durable because the journal is away; the same ones again and again until they are. */
  readonly onWaiting?: (entries: readonly NewEntry[]) => void
  /** The records with these offsets are committed: tell the edge. */
  readonly onCommitted: (node: string, outbox: string, ranges: Ranges) => void
  /** The journal can be written again; births that came meanwhile were perhaps not kept. */
  readonly onRecovered: () => void
  /** Time to call `flush()` again. */
  readonly onRetry: () => void
}

const RETRY_MS = 5_000

export class JournalQueue {
  readonly #o: JournalQueueOptions
  #entries: NewEntry[] = []
  /** Newest state of each alarm whose entries wait. */
  readonly #changed = new Map<string, Alarm>()
  readonly #commits = new Map<string, { node: string; outbox: string; ranges: Ranges }>()
  #away: string | undefined
  #cancelRetry: (() => void) | undefined
  #stopped = false
  #lastSeq = 0
  #lastHash = ''

  constructor(options: JournalQueueOptions) {
    this.#o = options
  }

  /** Why the journal cannot be written, if it cannot. */
  get away(): string | undefined {
    return this.#away
  }
  /** Row number of the newest entry. */
  get lastSeq(): number {
    return this.#lastSeq
  }
  get lastHash(): string {
    return this.#lastHash
  }
  /** Entries that wait. */
  get waiting(): number {
    return this.#entries.length
  }

  async start(): Promise<readonly Alarm[]> {
    const [last] = await this.#o.journal.entries(undefined, 1)
    this.#lastSeq = last?.seq ?? 0
    this.#lastHash = last?.hash ?? ''
    return (await this.#o.journal.alarms()).map(({ body }) => JSON.parse(body) as Alarm)
  }

  stop(): void {
    this.#stopped = true
    this.#cancelRetry?.()
    if (this.#entries.length > 0)
      this.#o.log.error('stopped with alarm entries that could not be journalled; the edge still has the records', {
        entries: this.#entries.length,
      })
  }

  add(entries: readonly NewEntry[], alarm?: Alarm): void {
    this.#entries.push(...entries)
    if (alarm !== undefined) this.#changed.set(alarm.id, alarm)
  }

  /** To be acknowledged with the next `flush()` that succeeds; also where the record brought nothing new. */
  commit({ node, outbox, offset }: Identity): void {
    const key = JSON.stringify([node, outbox])
    const ranges = this.#commits.get(key)?.ranges ?? []
    this.#commits.set(key, { node, outbox, ranges: addRange(ranges, offset, offset) })
  }

  /**
   * Writes what waits; `undefined` when it is durable, else why it is not. What is added meanwhile waits for the next one.
   * Never called twice at a time.
   */
  async flush(): Promise<string | undefined> {
    const [entries, changed, commits] = [this.#entries, [...this.#changed], [...this.#commits]]
    if (entries.length > 0) {
      this.#entries = []
      const away = await this.write(
        entries,
        changed.map(([, alarm]) => alarm),
      )
      if (away !== undefined) {
        this.#entries = [...entries, ...this.#entries]
        this.#o.onWaiting?.(this.#entries)
        return away
      }
      for (const [id, alarm] of changed) if (this.#changed.get(id) === alarm) this.#changed.delete(id)
    }
    for (const [key, commit] of commits) {
      this.#o.onCommitted(commit.node, commit.outbox, commit.ranges)
      if (this.#commits.get(key) === commit) this.#commits.delete(key)
    }
    return undefined
  }

  /** One transaction beside what waits: it is done, or it is not and leaves nothing behind. */
  async write(entries: readonly NewEntry[], alarms: readonly Alarm[]): Promise<string | undefined> {
    const snapshots = alarms.map((alarm): AlarmSnapshot => ({ id: alarm.id, body: JSON.stringify(alarm) }))
    try {
      const rows = await this.#o.journal.append(entries, snapshots)
      this.#lastSeq = rows.at(-1)?.seq ?? this.#lastSeq
      this.#lastHash = rows.at(-1)?.hash ?? this.#lastHash
      this.#recovered()
      for (const row of rows) this.#o.onEntry(row)
      return undefined
    } catch (error) {
      return this.#failed(error)
    }
  }

  #failed(error: unknown): string {
    const why = error instanceof PlumblineError ? error.message : String(error)
    const { clock, log } = this.#o
    if (this.#away === undefined)
      log.error('the journal cannot be written; nothing is acknowledged to the edge nodes meanwhile', { why })
    this.#away = why
    if (this.#stopped || this.#cancelRetry !== undefined) return why
    this.#cancelRetry = clock.at(afterMs(clock, RETRY_MS), () => {
      this.#cancelRetry = undefined
      this.#o.onRetry()
    })
    return why
  }

  #recovered(): void {
    if (this.#away === undefined) return
    this.#away = undefined
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#o.log.info('the journal can be written again')
    this.#o.onRecovered()
  }
}
