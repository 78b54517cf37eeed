/**
 * Whether the node knows what time it is, and how instants taken before it did are put right. Pure: it is shown the wall
 * clock and the monotonic clock and remembers; looking, asking a time service and acting on it is `io/trusted-clock.ts`.
 *
 * Without trusted time the node counts on by the monotonic clock from a `base` that lies after everything it recorded in
 * trusted time. So an instant at or after the base is of that time line, and once the difference to the true time is
 * known it is added; an earlier one was trusted and stays.
 */
import { type Instant, instant, type Monotonic, NS_PER_MS, NS_PER_S } from '../domain/time.ts'

export type ClockMode = 'system' | 'ntp'

/** No clock that runs rightly shows less: this release is younger. */
export const RELEASED: Instant = instant(BigInt(Date.UTC(2026, 0, 1)) * NS_PER_MS)
/** The base lies this much after the newest instant known: what was recorded after the last save is before it. */
const MARGIN_NS = 60n * NS_PER_S
/** A wall clock that moves this much against the monotonic clock between two looks has been stepped, not slewed. */
const STEP_NS = NS_PER_S
/** Time lines of former boots that are remembered. */
const LINES_MAX = 8

/** How instants of one boot of the machine were taken while the time was not known. */
type Line = {
  readonly boot: string
  readonly base_ns: bigint
  readonly base_mono_ns: bigint
  /** True time less what the line shows; null while it is not known. */
  offset_ns: bigint | null
}
export type SavedClock = {
  readonly newest_ns: string
  readonly lines: ReadonlyArray<
    Readonly<Record<'boot' | 'base_ns' | 'base_mono_ns', string>> & { offset_ns: string | null }
  >
}

export class NodeClock {
  readonly #mode: ClockMode
  #lines: Line[] = []
  #newest_ns: bigint = RELEASED
  #line: Line | undefined
  #trusted = false
  /** Wall less monotonic at the last look. */
  #seen_ns: bigint | undefined
  steps = 0
  lastStep_ns: bigint | undefined

  constructor(mode: ClockMode, saved: SavedClock | undefined) {
    this.#mode = mode
    if (saved === undefined) return
    this.#newest_ns = BigInt(saved.newest_ns)
    this.#lines = saved.lines.map(({ boot, base_ns, base_mono_ns, offset_ns }) => ({
      boot,
      base_ns: BigInt(base_ns),
      base_mono_ns: BigInt(base_mono_ns),
      offset_ns: offset_ns === null ? null : BigInt(offset_ns),
    }))
  }

  get trusted(): boolean {
    return this.#trusted
  }

  /** Whether the wall clock may be trusted. `synchronised`: what a time service says, `undefined` where there is none. */
  mayTrust(wall_ns: Instant, synchronised: boolean | undefined): boolean {
    return wall_ns >= RELEASED && (this.#mode === 'system' || synchronised === true)
  }

  /** Counts without trusted time on the line of this boot of the machine; a restarted process goes on on the same one. */
  begin(boot: string, mono_ns: Monotonic): void {
    const known = this.#lines.find((line) => line.boot === boot && line.offset_ns === null)
    this.#line = known ?? { boot, base_ns: this.#newest_ns + MARGIN_NS, base_mono_ns: mono_ns, offset_ns: null }
    if (known === undefined) this.#lines = [...this.#lines, this.#line].slice(-LINES_MAX)
  }

  /** The wall clock is right from here on: the line of this boot gets its offset. */
  trust(wall_ns: Instant, mono_ns: Monotonic): void {
    if (this.#line !== undefined) this.#line.offset_ns = wall_ns - this.#onLine(this.#line, mono_ns)
    this.#trusted = true
    this.#seen_ns = wall_ns - mono_ns
  }

  now(wall_ns: Instant, mono_ns: Monotonic): Instant {
    return this.#trusted || this.#line === undefined ? wall_ns : instant(this.#onLine(this.#line, mono_ns))
  }

  #onLine({ base_ns, base_mono_ns }: Line, mono_ns: bigint): bigint {
    return base_ns + (mono_ns - base_mono_ns)
  }

  /** By how much the wall clock was stepped since the last look; 0 where it runs. */
  look(wall_ns: Instant, mono_ns: Monotonic): bigint {
    const difference_ns = wall_ns - mono_ns
    const step_ns = this.#seen_ns === undefined ? 0n : difference_ns - this.#seen_ns
    this.#seen_ns = difference_ns
    if (this.#trusted) this.#newest_ns = wall_ns
    if (step_ns >= -STEP_NS && step_ns <= STEP_NS) return 0n
    this.steps++
    this.lastStep_ns = step_ns
    return step_ns
  }

  /**
   * The true instant of one that was taken in `boot` while the time was not known; of this boot without one.
   * `undefined` where it is not known (yet).
   */
  correct(t_ns: Instant, boot?: string): Instant | undefined {
    if (boot === undefined && this.#line === undefined) return t_ns
    const own = boot === undefined ? [this.#line!] : this.#lines.filter((line) => line.boot === boot)
    if (own.length === 0) return undefined
    // A boot has two lines where the node was stopped in trusted time and started again without: the later base is its.
    const line = own.findLast(({ base_ns }) => t_ns >= base_ns)
    if (line === undefined) return t_ns
    return line.offset_ns === null ? undefined : instant(t_ns + line.offset_ns)
  }

  save(): SavedClock {
    const lines = this.#lines.map(({ boot, base_ns, base_mono_ns, offset_ns }) => ({
      boot,
      base_ns: String(base_ns),
      base_mono_ns: String(base_mono_ns),
      offset_ns: offset_ns === null ? null : String(offset_ns),
    }))
    return { newest_ns: String(this.#newest_ns), lines }
  }
}
