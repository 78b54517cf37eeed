/** Rollups in InfluxDB: made of what is stored, told as stale while they are behind, and never trusted then. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SeriesColumn, SeriesReader } from '../domain/ports.ts'
import { FAIL, type Reading } from '../domain/reading.ts'
import { type Instant, instant } from '../domain/time.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import {
  freshDatabase,
  INFLUXD_START_MS,
  type Influxd,
  influxdMissing,
  startInfluxd,
} from './influx/influxd.fixture.ts'
import { Http } from './influx/io/http.ts'
import { InfluxWriter, openState } from './influx/io/writer.ts'
import { startStrictFake } from './influx/strict-fake.fixture.ts'
import { type InfluxSettings, openInfluxReader } from './influx.ts'
import { at, gap, record, sampleAt, shaking, stage } from './records.fixture.ts'

type Place = { readonly settings: InfluxSettings; readonly end: () => Promise<void> }

/** Three and a half hours at 10 s, with spikes that failed and one that did not. */
const readings = (): Reading[] =>
  Array.from({ length: 1260 }, (_, i) => {
    if (i === 500) return stage(i * 10, 1e6, { flag: FAIL, reason: 'out-of-range' })
    return stage(i * 10, i === 700 ? -50 : Math.sin(i / 100))
  })

/** What columns of so many seconds hold, from the readings themselves. */
function expected(all: readonly Reading[], from: Instant, to: Instant, start: bigint, width_s: number) {
  const out = new Map<bigint, Reading[]>()
  for (const reading of all) {
    if (reading.t_ns < from || reading.t_ns >= to || reading.flag === FAIL) continue
    const k = (reading.t_ns - start) / BigInt(Math.ceil(width_s * 1e9))
    out.set(k, [...(out.get(k) ?? []), reading])
  }
  return [...out].map(([k, inside]) => {
    const values = inside.map(({ value }) => value!)
    const begins = start + k * BigInt(Math.ceil(width_s * 1e9))
    return {
      t_ns: begins < from ? from : begins,
      min: Math.min(...values),
      mean: expect.closeTo(values.reduce((a, b) => a + b) / values.length, 9),
      max: Math.max(...values),
      count: values.length,
    }
  })
}
const figures = (columns: readonly SeriesColumn[]) => columns.map(({ worst_flag: _, ...column }) => column)

