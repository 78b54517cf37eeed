/**
 * What a scenario does to the running simulator beside what the devices play: faults, restarts, wires, uplinks, at their
 * times, round after round, by its clock. Which events there are is `fault-events.ts`.
 */
import { PlumblineError } from '../../domain/errors.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import { type Monotonic, monotonic, secondsToNs } from '../../domain/time.ts'
import type { WireFaults } from '../../domain/wire-faults.ts'
import type { Fault } from '../device.ts'
import type { SetUplink } from '../uplink.ts'
import type { FaultEvent } from './fault-events.ts'
import type { ScenarioFile } from './schema.ts'

/** What the timeline needs of `SimulatorService`, and of whoever stands between edge and broker. */
export type FaultTarget = {
  setFault(device: string, fault: Fault): void
  restartDevice(device: string): void
  /** `{}` mends the wire; the seed decides which frames are spoilt. What it answers is its own; a promise that rejects is told in the log. */
  setWireFaults(node: string, link: string, faults: WireFaults, seed: number): unknown
}

export class FaultTimeline {
  readonly #events: readonly FaultEvent[]
  readonly #duration_s: number
  readonly #loop: boolean
  readonly #seed: number
  /** What to take back when it stops, by what it was done to. */
  readonly #open = new Map<string, FaultEvent>()
  #running: { target: FaultTarget; clock: Clock; log: Log; start: Monotonic } | undefined
  /** Events done since the start. */
  #done = 0
  #cancel: () => void = () => {}
  #setUplink: SetUplink | undefined

  constructor(
    events: readonly FaultEvent[],
    { duration_s, loop, seed }: Pick<ScenarioFile, 'duration_s' | 'loop' | 'seed'>,
  ) {
    this.#events = events
    this.#duration_s = duration_s
    this.#loop = loop
    this.#seed = seed
  }

  /** Call before `start` where edge nodes reach the broker through proxies of this process (`io/uplinks.ts`). */
  reachUplinks(set: SetUplink): void {
    this.#setUplink = set
  }

  /**
   * Call when the devices have just booted: their rounds count from there.
   * @throws PlumblineError SCENARIO_INVALID where it cuts uplinks that nobody can cut here
   */
  start(target: FaultTarget, clock: Clock, log: Log): void {
    this.stop()
    if (this.#setUplink === undefined && this.#events.some((e) => e.kind === 'uplink'))
      throw new PlumblineError(
        'SCENARIO_INVALID',
        'uplink: expected a scenario started with `./plumbline start --scenario`, where edge and simulator are one process, got one started into a running site',
      )
    this.#running = { target, clock, log, start: clock.monotonic() }
    this.#done = 0
    this.#next()
  }

  /** No timer is left; what it did is taken back. */
  stop(): void {
    this.#cancel()
    this.#cancel = () => {}
    for (const event of this.#open.values()) this.#do({ ...event, over: true } as FaultEvent)
    this.#open.clear()
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

  #act(event: FaultEvent): void {
    const { log } = this.#running!
    const where = subjectOf(event)
    const { kind, over } = event
    if (over) this.#open.delete(`${kind} ${where}`)
    else if (kind !== 'restart') this.#open.set(`${kind} ${where}`, event)
    log.info(`scenario: ${kind}${over ? ' over' : ''}`, { where, ...('faults' in event && !over && event.faults) })
    this.#do(event)
  }

  #do(event: FaultEvent): void {
    const { target } = this.#running!
    if (event.kind === 'restart') target.restartDevice(event.device)
    else if (event.kind === 'fault') target.setFault(event.device, event.over ? 'none' : event.fault)
    else if (event.kind === 'uplink') this.#setUplink!(event.node, event.over ? {} : event.faults)
    else this.#spoil(event.node, event.link, event.over ? {} : event.faults)
  }

  #spoil(node: string, link: string, faults: WireFaults): void {
    const { target, log } = this.#running!
    new Promise((resolve) => resolve(target.setWireFaults(node, link, faults, this.#seed))).catch((error) =>
      log.error('scenario: wire not changed', { where: `${node}/${link}`, error }),
    )
  }
}

const subjectOf = (event: FaultEvent): string => {
  if (event.kind === 'wire') return `${event.node}/${event.link}`
  return event.kind === 'uplink' ? event.node : event.device
}
