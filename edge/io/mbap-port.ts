/**
 * A TCP connection to a Modbus server as a port for modbus-serial, with the MBAP framing checked strictly (Modbus Messaging
 * on TCP/IP 1.0b, 3.1.3): whatever is not exactly the awaited answer fails at once. Time-outs, the queue and reconnecting
 * are left to `modbus-link.ts`.
 */
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { ModbusError } from '../../domain/ports.ts'
import { crc16 } from '../crc16.ts'

const MBAP_BYTES = 6
/** Unit id, function code and at least one byte; at most unit id and a PDU of 253 bytes. */
const LENGTH_MIN = 3
const LENGTH_MAX = 254
/** modbus-serial keeps an entry per transaction id for ever, so ids wrap early; one request is in flight at a time. */
const TRANSACTION_IDS = 256

type Awaited = { transaction: number; unit: number; code: number; quantity: number }

export class MbapPort extends EventEmitter {
  /** modbus-serial reads and resets both ids; it matches replies by `_transactionIdRead`. */
  _transactionIdWrite = 1
  _transactionIdRead = 0
  /** Told once: the connection is of no more use. */
  onFailure: (error: ModbusError) => void = () => {}
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #awaited: Awaited | undefined
  #failed = false

  /** @param socket already connected */
  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('close', () => this.#fail(new ModbusError('closed', 'the device closed the connection')))
    socket.on('error', (error) => this.#fail(new ModbusError('closed', error.message)))
  }

  get isOpen(): boolean {
    return !this.#failed
  }

  open(callback: (error?: Error) => void): void {
    callback()
  }

  close(callback: () => void): void {
    void this.destroy().then(callback)
  }

  async destroy(): Promise<void> {
    this.#failed = true
    this.#socket.destroy()
  }

  /** `frame` is an RTU frame with its CRC, always FC 3 or 4 here: unit, code, address, quantity. */
  write(frame: Buffer): void {
    const body = frame.subarray(0, -2)
    this.#awaited = {
      transaction: this._transactionIdWrite,
      unit: body.readUInt8(0),
      code: body.readUInt8(1),
      quantity: body.readUInt16BE(4),
    }
    const head = Buffer.alloc(MBAP_BYTES)
    head.writeUInt16BE(this._transactionIdWrite, 0)
    head.writeUInt16BE(body.length, 4)
    this._transactionIdWrite = (this._transactionIdWrite + 1) % TRANSACTION_IDS
    this.#socket.write(Buffer.concat([head, body]))
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    while (!this.#failed && this.#received.length >= MBAP_BYTES) {
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
    const wrong = judgeBody(body, this.#awaited!)
    if (wrong !== undefined) {
      this.#fail(new ModbusError('bad-reply', wrong))
      return
    }
    this._transactionIdRead = this.#awaited!.transaction
    this.#awaited = undefined
    const frame = Buffer.alloc(body.length + 2)
    body.copy(frame)
    // modbus-serial expects every port to hand it RTU frames.
    frame.writeUInt16LE(crc16(body), body.length)
    this.emit('data', frame)
  }

  #fail(error: ModbusError): void {
    if (this.#failed) return
    void this.destroy()
    this.onFailure(error)
  }
}

/** modbus-serial takes an exception from any unit and never looks at the byte count; both are checked here. */
function judgeBody(body: Buffer, awaited: Awaited): string | undefined {
  const unit = body.readUInt8(0)
  const code = body.readUInt8(1)
  const third = body.readUInt8(2)
  if (unit !== awaited.unit) return `expected unit ${awaited.unit}, got ${unit}`
  if (code === (awaited.code | 0x80)) return body.length === 3 ? undefined : `exception of ${body.length} bytes`
  if (code !== awaited.code) return `expected function ${awaited.code}, got ${code}`
  const bytes = awaited.quantity * 2
  if (third !== bytes || body.length !== bytes + 3)
    return `expected ${awaited.quantity} registers (${bytes} bytes), got a byte count of ${third} in ${body.length - 3} bytes`
  return undefined
}
