/**
 * A relay board on Modbus TCP that is real to the edge node: the simulated board of firmware-sim behind its own listener, with
 * buttons that the rehearsal presses, relays that it looks at, and a fault of the writing electronics.
 */
import { instantToMs } from '../domain/time.ts'
import { type BitTable, isException, type SimulatedDevice } from '../firmware-sim/device.ts'
import { ModbusServer } from '../firmware-sim/io/modbus-server.ts'
import { makeDevice } from '../firmware-sim/make-device.ts'
import { loadModels } from '../models/load.ts'
import type { Series } from '../recordings/recording.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'

const MODEL = 'sim-relay-8'
const UNIT = 1
const FIRST_BUTTON = 32
/** Modbus Application Protocol 1.1b3, section 7: server device failure. */
const DEVICE_FAILURE = 4

export class RelayBoard {
  readonly #clock = new SystemClock()
  readonly #pressed = new Set<number>()
  #device: SimulatedDevice | undefined
  #server: ModbusServer | undefined
  /** Writes are answered with exception 4. */
  broken = false
  /** Every write that was asked for, oldest first; `relay` counts from 1. */
  readonly writes: Array<{ readonly relay: number; readonly on: boolean; readonly at_ms: number }> = []

  async start(): Promise<number> {
    this.#device = await board(this.#clock)
    this.#server = new ModbusServer({
      ...{ host: '127.0.0.1', port: 0, path: 'rehearsal', clock: this.#clock, log: silentLog },
      devices: new Map([[UNIT, this.#served(this.#device)]]),
      at: () => this.#clock.now(),
    })
    await this.#server.listen()
    return this.#server.port
  }

  async stop(): Promise<void> {
    await this.#server?.close()
  }

  /** What a relay holds now; 1 to 8. */
  relay(relay: number): boolean {
    const bits = this.#device!.readBits!('coil', relay - 1, 1, this.#clock.now())
    return !isException(bits) && bits[0] === 1
  }

  press(button: 1 | 2): void {
    this.#pressed.add(FIRST_BUTTON + button - 1)
  }
  release(): void {
    this.#pressed.clear()
  }
  /** The board loses power for a moment: its relays fall off. */
  powerCycle(): void {
    this.#device!.restart({ id: this.#device!.boot.id + 1, at: this.#clock.now() })
  }

  #served(device: SimulatedDevice): SimulatedDevice {
    return {
      ...{ id: device.id, unit_id: device.unit_id, model: device.model, boot: device.boot, fault: 'none' },
      setFault: () => {},
      restart: (boot) => device.restart(boot),
      readRegisters: (...asked) => device.readRegisters(...asked),
      readBits: (table: BitTable, address, quantity, at) => {
        const bits = device.readBits!(table, address, quantity, at)
        if (isException(bits) || table !== 'discrete') return bits
        return bits.map((bit, i) => (this.#pressed.has(address + i) ? 1 : bit))
      },
      writeCoils: (address, bits, at) => {
        const at_ms = instantToMs(at)
        bits.forEach((bit, i) => {
          this.writes.push({ relay: address + i + 1, on: bit === 1, at_ms })
        })
        return this.broken ? { exception: DEVICE_FAILURE } : device.writeCoils!(address, bits, at)
      },
    }
  }
}

async function board(clock: SystemClock): Promise<SimulatedDevice> {
  const model = (await loadModels([MODEL])).get(MODEL)!
  const now = clock.now()
  // Nothing of the board is a stage: every point holds still.
  const series: Series = {
    ...{ kind: 'series', name: 'still', quantity: 'stage', unit: 'm', source: 'rehearsal' },
    t: BigInt64Array.of(now, now + 1_000_000_000n),
    values: Float64Array.of(0, 0),
  }
  const play = { recording: 'still', quiet_s: 0, lead_s: 0 }
  const device = { id: 'board', name: 'Board', model: MODEL, unit_id: UNIT, simulated: { time_scale: 1, play } }
  return makeDevice({ device, model }, series, { id: 1, at: now }, 'rehearsal')
}
