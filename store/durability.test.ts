import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { coversRange } from '../domain/ranges.ts'
import { SERIES_FILE } from '../domain/series.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { KILLED, killedRecord } from './killed-record.fixture.ts'

const child = fileURLToPath(new URL('./append-until-killed.fixture.ts', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Runs the appending process, kills it hard after about `lines` acknowledgements, gives the highest acknowledged offset. */
function appendAndKill(from: number, lines: number, delay_ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const appending = spawn(process.execPath, ['--no-warnings', child, folder, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    appending.stdout.setEncoding('utf8').on('data', (text: string) => {
      const before = said.length
      said += text
      if (said.split('\n').length > lines && said.slice(0, before).split('\n').length <= lines)
        setTimeout(() => appending.kill('SIGKILL'), delay_ms)
    })
    appending.on('error', reject)
    // A line torn by the kill was not said.
    appending.on('close', (_code, signal) =>
      signal === 'SIGKILL'
        ? resolve(Math.max(from - 1, ...said.split('\n').slice(0, -1).map(Number)))
        : reject(new Error(`the appending process ended by itself: ${said.slice(-200)}`)),
    )
  })
}

const count = (file: string, table: string): number => {
  const db = new DatabaseSync(join(folder, file))
  try {
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    return (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n
  } finally {
    db.close()
  }
}

test('kill -9 at any moment: all that was acknowledged is there, nothing is there in part or twice', async () => {
  let acknowledged = 0
  for (const [lines, delay_ms] of [
    [1, 0],
    [40, 3],
    [300, 1],
    [25, 7],
    [3, 2],
  ] as const)
    acknowledged = await appendAndKill(acknowledged + 1, lines, delay_ms)
  expect(acknowledged).toBeGreaterThanOrEqual(369)

  const writer = await openSeriesWriter(folder, silentLog)
  const ranges = await writer.committed(KILLED.node, KILLED.outbox, KILLED.stream)
  expect(coversRange(ranges, 1, acknowledged)).toBe(true)
  const committed = ranges.reduce((n, [from, to]) => n + to - from + 1, 0)
  await writer.close()
  for (const table of ['reading', 'block'])
    expect(count(SERIES_FILE.real, table) + count(SERIES_FILE.exercise, table)).toBe(committed)

  const reader = openSeriesReader(folder, silentLog)
  const first = killedRecord(1)
  const last = killedRecord(acknowledged)
  const to = killedRecord(acknowledged + 1).blocks[0]!.t0_ns
  const readings = await reader.readings('yonago/pga', first.readings[0]!.t_ns, to, 1_000_000)
  expect(readings.map((r) => [r.value, r.exercise])).toEqual(
    Array.from({ length: acknowledged }, (_, i) => [i + 1, (i + 1) % 3 === 0]),
  )
  const blocks = await reader.blocks('yonago', 'acceleration', first.blocks[0]!.t0_ns, to)
  expect(blocks).toHaveLength(acknowledged)
  expect(blocks.at(-1)).toEqual({ ...last.blocks[0], exercise: last.exercise })
  await reader.close()
}, 60_000)
