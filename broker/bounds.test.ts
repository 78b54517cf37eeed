// What nobody may have, over all identities of a site, and what is bounded.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BrokerFixture } from './broker.fixture.ts'
import { SUBSCRIPTIONS_MAX, TOPIC_LEVELS_MAX } from './io/mqtt-server.ts'
import { connectPacket, publishPacket, RawMqtt, SUBACK, subscribePacket } from './raw-mqtt.fixture.ts'

let fixture: BrokerFixture
const opened: RawMqtt[] = []
beforeAll(async () => {
  fixture = await BrokerFixture.start()
})
afterEach(() => {
  for (const raw of opened.splice(0)) raw.cut()
})
afterAll(() => fixture.stop())

const USERS = ['north', 'south', 'yard-ingest', 'yard-desk', 'eye']
const IDS: Record<string, readonly string[]> = {
  north: ['north', 'north-blocks'],
  south: ['south', 'south-blocks'],
  'yard-ingest': ['yard-ingest'],
  'yard-desk': ['yard-desk'],
  eye: ['eye', 'eye.1'],
}

async function connect(user: string, clientId = user): Promise<{ raw: RawMqtt; code: number }> {
  const raw = await RawMqtt.open(fixture.port)
  opened.push(raw)
  raw.send(connectPacket({ clientId, user, password: fixture.password(user) }))
  return { raw, code: (await raw.next()).body[1]! }
}
async function client(user: string, clientId?: string): Promise<RawMqtt> {
  const { raw, code } = await connect(user, clientId)
  expect(code).toBe(0)
  return raw
}
async function granted(raw: RawMqtt, ...filters: string[]): Promise<number[]> {
  raw.send(subscribePacket(1, ...filters.map((filter): [string, number] => [filter, 0])))
  const { type, body } = await raw.next()
  expect(type).toBe(SUBACK)
  return [...body.subarray(2)]
}

test('no identity takes over a client id of another, whatever pair it is', async () => {
  for (const holder of USERS)
    for (const id of IDS[holder]!) {
      const held = await client(holder, id)
      for (const user of USERS.filter((user) => user !== holder)) {
        const { raw, code } = await connect(user, id)
        expect(code, `${user} as ${id}`).toBe(2)
        expect(await raw.closes()).toBe(true)
      }
      expect(await held.alive(), id).toBe(true)
      held.cut()
    }
})

describe.each(USERS)('%s', (user) => {
  test.each([
    ['everything', ['#', '+', '+/#', '/#', '+/+/+/+']],
    ['all of Sparkplug', ['spBv1.0/#', 'spBv1.0/+/#', 'spBv1.0/+/NDATA/+', 'spBv1.0/+/+/north']],
    ['another group', ['spBv1.0/field/#', 'spBv1.0/field/NDATA/north']],
    ['hosts of others', ['spBv1.0/STATE/field-desk', 'spBv1.0/STATE/#', 'spBv1.0/STATE/+/+']],
    ["the broker's own topics", ['$SYS/#', '$SYS/+/new/clients', '$SYS/broker/uptime']],
    ['shared subscriptions', ['$share/g/#', '$share/g/spBv1.0/yard/#', '$share/g/spBv1.0/STATE/yard-desk', '$queue/x']],
  ])('is refused a subscription to %s', async (_, filters) => {
    const raw = await client(user)
    expect(await granted(raw, ...filters)).toEqual(filters.map(() => 0x80))
  })

  test("may publish no topic of the broker's own", async () => {
    const raw = await client(user)
    raw.send(publishPacket('$SYS/broker/new/clients', 'yard-desk'))
    expect(await raw.closes()).toBe(true)
  })
})

test.each([
  ['north', ['spBv1.0/yard/#', 'spBv1.0/yard/NCMD/+', 'spBv1.0/yard/+/north', 'spBv1.0/yard/NDATA/north']],
  ['eye', ['spBv1.0/yard/#', 'spBv1.0/yard/+/north', 'spBv1.0/yard/NCMD/#', 'spBv1.0/yard/DCMD/+/+']],
])('%s is refused what only a host may hear', async (user, filters) => {
  const raw = await client(user)
  expect(await granted(raw, ...filters)).toEqual(filters.map(() => 0x80))
  expect(await granted(await client('yard-desk'), ...filters)).toEqual(filters.map(() => 0))
})

