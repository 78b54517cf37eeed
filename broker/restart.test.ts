// What holds across a restart of the broker, which keeps nothing but the passwords: hosts tell their STATE again.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BrokerFixture } from './broker.fixture.ts'
import { type ConnectFields, connectPacket, publishPacket, RawMqtt, subscribePacket } from './raw-mqtt.fixture.ts'

let fixture: BrokerFixture
const opened: RawMqtt[] = []
beforeAll(async () => {
  fixture = await BrokerFixture.start()
})
afterEach(() => {
  for (const raw of opened.splice(0)) raw.cut()
})
afterAll(() => fixture.stop())

const state = 'spBv1.0/STATE/yard-desk'
const will = { topic: state, payload: 'offline', qos: 1, retain: true }

async function client(user: string, fields: Partial<ConnectFields> = {}): Promise<RawMqtt> {
  const raw = await RawMqtt.open(fixture.port)
  opened.push(raw)
  raw.send(connectPacket({ clientId: user, user, password: fixture.password(user), ...fields }))
  expect((await raw.next()).body[1]).toBe(0)
  return raw
}
async function subscriber(user: string, filter: string): Promise<RawMqtt> {
  const raw = await client(user)
  raw.send(subscribePacket(1, [filter, 1]))
  await raw.next()
  return raw
}
/** As the desk does at every CONNECT: the will, then STATE. */
async function desk(): Promise<RawMqtt> {
  const raw = await client('yard-desk', { will })
  raw.send(publishPacket(state, 'online', { qos: 1, retain: true }))
  await raw.next()
  return raw
}
const restart = async () => {
  await fixture.broker.stop()
  await fixture.broker.start()
}

describe('a restart of the broker', () => {
  test('ends every connection', async () => {
    const all = [await desk(), await client('north'), await client('yard-ingest')]
    await restart()
    for (const raw of all) expect(await raw.closes()).toBe(true)
  })

  test('lets everybody in again with the passwords they have', async () => {
    await restart()
    for (const user of ['north', 'south', 'yard-ingest', 'yard-desk', 'eye'])
      expect(await (await client(user)).alive()).toBe(true)
  })

  test('forgets STATE; once the host is there again a newcomer has it', async () => {
    await desk()
    await restart()
    const early = await subscriber('north', state)
    expect(await early.staysQuiet(), 'nobody knows yet').toBe(true)
    await desk()
    expect(await early.message()).toMatchObject({ payload: 'online', retain: false })
    const late = await subscriber('south', state)
    expect(await late.message()).toMatchObject({ payload: 'online', retain: true })
  })

  test('tells no will of before; the will of the new connection is told', async () => {
    await desk()
    await restart()
    const north = await subscriber('north', state)
    expect(await north.staysQuiet()).toBe(true)
    const host = await desk()
    expect(await north.message()).toMatchObject({ payload: 'online' })
    host.cut()
    expect(await north.message()).toMatchObject({ payload: 'offline' })
    const late = await subscriber('south', state)
    expect(await late.message()).toMatchObject({ payload: 'offline', retain: true })
  })

  test('brings no session back: who subscribed has to do it again', async () => {
    await subscriber('yard-ingest', 'spBv1.0/yard/#')
    await restart()
    const ingest = await client('yard-ingest')
    const north = await client('north')
    north.send(publishPacket('spBv1.0/yard/NDATA/north', 'x', { qos: 1 }))
    await north.next()
    expect(await ingest.staysQuiet()).toBe(true)
  })
})

describe('a client whose line is cut without a word', () => {
  test('is told offline after one and a half keep-alives, its retained STATE too', async () => {
    const north = await subscriber('north', state)
    const host = await client('yard-desk', { will, keepalive_s: 1 })
    host.send(publishPacket(state, 'online', { qos: 1, retain: true }))
    while ((await north.message()).payload !== 'online');
    // Its socket stays open and is read by nobody: nothing tells the broker but the silence.
    host.stream.pause()
    expect(await north.message(4_000)).toMatchObject({ payload: 'offline' })
    const late = await subscriber('south', state)
    expect(await late.message()).toMatchObject({ payload: 'offline', retain: true })
  })

  test('and comes back before that takes its place; the will of the old connection does not outlive the new STATE', async () => {
    const north = await subscriber('north', state)
    await desk()
    while ((await north.message()).payload !== 'online');
    await desk()
    const heard: string[] = []
    while (!(await north.staysQuiet())) heard.push((await north.message()).payload)
    expect(heard.at(-1)).toBe('online')
  })
})
