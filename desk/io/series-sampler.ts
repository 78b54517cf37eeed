/**
 * Writes how things stand into InfluxDB every few seconds. A sample that cannot be written is let go: the next one is due,
 * and the gap says that nothing was known. What must not be lost goes by `event-export.ts`.
 */
import type { Clock, Log, PointSink } from '../../domain/ports.ts'
import { afterMs } from '../../runtime/clock.ts'
import { pointsOf, type Standing } from '../health-points.ts'

/** Grafana's own alert rules look back a minute: four samples. */
export const SAMPLE_MS = 15_000

export type SeriesSamplerOptions = {
  readonly sink: PointSink
  readonly standing: () => Standing
  readonly clock: Clock
  readonly log: Log
}

export class SeriesSampler {
  readonly #o: SeriesSamplerOptions
  #cancel: () => void = () => {}
  #working: Promise<void> | undefined
  #stopped = false
  #failing = false

  constructor(options: SeriesSamplerOptions) {
    this.#o = options
  }

  start(): void {
    this.#next()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }

  #next(): void {
    if (this.#stopped) return
    const { clock } = this.#o
    this.#cancel = clock.at(afterMs(clock, SAMPLE_MS), () => {
      this.#working = this.#sample().finally(() => this.#next())
    })
  }

  async #sample(): Promise<void> {
    const { sink, standing, clock, log } = this.#o
    try {
      const [refused] = await sink.write(pointsOf(standing(), clock.now()))
      if (refused !== undefined) throw new Error(refused.why)
      this.#failing = false
    } catch (error) {
      if (!this.#failing) log.warn('how things stand cannot be written', { why: (error as Error).message })
      this.#failing = true
    }
  }
}
