/** Memory of a process, from /proc; NaN where there is none. */
import { readFileSync } from 'node:fs'

/** @returns resident memory now (`VmRSS`), or the most that ever was (`VmHWM`) [MB] */
export function residentMb(pid: number, which: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1000
  } catch {
    return Number.NaN
  }
}
