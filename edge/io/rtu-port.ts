/**
 * A byte line (serial port, or a connection to a serial device server) as a port for modbus-serial, with RTU framing
 * checked strictly (Modbus over Serial Line 1.02, 2.5.1): whatever is not exactly the awaited answer fails at once.
 * RTU has no id by which a late reply is known, so how long the line must be left alone is kept by `modbus-link.ts`.
 */
import { EventEmitter } from 'node:events'
import { type Clock, ModbusError } from '../../domain/ports.ts'
import { type Monotonic, monotonic } from '../../domain/time.ts'
import { crc16 } from '../crc16.ts'

/** Unit id, function code, exception code or byte count; then the CRC. */
const HEAD_BYTES = 3
const CRC_BYTES = 2

export interface ByteLine {
  onData(listener: (bytes: Uint8Array) => void): void
  write(bytes: Uint8Array): void
  /** Resolves when the line is free for the next to open it. */
  close(): Promise<unknown>
}

type Awaited = { readonly unit: number; readonly code: number; readonly quantity: number }

export class RtuPort extends EventEmitter {
  /** RTU has no transaction ids: modbus-serial matches the one request in flight. */
  _transactionIdWrite = 1
  _transactionIdRead = 1
  /** Told when the awaited answer cannot come any more. */
  onFailure: (error: ModbusError) => void = () => {}
  /** When the last character came, asked for or not. */
  lastHeard: Monotonic = monotonic(0n)
  /** Characters that came while nothing was awaited: late replies, echoes, noise. Never taken for an answer. */
  unasked = 0
  readonly #line: ByteLine
  readonly #clock: Clock
  #received: Buffer = Buffer.alloc(0)
  #awaited: Awaited | undefined
  #failed = false
  #closed: Promise<unknown> | undefined

  /** @param line already open */
  constructor(line: ByteLine, clock: Clock) {
    super()
    this.#line = line
    this.#clock = clock
    line.onData((bytes) => this.#take(bytes))
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

  destroy(): Promise<unknown> {
    this.#failed = true
    this.#closed ??= this.#line.close()
    return this.#closed
  }

  /** The line ended although nobody closed it. */
  lost(why: string): void {
    if (this.#failed) return
    void this.destroy()
    this.onFailure(new ModbusError('closed', why))
  }

  /** Nothing is awaited any more: what still comes is a late reply. */
  abandon(): void {
    this.#awaited = undefined
    this.#received = Buffer.alloc(0)
  }

  /** `frame` is an RTU frame with its CRC, always FC 3 or 4 here: unit, code, address, quantity. */
  write(frame: Buffer): void {
    this.#received = Buffer.alloc(0)
    this.#awaited = { unit: frame.readUInt8(0), code: frame.readUInt8(1), quantity: frame.readUInt16BE(4) }
    this.#line.write(frame)
  }

  #take(bytes: Uint8Array): void {
    this.lastHeard = this.#clock.monotonic()
    if (this.#awaited === undefined) {
      this.unasked += bytes.length
      return
    }
    const received = Buffer.concat([this.#received, bytes])
    this.#received = received
    const wrong = judgeHead(received, this.#awaited)
    const length = replyLength(received, this.#awaited)
    if (wrong !== undefined) this.#refuse(wrong)
    else if (length !== undefined && received.length >= length) this.#deliver(received, length)
  }

  #deliver(received: Buffer, length: number): void {
    const frame = received.subarray(0, length)
    this.unasked += received.length - length
    if (crc16(frame.subarray(0, -CRC_BYTES)) !== frame.readUInt16LE(length - CRC_BYTES)) {
      this.#refuse(`wrong CRC over ${length} bytes`)
      return
    }
    this.abandon()
    this.emit('data', frame)
  }

  #refuse(wrong: string): void {
    this.abandon()
    this.onFailure(new ModbusError('bad-reply', wrong))
  }
}

/** Judges what is there of a reply, so that a reply to another request fails with its first wrong byte. */
function judgeHead(received: Buffer, { unit, code, quantity }: Awaited): string | undefined {
  const [gotUnit, gotCode, third] = received
  if (gotUnit !== unit) return `expected unit ${unit}, got ${gotUnit}`
  if (gotCode === undefined || gotCode === (code | 0x80)) return undefined
  if (gotCode !== code) return `expected function ${code}, got ${gotCode}`
  if (third === undefined || third === quantity * 2) return undefined
  return `expected ${quantity} registers (${quantity * 2} bytes), got a byte count of ${third}`
}

function replyLength(received: Buffer, { code, quantity }: Awaited): number | undefined {
  if (received.length < HEAD_BYTES) return undefined
  return HEAD_BYTES + CRC_BYTES + (received.readUInt8(1) === code ? quantity * 2 : 0)
}
