/**
 * What may be sent over one link, and when: one request in flight, writes first, a time-out always, and nothing that comes
 * after a failed request taken for the next one: TCP is connected anew, RTU is drained. What a request asks is
 * `modbus-link.ts`'s, the connection `link-connection.ts`'s.
 */
import { type Clock, type LinkState, type Log, ModbusError } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { type Monotonic, monotonic, NS_PER_MS } from '../../domain/time.ts'
import { UnitPatience } from '../unit-patience.ts'
import { LateReplies } from './late-replies.ts'
import { LinkConnection } from './link-connection.ts'
import { type Ask, askTelling, type Connection } from './modbus-request.ts'
import { RequestQueue } from './request-queue.ts'

export class LinkQueue {
  readonly #clock: Clock
  readonly #link: SiteLink
  readonly #connection: LinkConnection
  readonly #queue: RequestQueue
  readonly #patience: UnitPatience
  readonly #late = new LateReplies()
  /** Replies bear an id and the site asks for no pause: a request may follow the last answer at once. */
  readonly #prompt: boolean
  #release: () => void = () => {}
  #wake: () => void = () => {}
  #running: Promise<void> | undefined
  #closeWhenIdle = false
  #closed = false
  /** Until then a line without ids may still bring a late reply, of whichever unit. */
  #drainedAt: Monotonic = monotonic(0n)
  /** End of the pause that the site asks for between two requests. */
  #pausedTo: Monotonic = monotonic(0n)

  /** @throws PlumblineError SITE_INVALID where certificates that the site names cannot be used */
  constructor(clock: Clock, log: Log, link: SiteLink) {
    this.#clock = clock
    this.#link = link
    this.#queue = new RequestQueue(clock)
    this.#patience = new UnitPatience(link.timeout_ms)
    this.#connection = new LinkConnection(clock, log, link)
    this.#prompt = this.#connection.transport.silence_ms === undefined && (link.pause_ms ?? 0) === 0
  }

  get state(): LinkState {
    return this.#connection.state
  }

