/**
 * One Modbus link, strictly: one request in flight, writes first, a time-out always, unit id inside the request, and nothing
 * that comes after a failed request taken for the next one: TCP is connected anew, RTU is drained. How each kind of link is
 * opened is `dial.ts`'s, what a right reply is `modbus-pdu.ts`'s, what the registers mean the callers'.
 */
import modbus from 'modbus-serial'
import { endpointOf } from '../../domain/channel.ts'
import { invariant } from '../../domain/errors.ts'
import type { LinkState, ModbusBits, ModbusLink, ModbusReply } from '../../domain/ports.ts'
import { type Clock, type Log, ModbusError } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { type Monotonic, monotonic, NS_PER_MS } from '../../domain/time.ts'
import { UnitPatience } from '../unit-patience.ts'
import { type Transport, transportOf } from './dial.ts'
import { LateReplies } from './late-replies.ts'
import {
  exceptionOf,
  identityOf,
  identityRequest,
  queueOf,
  queueRequest,
  registersOf,
  registersRequest,
} from './modbus-pdu.ts'
import { type Ask, askLibrary, askOurselves, askTelling, type Connection } from './modbus-request.ts'
import { RequestQueue } from './request-queue.ts'

/** Pause after a refused connection: doubles from the first to the last, each shortened by up to half at random. */
const BACK_OFF_FIRST_MS = 100
const BACK_OFF_LAST_MS = 5000
/** Modbus Application Protocol 1.1b3, 6.11, 6.12, 6.17: what one request may write. */
const COILS_MAX = 1968
const WRITE_MAX = 123
const READ_WRITE_MAX = 121
/** Requests in which a device may tell who it is. */
const IDENTITY_PARTS_MAX = 32

