/**
 * What the desk hears of the line beside alarms and readings: how edge nodes and ingest say they do, how old each reading
 * is, the disk, the clock, the store. Gathers; what it means is `site-conditions.ts`'s and `system.ts`'s.
 */
import { statfs } from 'node:fs/promises'
import type { LiveEvent } from '../../domain/api.ts'
import type { Site } from '../../domain/channel.ts'
import type { ClockFacts } from '../../domain/clock-health.ts'
import type { Clock } from '../../domain/ports.ts'
import type { Instant, Monotonic } from '../../domain/time.ts'
import { decodeIngestHealth, type ForeignLoss, type IngestHealth } from '../../domain/wire/ingest-health.ts'
import type { NodeHealth } from '../../domain/wire/node-health.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { ClockAnswer, ClockProbe } from '../../runtime/clock-probe.ts'
import { conditionIsTrue } from '../alarm-table.ts'
import type { LiveModel } from '../live-model.ts'
import { Losses } from '../losses.ts'
import { CLOCK_STEP_S, type LineState } from '../site-conditions.ts'
import type { AlarmDesk } from './alarm-desk.ts'
import type { StoreWatch } from './store-watch.ts'

export type LineWatchOptions = {
  readonly site: Site
  readonly dataDir: string
  readonly clock: Clock
  readonly model: LiveModel
  readonly alarms: () => AlarmDesk
  readonly store: () => StoreWatch
  readonly brokerUp: () => boolean
  /** Why it is not. */
  readonly brokerAway?: () => string | undefined
  /** Asks the machine's time service; without it only steps of the clock are noticed. */
  readonly clockProbe?: ClockProbe | undefined
}

const DISK_MS = 30_000
/** Asking starts a process, for which everything waits some milliseconds: not at the start, and seldom. */
const [CLOCK_FIRST_MS, CLOCK_MS, NO_TIME_SERVICE_MS] = [10_000, 300_000, 3_600_000]

export class LineWatch {
  readonly #o: LineWatchOptions
  /** When the newest reading of a channel came. */
  readonly #readAt = new Map<string, Monotonic>()
  readonly #nodes = new Map<string, NodeHealth>()
  #ingest: { health: IngestHealth; heard: Monotonic } | undefined
  readonly #losses = new Losses()
  #brokerSince: Monotonic | undefined
  #disk: { free_percent: number; free_bytes: number } | undefined
  #diskAsked: Monotonic | undefined
  #clockDue: Monotonic
  #clock: { wall: bigint; mono: bigint } | undefined
  #step: { at: Monotonic; by_s: number } | undefined
  #timeService: ClockAnswer | undefined
  #unsynchronisedSince: Monotonic | undefined
  #disagreements: readonly string[] | undefined
  /** Why the chain of the journal does not fit, found at the start. */
  journalBroken: string | undefined

  constructor(options: LineWatchOptions) {
    this.#o = options
    this.#clockDue = afterMs(options.clock, CLOCK_FIRST_MS)
  }

  get nodes(): ReadonlyMap<string, NodeHealth> {
    return this.#nodes
  }
  get disk(): { free_percent: number; free_bytes: number } | undefined {
    return this.#disk
  }

  live(events: readonly LiveEvent[]): void {
    const { clock } = this.#o
    const [now, mono] = [clock.now(), clock.monotonic()]
    for (const { event, data } of events) {
      if (event !== 'readings') continue
      for (const { channel, t_ns } of data) {
        // The first may come from the store or a birth: it counts as heard when it was measured, over a restart too.
        const age_ns = this.#readAt.has(channel) ? 0n : now - BigInt(t_ns)
        this.#readAt.set(channel, (mono - (age_ns > 0n ? age_ns : 0n)) as Monotonic)
      }
    }
  }

  heard(node: string, health: NodeHealth | undefined): void {
    if (health === undefined) this.#nodes.delete(node)
    else this.#nodes.set(node, health)
  }

  heardIngest(payload: Uint8Array): void {
    const health = decodeIngestHealth(payload)
    if (health === undefined) return
    const { clock } = this.#o
    // The broker's last word may be old: it counts as heard when it was said.
    const age_ns = clock.now() - health.t_ns
    const heard = (clock.monotonic() - (age_ns > 0n ? age_ns : 0n)) as Monotonic
    this.#ingest = { health, heard }
  }

  /** The newest loss of a foreign node that an alarm already tells; `undefined`: of any that has no other. */
  lossTold(node: string | undefined, at: Instant): void {
    this.#losses.told(node, at)
  }

