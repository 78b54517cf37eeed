/**
 * The whole line on a broker that others wrote, with the guide's files: it is killed and started again in mid-stream, then
 * dies for good and a second one takes over. Two sites share one; their ingests keep to their own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlarmJson } from '../domain/alarm.ts'
import { freshDatabase, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { givePasswords, Mosquitto, mosquittoThere } from './mosquitto.ts'
import { DEMO, QUAY, tenantSite } from './tenants.ts'
import { compare, storedUpTo, WHOLE, wallNow } from './truth.ts'
import { pause, until } from './until.ts'

const there = mosquittoThere()

const newest = (line: Line): number => line.simulator().accelerometer('yonago').newestCounter(wallNow())

/** Waits for everything up to this moment, and compares it with the device. */
async function told(line: Line) {
  const store = await openStore(line.site, line.data)
  try {
    const upTo = newest(line)
    return compare(await storedUpTo(store, 'yonago', upTo), line.simulator().accelerometer('yonago'), upTo)
  } finally {
    await store.close()
  }
}

describe.skipIf(!there)('the whole line on two Mosquittos', () => {
  let [first, second]: Mosquitto[] = []
  let line: Line
  let client: DeskClient
  let data: string
  const alarm = (id: string, state: AlarmJson['state']) =>
    until(`${id} is ${state}`, async () => {
      const now = await client.alarm(`${DEMO.node}:${id}`)
      return now?.state === state ? now : undefined
    })

  beforeAll(async () => {
    data = await temporaryFolder()
    first = await Mosquitto.of(data, [DEMO])
    second = await Mosquitto.of(data, [DEMO])
    const site = await tenantSite(DEMO, [first, second])
    givePasswords(data, DEMO)
    await first.start()
    line = await startLine(site, data)
    client = new DeskClient(site.file.desk.port)
    await client.firstUser(line.announced[0]!.split(' ').at(-1)!, 'keeper')
  }, 60_000)
  afterAll(async () => {
    await line?.stop()
    await first?.kill()
    await second?.kill()
    await removeFolder(data)
  })

  test('an alarm is raised through it and acknowledged', async () => {
    const raised = await alarm('stage-4ft', 'unacknowledged')
    const answer = await client.post(`/alarms/${encodeURIComponent(raised.id)}/acknowledge`, {
      occurrence: raised.occurrence,
      etag: raised.etag,
    })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    await alarm('stage-4ft', 'acknowledged')
  }, 60_000)

  test('it is killed and started again in mid-stream: nothing missing, doubled, altered or out of order', async () => {
    await first!.kill()
    await pause(3000)
    const before = newest(line)
    await first!.start()
    const now = await told(line)
    expect(now).toMatchObject(WHOLE)
    expect(now.expected).toBeGreaterThan(1000)
    expect(newest(line)).toBeGreaterThan(before)
    expect(await client.alarm(`${DEMO.node}:stage-4ft`)).toMatchObject({ state: 'acknowledged', occurrence: 1 })
  }, 90_000)

  test('it dies for good: edge, ingest and desk move to the second, and the stream goes on whole', async () => {
    await second!.start()
    const died = newest(line)
    await first!.kill()
    await pause(1000)
    const now = await told(line)
    expect(now).toMatchObject(WHOLE)
    expect(now.expected).toBeGreaterThan(died)
    const live = await until('the desk hears the edge node on it', async () => {
      const of = (await client.readings()).find(({ channel }) => channel === 'dead-run/stage')
      return of !== undefined && Number(BigInt(of.t_ns!) - wallNow()) / 1e9 > -3 && of
    })
    expect(live.flag).toBe(1)
  }, 90_000)
})

describe.skipIf(!there)('two sites on one Mosquitto', () => {
  test('each ingest stores its own site, whole, and nothing of the other', async () => {
    const folder = await temporaryFolder()
    const broker = await Mosquitto.of(folder, [DEMO, QUAY])
    await broker.start()
    const lines: Line[] = []
    try {
      for (const tenant of [DEMO, QUAY]) {
        givePasswords(folder, tenant)
        lines.push(await startLine(await tenantSite(tenant, [broker]), folder, ['sim', 'ingest', 'edge']))
      }
      await pause(6000)
      // Both have the same device names: a sample of the other site would be one too many, or not what this device made.
      for (const line of lines) {
        const now = await told(line)
        expect(now).toMatchObject(WHOLE)
        expect(now.expected).toBeGreaterThan(400)
      }
    } finally {
      for (const line of lines) await line.stop()
      await broker.kill()
      await removeFolder(folder)
    }
  }, 90_000)

  const influxMissing = influxdMissing()
  test.skipIf(influxMissing !== undefined)(
    `a second owner of one site for some seconds does no harm where both write to one InfluxDB${influxMissing === undefined ? '' : ` (skipped: ${influxMissing})`}`,
    async () => {
      const [folder, other] = [await temporaryFolder(), await temporaryFolder()]
      const influxd = await startInfluxd()
      const broker = await Mosquitto.of(folder, [DEMO])
      await broker.start()
      const store = { influx: { url: influxd.url, database: freshDatabase() } }
      const site = await tenantSite(DEMO, [broker], { store })
      for (const data of [folder, other]) givePasswords(data, DEMO)
      const lines: Line[] = []
      try {
        const line = await startLine(site, folder, ['sim', 'ingest', 'edge'])
        lines.push(line)
        await pause(3000)
        const twin = await startLine(site, other, ['ingest'])
        await pause(5000)
        await twin.stop()
        await pause(3000)
        const now = await told(line)
        expect(now).toMatchObject(WHOLE)
        expect(now.expected).toBeGreaterThan(900)
      } finally {
        for (const line of lines) await line.stop()
        await broker.kill()
        await influxd.end()
        for (const data of [folder, other]) await removeFolder(data)
      }
    },
    90_000,
  )
})
