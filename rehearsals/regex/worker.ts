/**
 * Tries expressions on their attacks, in a process of its own that may be ended when one never comes back. In: lines of
 * `Found`. Out: a line `begins N` before each, and `takes N MS ATTACK` where it takes longer than it may.
 */
import { readFileSync, writeSync } from 'node:fs'
import { attacksOn } from './attacks.ts'
import type { Found } from './sources.ts'

/** Of the processor. What is linear takes less than 1 ms for an attack, what is quadratic half a second and more. */
export const TAKES_MAX_MS = 100

export function slowestOf({ source, flags }: Pick<Found, 'source' | 'flags'>): { took_ms: number; attack: string } {
  const expression = new RegExp(source, flags)
  let worst = { took_ms: 0, attack: '' }
  for (const attack of attacksOn(expression)) {
    const before = process.cpuUsage()
    if (/[gy]/.test(flags)) attack.replace(expression, '')
    else expression.exec(attack)
    const { user, system } = process.cpuUsage(before)
    const took_ms = (user + system) / 1000
    if (took_ms > worst.took_ms) worst = { took_ms, attack }
    if (took_ms > TAKES_MAX_MS) break
  }
  return worst
}

if (import.meta.main)
  for (const [i, line] of readFileSync(0, 'utf8').trim().split('\n').entries()) {
    writeSync(1, `begins ${i}\n`)
    const { took_ms, attack } = slowestOf(JSON.parse(line) as Found)
    if (took_ms > TAKES_MAX_MS)
      writeSync(
        1,
        `takes ${i} ${took_ms.toFixed(0)} ${JSON.stringify(`${attack.slice(0, 40)}…${attack.slice(-10)}`)}\n`,
      )
  }
