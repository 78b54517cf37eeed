/** Builds and runs the poller in C (`poller.c`) on the ports of a device server. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'

export type Polled = { readonly polls: number; readonly failed: number; readonly late: number }
export type Poller = { readonly pid: number; stop(): Promise<Polled> }
export type PollerOptions = {
  readonly period_ms: number
  readonly ports: readonly number[]
  readonly units: number
  readonly points: number
}

/** `undefined` where it cannot be built here. */
export function startPoller({ period_ms, ports, units, points }: PollerOptions): Poller | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-poller-'))
  const program = build('poller', folder)
  if (program === undefined) {
    rmSync(folder, { recursive: true })
    return undefined
  }
  const child = spawn(program, [period_ms, units, points, ...ports].map(String), { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    pid: child.pid!,
    stop: async () => {
      child.stdin.end()
      const code = await ended
      rmSync(folder, { recursive: true })
      if (code !== 0) throw new Error(`poller ended with ${code}`)
      return JSON.parse(text) as Polled
    },
  }
}
