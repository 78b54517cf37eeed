/**
 * The series store as the desk uses it: read only, and away for a while now and then. Whether it can be read is asked
 * every few seconds; what it holds is `store/`'s business.
 */
import { splitChannel } from '../../domain/ids.ts'
import type { Clock, LatestReading, Log, SeriesReader } from '../../domain/ports.ts'
import type { Instant } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import { ReadGate } from './read-gate.ts'

const ASK_MS = 5_000

export type StoreWatchOptions = {
  readonly series: SeriesReader
  readonly clock: Clock
  readonly log: Log
  /** The newest stored readings, each time the store can be read again. */
  readonly onLatest: (readings: readonly LatestReading[]) => void
}

export class StoreWatch {
  readonly #o: StoreWatchOptions
  readonly #gate = new ReadGate()
  #why: string | undefined = 'not asked yet'
  #stored: ReadonlyMap<string, Instant> | undefined
  #known = false
  #stopped = false
  #cancel: () => void = () => {}

  constructor(options: StoreWatchOptions) {
    this.#o = options
  }

  /** Why the store cannot be read, if it cannot. */
  get away(): string | undefined {
    return this.#why
  }

  /** The newest stored instant of each device; undefined before the store was first read. */
  get stored(): ReadonlyMap<string, Instant> | undefined {
    return this.#stored
  }
  /** Whether it was asked at all. */
  get known(): boolean {
    return this.#known
  }

  start(): void {
    void this.#ask()
  }

  stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    return this.#o.series.close()
  }

  /** One read for a client, given up when the signal aborts. @throws HttpError 429 where too many wait */
  readFor<T>(signal: AbortSignal, work: (series: SeriesReader) => Promise<T>): Promise<T> {
    return this.#gate.pass(signal, async () => {
      try {
        const result = await work(this.#o.series)
        this.#available()
        return result
      } catch (error) {
        // That somebody left says nothing about the store.
        signal.throwIfAborted()
        this.#unavailable(error)
        throw error
      }
    })
  }

  /** One read; what it throws is also remembered as the state of the store. */
  async read<T>(work: (series: SeriesReader) => Promise<T>): Promise<T> {
    try {
      const result = await work(this.#o.series)
      this.#available()
      return result
    } catch (error) {
      this.#unavailable(error)
      throw error
    }
  }

  async #ask(): Promise<void> {
    const { clock } = this.#o
    const wasAway = this.#why !== undefined
    // Were a simulated clock to run on while the disk is read, what is stored would look older than it is.
    const release = clock.hold()
    try {
      const latest = await this.read((series) => series.latest()).catch(() => undefined)
      if (this.#stopped) return
      if (latest !== undefined) this.#stored = newestByDevice(latest)
      if (wasAway && latest !== undefined) this.#o.onLatest(latest)
      this.#cancel = clock.at(afterMs(clock, ASK_MS), () => void this.#ask())
    } finally {
      release()
    }
  }

  #available(): void {
    if (this.#why !== undefined && this.#known) this.#o.log.info('the series store can be read again')
    this.#why = undefined
    this.#known = true
  }

  #unavailable(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    if (this.#why === undefined || !this.#known) this.#o.log.warn('the series store cannot be read', { why })
    this.#why = why
    this.#known = true
  }
}

function newestByDevice(readings: readonly LatestReading[]): ReadonlyMap<string, Instant> {
  const newest = new Map<string, Instant>()
  for (const { channel, t_ns } of readings) {
    const { device } = splitChannel(channel)
    if (t_ns > (newest.get(device) ?? 0n)) newest.set(device, t_ns)
  }
  return newest
}
