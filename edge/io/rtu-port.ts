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
const EXCEPTION_FRAME_BYTES = 5
/** Bytes of late replies among which the answer to a telling request is looked for: more than two of the longest. */
const PASSED_OVER_MAX = 600

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
  /** Frame of a telling request in flight: looked for among whatever else comes. */
  #telling: Buffer | undefined
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
    this.#telling = undefined
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

  /**
   * Sends a request that no other looks like; late replies to others are passed over until its own answer is there.
   * @param body unit id and PDU of a request that is answered by itself, or by an exception
   */
  tell(body: Buffer): void {
    const crc = crc16(body)
    this.#received = Buffer.alloc(0)
    this.#telling = Buffer.concat([body, Buffer.of(crc & 0xff, crc >> 8)])
    this.#line.write(this.#telling)
  }

  #take(bytes: Uint8Array): void {
    this.lastHeard = this.#clock.monotonic()
    if (this.#telling !== undefined) {
      this.#lookFor(this.#telling, bytes)
      return
    }
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

  #lookFor(telling: Buffer, bytes: Uint8Array): void {
    this.#received = Buffer.concat([this.#received, bytes]).subarray(-PASSED_OVER_MAX)
    const end = endOfAnswer(telling, this.#received, this.#echoes)
    if (end === undefined) return
    this.unasked += this.#received.length - end
    const { answerTo } = this
    this.abandon()
    answerTo?.(telling)
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

/** Where the answer to a telling request ends among all that came; after the adapter's echo of it, which looks alike. */
function endOfAnswer(telling: Buffer, received: Buffer, echoes: boolean): number | undefined {
  const first = received.indexOf(telling)
  if (echoes && first < 0) return undefined
  const from = echoes ? first + telling.length : 0
  const same = received.indexOf(telling, from)
  if (same >= 0) return same + telling.length
  const head = Buffer.of(telling[0]!, telling[1]! | 0x80)
  for (let at = received.indexOf(head, from); at >= 0; at = received.indexOf(head, at + 1)) {
    const frame = received.subarray(at, at + EXCEPTION_FRAME_BYTES)
    if (frame.length === EXCEPTION_FRAME_BYTES && crc16(frame.subarray(0, -CRC_BYTES)) === frame.readUInt16LE(3))
      return at + EXCEPTION_FRAME_BYTES
  }
  return undefined
}
