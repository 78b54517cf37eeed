/** Boot of the machine: as long as it lasts the monotonic clock goes on, also over a restart of this process. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** 16 bytes; where the system does not tell its boot, those of this process. */
export function machineBoot(path = '/proc/sys/kernel/random/boot_id'): Uint8Array {
  try {
    const bytes = Buffer.from(readFileSync(path, 'utf8').trim().replaceAll('-', ''), 'hex')
    return bytes.length === 16 ? bytes : randomBytes(16)
  } catch {
    return randomBytes(16)
  }
}
