/** What the live control needs of the running simulator; `service.ts` fills it. */
import type { Site } from '../../domain/channel.ts'
import type { Clock, Log } from '../../domain/ports.ts'
import type { ScenarioStatus, WireStatus } from '../../domain/simulator-control.ts'
import type { Instant } from '../../domain/time.ts'
import type { WireFaults } from '../../domain/wire-faults.ts'
import type { Recording } from '../../recordings/recording.ts'
import type { Boot, Fault, PlayableDevice } from '../device.ts'
import type { LinkFaults } from '../wire-proxy.ts'

export type Listener = { readonly port: number; close(): Promise<void> }

export type SimulatorPart = {
  readonly site: Pick<Site, 'file' | 'models'>
  readonly clock: Clock
  readonly log: Log
  readonly loadRecording: (name: string) => Promise<Recording>
  /** Simulated devices of the site that run, by id. */
  readonly devices: ReadonlyMap<string, PlayableDevice>
  /** By the clock that devices live by. */
  now(): Instant
  boot(): Boot
  /** @throws PlumblineError USAGE for a fault that the device cannot show */
  setFault(device: string, fault: Fault): void
  restartDevice(device: string): void
  /** @throws PlumblineError SCENARIO_INVALID, USAGE; nothing has changed then */
  setWireFaults(node: string, link: string, faults: WireFaults, seed?: number): WireStatus
  wires(): WireStatus[]
  /** The scenario that the site was started with, while it runs. */
  ownScenario(): ScenarioStatus | null
  /** Ends what was to happen to the devices from the start on; their recordings go on. */
  endOwnScenario(): void
  /** Modbus TCP for these devices on a free port of loopback. */
  serve(devices: ReadonlyMap<number, PlayableDevice>, wire: LinkFaults): Promise<Listener>
  newId(): string
}
