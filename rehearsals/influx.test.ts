/** The whole line with a real InfluxDB 1.6.7 as its store: the same samples and the same answers as with the embedded one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blockLength } from '../domain/reading.ts'
import { freshDatabase, type Influxd, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { freePort } from './ports.ts'
import { bothDevices, siteOf } from './site.ts'
import { until } from './until.ts'

const missing = influxdMissing()
const EVER = [0n, 4_000_000_000_000_000_000n] as never as [never, never]
const SECONDS = 8

describe.skipIf(missing !== undefined)(
  `the line on InfluxDB${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let influxd: Influxd
    let line: Line

    beforeAll(async () => {
      influxd = await startInfluxd()
      const ports = {
        accelerometer: await freePort(),
        gauge: await freePort(),
        mqtt: await freePort(),
        desk: await freePort(),
      }
      const site = await siteOf({
        ...bothDevices(ports, { yonago: { lead_s: 1 } }),
        store: { influx: { url: influxd.url, database: freshDatabase() } },
      })
      line = await startLine(site, await temporaryFolder())
    }, 60_000)
    afterAll(async () => {
      await line?.stop()
      await influxd?.end()
      await removeFolder(line.data)
    })

    test('every sample is there once, in order and unchanged; influxd is killed and started again meanwhile', async () => {
      const device = line.simulator().accelerometer('yonago')
      const store = openStore(line.site, line.data)
      const stored = () => store.blocks('yonago', 'acceleration', ...EVER).catch(() => [])
      await until('first blocks', async () => (await stored()).length > 1)
      await influxd.kill()
      await influxd.start()
      const blocks = await until(
        `${SECONDS} s of blocks`,
        async () => {
          const all = await stored()
          return all.length >= SECONDS && all
        },
        40_000,
      )
      await store.close()
      const counters = blocks.flatMap((b) => Array.from({ length: blockLength(b) }, (_, i) => b.first_counter + i))
      expect(counters).toEqual(Array.from({ length: counters.length }, (_, i) => counters[0]! + i))
      const wrong = blocks.flatMap((b) =>
        b.axes.flatMap((axis, a) => [...axis.samples].filter((v, i) => v !== device.rawSample(b.first_counter + i, a))),
      )
      expect(wrong).toEqual([])
    }, 90_000)

    test('the desk answers from it', async () => {
      const client = new DeskClient(line.site.file.desk.port)
      const readings = await until('stage and PGA', async () => {
        const good = (await client.readings()).filter((r) => r.flag === 1).map((r) => r.channel)
        return ['dead-run/stage', 'yonago/pga'].every((channel) => good.includes(channel)) && good
      })
      expect(readings).toContain('dead-run/stage')
      const port = line.site.file.desk.port
      const [from, to] = [new Date(Date.now() - 600_000).toISOString(), new Date(Date.now() + 10_000).toISOString()]
      const answer = await fetch(
        `http://127.0.0.1:${port}/api/v1/series?channel=dead-run/stage&from=${from}&to=${to}&points=50`,
      )
      expect(answer.status).toBe(200)
      const { columns } = (await answer.json()) as { columns: unknown[] }
      expect(columns.length).toBeGreaterThan(0)
    })
  },
)
