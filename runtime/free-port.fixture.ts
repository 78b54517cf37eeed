/**
 * Free ports on loopback, so that rehearsals never take 1883 or 8080 for granted. Below those that the operating system gives
 * to connections (32768 on Linux, 49152 elsewhere): one of its own may be taken again before the service listens that it is for.
 */
import { createServer } from 'node:net'

const [FROM, TO] = [15_000, 32_000]
const TRIES_MAX = 1000

const given = new Set<number>()

/** The first of so many ports after one another that were free a moment ago and that this process has not been given before. */
export async function freePort(count = 1): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const first = FROM + Math.floor(Math.random() * (TO - FROM - count))
    const ports = Array.from({ length: count }, (_, i) => first + i)
    if (ports.some((port) => given.has(port))) continue
    if ((await Promise.all(ports.map(isFree))).includes(false)) continue
    for (const port of ports) given.add(port)
    return first
  }
  throw new Error(`no ${count} free ports from ${FROM} to ${TO} in ${TRIES_MAX} tries`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
