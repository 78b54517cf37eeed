import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import {
  freshDatabase,
  INFLUXD_START_MS,
  type Influxd,
  influxdMissing,
  startInfluxd,
} from './influx/influxd.fixture.ts'
import { openInfluxReader, openInfluxWriter } from './influx.ts'
import { describeSeriesStore } from './series-store.suite.ts'

const missing = influxdMissing()

describe.skipIf(missing !== undefined)(`influxdb 1.x${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  }, INFLUXD_START_MS)
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

/** Any real server: INFLUX_URL, with INFLUX_TOKEN and INFLUX_ORG, or INFLUX_USER and INFLUX_PASSWORD. Every place is a site of its own. */
const {
  INFLUX_URL: url,
  INFLUX_TOKEN: token,
  INFLUX_ORG: org,
  INFLUX_USER: user,
  INFLUX_PASSWORD: password,
} = process.env
let sites = 0

// Nothing to skip where nobody asks for it: `npm run test:influx` tells how.
if (url !== undefined)
  describe('the InfluxDB at INFLUX_URL', () => {
    describeSeriesStore(`influxdb at ${url}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'influx-'))
      const secret = async (name: string, text: string): Promise<string> => {
        await writeFile(join(folder, name), text, { mode: 0o600 })
        return join(folder, name)
      }
      const settings = {
        site: `test-${Date.now()}-${++sites}`,
        url,
        database: 'plumbline-test',
        ...(token === undefined ? {} : { token_file: await secret('token', token) }),
        ...(org === undefined ? {} : { org }),
        ...(user === undefined ? {} : { user, password_file: await secret('password', password ?? '') }),
      }
      return {
        writer: () => openInfluxWriter(settings, folder, silentLog, new SystemClock()),
        reader: () => openInfluxReader(settings, silentLog),
        end: () => rm(folder, { recursive: true }),
      }
    })
  })
