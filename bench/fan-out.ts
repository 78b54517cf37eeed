/** Row `fan-out`: what it costs the desk's live stream to tell 200 clients ten alarms a second. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pause } from '../rehearsals/until.ts'
import { cpuSeconds } from './cpu.ts'
import type { Row } from './row.ts'

const CLIENTS = 200
const PER_S = 10
const RUNS = 5
const RUN_S = 6
const MOST_PERCENT = 8

export const fanOut: Row = {
  id: 'fan-out',
  what: `${CLIENTS} live clients x ${PER_S} alarms/s over server-sent events; CPU time of the stream's process`,
  unit: '% of core',
  target: `<= ${MOST_PERCENT} % of one core`,
  measure: async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fan-out-server.ts'), String(PER_S)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = (await once(child.stdout!, 'data')) as [Buffer]
      return await measured(child, Number(line.toString()))
    } finally {
      child.kill()
    }
  },
}

async function measured(child: ChildProcess, port: number) {
  let bytes = 0
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const response = await new Promise<IncomingMessage>((resolve, reject) =>
        get({ host: '127.0.0.1', port, agent: false }, resolve).on('error', reject),
      )
      return response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
    }),
  )
  await pause(2000)
  const runs: number[] = []
  const before = bytes
  for (let i = 0; i < RUNS; i++) {
    const [cpu, at] = [cpuSeconds(child.pid!), performance.now()]
    await pause(RUN_S * 1000)
    runs.push(((cpuSeconds(child.pid!) - cpu) / ((performance.now() - at) / 1000)) * 100)
  }
  for (const client of clients) client.destroy()
  const each_s = (bytes - before) / CLIENTS / (RUNS * RUN_S)
  return {
    runs,
    holds: (percent: number) => percent <= MOST_PERCENT,
    beside: { clients: clients.length, 'bytes/s each': each_s },
  }
}
