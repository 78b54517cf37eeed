/**
 * Simulated devices on a serial bus: Modbus RTU on a real port or one end of a pty pair, many unit ids on one line. What
 * they answer is decided in `answer.ts`.
 */
import type { Clock, Log } from '../../domain/ports.ts'
import { characterTime_ms, SerialLine, type SerialSettings, silence_ms } from '../../runtime/serial-line.ts'
import type { SimulatedDevice } from '../device.ts'
import type { Timebase } from '../timebase.ts'
import { LinkFaults } from '../wire-proxy.ts'
import { Complaints } from './complaints.ts'
import { RtuSession } from './rtu-session.ts'

export type RtuSerialServerOptions = {
  readonly serial: SerialSettings
  /** Answers as late as the wire's bit rate would bring them: for ptys, which have none. Default false. */
  readonly pace?: boolean
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly at: Timebase
  readonly clock: Clock
  readonly log: Log
  /** What the wire does to every connection; default it is sound. */
  readonly wire?: LinkFaults
}

export class RtuSerialServer {
  readonly #options: RtuSerialServerOptions
  readonly #complaints: Complaints
  #line: SerialLine | undefined
  #session: RtuSession | undefined

  constructor(options: RtuSerialServerOptions) {
    this.#options = options
    this.#complaints = new Complaints(options.log)
  }

  /** @throws PlumblineError SITE_INVALID (no such port), PORT_IN_USE */
  async listen(): Promise<void> {
    const { serial, pace, devices, at, clock, log, wire } = this.#options
    const line = await SerialLine.open(serial, clock, (why) => {
      this.#session?.close()
      log.error('serial line lost', { device: serial.device, why })
    })
    const character_ms = characterTime_ms(serial)
    const session = new RtuSession({
      devices,
      at,
      clock,
      wire: wire ?? new LinkFaults(serial.path, 'rtu', 0),
      silence_ms: silence_ms(serial),
      wireTime_ms: pace ? (bytes) => bytes * character_ms + silence_ms(serial) : () => 0,
      write: (bytes) => line.write(bytes),
      // A line cannot be closed from its far end: the request stays unanswered.
      end: () => {},
      dropped: (why) => this.#complaints.tell('dropped what came on a serial line', { device: serial.device, why }),
    })
    line.onData((chunk) => session.data(chunk))
    this.#line = line
    this.#session = session
  }

  /** What came and was no frame, or could not be answered. */
  get dropped(): number {
    return this.#complaints.counts.get('dropped what came on a serial line') ?? 0
  }

  async close(): Promise<void> {
    this.#session?.close()
    await this.#line?.close()
    this.#session = undefined
    this.#line = undefined
  }
}
