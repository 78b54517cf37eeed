/** CPU seconds (user + system) of processes, from /proc; NaN where there is no /proc. */
import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100

export function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S
  } catch {
    return Number.NaN
  }
}

/** The same to the nanosecond, for what takes less than ticks; only of threads that are alive, so the process may end none. */
export function runSeconds(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const ran = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]))
    return ran.reduce((sum, ns) => sum + ns, 0) / 1e9
  } catch {
    return Number.NaN
  }
}
