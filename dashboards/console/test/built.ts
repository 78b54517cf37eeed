/**
 * The built console, and the Chromium that opens it: shared by end-to-end tests, rehearsals and the benchmark. It is built
 * into `dist/` where that is older than its sources, as `npm start` does, so that all files of a test run use one build.
 */
import { execFile } from 'node:child_process'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

export const ROOT = join(import.meta.dirname, '../../..')
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const NO_CHROMIUM = `no Chromium at ${CHROMIUM}: install it (Debian: apt-get install chromium) or set CHROMIUM to its path`
export const CHROMIUM_ARGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  )

const CONSOLE = join(ROOT, 'dashboards/console')
const LOCK = join(ROOT, 'node_modules/.plumbline-console-build')
/** A lock this old was left by a process that was killed. */
const STALE_MS = 120_000

/** @returns the folder with the built files; test files that run at the same time wait for whoever builds */
export async function builtConsole(): Promise<string> {
  while (!(await taken())) await pause(50)
  try {
    const env = { ...process.env, NODE_ENV: 'production' }
    await promisify(execFile)(process.execPath, [join(ROOT, 'commands/prepare.js'), '--build'], { cwd: ROOT, env })
  } finally {
    await rm(LOCK, { force: true })
  }
  return join(CONSOLE, 'dist')
}

async function taken(): Promise<boolean> {
  try {
    await (await open(LOCK, 'wx')).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const made_ms = await stat(LOCK).then(
      (s) => s.mtimeMs,
      () => Number.NaN,
    )
    if (Date.now() - made_ms > STALE_MS) await rm(LOCK, { force: true })
    return false
  }
}
