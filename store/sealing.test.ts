/** Readings that have come to rest are sealed an hour at a time; nobody who asks can tell, and what comes late is still judged. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SeriesColumn } from '../domain/ports.ts'
import type { Reading } from '../domain/reading.ts'
import { addNs } from '../domain/time.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader } from './embedded.ts'
import { checkDatabases } from './io/backup.ts'
import { oldReadings } from './old-store.fixture.ts'
import { at, gap, record, stage } from './records.fixture.ts'
import { SEALED_CHANNEL, sealedReading } from './sealed-reading.fixture.ts'
import { TestStore } from './test-store.fixture.ts'

let folder: string
let store: TestStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'))
  store = new TestStore(folder)
})
afterEach(async () => {
  store.close()
  await rm(folder, { recursive: true })
})

const HOUR_S = 3600
const CHANNEL = 'dead-run/stage'
/** A reading each 10 s of some hours. */
const hours = (n: number, value = (i: number) => i): Reading[] =>
  Array.from({ length: n * 360 }, (_, i) => stage(i * 10, value(i)))
const all = () => store.readings(CHANNEL, at(-1e8), at(1e8), 1_000_000)
const open = () => store.rows('reading').length
const near = (columns: readonly SeriesColumn[]) =>
  columns.map((column) => ({ ...column, mean: expect.closeTo(column.mean, 9) }))

test('all questions have the answers that they had before; the newest hour stays open', () => {
  const readings = oldReadings(CHANNEL, 1)
  store.append(
    record({ readings }),
    record({ readings: oldReadings('creek/stage', 2), exercise: true }),
    record({ gaps: [gap(4000, 4900)] }),
  )
  store.tend()
  const windows = [
    [0, 9000],
    [-1e5, 1e5],
    [1234.5, 5678.9],
    [3600, 7200],
    [3599.999, 3600.001],
  ] as const
  const widths = [1, 7, 100, 1000]
  const ask = () => ({
    readings: windows.map(([from, to]) => store.readings(CHANNEL, at(from), at(to), 100_000)),
    some: [0, 1, 359, 360, 361, 700].map((limit) => store.readings('creek/stage', at(5), at(1e5), limit)),
    latest: store.latest(),
  })
  const columns = () => windows.flatMap(([from, to]) => widths.map((n) => store.series(CHANNEL, at(from), at(to), n)))
  const [before, drawn] = [ask(), columns()]
  expect(before.readings[1]).toHaveLength(readings.length)

  store.seal()
  expect(store.rows('sealed').map(({ n }) => n)).toEqual([360, 269])
  expect(store.rows('exercise.sealed').map(({ n }) => n)).toEqual([360, 269])
  expect(open()).toBe(readings.length - 629)
  expect(ask()).toEqual(before)
  for (const [i, after] of columns().entries()) expect(after).toEqual(near(drawn[i]!))
  // As nothing has changed, nothing is done.
  expect(store.tend({ rounds: 0, seal: true }).done).toBe(0)
})

describe('what comes for a sealed hour', () => {
  beforeEach(() => {
    // The second half of the first hour is missing.
    store.append(record({ readings: hours(3).filter(({ t_ns }) => t_ns < at(1800) || t_ns >= at(3600)) }))
    store.seal()
  })

  test('is a duplicate where it says the same, and goes to quarantine where it says otherwise', () => {
    expect(store.append(record({ readings: [stage(100, 10)] }))).toEqual([{ kind: 'duplicate' }])
    expect(store.append(record({ readings: [stage(100, 11)] }))).toMatchObject([
      { kind: 'quarantined', reason: expect.stringMatching(/stored is 10 \(flag 1\), came 11 \(flag 1\)/) },
    ])
    expect(store.append(record({ readings: [stage(100, 10, { flag: 3, reason: 'spike' })] }))).toMatchObject([
      { kind: 'quarantined' },
    ])
    expect(all()).toHaveLength(3 * 360 - 180)
  })

  test('is stored beside it where it is new, counts at once, and is sealed with it when all is at rest', () => {
    const late = hours(1).filter(({ t_ns }) => t_ns >= at(1800))
    const between = stage(105, 5000, { half_width_ns: 7n })
    expect(store.append(record({ readings: [...late, between], historical: true }))).toEqual([{ kind: 'stored' }])
    const whole = [...hours(3), between].sort((a, b) => Number(a.t_ns - b.t_ns)).map((r) => ({ ...r, exercise: false }))
    expect(all()).toEqual(whole)
    expect(store.series(CHANNEL, at(0), at(HOUR_S), 1)).toMatchObject([{ max: 5000, count: 361 }])
    store.seal()
    expect(store.rows('sealed').map(({ n }) => n)).toEqual([361, 360])
    expect(store.rows('chunk')).toHaveLength(2)
    expect(all()).toEqual(whole)
    const [rollup] = store.rows('rollup WHERE grain_s = 3600')
    expect(rollup).toMatchObject({ max: 5000, count: 361 })
  })

  test('a backlog of 24 h that arrives in its order ends up sealed, each hour once', () => {
    const backlog = Array.from({ length: 24 * 360 }, (_, i) => stage(-86_400 + i * 10, i))
    for (let i = 0; i < backlog.length; i += 90) store.append(record({ readings: backlog.slice(i, i + 90) }))
    store.seal()
    expect(store.rows('sealed')).toHaveLength(26)
    expect(open()).toBe(360)
    expect(all().map(({ value }) => value)).toEqual([
      ...backlog.map(({ value }) => value),
      ...all()
        .slice(24 * 360)
        .map(({ value }) => value),
    ])
    expect(all()).toHaveLength(26 * 360 + 180)
  })
})

