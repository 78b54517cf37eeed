/** Builds and runs the device side in C (`device-server.c`); what reads it is the row's business. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'

export type DeviceServer = { readonly ports: readonly number[]; readonly pid: number; stop(): Promise<void> }

export type Devices =
  | { readonly kind: 'rings'; readonly links: number; readonly units: number; rate_hz: number; depth: number }
  | { readonly kind: 'scalars'; readonly links: number; readonly units: number; points: number }

/** `undefined` where compiler or libmodbus is missing (Debian packages gcc, libmodbus-dev). */
export async function startDevices(devices: Devices): Promise<DeviceServer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-devices-'))
  const program = build('device-server', folder)
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
