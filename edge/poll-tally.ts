/** What `acquisition-stats.ts` says of one device, counted as its polls begin and end. */
import type { ModbusError } from '../domain/ports.ts'
import type { Instant } from '../domain/time.ts'
import { Histogram } from '../runtime/prometheus.ts'
import { type BreakerState, type DeviceStats, LATENCY_BOUNDS_S, LATENESS_BOUNDS_S } from './acquisition-stats.ts'

export class PollTally {
  readonly #device: string
  readonly #link: string
  readonly #latency = new Histogram(LATENCY_BOUNDS_S)
  readonly #lateness = new Histogram(LATENESS_BOUNDS_S)
  readonly #errors: Record<string, number> = {}
  #breaker: BreakerState = 'closed'
  #changed_ns: Instant | undefined
  #last_good_ns: Instant | undefined
  #polls = 0
  #good = 0
  missed = 0

  constructor(device: string, link: string) {
    this.#device = device
    this.#link = link
  }

  begin(late_s: number): void {
    if (this.#breaker === 'open') this.#breaker = 'half-open'
    // Probes keep no schedule.
    else this.#lateness.add(Math.max(0, late_s))
  }

  end({ gave, error }: { gave: boolean; error: ModbusError | undefined }, took_s: number, now_ns: Instant): void {
    this.#polls++
    if (gave) this.#latency.add(took_s)
    if (error !== undefined) this.#errors[error.reason] = (this.#errors[error.reason] ?? 0) + 1
    else if (gave) {
      this.#good++
      this.#last_good_ns = now_ns
    }
  }

  breaker(state: 'open' | 'closed', now_ns: Instant): void {
    const before = this.#breaker === 'half-open' ? 'open' : this.#breaker
    if (this.#changed_ns === undefined || state !== before) this.#changed_ns = now_ns
    this.#breaker = state
  }

  stats(now: Pick<DeviceStats, 'online' | 'refused_points' | 'clock'>): DeviceStats {
    return {
      device: this.#device,
      link: this.#link,
      ...now,
      breaker: this.#breaker,
      changed_ns: this.#changed_ns,
      last_good_ns: this.#last_good_ns,
      polls: this.#polls,
      good: this.#good,
      missed: this.missed,
      errors: { ...this.#errors },
      latency: this.#latency.state(),
      lateness: this.#lateness.state(),
    }
  }
}
