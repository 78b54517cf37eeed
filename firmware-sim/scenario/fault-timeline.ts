/** Faults and restarts of a scenario, done to the running simulator at their times, round after round, by its clock. */
import type { Clock, Log } from '../../domain/ports.ts'
import { type Monotonic, monotonic, secondsToNs } from '../../domain/time.ts'
import type { Fault } from '../device.ts'
import type { ScenarioFile, ScenarioStep } from './schema.ts'
import { type SitePart, targetsOf, targetsOfStep } from './targets.ts'

/** What the timeline needs of `SimulatorService`. */
export type FaultTarget = { setFault(device: string, fault: Fault): void; restartDevice(device: string): void }

export type FaultEvent = {
  readonly at_s: number
  readonly device: string
  readonly act: { readonly fault: Fault } | 'restart'
}

export function faultOf({ kind, code, delay_ms }: NonNullable<ScenarioStep['fault']>): Fault {
  if (kind === 'exception') return { exception: code ?? 4 }
  return kind === 'delay' ? { delay_ms: delay_ms ?? 500 } : kind
}

/** In the order in which they happen; where one fault ends as the next begins, the end comes first. */
export function faultEvents(file: ScenarioFile, site: SitePart): FaultEvent[] {
  const targets = targetsOf(site)
  const events = file.timeline.flatMap((step) =>
    targetsOfStep(step, targets).flatMap(({ id: device }): FaultEvent[] => {
      const { at_s, fault } = step
      if (step.restart) return [{ at_s, device, act: 'restart' }]
      if (fault === undefined) return []
      return [
        { at_s, device, act: { fault: faultOf(fault) } },
        { at_s: at_s + fault.for_s, device, act: { fault: 'none' } },
      ]
    }),
  )
  const rank = ({ act }: FaultEvent) => (act !== 'restart' && act.fault === 'none' ? 0 : 1)
  return events.sort((a, b) => a.at_s - b.at_s || rank(a) - rank(b))
}

export class FaultTimeline {
  readonly #events: readonly FaultEvent[]
  readonly #duration_s: number
  readonly #loop: boolean
  readonly #faulty = new Set<string>()
  #running: { target: FaultTarget; clock: Clock; log: Log; start: Monotonic } | undefined
  /** Events done since the start. */
  #done = 0
  #cancel: () => void = () => {}

  constructor(events: readonly FaultEvent[], { duration_s, loop }: Pick<ScenarioFile, 'duration_s' | 'loop'>) {
    this.#events = events
    this.#duration_s = duration_s
    this.#loop = loop
  }

  /** Call when the devices have just booted: their rounds count from there. */
  start(target: FaultTarget, clock: Clock, log: Log): void {
    this.stop()
    this.#running = { target, clock, log, start: clock.monotonic() }
    this.#done = 0
    this.#next()
  }

  /** No timer is left; faults that it set are taken back. */
  stop(): void {
    this.#cancel()
    this.#cancel = () => {}
    for (const device of this.#faulty) this.#running?.target.setFault(device, 'none')
    this.#faulty.clear()
    this.#running = undefined
  }

  #next(): void {
    const running = this.#running
    const count = this.#events.length
    if (running === undefined || count === 0) return
    const round = Math.floor(this.#done / count)
    if (round > 0 && !this.#loop) return
    const event = this.#events[this.#done % count]!
    const at = monotonic(running.start + secondsToNs(round * this.#duration_s + event.at_s))
    this.#cancel = running.clock.at(at, () => {
      this.#done++
      this.#act(event)
      this.#next()
    })
  }

  #act({ device, act }: FaultEvent): void {
    const { target, log } = this.#running!
    if (act === 'restart') {
      target.restartDevice(device)
      log.info('scenario: device restarted', { device })
      return
    }
    target.setFault(device, act.fault)
    if (act.fault === 'none') this.#faulty.delete(device)
    else this.#faulty.add(device)
    log.info(act.fault === 'none' ? 'scenario: fault over' : 'scenario: fault', { device, fault: act.fault })
  }
}
