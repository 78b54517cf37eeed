/**
 * Whether the node knows what time it is, and how instants taken before it did are put right. Pure: it is shown the wall
 * clock and the monotonic clock and remembers; looking, asking a time service and acting on it is `io/trusted-clock.ts`.
 *
 * Without trusted time the node counts on by the monotonic clock from a `base` that lies after everything it recorded in
 * trusted time. So an instant at or after the base is of that time line, and once the difference to the true time is
 * known it is added; an earlier one was trusted and stays. Where a boot ends without the time, two instants bound it: the last
 * one that was trusted before, and the first after.
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
  /** To within this, where the offset was proven afterwards by another clock. */
  width_ns: bigint
  /** Newest instant of the line that was seen. */
  last_ns: bigint
  /** Newest trusted instant before it, and the first after it; null while it goes on. */
  readonly before_ns: bigint
  ended_ns: bigint | null
  /** What was recorded on it and could not be dated has been given up. */
  settled: boolean
}
/** A boot that ended without the time: what was recorded in it was so between the two instants. */
export type Undated = { readonly boot: string; readonly from_ns: Instant; readonly to_ns: Instant }
export type Corrected = { readonly t_ns: Instant; readonly width_ns: bigint }
export type SavedClock = {
  readonly newest_ns: string
  readonly trusted_ns?: string
  readonly lines: ReadonlyArray<
    Readonly<Record<'boot' | 'base_ns' | 'base_mono_ns', string>> & {
      readonly offset_ns: string | null
      readonly width_ns?: string
      readonly last_ns?: string
      readonly before_ns?: string
      readonly ended_ns?: string | null
      readonly settled?: boolean
    }
  >
}
const big = (text: string | null | undefined): bigint | null =>
  text === null || text === undefined ? null : BigInt(text)

export class NodeClock {
  readonly #mode: ClockMode
  #lines: Line[] = []
  /** Newest instant shown, trusted or not: the next line begins after it. */
  #newest_ns: bigint = RELEASED
  #trusted_ns: bigint = RELEASED
  #line: Line | undefined
  /** Lines that ended without the time, at the moment in which it became known. */
  #ended: readonly Line[] = []
  #trusted = false
  /** Wall less monotonic at the last look. */
  #seen_ns: bigint | undefined
  steps = 0
  lastStep_ns: bigint | undefined

  constructor(mode: ClockMode, saved: SavedClock | undefined) {
    this.#mode = mode
    if (saved === undefined) return
    this.#newest_ns = BigInt(saved.newest_ns)
    this.#trusted_ns = big(saved.trusted_ns) ?? this.#newest_ns
    this.#lines = saved.lines.map((line) => ({
      boot: line.boot,
      base_ns: BigInt(line.base_ns),
      base_mono_ns: BigInt(line.base_mono_ns),
      offset_ns: big(line.offset_ns),
      width_ns: big(line.width_ns) ?? 0n,
      last_ns: big(line.last_ns) ?? BigInt(line.base_ns),
      before_ns: big(line.before_ns) ?? BigInt(line.base_ns) - MARGIN_NS,
      ended_ns: big(line.ended_ns),
      settled: line.settled === true,
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
    const base_ns = this.#newest_ns + MARGIN_NS
    this.#line = known ?? {
      boot,
      base_ns,
      base_mono_ns: mono_ns,
      offset_ns: null,
      width_ns: 0n,
      last_ns: base_ns,
      before_ns: this.#trusted_ns,
      ended_ns: null,
      settled: false,
    }
    if (known === undefined) this.#lines = [...this.#lines, this.#line].slice(-LINES_MAX)
  }

  /** The wall clock is right from here on: the line of this boot gets its offset. */
  trust(wall_ns: Instant, mono_ns: Monotonic): void {
    if (this.#line !== undefined) this.#line.offset_ns = wall_ns - this.#onLine(this.#line, mono_ns)
    this.#ended = this.#lines.filter((line) => line.offset_ns === null && line.ended_ns === null)
    for (const line of this.#ended) line.ended_ns = wall_ns
    this.#trusted = true
    this.#seen_ns = wall_ns - mono_ns
  }

  /** For what is kept and not sent: an instant of a boot that ended just now without the time is taken as its end. */
  correctKept(t_ns: Instant): Instant {
    const line = this.#ended.find(({ base_ns, last_ns }) => t_ns >= base_ns && t_ns <= last_ns + MARGIN_NS)
    return line === undefined ? (this.correct(t_ns) ?? t_ns) : instant(line.ended_ns!)
  }

  /** Boots of which something recorded may wait for a time that nobody gave it. */
  get undated(): readonly Undated[] {
    return this.#lines
      .filter(({ offset_ns, ended_ns, settled }) => offset_ns === null && ended_ns !== null && !settled)
      .map(({ boot, before_ns, ended_ns }) => ({ boot, from_ns: instant(before_ns), to_ns: instant(ended_ns!) }))
  }

  /** Another clock that ran through proves when something of `boot` was, to within `width_ns`. */
  prove(boot: string, shown_ns: Instant, true_ns: Instant, width_ns: bigint): void {
    const line = this.#lines.findLast((l) => l.boot === boot && l.offset_ns === null && shown_ns >= l.base_ns)
    if (line === undefined) return
    line.offset_ns = true_ns - shown_ns
    line.width_ns = width_ns
  }

  /** What could not be dated of these boots was given up. */
  settle(boots: ReadonlySet<string>): void {
    for (const line of this.#lines) if (boots.has(line.boot) && line.offset_ns === null) line.settled = true
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
    if (this.#trusted) {
      this.#newest_ns = wall_ns
      this.#trusted_ns = wall_ns
    } else if (this.#line !== undefined) {
      this.#line.last_ns = this.#onLine(this.#line, mono_ns)
      this.#newest_ns = this.#line.last_ns
    }
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
    return this.corrected(t_ns, boot)?.t_ns
  }

  corrected(t_ns: Instant, boot?: string): Corrected | undefined {
    if (boot === undefined && this.#line === undefined) return { t_ns, width_ns: 0n }
    const own = boot === undefined ? [this.#line!] : this.#lines.filter((line) => line.boot === boot)
    if (own.length === 0) return undefined
    // A boot has two lines where the node was stopped in trusted time and started again without: the later base is its.
    const line = own.findLast(({ base_ns }) => t_ns >= base_ns)
    if (line === undefined) return { t_ns, width_ns: 0n }
    const { offset_ns, width_ns } = line
    return offset_ns === null ? undefined : { t_ns: instant(t_ns + offset_ns), width_ns }
  }

  save(): SavedClock {
    const text = (ns: bigint | null): string | null => (ns === null ? null : String(ns))
    const lines = this.#lines.map((line) => ({
      boot: line.boot,
      base_ns: String(line.base_ns),
      base_mono_ns: String(line.base_mono_ns),
      offset_ns: text(line.offset_ns),
      width_ns: String(line.width_ns),
      last_ns: String(line.last_ns),
      before_ns: String(line.before_ns),
      ended_ns: text(line.ended_ns),
      settled: line.settled,
    }))
    return { newest_ns: String(this.#newest_ns), trusted_ns: String(this.#trusted_ns), lines }
  }
}
