/**
 * Brings what the floors did in each ground-motion event into InfluxDB, once the event is over and its waveforms have come in.
 * What was written is kept on disk, with the instant at which it stands: a crash writes an event again and leaves none out, and
 * an event that a late alarm changed is written over where it stood.
 */
import { join } from 'node:path'
import type { EventDetailJson } from '../../domain/api-desk.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log, PointSink } from '../../domain/ports.ts'
import { instant } from '../../domain/time.ts'
import { readFileIfThere, writeFileDurably } from '../../runtime/atomic-file.ts'
import { afterMs } from '../../runtime/clock.ts'
import { EVENTS_KEPT, endOf, type GroundMotion, onsetOf } from '../ground-motion.ts'
import { motionPoints } from '../motion-points.ts'

export const MOTION_FILE = 'motion-export.json'
const LOOK_MS = 15_000
const RETRY_MOST_MS = 60_000

/** Events that are over and settled, oldest first, and what was measured of one. */
export interface MotionSource {
  settled(): readonly GroundMotion[]
  measure(event: GroundMotion): Promise<EventDetailJson>
}

export type MotionExportOptions = {
  readonly site: string
  readonly folder: string
  readonly sink: PointSink
  readonly source: MotionSource
  readonly clock: Clock
  readonly log: Log
}

/** What was written of an event: where it stands, and what it was made of. */
type Written = { readonly t_ns: string; readonly of: string }

export class MotionExport {
  readonly #o: MotionExportOptions
  #written = new Map<string, Written>()
  #wait_ms = LOOK_MS
  #failing = false
  #stopped = false
  #cancel: () => void = () => {}
  #working: Promise<void> | undefined

  constructor(options: MotionExportOptions) {
    this.#o = options
  }

  /** Events that are in the store. */
  get written(): number {
    return this.#written.size
  }

  async start(): Promise<void> {
    this.#written = await this.#read()
    this.#look()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }

  #look(): void {
    if (this.#stopped) return
    this.#working = this.#work().finally(() => {
      this.#working = undefined
      if (this.#stopped) return
      const { clock } = this.#o
      this.#cancel = clock.at(afterMs(clock, this.#wait_ms), () => this.#look())
    })
  }

  async #work(): Promise<void> {
    const { source, log } = this.#o
    try {
      for (const event of source.settled()) {
        if (this.#stopped) return
        if (this.#written.get(event.id)?.of !== madeOf(event)) await this.#export(event)
      }
      if (this.#failing) log.info('events of the ground are written again')
      this.#failing = false
      this.#wait_ms = LOOK_MS
    } catch (error) {
      if (!this.#failing)
        log.warn('what the floors did cannot be written; it is tried again', { why: (error as Error).message })
      this.#failing = true
      this.#wait_ms = Math.min(RETRY_MOST_MS, this.#wait_ms * 2)
    }
  }

  async #export(event: GroundMotion): Promise<void> {
    const { site, sink, source, folder, log } = this.#o
    const t_ns = this.#written.get(event.id)?.t_ns ?? String(onsetOf(event))
    const detail = await source.measure(event)
    const points = motionPoints(site, detail, instant(BigInt(t_ns)))
    const [refused] = points.length === 0 ? [] : await sink.write(points)
    if (refused !== undefined) log.warn('InfluxDB refuses an event of the ground', { id: event.id, why: refused.why })
    const now: readonly [string, Written] = [event.id, { t_ns, of: madeOf(event) }]
    // As many as the desk keeps events, the newest.
    const kept = [...this.#written]
      .filter(([id]) => id !== event.id)
      .concat([[...now]])
      .slice(-EVENTS_KEPT)
    await writeFileDurably(join(folder, MOTION_FILE), `${JSON.stringify({ version: 1, written: kept })}\n`, 0o600)
    this.#written = new Map(kept)
  }

  async #read(): Promise<Map<string, Written>> {
    const path = join(this.#o.folder, MOTION_FILE)
    const bytes = await readFileIfThere(path)
    if (bytes === undefined) return new Map()
    try {
      const { version, written } = JSON.parse(bytes.toString('utf8')) as {
        version?: unknown
        written?: ReadonlyArray<readonly [string, Written]>
      }
      if (version === 1 && Array.isArray(written)) return new Map(written)
    } catch {}
    const { message } = new PlumblineError(
      'DATA_CORRUPT',
      `${path}: expected what was written of each event; events of the ground are written anew`,
    )
    this.#o.log.warn(message)
    return new Map()
  }
}

/** Changes when an alarm is added to the event or ends at another time, and when it is measured again. */
const madeOf = (event: GroundMotion): string =>
  `${event.members.length} ${onsetOf(event)} ${endOf(event)?.toString() ?? ''}${event.again === undefined ? '' : ` ${event.again}`}`
