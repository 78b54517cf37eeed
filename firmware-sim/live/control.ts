/**
 * `SimulatorControl` over the devices that run: plays, scenarios, faults and drills, one call after the other, each judged
 * before anything changes.
 *
 * Who plays in a device: somebody's play (the last one), else the scenario that runs, else what the site says. A scenario
 * that starts ends the plays on its devices. While a drill runs no other scenario starts, and only the drill's end ends it.
 */
import { PlumblineError } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import type {
  DrillStart,
  PlayRequest,
  PlayStatus,
  ScenarioRequest,
  ScenarioStatus,
  ShadowPlace,
  SimulatorControl,
  SimulatorStatus,
  Steer,
  WireStatus,
} from '../../domain/simulator-control.ts'
import { type Instant, secondsBetween } from '../../domain/time.ts'
import type { WireFaults } from '../../domain/wire-faults.ts'
import { Cast } from './cast.ts'
import { faultOfCall, faultText } from './fault-call.ts'
import { preparePlay } from './play-request.ts'
import { Plays } from './plays.ts'
import { asScenarioError, partsOf, type ReadyScenario, readyScenario, scenarioStatus } from './scenario-run.ts'
import { Shadows, withShadowed } from './shadows.ts'
import type { SimulatorPart } from './simulator-part.ts'

type Running = { readonly ready: ReadyScenario; readonly notes: readonly string[]; readonly since: Instant }

export class LiveControl implements SimulatorControl {
  readonly #simulator: SimulatorPart
  readonly #plays: Plays
  readonly #shadows: Shadows
  readonly #cast: Cast
  #running: Running | undefined
  #drill: string | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(simulator: SimulatorPart) {
    this.#simulator = simulator
    this.#plays = new Plays(() => simulator.newId())
    this.#shadows = new Shadows(simulator)
    this.#cast = new Cast(simulator, this.#shadows)
  }

  async status(): Promise<SimulatorStatus> {
    return this.now()
  }

  now(): SimulatorStatus {
    const { devices, wires } = this.#simulator
    const at = this.#simulator.now()
    const all = [...devices.values(), ...this.#shadows.players.map((player) => player.device)]
    return {
      devices: all.map(({ id, model, fault }) => ({ id, model: model.id, fault: faultText(fault) })),
      plays: this.#plays.status(at),
      scenario: this.#scenario(at) ?? this.#simulator.ownScenario(),
      wires: [...wires(), ...this.#shadows.wires()],
      drill: this.#drill ?? null,
    }
  }

  play(request: PlayRequest): Promise<PlayStatus> {
    return this.#turn(async () => {
      const { loadRecording, log } = this.#simulator
      const at = () => this.#simulator.now()
      const prepared = await preparePlay(request, {
        loadRecording,
        at,
        playerOf: (id) => this.#cast.player(id, this.#drill),
      })
      const status = this.#plays.start(prepared, at())
      log.info('playing', { play: status.id, name: status.name, devices: status.devices })
      return status
    })
  }

  steer(play: string, steer: Steer): Promise<PlayStatus> {
    return this.#turn(async () => {
      const { action } = (steer ?? {}) as Steer
      const status = this.#plays.steer(play, { ...steer, action } as Steer, this.#simulator.now())
      if (action === 'stop') this.#simulator.log.info('play stopped', { play, devices: status.devices })
      return status
    })
  }

  startScenario(request: ScenarioRequest): Promise<ScenarioStatus> {
    return this.#turn(async () => {
      this.#refuseInDrill()
      const { site, loadRecording } = this.#simulator
      this.#begin(await readyScenario(request, site, loadRecording))
      return this.#scenario(this.#simulator.now())!
    })
  }

  stopScenario(): Promise<void> {
    return this.#turn(async () => {
      this.#refuseInDrill()
      this.#end()
    })
  }

  setWireFaults(node: string, link: string, faults: WireFaults): Promise<WireStatus> {
    return this.#turn(async () => this.#cast.setWireFaults(node, link, faults))
  }

  setFault(device: string, kind: string, code?: number, delay_ms?: number): Promise<void> {
    return this.#turn(async () => {
      try {
        this.#cast.setFault(device, faultOfCall(kind, code, delay_ms))
      } catch (error) {
        throw asScenarioError(error)
      }
    })
  }

  startDrill(start: DrillStart): Promise<readonly ShadowPlace[]> {
    return this.#turn(async () => {
      const { drill, scenario, shadows } = (start ?? {}) as DrillStart
      if (typeof drill !== 'string' || !isId(drill)) refuseDrill(`drill: expected an id, got ${JSON.stringify(drill)}`)
      if (!Array.isArray(shadows) || !shadows.every((id) => typeof id === 'string'))
        refuseDrill('shadows: expected ids of devices')
      if (this.#drill !== undefined) refuseDrill(`expected no other drill to run, got ${this.#drill}`)
      const { site, loadRecording, log } = this.#simulator
      const ready = await readyScenario(scenario, withShadowed(site, shadows), loadRecording)
      const places = await this.#shadows.open(drill, shadows, ready)
      try {
        this.#begin(ready)
      } catch (error) {
        await this.#shadows.close()
        throw error
      }
      this.#drill = drill
      log.info('drill begins', { drill, scenario: ready.applied.name, shadows: places.length })
      return places
    })
  }

  stopDrill(drill: string): Promise<void> {
    return this.#turn(async () => {
      if (this.#drill === undefined || this.#drill !== drill) return
      this.#drill = undefined
      this.#end()
      const at = this.#simulator.now()
      for (const { device } of this.#shadows.players) this.#plays.forget(device, at)
      await this.#shadows.close()
      this.#simulator.log.info('drill is over', { drill })
    })
  }

  /** Nothing of it is left: no timer, no listener. */
  close(): Promise<void> {
    return this.#turn(async () => {
      this.#drill = undefined
      this.#running?.ready.applied.faults.stop()
      this.#running = undefined
      await this.#shadows.close()
    })
  }

  /** One after the other: what was judged is still so when it is done. */
  #turn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act)
    this.#last = turn.catch(() => {})
    return turn
  }

  /** All at one instant. @throws PlumblineError PLAY_REFUSED, and nothing has changed */
  #begin(ready: ReadyScenario): void {
    const { clock, log } = this.#simulator
    const at = this.#simulator.now()
    const { parts, notes } = partsOf(ready, (id) => this.#cast.simulated(id), at)
    this.#plays.layBelow(parts, at)
    this.#running?.ready.applied.faults.stop()
    this.#simulator.endOwnScenario()
    this.#running = { ready, notes, since: at }
    ready.applied.faults.start(this.#cast, clock, log)
    log.info('scenario begins', { scenario: ready.applied.name, seed: ready.applied.seed })
  }

  #end(): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    running.ready.applied.faults.stop()
    this.#plays.clearBelow(this.#simulator.now())
    this.#simulator.log.info('scenario is over', { scenario: running.ready.applied.name })
  }

  #scenario(at: Instant): ScenarioStatus | undefined {
    const running = this.#running
    if (running === undefined) return undefined
    const { ready, notes, since } = running
    return scenarioStatus({ applied: ready.applied, notes }, secondsBetween(at, since))
  }

  #refuseInDrill(): void {
    if (this.#drill !== undefined) refuseDrill(`expected drill ${this.#drill} to end first, got another scenario`)
  }
}

function refuseDrill(detail: string): never {
  throw new PlumblineError('DRILL_REFUSED', detail)
}
