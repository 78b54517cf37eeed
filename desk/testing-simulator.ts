/** A simulator in memory: it knows its devices, refuses what the port says is refused, and can be away or start anew. */
import { devicesOf, type Site } from '../domain/channel.ts'
import { PlumblineError } from '../domain/errors.ts'
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
} from '../domain/simulator-control.ts'
import type { WireFaults } from '../domain/wire-faults.ts'

const SCENARIOS: ReadonlyMap<string, number> = new Map([
  ['flash-flood', 7],
  ['earthquake', 11],
])

export class TestSimulator implements SimulatorControl {
  away = false
  /** What was asked for, in order. */
  readonly calls: string[] = []
  readonly #site: Site
  #scenario: ScenarioStatus | null = null
  #drill: string | null = null
  #port = 6000
  readonly #plays = new Map<string, PlayStatus>()
  readonly #wires = new Map<string, WireStatus>()
  readonly #faults = new Map<string, string>()

  constructor(site: Site) {
    this.#site = site
  }

  /** As after a restart of its process. */
  forget(): void {
    this.#scenario = null
    this.#drill = null
  }

  #answer(call: string): void {
    if (this.away) throw new PlumblineError('SIMULATOR_UNAVAILABLE', '127.0.0.1:1: ECONNREFUSED')
    this.calls.push(call)
  }

  #isSimulated(id: string): boolean | undefined {
    const found = devicesOf(this.#site).find(({ device }) => device.id === id)
    return found && found.device.simulated !== undefined
  }

  async status(): Promise<SimulatorStatus> {
    if (this.away) throw new PlumblineError('SIMULATOR_UNAVAILABLE', '127.0.0.1:1: ECONNREFUSED')
    const devices = devicesOf(this.#site)
      .filter(({ device }) => device.simulated)
      .map(({ device }) => ({ id: device.id, model: device.model, fault: this.#faults.get(device.id) ?? 'none' }))
    const [plays, wires] = [[...this.#plays.values()], [...this.#wires.values()]]
    return { devices, plays, scenario: this.#scenario, wires, drill: this.#drill }
  }

  async play(request: PlayRequest): Promise<PlayStatus> {
    this.#answer('play')
    const device = String(request.as).split('/')[0]!
    if (!this.#isSimulated(device)) throw new PlumblineError('PLAY_REFUSED', `${device} is not simulated`)
    const status: PlayStatus = {
      ...{ id: `play-${this.#plays.size + 1}`, name: request.recording ?? 'files', devices: [device] },
      ...{ state: 'playing', position_s: 0, length_s: 60, speed: request.speed ?? 1, loop: request.loop ?? false },
    }
    this.#plays.set(status.id, status)
    return status
  }

  async steer(play: string, steer: Steer): Promise<PlayStatus> {
    this.#answer(`steer ${play} ${steer.action}`)
    const status = this.#plays.get(play)
    if (status === undefined) throw new PlumblineError('PLAY_REFUSED', `there is no play ${play}`)
    const state = steer.action === 'stop' ? 'ended' : steer.action === 'pause' ? 'paused' : 'playing'
    const next: PlayStatus = { ...status, state, ...(steer.action === 'seek' && { position_s: steer.position_s }) }
    this.#plays.set(play, next)
    return next
  }

  async startScenario(request: ScenarioRequest): Promise<ScenarioStatus> {
    this.#answer('scenario')
    const name = request.name ?? /^name: (\S+)$/m.exec(request.text ?? '')?.[1]
    if (name === undefined || (request.text === undefined && !SCENARIOS.has(name)))
      throw new PlumblineError('SCENARIO_INVALID', `expected ${[...SCENARIOS.keys()].join(', ')}, got ${name}`)
    const seed = request.seed ?? SCENARIOS.get(name) ?? 1
    const about = { name, description: '', seed, position_s: 0, duration_s: 300, round: 1, loop: false, skipped: [] }
    this.#scenario = about
    return about
  }

  async stopScenario(): Promise<void> {
    this.#answer('stop scenario')
    this.#scenario = null
  }

  async setWireFaults(node: string, link: string, faults: WireFaults): Promise<WireStatus> {
    this.#answer(`wire ${link}`)
    if (!devicesOf(this.#site).some((d) => d.node.id === node && d.link.id === link && d.device.simulated))
      throw new PlumblineError('SCENARIO_INVALID', `there is no simulated link ${node}/${link}`)
    const status = { node, link, faults, counts: {} }
    this.#wires.set(`${node}/${link}`, status)
    return status
  }

  async setFault(device: string, kind: string): Promise<void> {
    this.#answer(`fault ${device} ${kind}`)
    if (!this.#isSimulated(device)) throw new PlumblineError('SCENARIO_INVALID', `${device} is not simulated`)
    this.#faults.set(device, kind)
  }

  async startDrill({ drill, scenario, shadows }: DrillStart): Promise<readonly ShadowPlace[]> {
    this.#answer(`start ${drill}`)
    if (this.#drill !== null) throw new PlumblineError('DRILL_REFUSED', `${this.#drill} runs`)
    for (const id of shadows)
      if (this.#isSimulated(id) !== false) throw new PlumblineError('DRILL_REFUSED', `${id} is not a real device`)
    await this.startScenario(scenario)
    this.#drill = drill
    return shadows.map((device) => ({ device, host: '127.0.0.1', port: this.#port++, unit_id: 1, time_scale: 1 }))
  }

  async stopDrill(drill: string): Promise<void> {
    this.#answer(`stop ${drill}`)
    if (this.#drill === drill) this.forget()
  }
}
