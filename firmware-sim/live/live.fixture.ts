/** Tests only: a site with two accelerometers and a gauge that are simulated, and a real gauge and accelerometer. */

import type { SimulatorControl } from '../../domain/simulator-control.ts'
import { instant, secondsToNs } from '../../domain/time.ts'
import { loadShippedModels } from '../../models/load.ts'
import { loadRecording } from '../../recordings/load.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { headerOf, link, readSamples, simulatedDevice, siteOf } from '../fixture.ts'
import { type SimulatorOptions, SimulatorService } from '../service.ts'

export const models = await loadShippedModels()
const real = (id: string, model: string, unit: number) => ({
  ...simulatedDevice(id, model, unit, { recording: 'jma-yonago-2000' }),
  simulated: undefined,
})
const accelerometer = (id: string, unit: number) =>
  simulatedDevice(id, 'sim-accelerometer-3axis', unit, { recording: 'jma-yonago-2000', lead_s: 10_000 })

/** `tower/ground`, `tower/roof` and `bank/river` are simulated, `field/creek` and `field/pier` real. */
export const liveSite = (river_time_scale = 1) =>
  siteOf(
    models,
    link('tower', 5020, [accelerometer('ground', 1), accelerometer('roof', 2)]),
    link('bank', 5021, [
      simulatedDevice('river', 'sim-stage-gauge', 1, { recording: 'usgs-dead-run-2018' }, river_time_scale),
    ]),
    link('field', 502, [real('creek', 'sim-stage-gauge', 7), real('pier', 'sim-accelerometer-3axis', 8)]),
  )

export class LiveBench {
  readonly clock = new SimulatedClock(instant(1_700_000_000_000_000_000n))
  readonly simulator: SimulatorService

  constructor(options: Partial<SimulatorOptions> = {}) {
    this.simulator = new SimulatorService({
      site: liveSite(),
      clock: this.clock,
      log: silentLog,
      loadRecording,
      listen: false,
      ...options,
    })
  }

  get control(): SimulatorControl {
    return this.simulator.control
  }

  seconds(s: number): Promise<void> {
    return this.clock.advance(secondsToNs(s))
  }

  /** Stage [m] as the gauge's registers say it. */
  async stage_m(): Promise<number> {
    const { registers } = await this.simulator.link('bank').readRegisters(1, 'input', 2, 2)
    const bytes = new DataView(new ArrayBuffer(4))
    bytes.setUint16(0, registers[0]!)
    bytes.setUint16(2, registers[1]!)
    return bytes.getFloat32(0)
  }

  /** Raw samples [x, y, z] of the last `count` counters of an accelerometer on `tower`. */
  async samples(unit: number, count: number): Promise<number[][]> {
    const tower = this.simulator.link('tower')
    const { newest } = headerOf((await tower.readRegisters(unit, 'holding', 0, 18)).registers)
    return readSamples(tower, unit, newest - count + 1, newest)
  }
}

export const fileOf = (name: string, text: string) => ({ name, base64: Buffer.from(text).toString('base64') })

/** A ground motion in gal at 100 Hz: x stands at `x`, the others at 0. */
export const stepMotion = (name: string, seconds: number, ...x: number[]) =>
  fileOf(
    name,
    `time,acc_ns_gal,acc_ew_gal,acc_ud_gal\n${Array.from({ length: seconds * 100 }, (_, k) => `${(k / 100).toFixed(2)},${x[Math.floor(k / 100)] ?? 0},0,0`).join('\n')}\n`,
  )

/** Stage in metres, a row a minute. */
export const stageTable = (...stages: number[]) =>
  fileOf(
    'stage.csv',
    `time,stage_m\n${stages.map((h, i) => `2024-01-01T00:${String(i).padStart(2, '0')}:00Z,${h}`).join('\n')}\n`,
  )
