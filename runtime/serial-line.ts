/**
 * A serial line as a byte stream: a real port or one end of a pty pair, through the native `serialport` package, which is
 * optional. What the bytes mean is left to the rooms: the simulator's devices and the edge's master meet on it.
 */
import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { SerialPort } from 'serialport'
import { PlumblineError } from '../domain/errors.ts'
import type { Clock } from '../domain/ports.ts'
import { monotonic, NS_PER_S } from '../domain/time.ts'

/** Start, eight data bits and parity or a second stop bit, stop: 11 bits a character (2.5.1); 10 for 8N1. */
export type CharacterFormat = {
  readonly baud: number
  readonly parity: 'none' | 'even' | 'odd'
  readonly stop_bits: 1 | 2
}

export const characterTime_ms = ({ baud, parity, stop_bits }: CharacterFormat): number =>
  ((9 + (parity === 'none' ? 0 : 1) + stop_bits) * 1000) / baud

/** 3.5 characters, and 1.75 ms beyond 19,200 baud (2.5.1.1). */
export const silence_ms = (format: CharacterFormat): number =>
  format.baud > 19_200 ? 1.75 : 3.5 * characterTime_ms(format)

export type SerialSettings = CharacterFormat & {
  /** Device path, e.g. `/dev/ttyUSB0`. */
  readonly device: string
  /** Where the port stands in the site file, for a person who must correct it. */
  readonly path: string
}

/** Bytes that a peer has not taken before further writes are dropped: a serial line has no flow control. */
export const UNSENT_MAX_BYTES = 65_536

export class SerialLine {
  readonly #port: SerialPort
  readonly #clock: Clock
  readonly #onLost: (why: string) => void
  #cancelWatch = () => {}
  #closed: Promise<void> | undefined
  /** Bytes dropped because the line did not take them. */
  dropped = 0

  private constructor(port: SerialPort, clock: Clock, onLost: (why: string) => void) {
    this.#port = port
    this.#clock = clock
    this.#onLost = onLost
    port.on('error', (error) => this.#lost(error.message))
    port.on('close', (error: Error | null) => this.#lost(error?.message ?? 'the port was closed'))
  }

  /**
   * @param onLost told once, when the line ends although nobody closed it
   * @throws PlumblineError SITE_INVALID (no such port, no permission, package missing), PORT_IN_USE
   */
  static async open(settings: SerialSettings, clock: Clock, onLost: (why: string) => void): Promise<SerialLine> {
    const { device, baud, parity, stop_bits, path } = settings
    const SerialPort = await loadSerialPort(path)
    const port = new SerialPort({ path: device, baudRate: baud, parity, stopBits: stop_bits, autoOpen: false })
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error ? reject(refused(error, device, path)) : resolve()))
    })
    const line = new SerialLine(port, clock, onLost)
    line.#watch(device, await nodeOf(device))
    return line
  }

  /**
   * A tty that hung up (adapter pulled out, pty closed) reads as 0 bytes for ever, and serialport asks again at once for as
   * long: the device node, gone or another, tells what the stream does not.
   */
  #watch(device: string, node: string | undefined): void {
    if (this.#closed !== undefined) return
    this.#cancelWatch = this.#clock.at(monotonic(this.#clock.monotonic() + NS_PER_S), async () => {
      if ((await nodeOf(device)) === node) this.#watch(device, node)
      else this.#lost(`${device} is gone`)
    })
  }

  #lost(why: string): void {
    if (this.#closed !== undefined) return
    void this.close()
    this.#onLost(why)
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#port.on('data', listener)
  }

  write(bytes: Uint8Array): void {
    if (!this.#port.isOpen || this.#closed !== undefined) return
    if (this.#port.writableLength + bytes.length > UNSENT_MAX_BYTES) this.dropped += bytes.length
    else this.#port.write(bytes)
  }

  /** Drops what has not been sent; resolves when the port is free. */
  close(): Promise<void> {
    this.#cancelWatch()
    this.#closed ??= new Promise((resolve) => {
      if (!this.#port.isOpen) return resolve()
      this.#port.close(() => resolve())
    })
    return this.#closed
  }
}

/** Which device node stands at a path; `undefined` where none does. */
const nodeOf = (device: string): Promise<string | undefined> =>
  stat(device, { bigint: true }).then(
    ({ dev, ino, rdev }: BigIntStats) => `${dev}/${ino}/${rdev}`,
    () => undefined,
  )

async function loadSerialPort(path: string): Promise<typeof SerialPort> {
  try {
    return (await import('serialport')).SerialPort
  } catch (cause) {
    const got = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    const expected = 'the npm package serialport, which serial lines need and which comes with modbus-serial'
    throw new PlumblineError('SITE_INVALID', `${path}: expected ${expected}, got ${got}`, { cause })
  }
}

function refused(error: Error, device: string, path: string): PlumblineError {
  const cause = { cause: error }
  if (/lock port/i.test(error.message))
    return new PlumblineError('PORT_IN_USE', `${device} (${path}) is already open in another program`, cause)
  const expected = 'a serial port that can be opened'
  return new PlumblineError('SITE_INVALID', `${path}: expected ${expected}, got ${device} (${error.message})`, cause)
}
