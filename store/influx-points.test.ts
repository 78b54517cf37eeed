/** Points of the desk in a real InfluxDB. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SeriesPoint } from '../domain/ports.ts'
import { instant } from '../domain/time.ts'
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
import { type InfluxSettings, openInfluxPoints, openInfluxWriter } from './influx.ts'

const missing = influxdMissing()
const AT = instant(1_528_048_800_123_456_789n)
const point = (seq: bigint, more: Partial<SeriesPoint> = {}): SeriesPoint => ({
  kind: 'real',
  measurement: 'event',
  tags: { site: 's', kind: 'onset', alarm: 'n1:stage, high', structure: '' },
  fields: { seq, text: 'Above "red"', value: 2, missing: undefined },
  t_ns: instant(AT + seq),
  ...more,
})

describe.skipIf(missing !== undefined)(
  `points of the desk${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let influxd: Influxd
    const folders: string[] = []
    /** As ingest makes them. */
    const makeDatabases = async (settings: InfluxSettings): Promise<void> => {
      folders.push(await mkdtemp(join(tmpdir(), 'points-')))
      await (await openInfluxWriter(settings, folders.at(-1)!, silentLog, new SystemClock())).close()
    }
    beforeAll(async () => {
      influxd = await startInfluxd()
    }, INFLUXD_START_MS)
    afterAll(async () => {
      await influxd?.end()
      for (const folder of folders) await rm(folder, { recursive: true })
    })

    test('written twice they are there once, integers whole, each kind in its own database; what can be no point is named', async () => {
      const settings = { site: 's', url: influxd.url, database: freshDatabase() }
      const sink = openInfluxPoints(settings)
      // Ingest makes the databases; until then a write rejects and is tried again by the desk.
      await expect(sink.write([point(1n)])).rejects.toThrow(/STORE_UNAVAILABLE/)
      await makeDatabases(settings)
      const bad = point(3n, { tags: { site: 's', alarm: 'line\nbreak' } })
      const odd = point(4n, { fields: { value: Number.NaN } })
      const refused = await sink.write([point(1n), bad, odd, point(2n), point(9n, { kind: 'exercise' })])
      expect(refused.map((one) => one.point)).toEqual([bad, odd])
      expect(await sink.write([point(1n), point(2n)])).toEqual([])
      await sink.close()
      const http = new Http(settings)
      const [rows] = await http.query(settings.database, ['SELECT "seq", "text", "value" FROM "event" GROUP BY *'])
      expect(rows!.map((row) => [row.t_ns, row.get('seq'), row.get('text'), row.get('value')])).toEqual([
        [AT + 1n, 1, 'Above "red"', 2],
        [AT + 2n, 2, 'Above "red"', 2],
      ])
      expect(rows![0]!.tags).toEqual({ site: 's', kind: 'onset', alarm: 'n1:stage, high' })
      const [exercise] = await http.query(`${settings.database}-exercise`, ['SELECT "seq" FROM "event"'])
      expect(exercise!.map((row) => row.get('seq'))).toEqual([9])
      http.close()
    })

    test('a line that the server refuses is returned with the reason, the others are stored', async () => {
      const settings = { site: 's', url: influxd.url, database: freshDatabase() }
      await makeDatabases(settings)
      const sink = openInfluxPoints(settings)
      await sink.write([point(1n)])
      const other = point(2n, { fields: { seq: 'text where an integer was' } })
      const refused = await sink.write([other, point(3n)])
      expect(refused).toMatchObject([{ point: { t_ns: AT + 2n }, why: expect.stringContaining('field type conflict') }])
      await sink.close()
    })
  },
)
