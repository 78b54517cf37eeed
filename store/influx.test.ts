import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { freshDatabase, type Influxd, influxdMissing, startInfluxd } from './influx/influxd.fixture.ts'
import { openInfluxReader, openInfluxWriter } from './influx.ts'
import { describeSeriesStore } from './series-store.suite.ts'

const missing = influxdMissing()

describe.skipIf(missing !== undefined)(`influxdb 1.x${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd?.end())

  describeSeriesStore('influxdb', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'influx-'))
    const settings = { site: 'test', url: influxd.url, database: freshDatabase() }
    return {
      writer: () => openInfluxWriter(settings, folder, silentLog, new SystemClock()),
      reader: () => openInfluxReader(settings, silentLog),
      end: () => rm(folder, { recursive: true }),
    }
  })
})
