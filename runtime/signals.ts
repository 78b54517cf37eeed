/** Runs until SIGINT or SIGTERM; then stops within a deadline, or says what did not stop. */
import type { Log } from '../domain/ports.ts'

/** Promise 3 s in all: a container runtime or a person at the keyboard waits no longer. */
export const STOP_DEADLINE_MS = 3000

export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
  })
}

/** True when `stop` finished in time. */
export async function stopInTime(stop: () => Promise<void>, log: Log): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_DEADLINE_MS - 200)
  })
  try {
    const inTime = await Promise.race([stop().then(() => true as const), late])
    if (!inTime) log.error('a service did not stop in time; its data on disk are whole')
    return inTime
  } finally {
    clearTimeout(timer)
  }
}
