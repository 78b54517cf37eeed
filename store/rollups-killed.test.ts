/** However often the process is killed while it writes and rolls up: every rollup is that of the rows, or its hour is marked. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { TestStore } from './test-store.fixture.ts'

const child = fileURLToPath(new URL('./tend-until-killed.fixture.ts', import.meta.url))

function runAndKill(folder: string, from: number, lines: number, delay_ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, ['--no-warnings', child, folder, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
      const before = said.split('\n').length
      said += text
      if (before <= lines && said.split('\n').length > lines) setTimeout(() => running.kill('SIGKILL'), delay_ms)
    })
    running.on('error', reject)
    running.on('close', (_code, signal) =>
      signal === 'SIGKILL'
        ? resolve(Math.max(from, ...said.split('\n').slice(0, -1).map(Number)))
        : reject(new Error(`the process ended by itself: ${said.slice(-200)}`)),
    )
  })
}

type Rollup = Readonly<Record<string, bigint | number | null>>
const HOUR_NS = 3_600_000_000_000n

function rollupsOf(store: TestStore, schema: string): Rollup[] {
  const statement = store.db.prepare(
    `SELECT c.name, c.device, r.* FROM ${schema}.rollup r JOIN ${schema}.channel c ON c.id = r.channel`,
  )
  statement.setReadBigInts(true)
  return statement.all() as Rollup[]
}
const keyOf = ({ name, grain_s, t_ns }: Rollup): string => `${name} ${grain_s} ${t_ns}`

test('kill -9 between and within rollups leaves none that is wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'series-'))
  let from = 1
  let compared = 0
  for (const [lines, delay_ms] of [
    [20, 0],
    [7, 3],
    [33, 1],
    [12, 6],
  ] as const) {
    // Half an hour on: new hours, and late readings for old ones.
    from = (await runAndKill(folder, from, lines, delay_ms)) + 1800
    const killed = new TestStore(folder)
    for (const schema of ['main', 'exercise']) {
      const marked = new Set(killed.rows(`${schema}.touched`).map(({ hour }) => hour))
      const found = rollupsOf(killed, schema).filter(({ t_ns }) => !marked.has(Number((t_ns as bigint) / HOUR_NS)))
      // Made anew of the rows, all of them.
      killed.db.exec('BEGIN')
      killed.db.exec(`DELETE FROM ${schema}.rollup; INSERT OR IGNORE INTO ${schema}.touched
        SELECT DISTINCT 0, channel, t_ns / ${HOUR_NS} FROM ${schema}.reading;
        INSERT OR IGNORE INTO ${schema}.touched SELECT DISTINCT 1, block_group, t0_ns / ${HOUR_NS} FROM ${schema}.block`)
      killed.db.exec('COMMIT')
      const fresh = new TestStore(folder)
      fresh.tend()
      const made = new Map(rollupsOf(fresh, schema).map((rollup) => [keyOf(rollup), rollup]))
      fresh.close()
      for (const rollup of found) expect(rollup).toEqual(made.get(keyOf(rollup)))
      compared += found.length
    }
    killed.close()
  }
  expect(compared).toBeGreaterThan(4)
  await rm(folder, { recursive: true })
}, 60_000)