function describeRollups(name: string, makePlace: (folder: string) => Promise<Place>): void {
  describe(`rollups in ${name}`, () => {
    let folder: string
    let place: Place
    let writer: InfluxWriter
    let reader: SeriesReader
    let http: Http
    const open = async () =>
      new InfluxWriter(place.settings, folder, silentLog, new SystemClock(), await openState(folder))
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'influx-'))
      place = await makePlace(folder)
      writer = await open()
      reader = openInfluxReader(place.settings, silentLog)
      http = new Http(place.settings)
    })
    afterEach(async () => {
      http.close()
      await reader.close()
      await writer.close()
      await place.end()
      await rm(folder, { recursive: true })
    })
    const points = async (measurement: string, fields: readonly string[], channel: string) => {
      const names = fields.map((field) => `"${field}"`).join(', ')
      const policy = measurement === 'rollup_1s' ? 'raw' : 'autogen'
      const statement = `SELECT ${names} FROM "${policy}"."${measurement}" WHERE "channel" = '${channel}'`
      const [rows] = await http.query(place.settings.database, [statement])
      return rows!.map((row) => [Number(row.t_ns - at(0)) / 1e9, ...fields.map((field) => row.get(field))])
    }
    const STAGE = 'dead-run/stage'
    /** Dead Run's record begins on a full hour. */
    const ask = (points: number, from_s = 0, to_s = 12_600) => reader.series(STAGE, at(from_s), at(to_s), points)

    test('columns are those of the readings, before they are made and after, also where a window begins within a minute', async () => {
      const all = readings()
      await writer.append([record({ readings: all })])
      const questions = [
        [1, 0, 12_600, 0, 4 * 3600],
        [3, 0, 10_800, 0, 3600],
        [50, 0, 12_600, 0, 300],
        [40, 95.5, 11_000, 60, 300],
        [100, 0, 12_600, 0, 180],
        [1000, 0, 12_600, 0, 12.6],
      ] as const
      // Of points alone columns are as wide as was asked; of rollups they hold whole ones.
      for (const [n, from_s, to_s] of questions)
        expect(figures(await ask(n, from_s, to_s)), `${n} columns`).toEqual(
          expected(all, at(from_s), at(to_s), at(from_s), (to_s - from_s) / n),
        )
      await writer.rollUp()
      for (const [n, from_s, to_s, start_s, width_s] of questions)
        expect(figures(await ask(n, from_s, to_s)), `${n} columns`).toEqual(
          expected(all, at(from_s), at(to_s), at(start_s), width_s),
        )
      expect((await ask(3)).map(({ worst_flag }) => worst_flag)).toEqual([1, FAIL, 1])
    })

    test('say count, expected and coverage with the gaps, and the sum beside the mean', async () => {
      const some = readings().filter(({ t_ns }) => t_ns < at(7200) && !(t_ns >= at(1800) && t_ns < at(1830)))
      await writer.append([record({ readings: some })])
      await writer.append([record({ gaps: [gap(1800, 1830, { expected: 3, missing: 3 })] })])
      await writer.rollUp()
      const minutes = await points('rollup_1m', ['count', 'expected', 'coverage', 'total', 'mean'], STAGE)
      expect(minutes).toHaveLength(120)
      expect(minutes[30]!.slice(0, 4)).toEqual([1800, 3, 6, 0.5])
      expect(minutes[83]!.slice(0, 4)).toEqual([4980, 5, 6, expect.closeTo(5 / 6, 12)])
      expect(minutes[0]![4]).toBeCloseTo(6 * (minutes[0]![5] as number), 9)
      expect(await points('rollup_1h', ['count', 'expected', 'stale'], STAGE)).toEqual([
        [0, 357, 360, 0],
        [3600, 359, 360, 0],
      ])
    })

    test('an hour that changes is stale at once, is read point by point, and is made anew', async () => {
      await writer.append([record({ readings: readings() })])
      await writer.rollUp()
      // Rollups are what is read: a hand from outside shows.
      await http.write(
        `/write?db=${place.settings.database}&rp=autogen&precision=ns`,
        `rollup_1m,channel=${STAGE},device=dead-run,metric=stage,site=test max=777 ${at(600)}`,
      )
      expect((await ask(3, 0, 10_800))[0]!.max).toBe(777)
      await writer.append([record({ readings: [stage(605, 9)], historical: true })])
      const all = [...readings(), stage(605, 9)]
      expect(figures(await ask(3, 0, 10_800))).toEqual(expected(all, at(0), at(10_800), at(0), 3600))
      expect((await points('rollup_1h', ['stale'], STAGE)).map(([, stale]) => stale)).toEqual([1, 0, 0, 0])
      await writer.rollUp()
      expect((await points('rollup_1h', ['stale'], STAGE)).map(([, stale]) => stale)).toEqual([0, 0, 0, 0])
      expect((await ask(3, 0, 10_800))[0]).toMatchObject({ max: 9, count: 361 })
    })

    test('a writer that dies before it made them leaves the marks to the next one', async () => {
      await writer.append([record({ readings: readings() })])
      await writer.close()
      writer = await open()
      await writer.rollUp()
      expect(await points('rollup_1h', ['count', 'stale'], STAGE)).toEqual([
        [0, 360, 0],
        [3600, 359, 0],
        [7200, 360, 0],
        [10_800, 180, 0],
      ])
    })

    test('axes have seconds too; exercises have theirs in their own database', async () => {
      const blocks = Array.from({ length: 150 }, (_, i) => shaking(i * 100, 100))
      await writer.append([record({ blocks })])
      await writer.append([record({ readings: [stage(0, 5)], exercise: true })])
      await writer.rollUp()
      const x = 'yonago/acceleration/x'
      const seconds = await points('rollup_1s', ['count', 'min'], x)
      expect(seconds).toHaveLength(150)
      const least = Math.min(...Array.from({ length: 100 }, (_, i) => sampleAt(0, 700 + i)))
      expect(seconds[7]).toEqual([7, 100, expect.closeTo(least * 0.000_598_55, 9)])
      expect(await points('rollup_1h', ['count', 'coverage', 'stale'], x)).toEqual([[0, 15_000, 1, 0]])
      const columns = await reader.series(x, at(0), at(150), 50)
      expect(columns.map(({ count }) => count)).toEqual(Array.from({ length: 50 }, () => 300))
      expect(await points('rollup_1h', ['count'], STAGE)).toEqual([])
      const [exercise] = await http.query(`${place.settings.database}-exercise`, [
        `SELECT "count" FROM "autogen"."rollup_1h" WHERE "channel" = '${STAGE}'`,
      ])
      expect(exercise!.map((row) => [row.t_ns, row.get('count')])).toEqual([[instant(at(0)), 1]])
    })
  })
}

const missing = influxdMissing()
describe.skipIf(missing !== undefined)(`a real one${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  }, INFLUXD_START_MS)
  afterAll(() => influxd?.end())
  describeRollups('influxdb 1.x', async () => ({
    settings: { site: 'test', url: influxd.url, database: freshDatabase() },
    end: async () => {},
  }))
})

for (const version of ['v2', 'v3'] as const)
  describeRollups(`influxdb ${version} (strict fake)`, async (folder) => {
    const token_file = join(folder, 'token')
    await writeFile(token_file, 'the-token\n')
    const fake = await startStrictFake({ version, token: 'the-token', walFlush_ms: 5 })
    return { settings: { site: 'test', url: fake.url, database: 'plumbline', token_file }, end: fake.end }
  })
