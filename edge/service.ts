/**
 * The edge node: registers in, Sparkplug out. It measures, decides and records whatever becomes of the uplink.
 *
 * Acquisition (`acquisition.ts`) polls devices and gives readings, blocks and conditions through the seam of `ports.ts`.
 * Recording (`io/recording.ts`) puts each into the outbox on disk (`outbox*.ts`), sends it live at once over one of the two
 * Sparkplug nodes (`uplink.ts`, `node-session.ts`, `births.ts`), and sends again what its owner has not committed
 * (`resend.ts` decides, `resender.ts` does).
 */
import type { Site } from '../domain/channel.ts'
import type { Clock, ConnectMqtt, Log, ModbusLink, Service } from '../domain/ports.ts'
import type { SiteLink, SiteNode } from '../domain/site.ts'
import { afterMs } from '../runtime/clock.ts'
import { Acquisition } from './acquisition.ts'
import { type EdgeStats, Recording } from './io/recording.ts'

/** Shares of the two seconds in which a stop must be done. */
const STOP_ACQUISITION_MS = 700
const STOP_RECORDING_MS = 1000

export type EdgeServiceOptions = {
  readonly site: Site
  readonly node: SiteNode
  /** Root of `--data`. */
  readonly dataDir: string
  readonly brokerUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly connectMqtt: ConnectMqtt
  readonly openLink: (link: SiteLink) => ModbusLink
  readonly password: () => Promise<string>
  /** Name and version in the birth. */
  readonly software?: string
}

export class EdgeService implements Service {
  readonly name: string
  readonly #options: EdgeServiceOptions
  readonly #recording: Recording
  #acquisition: Acquisition | undefined

  constructor(options: EdgeServiceOptions) {
    this.name = `edge ${options.node.id}`
    this.#options = { ...options, log: options.log.child({ node: options.node.id }) }
    this.#recording = new Recording(this.#options)
  }

  /** @throws PlumblineError DATA_IN_USE, DATA_READ_ONLY, DATA_FULL, DATA_CORRUPT */
  async start(): Promise<void> {
    await this.#recording.start()
    const { site, node, clock, log, openLink } = this.#options
    try {
      this.#acquisition = new Acquisition({ site, node, clock, log, openLink, ...this.#recording.seam })
      this.#acquisition.start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Within two seconds: a link that does not answer is not waited for. */
  async stop(): Promise<void> {
    await this.#within(STOP_ACQUISITION_MS, this.#acquisition?.stop() ?? Promise.resolve())
    await this.#recording.stop(STOP_RECORDING_MS)
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    const { clock, log } = this.#options
    let cancel = () => {}
    const over = new Promise<void>((resolve) => {
      cancel = clock.at(afterMs(clock, ms), resolve)
    })
    const failed = (error: Error) => log.error('acquisition did not stop cleanly', { what: error.message })
    await Promise.race([work.catch(failed), over])
    cancel()
  }

  /** `undefined` while stopped. */
  stats(): EdgeStats | undefined {
    return this.#recording.stats()
  }
}
