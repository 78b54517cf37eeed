/** Tests only: tools that others wrote, with which our servers are read; a missing one skips, or fails where CI asks. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const REQUIRED = process.env['PLUMBLINE_REQUIRE_REAL'] === '1'

/** Whether the tests that need it run. @throws where it is missing and PLUMBLINE_REQUIRE_REAL=1 */
export function haveTool(name: string, debianPackage: string, probe: readonly string[] = ['-h']): boolean {
  const found = spawnSync(name, probe, { stdio: 'ignore' })
  if (found.error === undefined) return true
  return missing(`${name} is not installed (Debian package ${debianPackage})`)
}

function missing(what: string): false {
  if (REQUIRED) throw new Error(`${what}, and PLUMBLINE_REQUIRE_REAL=1`)
  console.info(`${what}: its tests are skipped`)
  return false
}

/** A folder for this test file's sockets, links and programs. */
export const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'plumbline-wire-'))
export const dropFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** Compiles the libmodbus master; `undefined` where compiler or library is missing. */
export function buildLibmodbusMaster(folder: string): string | undefined {
  const program = join(folder, 'libmodbus-master')
  const flags = ['-I/usr/include/modbus', '-Wall', '-Werror', '-o', program]
  const built = spawnSync('cc', [...flags, join(import.meta.dirname, 'libmodbus-master.c'), '-lmodbus'], {
    encoding: 'utf8',
  })
  if (built.status === 0) return program
  const absent = built.error !== undefined || /modbus\.h: No such file|cannot find -lmodbus/.test(built.stderr)
  if (!absent) throw new Error(`libmodbus-master.c does not compile: ${built.stderr}`)
  missing('libmodbus master: cc or libmodbus is not installed (Debian packages gcc, libmodbus-dev)')
  return undefined
}

/** Standard output of a program that must end well within 15 s. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: 15_000, maxBuffer: 8e6 })
  return stdout
}