describe('bounded are', () => {
  test('retained messages: STATE of the two hosts, nothing else', async () => {
    const kept: string[] = []
    for (const user of USERS)
      for (const topic of [
        'spBv1.0/STATE/yard-desk',
        'spBv1.0/STATE/yard-ingest',
        'spBv1.0/STATE/north',
        'spBv1.0/STATE/field-desk',
        'spBv1.0/yard/NDATA/north',
        'spBv1.0/yard/NCMD/north',
        'spBv1.0/yard/NBIRTH/south',
        'STATE/yard-desk',
        '$SYS/x',
      ]) {
        const raw = await client(user)
        raw.send(publishPacket(topic, `of ${user}`, { retain: true }))
        // What is refused closes the connection before anything after it is answered.
        if (!(await raw.alive().catch(() => false))) continue
        kept.push(`${user} ${topic}`)
        raw.cut()
      }
    expect(kept).toEqual(['yard-ingest spBv1.0/STATE/yard-ingest', 'yard-desk spBv1.0/STATE/yard-desk'])
    const desk = await client('yard-desk')
    expect(await granted(desk, 'spBv1.0/yard/#', 'spBv1.0/STATE/+')).toEqual([0, 0])
    const heard = [await desk.message(), await desk.message()].map(({ topic }) => topic)
    expect(heard.sort()).toEqual(['spBv1.0/STATE/yard-desk', 'spBv1.0/STATE/yard-ingest'])
    expect(await desk.staysQuiet()).toBe(true)
  })

  test('subscriptions of one client: one more is refused and counted, what it has stays', async () => {
    const max = SUBSCRIPTIONS_MAX.observer
    const eye = await client('eye')
    const filters = Array.from({ length: max - 1 }, (_, n) => `spBv1.0/yard/NDATA/node-${n}`)
    expect(await granted(eye, ...filters, 'spBv1.0/yard/NDATA/north')).not.toContain(0x80)
    expect(await granted(eye, 'spBv1.0/yard/NDATA/one-more', 'spBv1.0/yard/NDATA/north')).toEqual([0x80, 0])
    expect(fixture.refused('too-many-subscriptions')).toBe(1)
    const north = await client('north')
    north.send(publishPacket('spBv1.0/yard/NDATA/north', 'x'))
    expect((await eye.message()).payload).toBe('x')
  })

  test('subscriptions of a host, which has one for each device that somebody watches', async () => {
    const desk = await client('yard-desk')
    const filters = Array.from({ length: SUBSCRIPTIONS_MAX.host + 1 }, (_, n) => `spBv1.0/yard/DDATA/north/device-${n}`)
    const codes: number[] = []
    while (codes.length < filters.length)
      codes.push(...(await granted(desk, ...filters.slice(codes.length, codes.length + 500))))
    expect(codes.indexOf(0x80)).toBe(SUBSCRIPTIONS_MAX.host)
  })

  test('levels of a topic', async () => {
    const desk = await client('yard-desk')
    const levels = (n: number) => `spBv1.0/yard/${Array.from({ length: n - 2 }, () => '+').join('/')}`
    expect(await granted(desk, levels(TOPIC_LEVELS_MAX))).toEqual([0])
    desk.send(subscribePacket(2, [levels(TOPIC_LEVELS_MAX + 1), 0]))
    expect(await desk.closes()).toBe(true)
  })

  test('messages in flight: for a subscriber that acknowledges nothing, nothing is kept or sent again', async () => {
    const desk = await client('yard-desk')
    desk.send(subscribePacket(1, ['spBv1.0/yard/NDATA/north', 1]))
    await desk.next()
    const north = await client('north')
    for (let n = 0; n < 500; n++)
      north.send(publishPacket('spBv1.0/yard/NDATA/north', String(n), { qos: 1, id: n + 1 }))
    for (let n = 0; n < 500; n++) expect((await desk.message()).dup).toBe(false)
    expect(await desk.staysQuiet()).toBe(true)
    desk.cut()
    const again = await client('yard-desk')
    again.send(subscribePacket(1, ['spBv1.0/yard/NDATA/north', 1]))
    await again.next()
    expect(await again.staysQuiet()).toBe(true)
  })
})
