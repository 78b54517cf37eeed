/** Builds and runs the device side in C (`device-server.c`); what reads it is the row's business. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BUILD_FLAGS = ['-O2', '-Wall', '-I/usr/include/modbus']

export type DeviceServer = { readonly ports: readonly number[]; readonly pid: number; stop(): Promise<void> }

export type Devices =
  | { readonly kind: 'rings'; readonly links: number; readonly units: number; rate_hz: number; depth: number }
  | { readonly kind: 'scalars'; readonly links: number; readonly units: number; points: number }

/** `undefined` where compiler or libmodbus is missing (Debian packages gcc, libmodbus-dev). */
export async function startDevices(devices: Devices): Promise<DeviceServer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-devices-'))
  const program = build(folder)
  if (program === undefined) {
    rmSync(folder, { recursive: true })
    return undefined
  }
  const numbers = devices.kind === 'rings' ? [devices.rate_hz, devices.depth] : [devices.points]
  const args = [devices.kind, devices.links, devices.units, ...numbers].map(String)
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ports = await firstLine(child)
  return {
    ports,
    pid: child.pid!,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}

function build(folder: string): string | undefined {
  const program = join(folder, 'device-server')
  const source = join(import.meta.dirname, 'device-server.c')
  const built = spawnSync('cc', [...BUILD_FLAGS, '-o', program, source, '-lmodbus', '-lm'], { encoding: 'utf8' })
  if (built.status === 0) return program
  const absent = built.error !== undefined || /modbus\.h: No such file|cannot find -lmodbus/.test(built.stderr)
  if (!absent) throw new Error(`device-server.c does not compile: ${built.stderr}`)
  return undefined
}

function firstLine(child: ChildProcess): Promise<number[]> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(JSON.parse(text))
    })
    child.once('exit', (code) => reject(new Error(`device-server ended with ${code} before it listened`)))
  })
}