/**
 * Opens a link of any kind: `tcp`, `tls`, `rtu` or `rtu_over_tcp`, whichever the site names.
 * @throws PlumblineError SITE_INVALID where certificates that the site names cannot be used
 */
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
  readonly #queue: RequestQueue
  readonly #patience: UnitPatience
  readonly #late = new LateReplies()
  #connection: Connection | undefined
  /** What was dropped still frees its place. */
  #dropped: Promise<unknown> = Promise.resolve()
  #release: () => void = () => {}
  #wake: () => void = () => {}
  #running: Promise<void> | undefined
  #closeWhenIdle = false
  #closed = false
  #state: LinkState = { up: false, changed_ns: undefined, connections: 0 }
  /** Refused or failed connections in a row. */
  #refused = 0
  #notBefore: Monotonic = monotonic(0n)
  /** Until then a line without ids may still bring a late reply, of whichever unit. */
  #drainedAt: Monotonic = monotonic(0n)
  /** End of the pause that the site asks for between two requests. */
  #pausedTo: Monotonic = monotonic(0n)

  constructor(clock: Clock, log: Log, link: SiteLink) {
    this.#clock = clock
    this.#log = log
    this.#link = link
    this.#queue = new RequestQueue(clock)
    this.#patience = new UnitPatience(link.timeout_ms)
    this.#transport = transportOf(link, clock)
  }

  readRegisters(unit: number, table: 'holding' | 'input', address: number, quantity: number): Promise<ModbusReply> {
    const ask = askOurselves(registersRequest(unit, table, address, quantity))
    return this.#enqueue(unit, false, async (connection, timeout_ms) => {
      const { result, sent, received } = await ask(connection, timeout_ms)
      return { registers: registersOf(answered(result)), sent, received }
    })
  }

  readBits(unit: number, table: 'coil' | 'discrete', address: number, quantity: number): Promise<ModbusBits> {
    const ask = askLibrary<{ data: boolean[] }>((client, done) =>
      table === 'coil'
        ? client.writeFC1(unit, address, quantity, done)
        : client.writeFC2(unit, address, quantity, done),
    )
    return this.#enqueue(unit, false, async (connection, timeout_ms) => {
      const { result, ...times } = await ask(connection, timeout_ms)
      return { bits: Uint8Array.from({ length: quantity }, (_, i) => Number(result.data[i])), ...times }
    })
  }

  readFifo(unit: number, address: number): Promise<ModbusReply> {
    return this.#enqueue(unit, false, async (connection, timeout_ms) => {
      const { result, ...times } = await askOurselves(queueRequest(unit, address))(connection, timeout_ms)
      return { registers: queueOf(answered(result)), ...times }
    })
  }

  /** Basic and regular objects; a device that has the basic ones only gives those (6.21). */
  async readIdentity(unit: number): Promise<ReadonlyMap<number, string>> {
    const all = new Map<number, string>()
    let from: number | undefined = 0
    for (let part = 0; from !== undefined && part < IDENTITY_PARTS_MAX; part++) {
      const request: Buffer = identityRequest(unit, 2, from)
      const { result } = await this.#enqueue(unit, false, askOurselves(request))
      const { objects, next }: ReturnType<typeof identityOf> = identityOf(answered(result))
      for (const [id, text] of objects) all.set(id, text)
      if (next !== undefined && next <= from)
        throw new ModbusError('bad-reply', `expected more objects after ${from}, got a continuation at ${next}`)
      from = next
    }
    return all
  }

  async writeCoils(unit: number, address: number, bits: readonly boolean[]): Promise<void> {
    invariant(bits.length > 0 && bits.length <= COILS_MAX, `${bits.length} coils fit one request of 1 to ${COILS_MAX}`)
    const [only] = bits
    await this.#write(unit, (client, done) =>
      bits.length === 1
        ? client.writeFC5(unit, address, only!, done)
        : client.writeFC15(unit, address, [...bits], done),
    )
  }

  async writeRegisters(
    unit: number,
    address: number,
    values: readonly number[],
    { multiple = false }: { readonly multiple?: boolean } = {},
  ): Promise<void> {
    invariant(
      values.length > 0 && values.length <= WRITE_MAX,
      `${values.length} registers fit one write of ${WRITE_MAX}`,
    )
    const [only] = values
    await this.#write(unit, (client, done) =>
      values.length === 1 && !multiple
        ? client.writeFC6(unit, address, only!, done)
        : client.writeFC16(unit, address, [...values], done),
    )
  }

  async maskWriteRegister(unit: number, address: number, and: number, or: number): Promise<void> {
    await this.#write(unit, (client, done) => client.writeFC22(unit, address, and, or, done))
  }

  readWriteRegisters(
    unit: number,
    read: { readonly address: number; readonly quantity: number },
    write: { readonly address: number; readonly values: readonly number[] },
  ): Promise<ModbusReply> {
    const { values } = write
    invariant(values.length > 0 && values.length <= READ_WRITE_MAX, `${values.length} registers fit one request`)
    const ask = askLibrary<{ data: number[] }>((client, done) =>
      client.writeFC23(unit, read.address, read.quantity, write.address, values.length, [...values], done),
    )
    return this.#enqueue(unit, true, async (connection, timeout_ms) => {
      const { result, ...times } = await ask(connection, timeout_ms)
      return { registers: registersFrom(result.data, read.quantity), ...times }
    })
  }

  pollEnded(): void {
    if (!this.#link.close_after_poll) return
    this.#closeWhenIdle = true
    if (this.#running === undefined) this.#closeIdle()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#ending.abort()
    this.#wake()
    this.#connection?.port.onFailure(closedByUs())
    this.#drop()
    this.#queue.refuse(closedByUs())
    await this.#running
    await this.#dropped
  }

  async #write(unit: number, call: Parameters<typeof askLibrary<unknown>>[0]): Promise<void> {
    // That the device repeated the write is checked by the port.
    await this.#enqueue(unit, true, askLibrary<unknown>(call))
  }

  #enqueue<T>(unit: number, write: boolean, ask: Ask<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedByUs())
    return new Promise<T>((resolve, reject) => {
      const run = () => this.#request(unit, write, ask).then(resolve, reject)
      this.#queue.add({ unit, write, run, reject })
      this.#wake()
      this.#running ??= this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#release = this.#clock.hold()
    while (!this.#closed && !this.#queue.empty) {
      const never = await this.#ready()
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

  async #request<T>(unit: number, write: boolean, ask: Ask<T>): Promise<T> {
    const whole_ms = write ? this.#link.timeout_ms : this.#patience.timeoutFor_ms(unit)
    const began = this.#clock.monotonic()
    let asked: Monotonic | undefined
    let sent = false
    try {
      const connection = this.#connection?.port.isOpen ? this.#connection : await this.#connect()
      asked = this.#clock.monotonic()
      // Connecting is part of the time that a request may take; the pause that a site asks for after it is not.
      const spent_ms = Math.min(msBetween(began, asked), connection.dialled_ms)
      connection.dialled_ms = 0
      if (await this.#isTold(connection, unit, whole_ms)) asked = this.#clock.monotonic()
      sent = true
      const answer = await ask(connection, Math.max(1, Math.ceil(whole_ms - spent_ms)))
      this.#patience.answered(unit, msBetween(asked, this.#clock.monotonic()))
      this.#late.ended(unit, true)
      return answer
    } catch (error) {
      const refused = error instanceof ModbusError && error.reason.startsWith('exception-')
      if (sent) this.#late.ended(unit, refused)
      if (refused) this.#patience.answered(unit, msBetween(asked ?? began, this.#clock.monotonic()))
      else if (asked !== undefined) this.#spoiled(unit, asked, error)
      throw error
    } finally {
      this.#pausedTo = this.#in(this.#link.pause_ms ?? 0)
    }
  }

  /** Where an older reply may still come, it is waited for what tells that none can. @returns whether it was */
  async #isTold(connection: Connection, unit: number, timeout_ms: number): Promise<boolean> {
    const telling = this.#late.tellingRequest(unit)
    if (telling === undefined) return false
    try {
      await askTelling(telling)(connection, timeout_ms)
    } catch (error) {
      this.#late.notTold(unit)
      throw error
    }
    this.#late.told(unit)
    return true
  }

  async #connect(): Promise<Connection> {
    this.#drop()
    const wait_ns = this.#notBefore - this.#clock.monotonic()
    if (this.#refused > 0 && wait_ns > 0n)
      throw new ModbusError('closed', `${this.#where()} was not reachable; next try in ${wait_ns / NS_PER_MS} ms`)
    try {
      await this.#dropped
      const began = this.#clock.monotonic()
      const port = await this.#transport.dial(this.#ending.signal)
      if (this.#refused > 0) this.#log.info('link is up again', { refused: this.#refused })
      this.#refused = 0
      this.#tried(true)
      const client = new modbus.default(port)
      client.open()
      this.#connection = { port, client, clock: this.#clock, dialled_ms: msBetween(began, this.#clock.monotonic()) }
      const usable = this.#in(this.#link.pause_after_connect_ms ?? 0)
      while (!this.#closed && this.#clock.monotonic() < usable) await this.#pause(usable)
      if (this.#closed) throw closedByUs()
      return this.#connection
    } catch (error) {
      if (!this.#closed) this.#backOff(error as ModbusError)
      throw error
    }
  }

  /**
   * Until a request may be sent. A reply without id is known by its request alone, so none may be under way: the line must
   * have been silent for 3.5 characters, and after a reply that was not the awaited one for a time-out more.
   * @returns why no request can be sent: a line that is never silent
   */
  async #ready(): Promise<ModbusError | undefined> {
    const silence_ns = nsOf(this.#transport.silence_ms ?? 0)
    const timeout_ns = nsOf(this.#link.timeout_ms)
    const latest = latestOf(this.#drainedAt, this.#pausedTo, this.#clock.monotonic()) + timeout_ns + silence_ns
    while (!this.#closed) {
      const { port } = this.#connection ?? {}
      const quiet = monotonic((port?.isOpen ? (port.lastHeard ?? 0n) : 0n) + silence_ns)
      const until = latestOf(quiet, this.#drainedAt, this.#pausedTo)
      if (this.#clock.monotonic() >= until) return undefined
      if (until > latest) return new ModbusError('bad-reply', `${this.#where()} is never silent`)
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
    const { silence_ms, staysOpen } = this.#transport
    const timedOut = error instanceof ModbusError && error.reason === 'timeout'
    if (timedOut) this.#patience.silent(unit)
    if (silence_ms !== undefined) {
      this.#late.gaveUp(unit)
      const until = this.#in(this.#link.timeout_ms + silence_ms)
      if (timedOut && (this.#connection?.port.lastHeard ?? 0n) < asked) this.#queue.leaveAlone(unit, until)
      else this.#drainedAt = until
    }
    if (staysOpen && this.#connection?.port.isOpen) this.#connection.port.abandon?.()
    else this.#drop()
  }

  state(): LinkState {
    return this.#state
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
    this.#notBefore = this.#in(full_ms * (0.5 + Math.random() / 2))
  }

  #closeIdle(): void {
    this.#closeWhenIdle = false
    this.#drop()
  }

  /** Ends the connection and every timer of modbus-serial on it. */
  #drop(): void {
    if (this.#connection === undefined) return
    this.#connection.client.destroy(() => {})
    this.#dropped = this.#connection.port.destroy()
    this.#connection = undefined
  }

  #in(ms: number): Monotonic {
    return monotonic(this.#clock.monotonic() + nsOf(ms))
  }

  #where(): string {
    return endpointOf(this.#link)
  }
}

const nsOf = (ms: number): bigint => BigInt(Math.ceil(ms * Number(NS_PER_MS)))
const msBetween = (from: Monotonic, to: Monotonic): number => Number(to - from) / Number(NS_PER_MS)
const latestOf = (...instants: readonly Monotonic[]): Monotonic => instants.reduce((a, b) => (a > b ? a : b))
const closedByUs = () => new ModbusError('closed', 'the link was closed')

function registersFrom(data: readonly number[], quantity: number): Uint16Array {
  if (data.length !== quantity) throw new ModbusError('bad-reply', `expected ${quantity} registers, got ${data.length}`)
  return Uint16Array.from(data)
}

function answered(reply: Buffer): Buffer {
  const exception = exceptionOf(reply)
  if (exception !== undefined) throw exception
  return reply
}
