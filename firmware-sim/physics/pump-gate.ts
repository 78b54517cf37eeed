/**
 * A pond behind a dike with pumps and a gate to the river or the sea: how its level moves. Each switches with hysteresis,
 * and what leaves is what the level falls by. Outside level and inflow are the caller's.
 */
import { G_M_S2 } from '../../domain/units.ts'
import { positive, refuse, whole } from './refuse.ts'

export type PumpGate = {
  readonly pond: {
    readonly area_m2: number
    readonly bottom_m: number
    readonly start_m: number
  }
  readonly pumps: ReadonlyArray<{ readonly capacity_m3_s: number; readonly on_m: number; readonly off_m: number }>
  /** A gate that lets water out by its own fall, never in. */
  readonly gate?: {
    readonly width_m: number
    readonly height_m: number
    readonly sill_m: number
    /** Fall from pond to outside at which it opens, and the smaller one at which it shuts. */
    readonly open_at_m: number
    readonly shut_at_m: number
  }
}

export type PumpGateState = {
  readonly stage_m: number
  /** Means of the step that led here. */
  readonly pumped_m3_s: number
  readonly gate_m3_s: number
  readonly running: readonly boolean[]
  readonly gate_open: boolean
}

/** Of a gate that the water drowns (Chow 1959, sluice gates [K]). */
const DISCHARGE_COEFFICIENT = 0.6

export class PumpGateStation {
  readonly #station: PumpGate
  readonly #dt_s: number
  #volume_m3: number
  #running: boolean[]
  #failed: boolean[]
  #gate_open = false
  #gate_stuck = false

  /** @throws PlumblineError USAGE naming what cannot be */
  constructor(station: PumpGate, step_s: number) {
    const { pond, pumps, gate } = station
    positive('pond.area_m2', pond.area_m2)
    if (!(pond.start_m >= pond.bottom_m))
      refuse('pond.start_m', `at or above the bottom (${pond.bottom_m})`, pond.start_m)
    pumps.forEach((pump, i) => {
      positive(`pumps[${i}].capacity_m3_s`, pump.capacity_m3_s)
      if (!(pump.on_m > pump.off_m)) refuse(`pumps[${i}].on_m`, `above off_m (${pump.off_m})`, pump.on_m)
      if (!(pump.off_m >= pond.bottom_m)) refuse(`pumps[${i}].off_m`, `at or above ${pond.bottom_m}`, pump.off_m)
    })
    if (gate !== undefined) {
      positive('gate.width_m', gate.width_m)
      positive('gate.height_m', gate.height_m)
      if (!(gate.sill_m >= pond.bottom_m)) refuse('gate.sill_m', `at or above ${pond.bottom_m}`, gate.sill_m)
      if (!(gate.open_at_m > gate.shut_at_m))
        refuse('gate.open_at_m', `above shut_at_m (${gate.shut_at_m})`, gate.open_at_m)
    }
    this.#station = station
    this.#dt_s = positive('step_s', step_s)
    this.#volume_m3 = (pond.start_m - pond.bottom_m) * pond.area_m2
    this.#running = pumps.map(() => false)
    this.#failed = pumps.map(() => false)
  }

  get stage_m(): number {
    const { area_m2, bottom_m } = this.#station.pond
    return bottom_m + this.#volume_m3 / area_m2
  }

  /** A pump that has failed stands still whatever the level. */
  setPumpFailed(pump: number, failed: boolean): void {
    this.#failed[whole('pump', pump, 0, this.#failed.length - 1)] = failed
  }

  /** A gate that is stuck stays as it is. */
  setGateStuck(stuck: boolean): void {
    this.#gate_stuck = stuck
  }

  /**
   * One step: switches by the levels at its beginning, then moves the water.
   * @param inflow_m3_s mean of the step, 0 or more
   * @param outside_m level beyond the dike
   */
  step(inflow_m3_s: number, outside_m: number): PumpGateState {
    if (!(inflow_m3_s >= 0 && Number.isFinite(inflow_m3_s))) refuse('inflow_m3_s', '0 or more', inflow_m3_s)
    if (!Number.isFinite(outside_m)) refuse('outside_m', 'a finite level', outside_m)
    this.#switch(outside_m)
    const dt = this.#dt_s
    const available_m3 = this.#volume_m3 + inflow_m3_s * dt
    const gate_m3_s = this.#gateFlow(outside_m)
    const wanted_m3_s = this.#station.pumps.reduce((sum, p, i) => sum + (this.#running[i] ? p.capacity_m3_s : 0), 0)
    // A pump takes no more than there is.
    const pumped_m3_s = Math.min(wanted_m3_s, Math.max(0, available_m3 / dt - gate_m3_s))
    this.#volume_m3 = Math.max(0, available_m3 - (gate_m3_s + pumped_m3_s) * dt)
    return { stage_m: this.stage_m, pumped_m3_s, gate_m3_s, running: [...this.#running], gate_open: this.#gate_open }
  }

  #switch(outside_m: number): void {
    const stage = this.stage_m
    this.#running = this.#station.pumps.map((pump, i) => {
      if (this.#failed[i]) return false
      return this.#running[i] ? stage > pump.off_m : stage >= pump.on_m
    })
    const { gate } = this.#station
    if (gate === undefined || this.#gate_stuck) return
    const fall = stage - outside_m
    this.#gate_open = this.#gate_open ? fall > gate.shut_at_m : fall >= gate.open_at_m
  }

  /** Q = μ b a √(2 g Δh), held so that the pond does not fall below what it drains to within the step. */
  #gateFlow(outside_m: number): number {
    const { gate, pond } = this.#station
    if (gate === undefined || !this.#gate_open) return 0
    const stage = this.stage_m
    const fall = stage - Math.max(outside_m, gate.sill_m)
    if (fall <= 0) return 0
    const opening_m = Math.min(gate.height_m, stage - gate.sill_m)
    const free = DISCHARGE_COEFFICIENT * gate.width_m * opening_m * Math.sqrt(2 * G_M_S2 * fall)
    return Math.min(free, (fall * pond.area_m2) / this.#dt_s)
  }
}