  /** What an independent alarm path says otherwise; undefined where it does not answer. */
  secondPath(disagreements: readonly string[] | undefined): void {
    this.#disagreements = disagreements
  }

  readingAge_s = (channel: string): number | undefined => this.#since(this.#readAt.get(channel))

  #since(mono: Monotonic | undefined): number | undefined {
    return mono === undefined ? undefined : Number(this.#o.clock.monotonic() - mono) / 1e9
  }

  /** Looks at the disk now and then; at whether the clock was set only where `look` says so, since a look ends a step. */
  state(look = false): LineState {
    const { clock, model, alarms, store, brokerUp, brokerAway, site } = this.#o
    const up = brokerUp()
    if (!up) this.#brokerSince = undefined
    else this.#brokerSince ??= clock.monotonic()
    this.#askDisk()
    this.#askClock()
    const { known, away, stored } = store()
    const trusted = [...this.#nodes].map(([id, { clock_trusted }]) => [id, clock_trusted] as const)
    return {
      at: clock.now(),
      nodes: model.nodes(),
      devices: model.devices(),
      reading: (channel) => model.reading(channel),
      readingAge_s: this.readingAge_s,
      brokerUp: up,
      brokerAway: brokerAway?.(),
      brokerUp_s: this.#since(this.#brokerSince) ?? 0,
      storeAway: known ? away : undefined,
      stored,
      ingest: this.#ingest && { health: this.#ingest.health, age_s: this.#since(this.#ingest.heard)! },
      foreignLost: this.#foreignLost(look),
      clockTrusted: new Map(trusted),
      diskFreePercent: this.#disk?.free_percent,
      diskLeast_percent: site.file.alarms.disk_free_percent,
      clockStep_s: look ? this.#clockStep_s() : 0,
      clock: this.#clockFacts(),
      unsynchronised_s: this.#since(this.#unsynchronisedSince) ?? 0,
      journalAway: alarms().away,
      journalBroken: this.journalBroken,
      disagreements: this.#disagreements,
      trueWithin: (limit_id, within_s) => this.#trueWithin(limit_id, within_s),
    }
  }

  #foreignLost(look: boolean): readonly ForeignLoss[] | undefined {
    if (this.#ingest === undefined) return undefined
    return look ? this.#losses.news(this.#ingest.health) : []
  }

  #clockStep_s(): number {
    const { clock } = this.#o
    const [wall, mono, before] = [clock.now(), clock.monotonic(), this.#clock]
    this.#clock = { wall, mono }
    const by_s = before === undefined ? 0 : Number(wall - before.wall - (mono - before.mono)) / 1e9
    if (Math.abs(by_s) >= CLOCK_STEP_S) this.#step = { at: mono, by_s }
    return by_s
  }

  #clockFacts(): ClockFacts {
    const { synchronised, offset_s } = this.#timeService ?? {}
    return {
      ...(synchronised !== undefined && { synchronised }),
      ...(offset_s !== undefined && { offset_s }),
      ...(this.#step && { step: { age_s: this.#since(this.#step.at)!, by_s: this.#step.by_s } }),
    }
  }

  #askClock(): void {
    const { clock, clockProbe } = this.#o
    if (clockProbe === undefined || clock.monotonic() < this.#clockDue) return
    this.#clockDue = afterMs(clock, CLOCK_MS)
    void clockProbe().then((answer) => {
      this.#timeService = answer
      if (answer === undefined) this.#clockDue = afterMs(clock, NO_TIME_SERVICE_MS)
      if (answer?.synchronised !== false) this.#unsynchronisedSince = undefined
      else this.#unsynchronisedSince ??= clock.monotonic()
    })
  }

  #askDisk(): void {
    const now = this.#o.clock.monotonic()
    if (this.#diskAsked !== undefined && now - this.#diskAsked < BigInt(DISK_MS) * 1_000_000n) return
    this.#diskAsked = now
    statfs(this.#o.dataDir).then(
      ({ bavail, blocks, bsize }) => {
        this.#disk = { free_percent: (100 * bavail) / Math.max(1, blocks), free_bytes: bavail * bsize }
      },
      () => {
        this.#disk = undefined
      },
    )
  }

  #trueWithin(limit_id: string, within_s: number): boolean {
    const { book } = this.#o.alarms()
    const now = this.#o.clock.now()
    for (const alarm of book.alarms()) {
      if (book.definition(alarm.id)?.limit.id !== limit_id) continue
      if (conditionIsTrue(alarm.state)) return true
      const returned_ns = alarm.present?.returned_ns
      if (within_s > 0 && returned_ns != null && Number(now - BigInt(returned_ns)) / 1e9 <= within_s) return true
    }
    return false
  }
}