test('an hour of a few readings stays as it is, and one that is still written to', () => {
  store.append(record({ readings: [stage(0, 1), stage(600, 2), stage(4000, 3), stage(8000, 4)] }))
  store.seal()
  expect([open(), store.rows('sealed').length]).toEqual([4, 0])
  store.append(record({ readings: hours(2).slice(1) }))
  store.tend({ rounds: 1_000_000, seal: true })
  expect(store.rows('sealed'), 'the hours are marked as changed').toEqual([])
})

test('retention drops sealed hours whole; the long view stays what it was', () => {
  store.append(record({ readings: hours(80) }))
  store.seal()
  const ask = () => store.series(CHANNEL, at(0), at(80 * HOUR_S), 80)
  const before = ask()
  const retention = { blocks_d: 0, events_d: 0, readings_d: 2, rollups_d: 0, events: [] }
  const { dropped } = store.tend({ rounds: 0, sweep: { now_ns: at(80 * HOUR_S), retention } })
  // 48 h back from hour 80 is hour 32.
  expect(dropped.readings).toBe(32 * 360)
  expect(store.rows('sealed')).toHaveLength(47)
  expect(store.rows('chunk')).toHaveLength(47)
  expect(all()[0]!.t_ns).toBe(at(32 * HOUR_S))
  expect(ask()).toEqual(before)
})

test('a transaction that fails leaves sealed and open rows as they were', () => {
  store.append(record({ readings: hours(3) }))
  store.tend()
  const before = all()
  store.db.exec(`CREATE TEMP TRIGGER refuse BEFORE DELETE ON reading BEGIN SELECT raise(ABORT, 'no'); END`)
  expect(() => store.seal()).toThrow(/no/)
  expect([store.rows('sealed'), store.rows('chunk')]).toEqual([[], []])
  expect(all()).toEqual(before)
  store.db.exec('DROP TRIGGER refuse')
  store.seal()
  expect(store.rows('sealed')).toHaveLength(2)
  expect(all()).toEqual(before)
})

test('a spoilt hour is told by the check and by whoever asks for it; all that comes is stored all the same', async () => {
  store.append(record({ readings: hours(3) }))
  store.seal()
  const first = () => store.rows('rollup WHERE grain_s = 3600 ORDER BY t_ns LIMIT 1')
  const rollup = first()
  store.db.exec(`UPDATE chunk SET body = CAST(substr(body, 1, 40) || x'00' || substr(body, 42) AS BLOB) WHERE id = 1`)
  expect(store.append(record({ readings: [stage(3, 7), stage(3 * HOUR_S, 8)] }))).toEqual([{ kind: 'stored' }])
  store.seal()
  expect(first()).toEqual(rollup)
  store.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const [checked] = await checkDatabases([join(folder, 'series.db')])
  expect(checked!.broken).toEqual([expect.stringMatching(/sealed readings, chunk 1/)])
  const reader = openSeriesReader(folder, silentLog)
  await expect(reader.readings(CHANNEL, at(0), at(60), 10)).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
  expect(await reader.readings(CHANNEL, at(3600), at(3660), 10)).toHaveLength(6)
  await reader.close()
})

test('kill -9 while hours are sealed and sealed anew: every reading is there once', async () => {
  const child = fileURLToPath(new URL('./seal-until-killed.fixture.ts', import.meta.url))
  let from = 0
  for (const [lines, delay_ms] of [
    [3, 0],
    [2, 9],
    [4, 17],
    [2, 30],
    [5, 4],
  ] as const) {
    from = await runAndKill(child, folder, from, lines, delay_ms)
    const killed = new TestStore(folder)
    const found = killed.readings(SEALED_CHANNEL, at(-1e8), at(1e8), 1_000_000)
    const acknowledged = Array.from({ length: from }, (_, i) => sealedReading(i)).flat()
    const said = new Map(found.map((reading) => [reading.t_ns, reading]))
    expect(said.size, 'each instant once').toBe(found.length)
    for (const reading of acknowledged) expect(said.get(reading.t_ns)).toEqual({ ...reading, exercise: false })
    expect(killed.db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(killed.rows('chunk').map(({ id }) => id)).toEqual(
      killed.rows('sealed ORDER BY chunk').map(({ chunk }) => chunk),
    )
    killed.close()
  }
  expect(store.rows('sealed').length).toBeGreaterThan(2)
}, 60_000)

/** Highest round that was said, plus one. */
function runAndKill(child: string, folder: string, from: number, lines: number, delay_ms: number): Promise<number> {
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
        ? resolve(
            Math.max(
              from,
              ...said
                .split('\n')
                .slice(0, -1)
                .map((line) => Number(line) + 1),
            ),
          )
        : reject(new Error(`the process ended by itself: ${said.slice(-200)}`)),
    )
  })
}

test('readings of single instants beside a sealed hour are merged in order, to the last of a limit', () => {
  store.append(record({ readings: hours(3) }))
  store.seal()
  store.append(record({ readings: [stage(5, -1), stage(3595, -2), stage(3605, -3)] }))
  const values = (limit: number) => store.readings(CHANNEL, addNs(at(0), 1n), at(1e6), limit).map(({ value }) => value)
  expect(values(3)).toEqual([-1, 1, 2])
  expect(values(1)).toEqual([-1])
  expect(values(363).slice(-4)).toEqual([359, -2, 360, -3])
})