  pollEnded(): void {
    if (!this.#link.close_after_poll) return
    this.#closeWhenIdle = true
    if (this.#running === undefined) this.#closeIdle()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#wake()
    this.#connection.end(closedByUs())
    this.#queue.refuse(closedByUs())
    await this.#running
    await this.#connection.freed
  }

  /** Rejects with a `ModbusError`. */
  ask<T>(unit: number, write: boolean, ask: Ask<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedByUs())
    return new Promise<T>((resolve, reject) => {
      const run = () => this.#serve(unit, write, ask, resolve, reject)
      this.#queue.add({ unit, write, run, reject })
      this.#wake()
      this.#running ??= this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#release = this.#clock.hold()
    while (!this.#closed && !this.#queue.empty) {
      const never = await (this.#prompt ? undefined : this.#ready())
      const job = this.#queue.take()
      if (job === undefined) break
      if (typeof job === 'bigint') await this.#pause(job)
      else if (never !== undefined) job.reject(never)
      else await job.run()
    }
    if (!this.#queue.empty) this.#queue.refuse(closedByUs())
    this.#release()
    this.#running = undefined
    if (this.#closeWhenIdle) this.#closeIdle()
  }

  /** One request; tells its asker, and is over when it may be followed by the next. */
  async #serve<T>(
    unit: number,
    write: boolean,
    ask: Ask<T>,
    answered: (answer: T) => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    const whole_ms = write ? this.#link.timeout_ms : this.#patience.timeoutFor_ms(unit)
    const began = this.#clock.monotonic()
    let asked: Monotonic | undefined
    let sent = false
    try {
      const { open } = this.#connection
      const connection = open ?? (await this.#connect())
      asked = open === undefined ? this.#clock.monotonic() : began
      // Connecting is part of the time that a request may take; the pause that a site asks for after it is not.
      const spent_ms = Math.min(msBetween(began, asked), connection.dialled_ms)
      connection.dialled_ms = 0
      const telling = this.#prompt ? undefined : this.#late.tellingRequest(unit)
      if (telling !== undefined) {
        await this.#tell(connection, unit, telling, whole_ms)
        asked = this.#clock.monotonic()
      }
      sent = true
      const answer = await ask(connection, Math.max(1, Math.ceil(whole_ms - spent_ms)))
      this.#patience.answered(unit, msBetween(asked, this.#clock.monotonic()))
      this.#late.ended(unit, true)
      answered(answer)
    } catch (error) {
      const refused = error instanceof ModbusError && error.reason.startsWith('exception-')
      if (sent) this.#late.ended(unit, refused)
      if (refused) this.#patience.answered(unit, msBetween(asked ?? began, this.#clock.monotonic()))
      else if (asked !== undefined) this.#spoiled(unit, asked, error)
      failed(error)
    } finally {
      if (!this.#prompt) this.#pausedTo = this.#in(this.#link.pause_ms ?? 0)
    }
  }

  /** Where an older reply may still come, it is waited for what tells that none can. */
  async #tell(connection: Connection, unit: number, telling: Buffer, timeout_ms: number): Promise<void> {
    try {
      await askTelling(telling)(connection, timeout_ms)
    } catch (error) {
      this.#late.notTold(unit)
      throw error
    }
    this.#late.told(unit)
  }

  async #connect(): Promise<Connection> {
    const connection = await this.#connection.dial()
    const usable = this.#in(this.#link.pause_after_connect_ms ?? 0)
    while (!this.#closed && this.#clock.monotonic() < usable) await this.#pause(usable)
    if (this.#closed) throw closedByUs()
    return connection
  }

  /**
   * Until a request may be sent. A reply without id is known by its request alone, so none may be under way: the line must
   * have been silent for 3.5 characters, and after a reply that was not the awaited one for a time-out more.
   * @returns why no request can be sent: a line that is never silent
   */
  async #ready(): Promise<ModbusError | undefined> {
    const silence_ns = nsOf(this.#connection.transport.silence_ms ?? 0)
    const timeout_ns = nsOf(this.#link.timeout_ms)
    const latest = latestOf(this.#drainedAt, this.#pausedTo, this.#clock.monotonic()) + timeout_ns + silence_ns
    while (!this.#closed) {
      const { open, lastHeard } = this.#connection
      const quiet = monotonic((open === undefined ? 0n : lastHeard) + silence_ns)
      const until = latestOf(quiet, this.#drainedAt, this.#pausedTo)
      if (this.#clock.monotonic() >= until) return undefined
      if (until > latest) return new ModbusError('bad-reply', `${this.#connection.where} is never silent`)
      await this.#pause(until)
    }
    return undefined
  }

  /** The clock runs meanwhile: a simulated one would otherwise never get there. A new request ends the pause. */
  async #pause(until: Monotonic): Promise<void> {
    this.#release()
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.at(until, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
    this.#wake = () => {}
    this.#release = this.#clock.hold()
    // A timer that is due runs before waiting input is read; an immediate runs after it.
    await new Promise((resolve) => setImmediate(resolve))
  }

  /**
   * What the failed request may still bring. On a line without ids a unit that stayed wholly silent is itself left alone for
   * a time-out more: a late reply of it bears its unit id and its CRC, and is none to a request to another unit. After
   * anything else that was heard the whole line is left alone.
   */
  #spoiled(unit: number, asked: Monotonic, error: unknown): void {
    const { silence_ms } = this.#connection.transport
    const timedOut = error instanceof ModbusError && error.reason === 'timeout'
    if (timedOut) this.#patience.silent(unit)
    if (silence_ms !== undefined) {
      this.#late.gaveUp(unit)
      const until = this.#in(this.#link.timeout_ms + silence_ms)
      if (timedOut && this.#connection.lastHeard < asked) this.#queue.leaveAlone(unit, until)
      else this.#drainedAt = until
    }
    this.#connection.distrust()
  }

  #closeIdle(): void {
    this.#closeWhenIdle = false
    this.#connection.drop()
  }

  #in(ms: number): Monotonic {
    return monotonic(this.#clock.monotonic() + nsOf(ms))
  }
}

const nsOf = (ms: number): bigint => BigInt(Math.ceil(ms * Number(NS_PER_MS)))
const msBetween = (from: Monotonic, to: Monotonic): number => Number(to - from) / Number(NS_PER_MS)
const latestOf = (...instants: readonly Monotonic[]): Monotonic => instants.reduce((a, b) => (a > b ? a : b))
const closedByUs = () => new ModbusError('closed', 'the link was closed')
