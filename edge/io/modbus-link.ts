/**
 * One Modbus TCP link, strictly: one request in flight, a time-out always, unit id inside the request, and a new connection
 * after anything but an answer or an exception, so that a late reply can never be taken for the next one. What the
 * registers mean is left to the callers.
 */
import { connect, type Socket } from 'node:net'
import modbus from 'modbus-serial'
import { type Clock, type Log, ModbusError, type ModbusLink, type ModbusReply } from '../../domain/ports.ts'
import type { SiteLink } from '../../domain/site.ts'
import { type Monotonic, monotonic, NS_PER_MS } from '../../domain/time.ts'
import { MbapPort } from './mbap-port.ts'

/** Pause after a refused connection: doubles from the first to the last, each shortened by up to half at random. */
const BACK_OFF_FIRST_MS = 100
const BACK_OFF_LAST_MS = 5000
/** Requests that may wait; a device has at most one, and a bus at most 247 devices. */
const WAITING_MAX = 256

type Table = 'holding' | 'input'
type Connection = { readonly port: MbapPort; readonly client: InstanceType<typeof modbus.default> }

export const openModbusTcp =
  (clock: Clock, log: Log) =>
  (link: SiteLink): ModbusLink =>
    new ModbusTcpLink(clock, log.child({ link: link.id }), link)

class ModbusTcpLink implements ModbusLink {
  readonly #clock: Clock
  readonly #log: Log
  readonly #link: SiteLink
  #connection: Connection | undefined
  #connecting: Socket | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #closed = false
  /** Refused or failed connections in a row. */
  #refused = 0
  #notBefore: Monotonic = monotonic(0n)

  constructor(clock: Clock, log: Log, link: SiteLink) {
    this.#clock = clock
    this.#log = log
    this.#link = link
  }

  readRegisters(unitId: number, table: Table, address: number, quantity: number): Promise<ModbusReply> {
    if (this.#closed) return Promise.reject(closedByUs())
    if (this.#waiting >= WAITING_MAX)
      return Promise.reject(
        new ModbusError('timeout', `more than ${WAITING_MAX} requests wait on link ${this.#link.id}`),
      )
    this.#waiting++
    const release = this.#clock.hold()
    const turn = this.#tail
      .then(() => this.#request(unitId, table, address, quantity))
      .finally(() => {
        this.#waiting--
        release()
      })
    this.#tail = turn.catch(() => {})
    return turn
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#connecting?.destroy()
    this.#connection?.port.onFailure(closedByUs())
    this.#drop()
    await this.#tail
  }

  async #request(unitId: number, table: Table, address: number, quantity: number): Promise<ModbusReply> {
    if (this.#closed) throw closedByUs()
    const began = this.#clock.monotonic()
    const connection = this.#connection?.port.isOpen ? this.#connection : await this.#connect()
    const spent_ms = Number(this.#clock.monotonic() - began) / Number(NS_PER_MS)
    const timeout_ms = Math.max(1, Math.ceil(this.#link.timeout_ms - spent_ms))
    try {
      return await this.#ask(connection, timeout_ms, unitId, table, address, quantity)
    } catch (error) {
      if (!(error instanceof ModbusError && error.reason.startsWith('exception-'))) this.#drop()
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
      const port = await this.#dial()
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

  #dial(): Promise<MbapPort> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...this.#link.tcp, noDelay: true })
      this.#connecting = socket
      const give = (reason: 'timeout' | 'closed', detail: string) => {
        socket.destroy()
        reject(new ModbusError(reason, `${this.#where()}: ${detail}`))
      }
      socket.setTimeout(this.#link.timeout_ms, () => give('timeout', `no connection in ${this.#link.timeout_ms} ms`))
      socket.once('error', (error: NodeJS.ErrnoException) => give('closed', error.code ?? error.message))
      socket.once('close', () => give('closed', 'connection closed'))
      socket.once('connect', () => {
        socket.setTimeout(0)
        this.#connecting = undefined
        resolve(new MbapPort(socket))
      })
    })
  }

  #backOff(error: ModbusError): void {
    if (this.#refused++ === 0) this.#log.warn('link is down', { reason: error.reason, detail: error.message })
    const full_ms = Math.min(BACK_OFF_LAST_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(this.#refused - 1, 16))
    const wait_ms = full_ms * (0.5 + Math.random() / 2)
    this.#notBefore = monotonic(this.#clock.monotonic() + BigInt(Math.round(wait_ms)) * NS_PER_MS)
  }

  /** Ends the connection and every timer of modbus-serial on it. */
  #drop(): void {
    this.#connection?.client.destroy(() => {})
    this.#connection?.port.destroy()
    this.#connection = undefined
  }

  #where(): string {
    return `${this.#link.tcp.host}:${this.#link.tcp.port}`
  }
}

const closedByUs = () => new ModbusError('closed', 'the link was closed')

function failureOf(error: unknown, timeout_ms: number, quantity: number, data?: readonly number[]): ModbusError {
  const { modbusCode, errno, message } = (error ?? {}) as { modbusCode?: number; errno?: string; message?: string }
  if (modbusCode !== undefined) return new ModbusError(`exception-${modbusCode}`, message ?? `exception ${modbusCode}`)
  if (errno === 'ETIMEDOUT') return new ModbusError('timeout', `no whole answer in ${timeout_ms} ms`)
  if (errno !== undefined) return new ModbusError('closed', message ?? errno)
  return new ModbusError('bad-reply', message ?? `expected ${quantity} registers, got ${data?.length ?? 0}`)
}
