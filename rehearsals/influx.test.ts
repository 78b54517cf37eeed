/** The whole line with a real InfluxDB 1.6.7 as its store: the same samples and the same answers as with the embedded one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blockLength } from '../domain/reading.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { freshDatabase, type Influxd, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { bothDevices, siteOf } from './site.ts'
import { eightTowers, MEMORY_MAX_MB, slowStore, storedNow, UNDER_WAY_MAX } from './slow-store.ts'
import { EVER, WHOLE } from './truth.ts'
import { pause, until } from './until.ts'

const missing = influxdMissing()
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
      const store = await openStore(line.site, line.data)
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

/** The ten minutes that the design asks for: `npm run rehearse -- slow-store --seconds 600`. */
const SLOW_S = 16

describe.skipIf(missing !== undefined)('a store in trouble under load', () => {
  test(
    `every write takes 2 s for ${SLOW_S} s, then none is answered for a while: ingest stays small, nothing is lost or doubled`,
    async () => {
      const told = await slowStore({ seconds: SLOW_S })
      expect(told.confirmed).toBeGreaterThan(4)
      // Never more than the few requests that may be under way at a time wait for the store.
      expect(told.under_way).toBeLessThanOrEqual(UNDER_WAY_MAX)
      expect(told.most_MB).toBeLessThanOrEqual(MEMORY_MAX_MB)
      expect(told.samples).toHaveLength(8)
      for (const samples of told.samples) {
        expect(samples).toMatchObject(WHOLE)
        expect(samples.expected).toBeGreaterThan(SLOW_S * 100)
      }
    },
    (SLOW_S + 240) * 1_000,
  )

  test('influxd is killed and started again, three times: zero lost, zero doubled', async () => {
    const influxd = await startInfluxd()
    const ports = {
      accelerometer: await freePort(),
      gauge: await freePort(),
      mqtt: await freePort(),
      desk: await freePort(),
    }
    const site = await siteOf(eightTowers(ports, influxd.url))
    const line = await startLine(site, await temporaryFolder())
    try {
      const store = await openStore(site, line.data)
      const first = () => store.blocks('tower-8', 'acceleration', ...EVER).catch(() => [])
      await until('first blocks', async () => (await first()).length > 0)
      await store.close()
      for (const [alive_ms, dead_ms] of [
        [1_700, 2_300],
        [2_900, 900],
        [450, 4_000],
      ] as const) {
        await pause(alive_ms)
        await influxd.kill()
        await pause(dead_ms)
        await influxd.start()
      }
      for (const samples of await storedNow(site, line.data, line.simulator())) expect(samples).toMatchObject(WHOLE)
    } finally {
      await line.stop()
      await influxd.end()
      await removeFolder(line.data)
    }
  }, 180_000)
})
