/**
 * One Modbus link, strictly: one request in flight, a time-out always, unit id inside the request, and nothing that comes
 * after a failed request taken for the next one: TCP is connected anew, RTU is drained. How each kind of link is opened is
 * `dial.ts`'s, what the registers mean the callers'.
 */
import modbus from 'modbus-serial'
import { endpointOf } from '../../domain/channel.ts'
import { type Clock, type Log, ModbusError, type ModbusLink, type ModbusReply } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { type Monotonic, monotonic, NS_PER_MS } from '../../domain/time.ts'
import { type StrictPort, type Transport, transportOf } from './dial.ts'

/** Pause after a refused connection: doubles from the first to the last, each shortened by up to half at random. */
const BACK_OFF_FIRST_MS = 100
const BACK_OFF_LAST_MS = 5000
/** Requests that may wait; a device has at most one, and a bus at most 247 devices. */
const WAITING_MAX = 256

type Table = 'holding' | 'input'
type Connection = { readonly port: StrictPort; readonly client: InstanceType<typeof modbus.default> }

/** Opens a link of any kind: `tcp`, `rtu` or `rtu_over_tcp`, whichever the site names. */
export const openModbus =
  (clock: Clock, log: Log) =>
  (link: SiteLink): ModbusLink =>
    new QueuedLink(clock, log.child({ link: link.id }), link)

class QueuedLink implements ModbusLink {
  readonly #clock: Clock
  readonly #log: Log
  readonly #link: SiteLink
  readonly #transport: Transport
  readonly #ending = new AbortController()
  #connection: Connection | undefined
  /** What was dropped still frees its place. */
  #dropped: Promise<unknown> = Promise.resolve()
  #release: () => void = () => {}
  #wake: () => void = () => {}
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #closed = false
  /** Refused or failed connections in a row. */
  #refused = 0
  #notBefore: Monotonic = monotonic(0n)
  /** Until then a line without ids may still bring a late reply. */
  #drainedAt: Monotonic = monotonic(0n)

  constructor(clock: Clock, log: Log, link: SiteLink) {
    this.#clock = clock
    this.#log = log
    this.#link = link
    this.#transport = transportOf(link, clock)
  }

