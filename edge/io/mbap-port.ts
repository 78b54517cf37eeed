/**
 * A TCP connection to a Modbus server as a port for modbus-serial, with the MBAP framing checked strictly (Modbus Messaging
 * on TCP/IP 1.0b, 3.1.3): whatever is not exactly the awaited answer fails at once. Time-outs, the queue and reconnecting
 * are left to `modbus-link.ts`.
 */
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { crc16 } from '../../domain/crc16.ts'
import { ModbusError } from '../../domain/ports.ts'
import { judgeReply } from './modbus-pdu.ts'

const MBAP_BYTES = 6
/** Unit id, function code and at least one byte; at most unit id and a PDU of 253 bytes (4.1). */
const LENGTH_MIN = 3
const LENGTH_MAX = 254
/** modbus-serial keeps an entry per transaction id for ever, so ids wrap early; one request is in flight at a time. */
const TRANSACTION_IDS = 256

type Awaited = { readonly transaction: number; readonly request: Buffer }

export class MbapPort extends EventEmitter {
  /** modbus-serial reads and resets both ids; it matches replies by `_transactionIdRead`. */
  _transactionIdWrite = 1
  _transactionIdRead = 0
  /** Told once: the connection is of no more use. */
  onFailure: (error: ModbusError) => void = () => {}
  /** Takes the next answer in place of modbus-serial: unit id and PDU. */
  answerTo: ((body: Buffer) => void) | undefined
  /** Why the connection is of no more use. */
  failure: ModbusError | undefined
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #awaited: Awaited | undefined

  /**
   * @param socket one that gives its bytes to `take` itself, or as `data`
   * @param told how an error of the socket is said
   */
  constructor(socket: Socket, told: (error: Error) => string = (error) => error.message) {
    super()
    this.#socket = socket
    socket.on('data', (bytes) => this.take(bytes))
    socket.on('close', () => this.#fail(new ModbusError('closed', 'the device closed the connection')))
    socket.on('error', (error) => this.#fail(new ModbusError('closed', told(error))))
  }

  get isOpen(): boolean {
    return this.failure === undefined
  }

  open(callback: (error?: Error) => void): void {
    callback()
  }

  close(callback: () => void): void {
    void this.destroy().then(callback)
  }

  async destroy(): Promise<void> {
    this.failure ??= new ModbusError('closed', 'the link was closed')
    this.#socket.destroy()
  }

  /** @param frame a request as modbus-serial makes it: an RTU frame with its CRC */
  write(frame: Buffer): void {
    this.send(frame.subarray(0, -2))
  }

  /** @param body unit id and PDU of a request */
  send(body: Buffer): void {
    const transaction = this._transactionIdWrite
    this.#awaited = { transaction, request: body }
    const frame = Buffer.allocUnsafe(MBAP_BYTES + body.length)
    frame.writeUInt16BE(transaction, 0)
    frame.writeUInt16BE(0, 2)
    frame.writeUInt16BE(body.length, 4)
    frame.set(body, MBAP_BYTES)
    this._transactionIdWrite = (transaction + 1) % TRANSACTION_IDS
    this.#socket.write(frame)
  }

  /** @param bytes its own from now on */
  take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    while (this.isOpen && this.#received.length >= MBAP_BYTES) {
      const length = this.#received.readUInt16BE(4)
      const wrong = this.#judgeHead(length)
      if (wrong !== undefined) {
        this.#fail(new ModbusError('bad-reply', wrong))
        return
      }
      if (this.#received.length < MBAP_BYTES + length) return
      const body = this.#received.subarray(MBAP_BYTES, MBAP_BYTES + length)
      this.#received = this.#received.subarray(MBAP_BYTES + length)
      this.#deliver(body)
    }
  }

  #judgeHead(length: number): string | undefined {
    const transaction = this.#received.readUInt16BE(0)
    const protocol = this.#received.readUInt16BE(2)
    if (this.#awaited === undefined) return 'a reply came that nobody had asked for'
    if (transaction !== this.#awaited.transaction)
      return `expected transaction ${this.#awaited.transaction}, got ${transaction}`
    if (protocol !== 0) return `expected protocol 0, got ${protocol}`
    if (length < LENGTH_MIN || length > LENGTH_MAX) return `expected a length of 3 to 254, got ${length}`
    return undefined
  }

  #deliver(body: Buffer): void {
    const judged = judgeReply(this.#awaited!.request, body)
    const length = 'wrong' in judged ? undefined : judged.length
    if (length !== body.length - 1) {
      const wrong = 'wrong' in judged ? judged.wrong : `expected ${length ?? 'more'} bytes, got ${body.length - 1}`
      this.#fail(new ModbusError('bad-reply', wrong))
      return
    }
    this._transactionIdRead = this.#awaited!.transaction
    this.#awaited = undefined
    const { answerTo } = this
    this.answerTo = undefined
    if (answerTo !== undefined) {
      answerTo(body)
      return
    }
    // modbus-serial expects every port to hand it RTU frames.
    const frame = Buffer.alloc(body.length + 2)
    body.copy(frame)
    frame.writeUInt16LE(crc16(body), body.length)
    this.emit('data', frame)
  }

  #fail(error: ModbusError): void {
    if (!this.isOpen) return
    this.failure = error
    void this.destroy()
    this.onFailure(error)
  }
}
