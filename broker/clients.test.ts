import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Site } from '../domain/channel.ts'
import { silentLog } from '../runtime/log.ts'
import { QuickClock } from '../runtime/quick-clock.fixture.ts'
import { ClientBook } from './io/client-book.ts'
import { BrokerService } from './service.ts'

const site = { file: { site: 'yard', nodes: [{ id: 'north' }], ingest: { foreign: ['plant'] } } } as unknown as Site
let data: string
let broker: BrokerService
let book: ClientBook
const opened: MqttClient[] = []

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-clients-'))
  book = new ClientBook(data, site)
  await expect(book.list()).rejects.toThrow('USAGE')
  broker = new BrokerService({
    site,
    dataDir: data,
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    clock: new QuickClock(10),
  })
  await broker.start()
})
afterEach(() => Promise.all(opened.splice(0).map((client) => client.endAsync(true))))
afterAll(async () => {
  await broker.stop()
  await rm(data, { recursive: true, force: true })
})

const own = (...folder: string[]) => readFile(join(data, 'yard', ...folder, 'mqtt-password'), 'utf8')

async function client(username: string, password: string, clientId = username): Promise<MqttClient> {
  const made = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, { username, password, clientId, reconnectPeriod: 0 })
  opened.push(made)
  await new Promise<void>((resolve, reject) => {
    made.once('connect', () => resolve())
    made.once('error', reject)
  })
  made.on('error', () => {})
  return made
}
/** The running broker takes a change after two seconds of its clock at the latest. */
const soon = (...who: Parameters<typeof client>) => vi.waitFor(() => client(...who), { timeout: 5000, interval: 100 })
const gone = (made: MqttClient) => new Promise<void>((resolve) => made.once('close', () => resolve()))

describe('a Sparkplug node of somebody else', () => {
  const PUBLISH = { qos: 0 } as const
  const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), ...PUBLISH })

  test('added while the broker runs reports under its own name and hears its own commands', async () => {
    const password = await book.addNode('plant')
    expect(await book.list()).toContainEqual({ user: 'plant', kind: 'node', state: 'ok' })
    const ingest = await client('yard-ingest', await own('ingest'))
    await ingest.subscribeAsync('spBv1.0/yard/#', PUBLISH)
    const heard: string[] = []
    ingest.on('message', (topic) => heard.push(topic))
    const plant = await soon('plant', password)
    await plant.subscribeAsync('spBv1.0/yard/NCMD/plant', PUBLISH)
    const told = new Promise<string>((resolve) => plant.once('message', (topic) => resolve(topic)))
    await plant.publishAsync('spBv1.0/yard/NBIRTH/plant', 'here')
    await ingest.publishAsync('spBv1.0/yard/NCMD/plant', 'rebirth')
    expect(await told).toBe('spBv1.0/yard/NCMD/plant')
    await vi.waitFor(() => expect(heard).toContain('spBv1.0/yard/NBIRTH/plant'))
    await expect(plant.subscribeAsync('spBv1.0/yard/#', PUBLISH)).rejects.toThrow(/Subscribe error/)
    const closed = gone(plant)
    await plant.publishAsync('spBv1.0/yard/NDATA/north', 'I am north')
    await closed
    expect(heard).not.toContain('spBv1.0/yard/NDATA/north')
  })

  test('leaves no will but its own, is no other client, and is shut out for good', async () => {
    const password = await book.rotate('plant')
    const plant = await soon('plant', password!)
    await expect(client('plant', password!, 'north')).rejects.toThrow(/Identifier rejected/)
    const as = (topic: string) =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
        ...{ username: 'plant', password: password!, clientId: 'plant', reconnectPeriod: 0, will: will(topic) },
      })
    await expect(as('spBv1.0/yard/NDEATH/north')).rejects.toThrow(/Not authorized/)
    opened.push(await as('spBv1.0/yard/NDEATH/plant'))
    await book.revoke('plant')
    await vi.waitFor(() => expect(opened.at(-1)!.connected).toBe(false), { timeout: 5000 })
    expect((await book.list()).map(({ user }) => user)).not.toContain('plant')
    expect(plant.connected).toBe(false)
  })

  test('is let in only where the site file allows it, and under no name of the site', async () => {
    await expect(book.addNode('pump')).rejects.toThrow('expected a node that stands in ingest.foreign')
    await expect(book.addNode('a.b')).rejects.toThrow('expected a node id of A-Z, a-z, 0-9, _ and -, got "a.b"')
    const all = { file: { ...site.file, ingest: { foreign: ['*'] } } } as unknown as Site
    const open = new ClientBook(data, all)
    for (const name of ['north', 'north-blocks', 'yard-ingest', 'yard-desk-mirror'])
      await expect(open.addNode(name)).rejects.toThrow('expected a name that no client has')
  })
})

