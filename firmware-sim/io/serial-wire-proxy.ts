/**
 * A bad wire in a serial bus: the master's end is one port (or pty), the devices' end another, RTU frames pass between
 * them. What happens to each frame is decided in `wire-proxy.ts`, live, by `setFaults`.
 */
import type { Clock, Log } from '../../domain/ports.ts'
import { SerialLine, type SerialSettings, silence_ms } from '../../runtime/serial-line.ts'
import { LinkFaults, type WireFaults } from '../wire-proxy.ts'
import { FramePump } from './frame-pump.ts'

export type SerialWireProxyOptions = {
  /** Name of the link. */
  readonly link: string
  readonly master: SerialSettings
  readonly devices: SerialSettings
  readonly seed: number
  readonly clock: Clock
  readonly log: Log
}

export class SerialWireProxy {
  readonly #options: SerialWireProxyOptions
  readonly #link: LinkFaults
  #lines: SerialLine[] = []
  #pumps: FramePump[] = []

  constructor(options: SerialWireProxyOptions) {
    this.#options = options
    this.#link = new LinkFaults(options.link, 'rtu', options.seed)
  }

  /** @throws PlumblineError SITE_INVALID, PORT_IN_USE; neither port stays open then */
  async open(): Promise<void> {
    const { link, clock, log } = this.#options
    const lost = (device: string) => (why: string) => {
      for (const pump of this.#pumps) pump.close()
      log.error('serial line of a wire proxy lost', { link, device, why })
    }
    try {
      for (const settings of [this.#options.master, this.#options.devices])
        this.#lines.push(await SerialLine.open(settings, clock, lost(settings.device)))
    } catch (error) {
      await this.close()
      throw error
    }
    const [master, devices] = this.#lines as [SerialLine, SerialLine]
    this.#pumps = [this.#pump('requests', master, devices), this.#pump('replies', devices, master)]
  }

  /** @throws PlumblineError USAGE, and nothing has changed */
  setFaults(faults: WireFaults): void {
    this.#link.setFaults(faults)
  }
  get faults(): WireFaults {
    return this.#link.faults
  }
  get counts(): LinkFaults['counts'] {
    return this.#link.counts
  }

  async close(): Promise<void> {
    for (const pump of this.#pumps) pump.close()
    await Promise.all(this.#lines.map((line) => line.close()))
    this.#lines = []
    this.#pumps = []
  }

  #pump(way: 'requests' | 'replies', from: SerialLine, to: SerialLine): FramePump {
    const pump = new FramePump({
      lane: this.#link.lane(way),
      framing: 'rtu',
      clock: this.#options.clock,
      silence_ms: silence_ms(this.#options.master),
      write: (bytes) => to.write(bytes),
      // RTU has no stream that can break: every silence starts anew.
      broken: () => {},
    })
    from.onData((chunk) => pump.data(chunk))
    return pump
  }
}
