/** What the desk writes into InfluxDB, where that is the store: the journal as events, what floors did, and how things stand. */
import type { Site } from '../../domain/channel.ts'
import type { Clock, Log, PointSink } from '../../domain/ports.ts'
import { decodeIngestHealth, type IngestHealth } from '../../domain/wire/ingest-health.ts'
import type { NodeHealth } from '../../domain/wire/node-health.ts'
import { Places } from '../event-points.ts'
import type { Standing } from '../health-points.ts'
import { EventExport, type EventExportOptions } from './event-export.ts'
import { MotionExport, type MotionSource } from './motion-export.ts'
import { SeriesSampler } from './series-sampler.ts'

export type SeriesExportOptions = Pick<EventExportOptions, 'folder' | 'journal' | 'about'> & {
  readonly site: Site
  readonly sink: PointSink
  readonly motions: MotionSource
  readonly clock: Clock
  readonly log: Log
  readonly standing: () => Pick<Standing, 'alarms' | 'devices' | 'nodes'> & {
    readonly desk: Omit<Standing['desk'], 'not_exported'>
  }
}

export class SeriesExport {
  readonly #o: SeriesExportOptions
  readonly #health = new Map<string, NodeHealth>()
  #ingest: IngestHealth | undefined
  readonly events: EventExport
  readonly #motions: MotionExport
  readonly #sampler: SeriesSampler

  constructor(options: SeriesExportOptions) {
    this.#o = options
    const { site, about } = options
    const places = new Places(site)
    this.events = new EventExport({ ...options, site: site.file.site, places })
    const { motions: source, folder, sink, clock, log } = options
    this.#motions = new MotionExport({ site: site.file.site, folder, sink, source, clock, log })
    this.#sampler = new SeriesSampler({
      ...options,
      standing: () => {
        const { desk, ...now } = options.standing()
        return {
          ...now,
          site: site.file.site,
          places,
          about,
          nodeHealth: this.#health,
          ingest: this.#ingest,
          desk: { ...desk, not_exported: this.events.behind },
        }
      },
    })
  }

  async start(): Promise<void> {
    await this.events.start()
    await this.#motions.start()
    this.#sampler.start()
  }

  /** What a node said of itself; `undefined` when it is gone: what it said is not known any more. */
  heard(node: string, health: NodeHealth | undefined): void {
    if (health === undefined) this.#health.delete(node)
    else this.#health.set(node, health)
  }

  heardIngest(payload: Uint8Array): void {
    this.#ingest = decodeIngestHealth(payload) ?? this.#ingest
  }

  async stop(): Promise<void> {
    await Promise.all([this.events.stop(), this.#motions.stop(), this.#sampler.stop()])
    await this.#o.sink.close()
  }
}
