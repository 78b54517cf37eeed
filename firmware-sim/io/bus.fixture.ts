/** Tests only: a bus with an accelerometer (1), a gauge (2), a bank (3), a FIFO accelerometer (4), a controller (5). */
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Model } from '../../domain/model.ts'
import type { Log } from '../../domain/ports.ts'
import { instant } from '../../domain/time.ts'
import type { Waveform } from '../../recordings/recording.ts'
import { SystemClock } from '../../runtime/clock.ts'
import type { SimulatedDevice } from '../device.ts'
import type { FifoDevice } from '../fifo-device.ts'
import { headerOf, int16, shortWaveform, simulatedDevice, stageSeries } from '../fixture.ts'
import type { Gauge } from '../gauge.ts'
import { makeDevice } from '../make-device.ts'
import { RegisterBank } from '../register-bank.ts'
import { run } from './real-tools.fixture.ts'
import { NOW, ServerBench } from './server-fixture.ts'

const FIFO_MODEL: Model = {
  id: 'fifo',
  name: 'FIFO accelerometer',
  source: 'test',
  poll_ms: 50,
  fifo: {
    group: 'acceleration',
    pointer_address: 1246,
    header_address: 0,
    axes: ['x', 'y', 'z'],
    sample_rate_hz: 100,
    depth: 9,
    block_samples: 4,
    unit: 'm/s²',
    full_scale: 2,
  },
}
const flag = { unit: '1', range: { low: 0, high: 1 } } as const
/** Values of 64 bits, bits of registers and of bit tables, and something to write. */
const CONTROLLER_MODEL: Model = {
  id: 'controller',
  name: 'Controller',
  source: 'test',
  poll_ms: 1000,
  points: [
    { metric: 'stage', table: 'input', address: 0, type: 'float64', unit: 'm', range: { low: 0, high: 20 } },
    {
      metric: 'depth',
      table: 'input',
      address: 4,
      type: 'int64',
      order: 'GHEFCDAB',
      unit: 'mm',
      range: { low: 0, high: 20_000 },
    },
    { metric: 'open', table: 'input', address: 8, type: 'bit', bit: 9, ...flag, scale: -1, offset: 1 },
    { metric: 'pump', table: 'coil', address: 0, type: 'bit', ...flag, writable: true },
    { metric: 'float_switch', table: 'discrete', address: 3, type: 'bit', ...flag },
    {
      metric: 'setpoint',
      table: 'holding',
      address: 0,
      type: 'uint16',
      unit: 'cm',
      range: { low: 0, high: 500 },
      writable: true,
    },
  ],
  holes: [{ table: 'input', from: 9, to: 20 }],
}

export class Bus {
  readonly lines: Array<{ message: string; fields: Record<string, unknown> | undefined }> = []
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly bank: RegisterBank
  readonly fifo: FifoDevice
  readonly controller: Gauge
  readonly clock = new SystemClock()
  readonly log: Log

  constructor() {
    const { devices } = new ServerBench()
    const gauge = devices.get(2)!
    const identity = { model: gauge.model, time_scale: 1, boot: { id: 7, at: instant(NOW - 10_000_000_000n) } }
    this.bank = new RegisterBank({
      ...identity,
      id: 'pump',
      unit_id: 3,
      coils: { address: 20, values: Array(10).fill(0) },
      discretes: { address: 5, values: [1, 0, 1] },
      holding: { address: 100, values: [1, 2, 3] },
      inputs: { address: 0, values: [42] },
    })
    const still = Float64Array.from({ length: 10 }, () => 0)
    const device = simulatedDevice('queue', 'fifo', 4, { recording: 'short', quiet_s: 0 })
    const record: Waveform = {
      ...shortWaveform(10, 0),
      // A step of 2 / 32,768 m/s²: axis a stands at 0.25 + a m/s².
      axes: ['x', 'y', 'z'].map((axis, a) => ({ axis, samples: still.map(() => a + 0.25) })),
    }
    this.fifo = makeDevice({ device, model: FIFO_MODEL }, record, identity.boot, 'd') as FifoDevice
    const controller = simulatedDevice('controller', 'controller', 5, { recording: 'stage', quiet_s: 0 })
    const series = stageSeries([0, 1.28], [60, 1.5])
    this.controller = makeDevice({ device: controller, model: CONTROLLER_MODEL }, series, identity.boot, 'd') as Gauge
    this.devices = new Map<number, SimulatedDevice>([...devices, [3, this.bank], [4, this.fifo], [5, this.controller]])
    const told = (message: string, fields?: Record<string, unknown>) => void this.lines.push({ message, fields })
    const log: Log = { info: told, warn: told, error: told, child: () => log }
    this.log = log
  }

  get shared() {
    return { devices: this.devices, at: () => NOW, clock: this.clock, log: this.log }
  }
}

export const serial = (device: string, baud = 115_200) => ({
  device,
  baud,
  parity: 'none' as const,
  stop_bits: 1 as const,
  path: 'nodes[0].links[0].serial.device',
})
export const ends = (folder: string, name: string): [string, string] => [
  join(folder, `${name}-a`),
  join(folder, `${name}-b`),
]

/** What the libmodbus master must have printed: of each device of the bus what its manual says. */
export async function expectLibmodbusRight(program: string, args: readonly string[]): Promise<void> {
  const got = new Map(
    (await run(program, args))
      .trim()
      .split('\n')
      .map((line) => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)] as const),
  )
  const numbers = (name: string) => got.get(name)!.split(' ').map(Number)
  expect(headerOf(Uint16Array.from(numbers('header')))).toMatchObject({
    boot_id: 0xdead_beef,
    newest: 10_000,
    newest_us: 100_000_000,
    now_us: 100_004_000,
    rate_mhz: 100_000,
  })
  // Slot of a counter is counter mod 6,000 and the record repeats every 6,000: sample s of the ring is s + 1 steps.
  const ring = numbers('ring').map(int16)
  expect(ring.filter((_, i) => i % 3 === 0)).toEqual(Array.from({ length: 6000 }, (_, s) => s + 1))
  expect(got.get('beyond')).toBe('Illegal data address')
  expect(got.get('write')).toBe('Illegal function')
  expect(got.get('gauge')).toBe('0 0 16291 55050')
  expect(got.get('stage')).toBe('1.280')
  // 0x12 under mask 0xF2 / 0x25 is 0x17 (1.1b3, 6.16); register 102 was written by FC 23 before it read.
  expect(numbers('holding')).toEqual([7, 0x17, 7])
  expect(numbers('coils')).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 1, 0])
  expect(numbers('discretes')).toEqual([1, 0, 1])
  // Counter 1,000 ten seconds after the start, then nine samples of 0.25, 1.25 and 2 (full scale: 32,767 steps) m/s².
  expect(numbers('fifo')).toEqual([0, 1000, ...Array.from({ length: 9 }, () => [4096, 20_480, 32_767]).flat()])
  expect(got.get('depth')).toBe('1.28')
  expect(got.get('depth_mm')).toBe('1280')
  // Closed is 0, and the bit is inverted.
  expect(numbers('flags')).toEqual([1, 1, 0])
  expect(got.get('setpoint')).toBe('450')
  expect(got.get('setpoint_beyond')).toBe('Illegal data value')
}
