/**
 * A byte line (serial port, or a connection to a serial device server) as a port for modbus-serial, with RTU framing
 * checked strictly (Modbus over Serial Line 1.02, 2.5.1): whatever is not exactly the awaited answer fails at once.
 * RTU has no id by which a late reply is known, so how long the line must be left alone is kept by `modbus-link.ts`.
 */
import { EventEmitter } from 'node:events'
import { crc16 } from '../../domain/crc16.ts'
import { type Clock, ModbusError } from '../../domain/ports.ts'
import { type Monotonic, monotonic } from '../../domain/time.ts'
import { judgeReply } from './modbus-pdu.ts'

const CRC_BYTES = 2

export interface ByteLine {
  onData(listener: (bytes: Uint8Array) => void): void
  write(bytes: Uint8Array): void
  /** Resolves when the line is free for the next to open it. */
  close(): Promise<unknown>
}

export class RtuPort extends EventEmitter {
  /** RTU has no transaction ids: modbus-serial matches the one request in flight. */
  _transactionIdWrite = 1
  _transactionIdRead = 1
  /** Told when the awaited answer cannot come any more. */
  onFailure: (error: ModbusError) => void = () => {}
  /** Takes the next answer in place of modbus-serial: unit id and PDU, and the CRC that was right. */
  answerTo: ((body: Buffer) => void) | undefined
  /** Why the line is of no more use. */
  failure: ModbusError | undefined
  /** When the last character came, asked for or not. */
  lastHeard: Monotonic = monotonic(0n)
  /** Characters that came while nothing was awaited: late replies, echoes, noise. Never taken for an answer. */
  unasked = 0
  readonly #line: ByteLine
  readonly #clock: Clock
  readonly #echoes: boolean
  /** What must come back of the request before its reply. */
  #echo: Buffer = Buffer.alloc(0)
  #received: Buffer = Buffer.alloc(0)
  /** Unit id and PDU of the request in flight. */
  #awaited: Buffer | undefined
  #closed: Promise<unknown> | undefined

  /**
   * @param line already open
   * @param echoes the adapter hears what it sends: exactly these bytes come first and are no reply
   */
  constructor(line: ByteLine, clock: Clock, echoes = false) {
    super()
    this.#line = line
    this.#clock = clock
    this.#echoes = echoes
    line.onData((bytes) => this.#take(bytes))
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

  destroy(): Promise<unknown> {
    this.failure ??= new ModbusError('closed', 'the link was closed')
    this.#closed ??= this.#line.close()
    return this.#closed
  }

  /** The line ended although nobody closed it. */
  lost(why: string): void {
    if (!this.isOpen) return
    this.failure = new ModbusError('closed', why)
    void this.destroy()
    this.onFailure(this.failure)
  }

  /** Nothing is awaited any more: what still comes is a late reply. */
  abandon(): void {
    this.#awaited = undefined
    this.answerTo = undefined
    this.#received = Buffer.alloc(0)
    this.#echo = Buffer.alloc(0)
  }

  /** @param frame a request with its CRC */
  write(frame: Buffer): void {
    this.#received = Buffer.alloc(0)
    this.#awaited = frame.subarray(0, -CRC_BYTES)
    if (this.#echoes) this.#echo = Buffer.from(frame)
    this.#line.write(frame)
  }

  /** @param body unit id and PDU of a request */
  send(body: Buffer): void {
    const crc = crc16(body)
    this.write(Buffer.concat([body, Buffer.of(crc & 0xff, crc >> 8)]))
  }

  #take(bytes: Uint8Array): void {
    this.lastHeard = this.#clock.monotonic()
    if (this.#awaited === undefined) {
      this.unasked += bytes.length
      return
    }
    const reply = this.#withoutEcho(bytes)
    if (reply === undefined || reply.length === 0) return
    const received = Buffer.concat([this.#received, reply])
    this.#received = received
    // Judged with every byte, so that a reply to another request fails with its first wrong one.
    const judged = judgeReply(this.#awaited, received)
    if ('wrong' in judged) this.#refuse(judged.wrong)
    else if (judged.length !== undefined && received.length >= 1 + judged.length + CRC_BYTES)
      this.#deliver(received, 1 + judged.length + CRC_BYTES)
  }

  /** What of these bytes is not echo; `undefined` where the echo is wrong: something else was on the line. */
  #withoutEcho(bytes: Uint8Array): Uint8Array | undefined {
    const count = Math.min(this.#echo.length, bytes.length)
    if (count === 0) return bytes
    if (!this.#echo.subarray(0, count).equals(bytes.subarray(0, count))) {
      this.#refuse('the echo of the adapter differs from the request')
      return undefined
    }
    this.#echo = this.#echo.subarray(count)
    return bytes.subarray(count)
  }

  #deliver(received: Buffer, length: number): void {
    const frame = received.subarray(0, length)
    this.unasked += received.length - length
    if (crc16(frame.subarray(0, -CRC_BYTES)) !== frame.readUInt16LE(length - CRC_BYTES)) {
      this.#refuse(`wrong CRC over ${length} bytes`)
      return
    }
    const { answerTo } = this
    this.abandon()
    if (answerTo === undefined) this.emit('data', frame)
    else answerTo(frame)
  }

  #refuse(wrong: string): void {
    this.abandon()
    this.onFailure(new ModbusError('bad-reply', wrong))
  }
}