  readRegisters(unitId: number, table: Table, address: number, quantity: number): Promise<ModbusReply> {
    if (this.#closed) return Promise.reject(closedByUs())
    if (this.#waiting >= WAITING_MAX)
      return Promise.reject(
        new ModbusError('timeout', `more than ${WAITING_MAX} requests wait on link ${this.#link.id}`),
      )
    if (this.#waiting++ === 0) this.#release = this.#clock.hold()
    const turn = this.#tail
      .then(() => this.#request(unitId, table, address, quantity))
      .finally(() => {
        if (--this.#waiting === 0) this.#release()
      })
    this.#tail = turn.catch(() => {})
    return turn
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#ending.abort()
    this.#wake()
    this.#connection?.port.onFailure(closedByUs())
    this.#drop()
    await this.#tail
    await this.#dropped
  }

  async #request(unitId: number, table: Table, address: number, quantity: number): Promise<ModbusReply> {
    await this.#silent()
    if (this.#closed) throw closedByUs()
    const began = this.#clock.monotonic()
    const connection = this.#connection?.port.isOpen ? this.#connection : await this.#connect()
    const spent_ms = Number(this.#clock.monotonic() - began) / Number(NS_PER_MS)
    const timeout_ms = Math.max(1, Math.ceil(this.#link.timeout_ms - spent_ms))
    try {
      return await this.#ask(connection, timeout_ms, unitId, table, address, quantity)
    } catch (error) {
      if (!(error instanceof ModbusError && error.reason.startsWith('exception-'))) this.#spoiled()
      throw error
    }
  }

  #ask(
    { port, client }: Connection,
    timeout_ms: number,
    unitId: number,
    table: Table,
    address: number,
    quantity: number,
  ): Promise<ModbusReply> {
    return new Promise((resolve, reject) => {
      port.onFailure = reject
      // Until the whole reply is there: a byte now and then does not prolong it.
      client.setTimeout(timeout_ms)
      const read = table === 'holding' ? client.writeFC3 : client.writeFC4
      const sent = this.#clock.monotonic()
      read.call(client, unitId, address, quantity, (error: unknown, result: { data: number[] } | undefined) => {
        const received = this.#clock.monotonic()
        if (error || result?.data.length !== quantity) reject(failureOf(error, timeout_ms, quantity, result?.data))
        else resolve({ registers: Uint16Array.from(result.data), sent, received })
      })
    })
  }

  async #connect(): Promise<Connection> {
    this.#drop()
    const wait_ns = this.#notBefore - this.#clock.monotonic()
    if (this.#refused > 0 && wait_ns > 0n)
      throw new ModbusError('closed', `${this.#where()} was not reachable; next try in ${wait_ns / NS_PER_MS} ms`)
    try {
      await this.#dropped
      const port = await this.#transport.dial(this.#ending.signal)
      if (this.#refused > 0) this.#log.info('link is up again', { refused: this.#refused })
      this.#refused = 0
      const client = new modbus.default(port)
      client.open()
      this.#connection = { port, client }
      return this.#connection
    } catch (error) {
      if (!this.#closed) this.#backOff(error as ModbusError)
      throw error
    }
  }

  /**
   * A reply without id is known by its request alone, so none may be under way when the next is sent: the line is left
   * alone for one time-out and 3.5 characters after a failed request, and until it has been silent for 3.5 characters.
   */
  async #silent(): Promise<void> {
    const { silence_ms } = this.#transport
    if (silence_ms === undefined) return
    const silence_ns = nsOf(silence_ms)
    const began = this.#clock.monotonic()
    const latest = (this.#drainedAt > began ? this.#drainedAt : began) + nsOf(this.#link.timeout_ms) + silence_ns
    while (!this.#closed) {
      const { port } = this.#connection ?? {}
      const quiet = monotonic((port?.isOpen ? (port.lastHeard ?? 0n) : 0n) + silence_ns)
      const until = quiet > this.#drainedAt ? quiet : this.#drainedAt
      if (this.#clock.monotonic() >= until) return
      if (until > latest) throw new ModbusError('bad-reply', `${this.#where()} is never silent`)
      await this.#pause(until)
    }
  }

  /** The clock runs meanwhile: a simulated one would otherwise never get there. */
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

  #spoiled(): void {
    const { silence_ms, staysOpen } = this.#transport
    if (silence_ms !== undefined)
      this.#drainedAt = monotonic(this.#clock.monotonic() + nsOf(this.#link.timeout_ms + silence_ms))
    if (staysOpen && this.#connection?.port.isOpen) this.#connection.port.abandon?.()
    else this.#drop()
  }

  #backOff(error: ModbusError): void {
    if (this.#refused++ === 0) this.#log.warn('link is down', { reason: error.reason, detail: error.message })
    const full_ms = Math.min(BACK_OFF_LAST_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(this.#refused - 1, 16))
    const wait_ms = full_ms * (0.5 + Math.random() / 2)
    this.#notBefore = monotonic(this.#clock.monotonic() + BigInt(Math.round(wait_ms)) * NS_PER_MS)
  }

  /** Ends the connection and every timer of modbus-serial on it. */
  #drop(): void {
    if (this.#connection === undefined) return
    this.#connection.client.destroy(() => {})
    this.#dropped = this.#connection.port.destroy()
    this.#connection = undefined
  }

  #where(): string {
    return endpointOf(this.#link)
  }
}

const nsOf = (ms: number): bigint => BigInt(Math.ceil(ms * Number(NS_PER_MS)))
const closedByUs = () => new ModbusError('closed', 'the link was closed')

function failureOf(error: unknown, timeout_ms: number, quantity: number, data?: readonly number[]): ModbusError {
  const { modbusCode, errno, message } = (error ?? {}) as { modbusCode?: number; errno?: string; message?: string }
  if (modbusCode !== undefined) return new ModbusError(`exception-${modbusCode}`, message ?? `exception ${modbusCode}`)
  if (errno === 'ETIMEDOUT') return new ModbusError('timeout', `no whole answer in ${timeout_ms} ms`)
  if (errno !== undefined) return new ModbusError('closed', message ?? errno)
  return new ModbusError('bad-reply', message ?? `expected ${quantity} registers, got ${data?.length ?? 0}`)
}
