/** The whole line with a real InfluxDB 1.6.7 as its store: the same samples and the same answers as with the embedded one. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { blockLength } from '../domain/reading.ts'
import { freshDatabase, type Influxd, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { freePort } from './ports.ts'
import { bothDevices, siteOf, yonago } from './site.ts'
import { SlowHttp } from './slow-http.ts'
import { compare, EVER, storedUpTo, WHOLE, wallNow } from './truth.ts'
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

/** Eight accelerometers, so that every batch holds blocks of several. */
const DEVICES = Array.from({ length: 8 }, (_, i) => `tower-${i + 1}`)
/** The fault lasts so long; 600 is the ten minutes that the design asks for. */
const SLOW_S = Number(process.env['PLUMBLINE_SLOW_STORE_S'] ?? 16)

describe.skipIf(missing !== undefined)('a store in trouble under load', () => {
  let influxd: Influxd
  let slow: SlowHttp
  let line: Line
  beforeEach(async () => {
    influxd = await startInfluxd()
    slow = new SlowHttp(influxd.url)
    await slow.start()
    const ports = {
      accelerometer: await freePort(),
      gauge: await freePort(),
      mqtt: await freePort(),
      desk: await freePort(),
    }
    const file = bothDevices(ports)
    const [tower] = file.nodes[0]!.links
    const many = DEVICES.map((id, i) => ({ ...yonago({ lead_s: 1 }), id, unit_id: i + 1 }))
    const site = await siteOf({
      ...file,
      limits: [],
      nodes: [{ ...file.nodes[0]!, links: [{ ...tower!, devices: many }] }],
      store: { influx: { url: slow.url, database: freshDatabase() } },
    })
    line = await startLine(site, await temporaryFolder())
  }, 60_000)
  afterEach(async () => {
    await line?.stop()
    await slow?.stop()
    await influxd?.end()
    await removeFolder(line.data)
  })

  /** All that the devices have made until now is stored, once, in order, unchanged. */
  const wholeUpToNow = async (): Promise<void> => {
    const store = await openStore(line.site, line.data)
    for (const id of DEVICES) {
      const device = line.simulator().accelerometer(id)
      const upTo = device.newestCounter(wallNow()) - 2 * 100
      const blocks = await storedUpTo(store, id, upTo, 60_000)
      expect(compare(blocks, device, upTo)).toMatchObject(WHOLE)
    }
    await store.close()
  }

  test('influxd is killed and started again, three times: zero lost, zero doubled', async () => {
    const store = await openStore(line.site, line.data)
    await until(
      'first blocks',
      async () => (await store.blocks('tower-8', 'acceleration', ...EVER).catch(() => [])).length > 0,
    )
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
    await wholeUpToNow()
  }, 120_000)

  test(
    `every write takes 2 s for ${SLOW_S} s, then none is answered for a while: nothing is told stored before it is, all comes again`,
    async () => {
      await until('first writes', () => slow.confirmed > 4)
      const before = process.memoryUsage().rss
      slow.delay_ms = 2_000
      await pause(SLOW_S * 1_000)
      // Never more than the few requests that may be under way at a time wait for the store.
      expect(slow.writes - slow.confirmed).toBeLessThanOrEqual(8)
      expect(slow.confirmed).toBeGreaterThan(4)
      slow.delay_ms = 60_000
      await pause(8_000)
      // Before the comparison, which reads all that was stored into this very process.
      const grown_MB = (process.memoryUsage().rss - before) / 2 ** 20
      slow.delay_ms = 0
      await wholeUpToNow()
      expect(grown_MB).toBeLessThan(150)
    },
    (SLOW_S + 120) * 1_000,
  )
})
