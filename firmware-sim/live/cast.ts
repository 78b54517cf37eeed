/**
 * Who can be played and spoilt: the simulated devices of the site and, while a drill runs, its shadows; a real device never.
 * What is played and when is left to `control.ts`.
 */
import { devicesOf, timeScaleOf } from '../../domain/channel.ts'
import { isShadow, splitShadow } from '../../domain/drill.ts'
import { PlumblineError } from '../../domain/errors.ts'
import type { WireStatus } from '../../domain/simulator-control.ts'
import type { WireFaults } from '../../domain/wire-faults.ts'
import type { Fault } from '../device.ts'
import type { FaultTarget } from '../scenario/fault-timeline.ts'
import type { Player } from './player.ts'
import { asScenarioError } from './scenario-run.ts'
import type { Shadows } from './shadows.ts'
import type { SimulatorPart } from './simulator-part.ts'

export class Cast implements FaultTarget {
  readonly #simulator: SimulatorPart
  readonly #shadows: Shadows

  constructor(simulator: SimulatorPart, shadows: Shadows) {
    this.#simulator = simulator
    this.#shadows = shadows
  }

  /** A device of the site, or the shadow of a real one in the drill that runs. @throws PlumblineError PLAY_REFUSED */
  player(id: string, drill: string | undefined): Player {
    const split = splitShadow(id)
    const shadow = split !== undefined && split.drill === drill ? this.#shadows.player(split.id) : undefined
    const player = shadow ?? this.simulated(id)
    if (player !== undefined) return player
    const real = !isShadow(id) && devicesOf(this.#simulator.site).some(({ device }) => device.id === id)
    throw new PlumblineError(
      'PLAY_REFUSED',
      real
        ? `as: ${id} is a real device; expected a simulated one (${this.#names()}): a real sensor is never masked`
        : `as: expected a simulated device of the site (${this.#names()}), got ${JSON.stringify(id)}`,
    )
  }

  simulated(id: string): Player | undefined {
    const { site, devices } = this.#simulator
    const device = devices.get(id)
    if (device === undefined) return undefined
    const placed = devicesOf(site).find((candidate) => candidate.device.id === id)!
    return { device, time_scale: timeScaleOf(placed.device) }
  }

  /** A scenario names a shadow as the device that it stands for. @throws PlumblineError SCENARIO_INVALID, USAGE */
  setFault(id: string, fault: Fault): void {
    const shadow = this.#shadows.player(splitShadow(id)?.id ?? id)
    if (shadow !== undefined) shadow.device.setFault(fault)
    else if (this.#simulator.devices.has(id)) this.#simulator.setFault(id, fault)
    else
      throw new PlumblineError(
        'SCENARIO_INVALID',
        `device: expected a simulated one (${this.#names()}), got ${JSON.stringify(id)}`,
      )
  }

  restartDevice(id: string): void {
    const shadow = this.#shadows.player(id)
    if (shadow === undefined) this.#simulator.restartDevice(id)
    else shadow.device.restart(this.#simulator.boot())
  }

  /** @throws PlumblineError SCENARIO_INVALID */
  setWireFaults(node: string, link: string, faults: WireFaults, seed?: number): WireStatus {
    try {
      return (
        this.#shadows.setWireFaults(node, link, faults, seed) ?? this.#simulator.setWireFaults(node, link, faults, seed)
      )
    } catch (error) {
      throw asScenarioError(error)
    }
  }

  #names(): string {
    const shadows = this.#shadows.players.map((player) => player.device.id)
    return [...this.#simulator.devices.keys(), ...shadows].join(', ') || 'none'
  }
}
