/** Tests only: a server with an accelerometer (unit 1) and a gauge (unit 2), and clients that write raw bytes to it. */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { expect } from 'vitest'
import type { Log } from '../../domain/ports.ts'
import { instant } from '../../domain/time.ts'
import { loadModels } from '../../models/load.ts'
import { SystemClock } from '../../runtime/clock.ts'
import type { SimulatedDevice } from '../device.ts'
import { shortWaveform, simulatedDevice, stageSeries } from '../fixture.ts'
import { makeDevice } from '../make-device.ts'
import { ModbusServer } from './modbus-server.ts'

const models = await loadModels(['sim-accelerometer-3axis', 'sim-stage-gauge'])
const STEP_M_S2 = (2 * 9.80665) / 32_768
const BOOT = instant(1_700_000_000_000_000_000n)
/** 100.004 s after boot: 10,000 is the newest counter. */
export const NOW = instant(BOOT + 100_004_000_000n)

/** Read of unit 2, input registers 2-3, which hold 1.28 m; transaction 7. */
export const STAGE = '00 07 00 00 00 06 02 04 00 02 00 02'
export const STAGE_REPLY = '0007000000070204043fa3d70a'

export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
export const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

export class ServerBench {
  readonly lines: Array<{ message: string; fields: Record<string, unknown> | undefined }> = []
  readonly devices: ReadonlyMap<number, SimulatedDevice>
  readonly server: ModbusServer
  /** Requests that were judged. */
  answered = 0
  readonly #sockets: Socket[] = []

  constructor(options: { host?: string; port?: number } = {}) {
    const make = (id: string, model: string, unit: number, recording: Parameters<typeof makeDevice>[1]) => {
      const device = simulatedDevice(id, model, unit, { recording: recording.name, quiet_s: 0 })
      return makeDevice({ device, model: models.get(model)! }, recording, { id: 0xdead_beef, at: BOOT }, 'd')
    }
    this.devices = new Map<number, SimulatedDevice>([
      [1, make('roof', 'sim-accelerometer-3axis', 1, shortWaveform(6000, STEP_M_S2))],
      [2, make('river', 'sim-stage-gauge', 2, stageSeries([0, 1.28], [5, 1.5]))],
    ])
    const told = (message: string, fields?: Record<string, unknown>) => void this.lines.push({ message, fields })
    const log: Log = { info: told, warn: told, error: told, child: () => log }
    const at = () => {
      this.answered++
      return NOW
    }
    const { host = '127.0.0.1', port = 0 } = options
    const path = 'nodes[0].links[1].tcp.port'
    this.server = new ModbusServer({ host, port, path, devices: this.devices, at, clock: new SystemClock(), log })
  }

  async connect(): Promise<Socket> {
    const socket = createConnection({ host: '127.0.0.1', port: this.server.port, noDelay: true })
    this.#sockets.push(socket)
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await this.server.close()
  }
}

/** Exactly `count` bytes from the socket. */
export async function take(socket: Socket, count: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let have = 0
  while (have < count) {
    const chunk: Buffer = (await once(socket, 'data'))[0]
    parts.push(chunk)
    have += chunk.length
  }
  expect(have, 'bytes beyond the reply').toBe(count)
  return Buffer.concat(parts)
}

export async function ask(socket: Socket, request: string, count: number): Promise<string> {
  socket.write(bytes(request))
  return hex(await take(socket, count))
}
