/**
 * A Sparkplug node of somebody else on the whole line: over the embedded broker, let in by a person with its own password, and
 * over a real Mosquitto with the guide's access rules. What it loses on the way is a gap, counted; it cannot pass for ours.
 */
import { readFileSync } from 'node:fs'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { ClientBook } from '../broker/io/client-book.ts'
import type { Site } from '../domain/channel.ts'
import { deskUser } from '../domain/data-folder.ts'
import type { SeriesReader } from '../domain/ports.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { ForeignNode, levelOf } from './foreign-node.ts'
import { type Line, openStore, removeFolder, startLine, temporaryFolder } from './line.ts'
import { givePasswords, Mosquitto, mosquittoThere, secretOf } from './mosquitto.ts'
import { bothDevices, siteOf } from './site.ts'
import { DEMO, tenantSite } from './tenants.ts'
import { EVER } from './truth.ts'
import { pause, until } from './until.ts'

const NODE = 'plant'
const LOST = `desk:foreign-lost-${NODE}`
const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Started = {
  eye: () => Promise<MqttClient>
  line: Line
  own: string
  connect: () => Promise<ForeignNode>
  metrics: number
  desk: number
}

/** A loss is over after a second, so that the next one is another occurrence. */
const SOON = { alarms: { own: { foreign_lost: { clear_after_s: 1 } } } }

async function embedded(): Promise<Started> {
  const data = await temporaryFolder()
  ends.push(() => removeFolder(data))
  const [mqtt, metrics] = [await freePort(), await freePort()]
  const ports = { accelerometer: await freePort(), gauge: await freePort(), mqtt, desk: await freePort() }
  const site = await siteOf({ ...bothDevices(ports), ingest: { foreign: [NODE], metrics: { port: metrics } }, ...SOON })
  const line = await start(site, data)
  const book = new ClientBook(data, site)
  const password = await book.addNode(NODE)
  const seeing = { username: 'eye', password: await book.addObserver('eye'), clientId: 'eye', reconnectPeriod: 0 }
  const url = `mqtt://127.0.0.1:${mqtt}`
  // The running broker takes the new client within two seconds.
  const connect = () =>
    until('the node is let in', () =>
      ForeignNode.connect(url, site.file.site, NODE, { password }).catch(() => undefined),
    )
  const eye = () => until('the observer is let in', () => connectAsync(url, seeing).catch(() => undefined))
  return { line, own: 'n1', connect, metrics, eye, desk: ports.desk }
}

async function onMosquitto(): Promise<Started> {
  const data = await temporaryFolder()
  ends.push(() => removeFolder(data))
  const broker = await Mosquitto.of(data, [DEMO, { site: DEMO.site, node: NODE }])
  await broker.start()
  ends.push(() => broker.kill())
  givePasswords(data, DEMO)
  const metrics = await freePort()
  const site = await tenantSite(DEMO, [broker], { ingest: { foreign: [NODE], metrics: { port: metrics } }, ...SOON })
  const line = await start(site, data)
  const options = { password: secretOf(NODE), ca: readFileSync(broker.authority) }
  const seeing = { ...options, username: deskUser(DEMO.site), password: secretOf(deskUser(DEMO.site)), clientId: 'eye' }
  const eye = () => connectAsync(broker.url, seeing)
  return {
    line,
    own: DEMO.node,
    metrics,
    eye,
    desk: site.file.desk.port,
    connect: () => ForeignNode.connect(broker.url, DEMO.site, NODE, options),
  }
}

async function start(site: Site, data: string): Promise<Line> {
  const line = await startLine(site, data)
  ends.push(() => line.stop())
  return line
}

const values = async (store: SeriesReader): Promise<Array<number | null>> =>
  (await store.readings(levelOf(NODE), ...EVER, 1000).catch(() => [])).map(({ value }) => value)
const metric = async (port: number, name: string): Promise<number> => {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(new RegExp(`^plumbline_ingest_${name} (\\S+)$`, 'm').exec(page)?.[1])
}

describe.each([
  ['the embedded broker', embedded, true],
  ['a real Mosquitto', onMosquitto, mosquittoThere()],
] as const)('a foreign Sparkplug node over %s', (_, begin, there) => {
  test.skipIf(!there)(
    'is stored; a lost message is a counted gap; it cannot speak for a node of the site',
    async () => {
      const { line, own, connect, eye, metrics, desk } = await begin()
      const store = await openStore(line.site, line.data)
      ends.push(() => store.close())
      const group = `spBv1.0/${line.site.file.site}`
      const observer = await eye()
      ends.push(() => observer.endAsync(true))
      const heard = new Set<string>()
      observer.on('message', (topic) => heard.add(topic))
      for (const type of ['DDATA', 'NDEATH']) await observer.subscribeAsync(`${group}/${type}/#`, { qos: 0 })
      const plant = await connect()
      ends.push(() => plant.end())
      for (let i = 0; i < 4; i++) {
        await plant.data()
        await pause(20)
      }
      // Born with 0 cm, then 1 to 4; a host that comes up may have asked for the birth again.
      await until('four values are stored', async () => new Set(await values(store)).size === 5)
      expect([...new Set(await values(store))]).toEqual([0, 0.01, 0.02, 0.03, 0.04])
      const [gapsBefore, askedBefore] = [await metric(metrics, 'foreign_gaps_total'), plant.asked]

      await plant.data(true)
      await pause(20)
      await plant.data()
      await until('a rebirth is asked for', () => plant.asked > askedBefore, 30_000)
      await until(
        'the loss is counted',
        async () => (await metric(metrics, 'foreign_lost_messages_total')) >= 1,
        30_000,
      )
      expect(await metric(metrics, 'foreign_gaps_total')).toBeGreaterThan(gapsBefore)
      const gap = await until('the gap is stored', async () =>
        (await store.gaps(...EVER)).find(({ channels }) => channels.includes(levelOf(NODE))),
      )
      expect(gap).toMatchObject({ reason: 'not-received', missing: 1 })
      // 5 cm never came; 6 cm, behind the hole, did.
      await until('what came after is stored', async () => (await values(store)).includes(0.06))
      expect(await values(store)).not.toContain(0.05)

      const person = new DeskClient(desk)
      await person.firstUser(/http\S+/.exec(line.announced.join('\n'))![0], 'Mei')
      const state = (wanted: string, occurrence: number) =>
        until(`the alarm of loss ${occurrence} is ${wanted}`, async () => {
          const alarm = await person.alarm(LOST)
          return alarm?.occurrence === occurrence && alarm.state === wanted ? alarm : undefined
        })
      const raised = await state('returned-unacknowledged', 1)
      const [told] = await person.notices(LOST)
      expect((told!.body as { rule?: { en: string } }).rule?.en).toMatch(
        /\(plant: 1 messages, [1-9]\d* gaps since 20\S+Z\)$/,
      )
      const seen = await person.post(`/alarms/${LOST}/acknowledge`, { etag: raised.etag, occurrence: 1 })
      expect([seen.status, seen.body]).toMatchObject([200, { state: 'normal' }])
      await plant.data(true)
      await pause(20)
      await plant.data()
      await state('returned-unacknowledged', 2)
      expect((await person.notices(LOST)).length, 'each is told').toBe(2)

      // Nobody hears the death of ours that it tells, though they hear what it may tell.
      await plant.claim(own).catch(() => undefined)
      await pause(1000)
      expect(heard).toContain(`${group}/DDATA/${NODE}/Tank_3`)
      expect(heard).not.toContain(`${group}/NDEATH/${own}`)
    },
    120_000,
  )
})
