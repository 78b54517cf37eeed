/** Who gives a command, as what is written of it shall name them. */
import { userInfo } from 'node:os'

/** The user of the operating system. */
export function whoRuns(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that no user has.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
