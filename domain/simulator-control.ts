/**
 * What can be done to the simulated devices of a running site: play a recording, start a scenario, spoil a wire, run a
 * drill. `firmware-sim` does it; CLI and desk ask through this port, which `stack.ts` fills. All shapes are plain JSON.
 */
import type { WireFaults } from './wire-faults.ts'

/** A file as it was read, so that who asks and who plays may be different processes. */
export type RecordingFile = { readonly name: string; readonly base64: string }

export type PlayRequest = {
  /** A channel (`dead-run/stage`), a device, or for an array: each recording's station or file name to a device. */
  readonly as: string | Readonly<Record<string, string>>
  /** Files of one event (three components, or one file per station), or the name of a record that ships. */
  readonly files: readonly RecordingFile[]
  readonly recording?: string
  /**
   * 0.1 to 100: how much faster than recorded, by the device's own clock (a gauge with time scale 180 shows a record 180
   * times as fast at speed 1); a waveform is resampled to the rate of the device. Default 1.
   */
  readonly speed?: number
  /** Every value times this. Default 1. */
  readonly scale?: number
  /** Scales so that the largest horizontal component peaks here [m/s²]; not together with `scale`. */
  readonly scale_pga_m_s2?: number
  /** Where in the recording to begin [s]. Default 0. */
  readonly start_s?: number
  readonly loop?: boolean
  /** For formats that do not say them. */
  readonly unit?: string
  readonly dt_s?: number
}

export type PlayState = 'playing' | 'paused' | 'ended'
export type PlayStatus = {
  readonly id: string
  readonly name: string
  readonly devices: readonly string[]
  readonly state: PlayState
  /** In the recording's time. */
  readonly position_s: number
  readonly length_s: number
  readonly speed: number
  readonly loop: boolean
  /** Files of the request that no device was named for. */
  readonly left_out?: readonly string[]
  /** What a person must know, e.g. which axis of the record is played as which. */
  readonly notes?: readonly string[]
}
export type Steer =
  | { readonly action: 'pause' | 'resume' | 'stop' }
  | { readonly action: 'seek'; readonly position_s: number }

export type ScenarioRequest = {
  /** Name of a scenario that ships, or `text`: the YAML of one. */
  readonly name?: string
  readonly text?: string
  readonly seed?: number
}
export type ScenarioStatus = {
  readonly name: string
  readonly description: string
  readonly seed: number
  readonly position_s: number
  readonly duration_s: number
  readonly round: number
  readonly loop: boolean
  /** Steps that find no device here. */
  readonly skipped: readonly string[]
  /** Where it runs otherwise than its file says, e.g. gauges at the time scale of their site. */
  readonly notes?: readonly string[]
}

export type WireStatus = {
  readonly node: string
  readonly link: string
  readonly faults: WireFaults
  /** Frames that came, and what was done to them, by kind. */
  readonly counts: Readonly<Record<string, number>>
}

/** Where a shadow device answers, for the edge node. */
export type ShadowPlace = {
  /** The real device that it stands for. */
  readonly device: string
  readonly host: string
  readonly port: number
  readonly unit_id: number
  readonly time_scale: number
}

export type DrillStart = {
  readonly drill: string
  readonly scenario: ScenarioRequest
  /** Real devices that get a shadow; simulated devices take part as they are. */
  readonly shadows: readonly string[]
}

export type SimulatorStatus = {
  readonly devices: ReadonlyArray<{ readonly id: string; readonly model: string; readonly fault: string }>
  readonly plays: readonly PlayStatus[]
  readonly scenario: ScenarioStatus | null
  readonly wires: readonly WireStatus[]
  readonly drill: string | null
}

/** Every call rejects with a `PlumblineError` that says what was expected; nothing has changed then. */
export interface SimulatorControl {
  status(): Promise<SimulatorStatus>
  /** @throws PlumblineError PLAY_REFUSED for a real device, RECORDING_INVALID */
  play(request: PlayRequest): Promise<PlayStatus>
  /** @throws PlumblineError PLAY_REFUSED for a play that is not there */
  steer(play: string, steer: Steer): Promise<PlayStatus>
  /** In place of the scenario or the site's own play that runs. @throws PlumblineError SCENARIO_INVALID */
  startScenario(request: ScenarioRequest): Promise<ScenarioStatus>
  /** Devices play again what the site says. */
  stopScenario(): Promise<void>
  /** `{}` mends the wire. @throws PlumblineError SCENARIO_INVALID */
  setWireFaults(node: string, link: string, faults: WireFaults): Promise<WireStatus>
  /** The kinds of `fault` in a scenario; 'none' ends it. @throws PlumblineError SCENARIO_INVALID */
  setFault(device: string, kind: string, code?: number, delay_ms?: number): Promise<void>
  /** Makes the shadows and starts the scenario on them and on the simulated devices. */
  startDrill(start: DrillStart): Promise<readonly ShadowPlace[]>
  /** Idempotent. */
  stopDrill(drill: string): Promise<void>
}

/** By name, for carrying calls to another process. */
export const CONTROL_CALLS = [
  'status',
  'play',
  'steer',
  'startScenario',
  'stopScenario',
  'setWireFaults',
  'setFault',
  'startDrill',
  'stopDrill',
] as const satisfies ReadonlyArray<keyof SimulatorControl>
export type ControlCall = (typeof CONTROL_CALLS)[number]