describe('an observer', () => {
  test('added while the broker runs hears the site and can say nothing', async () => {
    const password = await book.addObserver('grafana')
    const observer = await soon('grafana', password, 'grafana.1')
    const refused = broker.refusals.get('publish') ?? 0
    const north = await client('north', await own('edge', 'north'))
    await observer.subscribeAsync('spBv1.0/yard/+/north', { qos: 0 }).then(
      () => expect.unreachable('commands to a node are not for everybody'),
      (error) => expect(String(error)).toMatch(/Subscribe error/),
    )
    await observer.subscribeAsync('spBv1.0/yard/NDATA/north', { qos: 0 })
    const heard = new Promise<string>((resolve) => observer.once('message', (_, payload) => resolve(String(payload))))
    await north.publishAsync('spBv1.0/yard/NDATA/north', 'level 1')
    expect(await heard).toBe('level 1')
    const closed = gone(observer)
    await observer.publishAsync('spBv1.0/yard/NCMD/north', 'open the gate')
    await closed
    expect(broker.refusals.get('publish')).toBe(refused + 1)
  })

  test("cannot take another client's name, nor be another's id", async () => {
    await expect(book.addObserver('north')).rejects.toThrow('expected a name that no client has, got "north"')
    await expect(book.addObserver('north-blocks')).rejects.toThrow('expected a name that no client has')
    await expect(book.addObserver('A b')).rejects.toThrow('expected a name of a-z, 0-9 and -, got "A b"')
    const password = await book.addObserver('eye')
    await soon('eye', password)
    await expect(client('eye', password, 'north')).rejects.toThrow(/Identifier rejected/)
    await expect(client('eye', password, 'eyes')).rejects.toThrow(/Identifier rejected/)
  })
})

describe('a password', () => {
  test('that was changed ends the connection made with the old one; the client finds the new one in its folder', async () => {
    const before = await own('edge', 'north')
    const closed = gone(await client('north', before))
    expect(await book.rotate('north')).toBeUndefined()
    await closed
    const after = await own('edge', 'north')
    expect(after).not.toBe(before)
    await client('north', after)
    await expect(client('north', before)).rejects.toThrow(/Bad username or password/)
  })

  test('of a revoked client opens nothing, also after a restart of the broker, until it is let in again', async () => {
    const password = await own('edge', 'north')
    const closed = gone(await client('north', password))
    await book.revoke('north')
    await closed
    await broker.stop()
    await broker.start()
    await expect(client('north', password)).rejects.toThrow(/Bad username or password/)
    expect((await book.list()).find(({ user }) => user === 'north')).toMatchObject({ kind: 'edge', state: 'revoked' })
    await book.restore('north')
    await soon('north', password)
  }, 20_000)

  test('of an observer that was revoked is gone with it', async () => {
    const password = await book.addObserver('guest')
    await soon('guest', password)
    await book.revoke('guest')
    expect((await book.list()).map(({ user }) => user)).not.toContain('guest')
    await expect(book.rotate('guest')).rejects.toThrow(/expected one of north, .*, got "guest"/)
  })
})
