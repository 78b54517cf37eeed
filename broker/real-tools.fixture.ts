/** Tests only: MQTT clients that others wrote; a missing one skips its tests, or fails where CI asks for all. */
import { spawnSync } from 'node:child_process'

/** Whether a program runs and ends well. @throws where it does not and PLUMBLINE_REQUIRE_REAL=1 */
export function have(what: string, debianPackage: string, program: string, args: readonly string[]): boolean {
  const { error, status } = spawnSync(program, args, { stdio: 'ignore' })
  // mosquitto's clients end their help with 1.
  if (error === undefined && (status === 0 || args.includes('--help'))) return true
  const missing = `${what} is not installed (Debian package ${debianPackage})`
  if (process.env['PLUMBLINE_REQUIRE_REAL'] === '1') throw new Error(`${missing}, and PLUMBLINE_REQUIRE_REAL=1`)
  console.info(`${missing}: its tests are skipped`)
  return false
}

/** Debian's own Python, which is where its packages are. */
export const PYTHON = '/usr/bin/python3'
