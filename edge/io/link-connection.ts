/**
 * The connection of one link: opened when a request needs it, dropped when what comes over it can no longer be trusted, and
 * after a refusal not tried again at once. How each kind is opened is `dial.ts`'s, when a request may be sent `link-queue.ts`'s.
 */
import { endpointOf } from '../../domain/channel.ts'
import { type Clock, type LinkState, type Log, ModbusError } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { type Monotonic, monotonic, NS_PER_MS } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import { type Transport, transportOf } from './dial.ts'
import type { Connection } from './modbus-request.ts'

/** Pause after a refused connection: doubles from the first to the last, each shortened by up to half at random. */
const BACK_OFF_FIRST_MS = 100
const BACK_OFF_LAST_MS = 5000

export class LinkConnection {
  readonly transport: Transport
  readonly #clock: Clock
  readonly #log: Log
  readonly #link: SiteLink
  readonly #ending = new AbortController()
  #current: Connection | undefined
  /** What was dropped still frees its place. */
  #dropped: Promise<unknown> = Promise.resolve()
  #state: LinkState = { up: false, changed_ns: undefined, connections: 0 }
  /** Refused or failed connections in a row. */
  #refused = 0
  #notBefore: Monotonic = monotonic(0n)

  /** @throws PlumblineError SITE_INVALID where certificates that the site names cannot be used */
  constructor(clock: Clock, log: Log, link: SiteLink) {
    this.#clock = clock
    this.#log = log
    this.#link = link
    this.transport = transportOf(link, clock)
  }

  /** As long as it is of use. */
  get open(): Connection | undefined {
    return this.#current?.port.isOpen ? this.#current : undefined
  }
  get lastHeard(): bigint {
    return this.#current?.port.lastHeard ?? 0n
  }
  get state(): LinkState {
    return this.#state
  }
  get where(): string {
    return endpointOf(this.#link)
  }

  /** @throws ModbusError where it was refused, or must not be tried yet */
  async dial(): Promise<Connection> {
    this.drop()
    const wait_ns = this.#notBefore - this.#clock.monotonic()
    if (this.#refused > 0 && wait_ns > 0n)
      throw new ModbusError('closed', `${this.where} was not reachable; next try in ${wait_ns / NS_PER_MS} ms`)
    try {
      await this.#dropped
      const began = this.#clock.monotonic()
      const port = await this.transport.dial(this.#ending.signal)
      if (this.#refused > 0) this.#log.info('link is up again', { refused: this.#refused })
      this.#refused = 0
      this.#tried(true)
      const dialled_ms = Number(this.#clock.monotonic() - began) / Number(NS_PER_MS)
      this.#current = { port, client: undefined, clock: this.#clock, dialled_ms }
      return this.#current
    } catch (error) {
      if (!this.#ending.signal.aborted) this.#backOff(error as ModbusError)
      throw error
    }
  }

  #tried(up: boolean): void {
    const { up: was, changed_ns, connections } = this.#state
    const same = changed_ns !== undefined && up === was
    const since = same ? changed_ns : this.#clock.now()
    this.#state = { up, changed_ns: since, connections: connections + Number(up) }
  }

  #backOff(error: ModbusError): void {
    this.#tried(false)
    if (this.#refused++ === 0) this.#log.warn('link is down', { reason: error.reason, detail: error.message })
    const full_ms = Math.min(BACK_OFF_LAST_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(this.#refused - 1, 16))
    this.#notBefore = afterMs(this.#clock, full_ms * (0.5 + Math.random() / 2))
  }

  /** After a failed request: nothing that still comes may be taken for the next one's. */
  distrust(): void {
    if (this.transport.staysOpen && this.open !== undefined) this.open.port.abandon?.()
    else this.drop()
  }

  /** Ends the connection and every timer of modbus-serial on it. */
  drop(): void {
    if (this.#current === undefined) return
    this.#current.client?.destroy(() => {})
    this.#dropped = this.#current.port.destroy()
    this.#current = undefined
  }

  /** For good; the request under way fails with `why`. */
  end(why: ModbusError): void {
    this.#ending.abort()
    this.#current?.port.onFailure(why)
    this.drop()
  }

  /** Resolves when the place is free to be opened anew. */
  get freed(): Promise<unknown> {
    return this.#dropped
  }
}
