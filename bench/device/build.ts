/** Builds a program of this folder in C on libmodbus, which is not ours. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const BUILD_FLAGS = ['-O2', '-Wall', '-I/usr/include/modbus']

/**
 * The program made of `name`.c in `folder`; `undefined` where compiler or libmodbus is missing (Debian packages gcc,
 * libmodbus-dev).
 */
export function build(name: string, folder: string): string | undefined {
  const program = join(folder, name)
  const source = join(import.meta.dirname, `${name}.c`)
  const built = spawnSync('cc', [...BUILD_FLAGS, '-o', program, source, '-lmodbus', '-lm'], { encoding: 'utf8' })
  if (built.status === 0) return program
  const absent = built.error !== undefined || /modbus\.h: No such file|cannot find -lmodbus/.test(built.stderr)
  if (!absent) throw new Error(`${name}.c does not compile: ${built.stderr}`)
  return undefined
}
