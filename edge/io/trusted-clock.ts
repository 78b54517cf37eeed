/**
 * The node's clock as everything in the room reads it: the wall clock once it can be trusted, until then a time line of its
 * own (`node-clock.ts`). Looks every second for trust and for steps; asks the time service every 30 s where the site says so.
 */
import type { Clock, Log } from '../../domain/ports.ts'
import type { Instant, Monotonic } from '../../domain/time.ts'
import { afterMs } from '../../runtime/clock.ts'
import type { ClockAnswer, ClockProbe } from '../../runtime/clock-probe.ts'
import type { ClockReport } from '../births.ts'
import { type ClockMode, type Corrected, NodeClock, type SavedClock, type Undated } from '../node-clock.ts'

const LOOK_MS = 1000
const ASK_MS = 30_000

export type TrustedClockOptions = {
  readonly clock: Clock
  readonly log: Log
  readonly mode: ClockMode
  readonly probe: ClockProbe
  /** Boot of the machine, as hex: within one the monotonic clock goes on. */
  readonly boot: string
  readonly save: (saved: SavedClock) => void
  /** Trust can be taken up: `trust()` is to be called as soon as nothing measures. */
  readonly onTrustable: () => void
  readonly onChange: () => void
}

export class TrustedClock implements Clock {
  readonly #options: TrustedClockOptions
  /** Before `start` the wall clock is shown as it is. */
  #node: NodeClock
  /** What the time service last said. */
  #answer: ClockAnswer | undefined
  #toldUntrusted = false
  #told = false
  #cancels: Array<() => void> = []
  #stopped = false

  constructor(options: TrustedClockOptions) {
    this.#options = options
    this.#node = new NodeClock(options.mode, undefined)
  }

  /** Trusted at once where the clock is right already; else the line of this boot begins. */
  async start(saved: SavedClock | undefined): Promise<void> {
    this.#node = new NodeClock(this.#options.mode, saved)
    if (this.#options.mode === 'ntp') await this.#ask()
    const { clock, boot, log, mode } = this.#options
    if (this.#mayTrust()) {
      this.#node.trust(clock.now(), clock.monotonic())
      this.#node.look(clock.now(), clock.monotonic())
    } else {
      this.#node.begin(boot, clock.monotonic())
      log.warn('the time is not known; readings wait in the outbox, conditions go out marked', {
        why: mode === 'ntp' ? whyNot(this.#answer?.synchronised) : 'the clock shows a time before this release',
      })
      this.#toldUntrusted = true
    }
    this.#save()
    this.#every(LOOK_MS, () => this.#look())
    if (mode === 'ntp') this.#every(ASK_MS, () => void this.#ask())
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#cancels) cancel()
    this.#save()
  }

  #every(ms: number, act: () => void): void {
    const slot = this.#cancels.length
    const arm = () => {
      this.#cancels[slot] = this.#options.clock.at(afterMs(this.#options.clock, ms), () => {
        if (this.#stopped) return
        arm()
        act()
      })
    }
    arm()
  }

  get trusted(): boolean {
    return this.#node.trusted
  }
  now(): Instant {
    const { clock } = this.#options
    return this.#node.now(clock.now(), clock.monotonic())
  }
  monotonic(): Monotonic {
    return this.#options.clock.monotonic()
  }
  at(at: Monotonic, fn: () => void): () => void {
    return this.#options.clock.at(at, fn)
  }
  hold(): () => void {
    return this.#options.clock.hold()
  }
  correct(t_ns: Instant, boot?: string): Instant | undefined {
    return this.#node.correct(t_ns, boot)
  }
  corrected(t_ns: Instant, boot: string): Corrected | undefined {
    return this.#node.corrected(t_ns, boot)
  }
  correctKept(t_ns: Instant): Instant {
    return this.#node.correctKept(t_ns)
  }
  get undated(): readonly Undated[] {
    return this.#node.undated
  }
  prove(...proof: Parameters<NodeClock['prove']>): void {
    this.#node.prove(...proof)
    this.#save()
  }
  settle(boots: ReadonlySet<string>): void {
    this.#node.settle(boots)
    this.#save()
  }

  report(): ClockReport {
    const { steps, lastStep_ns, trusted } = this.#node
    const last_step_s = lastStep_ns === undefined ? null : Number(lastStep_ns) / 1e9
    return { trusted, steps, last_step_s, offset_s: this.#answer?.offset_s ?? null }
  }

  /** From here on `now()` is the wall clock, and instants from before can be put right. */
  trust(): void {
    const { clock, log } = this.#options
    this.#node.trust(clock.now(), clock.monotonic())
    this.#node.look(clock.now(), clock.monotonic())
    this.#save()
    log.info('the time is known')
  }

  #mayTrust(): boolean {
    return this.#node.mayTrust(this.#options.clock.now(), this.#answer?.synchronised)
  }

  #look(): void {
    const { clock, log, onTrustable, onChange } = this.#options
    const step_ns = this.#node.look(clock.now(), clock.monotonic())
    if (!this.trusted && this.#toldUntrusted && this.#mayTrust()) {
      this.#toldUntrusted = false
      onTrustable()
    } else if (step_ns !== 0n) {
      log.warn('the clock was stepped', { step_s: Number(step_ns) / 1e9, trusted: this.trusted })
      onChange()
    }
  }

  /** Called now and then by its owner, so that the newest instant known survives. */
  save(): void {
    this.#save()
  }
  #save(): void {
    this.#options.save(this.#node.save())
  }

  async #ask(): Promise<void> {
    const release = this.#options.clock.hold()
    try {
      const before = this.#answer?.synchronised
      this.#answer = await this.#options.probe()
      const now = this.#answer?.synchronised
      if (!this.trusted || (this.#told && before === now)) return
      if (now !== true)
        this.#options.log.warn('the clock is not synchronised any more; it is trusted on', {
          why: whyNot(now),
        })
      else if (this.#told && before !== true) this.#options.log.info('the clock is synchronised again')
      this.#told = true
    } finally {
      release()
    }
  }
}

const whyNot = (synchronised: boolean | undefined): string =>
  synchronised === undefined
    ? 'neither chronyc nor timedatectl can say whether the clock is synchronised'
    : 'the clock is not synchronised'
