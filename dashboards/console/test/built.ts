/** The console built into a folder of its own, and the Chromium that opens it: shared by end-to-end tests and the benchmark. */
import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const ROOT = join(import.meta.dirname, '../../..')
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const CHROMIUM_ARGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  )

/** @returns the folder; whoever asked removes it */
export async function buildConsole(): Promise<string> {
  const dist = await mkdtemp(join(tmpdir(), 'plumbline-console-'))
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', 'dashboards/console/vite.config.ts']
  const env = { ...process.env, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, [...vite, '--outDir', dist, '--emptyOutDir'], { cwd: ROOT, env })
  return dist
}
