/** Tests only: a bus with an accelerometer (1), a gauge (2), a register bank (3) and a FIFO accelerometer (4). */
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Log } from '../../domain/ports.ts'
import { instant } from '../../domain/time.ts'
import { SystemClock } from '../../runtime/clock.ts'
import type { SimulatedDevice } from '../device.ts'
import { FifoDevice } from '../fifo-device.ts'
import { headerOf, int16 } from '../fixture.ts'
import { RegisterBank } from '../register-bank.ts'
import { run } from './real-tools.fixture.ts'
import { NOW, ServerBench } from './server-fixture.ts'

export class Bus {
  readonly lines: Array<{ message: string; fields: Record<string, unknown> | undefined }> = []
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly bank: RegisterBank
  readonly fifo: FifoDevice
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
    this.fifo = new FifoDevice({
      ...identity,
      id: 'queue',
      unit_id: 4,
      fifo: {
        pointer_address: 1246,
        header_address: 0,
        axes: ['x', 'y', 'z'],
        sample_rate_hz: 100,
        depth: 9,
        full_scale: 2,
      },
      truth: (_, axis) => axis + 0.25,
      imperfections: { seed: 1 },
    })
    this.devices = new Map<number, SimulatedDevice>([...devices, [3, this.bank], [4, this.fifo]])
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

/** What the libmodbus master must have printed: ring and header of the accelerometer, the gauge, the bank it wrote to. */
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
}
