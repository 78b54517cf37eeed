/**
 * Every identity against every class of topic over real connections, as docs/reference/broker.md grants them: what is not
 * granted there is refused, a publish by the end of the connection, a filter by 0x80.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingestHealthTopic } from '../domain/wire/ingest-health.ts'
import { BrokerFixture } from './broker.fixture.ts'
import { connectPacket, PUBACK, publishPacket, RawMqtt, SUBACK, subscribePacket } from './raw-mqtt.fixture.ts'

/** By client id; the user behind it. `plant` is a foreign node, `eye` an observer. */
const CLIENTS = {
  north: 'north',
  'north-blocks': 'north',
  'yard-ingest': 'yard-ingest',
  'yard-desk': 'yard-desk',
  plant: 'plant',
  eye: 'eye',
} as const
type Client = keyof typeof CLIENTS
const ALL = Object.keys(CLIENTS) as Client[]
const EDGE: readonly Client[] = ['north', 'north-blocks']
const HOSTS: readonly Client[] = ['yard-ingest', 'yard-desk']
/** Who sees what happens at the site. */
const SEES: readonly Client[] = [...HOSTS, 'eye']

type Rights = { readonly publish: readonly Client[]; readonly subscribe: readonly Client[] }
const reports = (node: string, publish: readonly Client[]): Record<string, Rights> =>
  Object.fromEntries(
    ['NBIRTH', 'NDATA', 'NDEATH', 'DBIRTH', 'DDATA', 'DDEATH'].map((type) => [
      `spBv1.0/yard/${type}/${node}${type.startsWith('D') ? '/gauge' : ''}`,
      { publish, subscribe: SEES },
    ]),
  )
const commands = (node: string, to: readonly Client[]): Record<string, Rights> => ({
  [`spBv1.0/yard/NCMD/${node}`]: { publish: HOSTS, subscribe: [...HOSTS, ...to] },
  [`spBv1.0/yard/DCMD/${node}/gauge`]: { publish: HOSTS, subscribe: [...HOSTS, ...to] },
})
const NOBODY: Rights = { publish: [], subscribe: [] }

const RIGHTS: Readonly<Record<string, Rights>> = {
  ...reports('north', EDGE),
  ...reports('north-blocks', EDGE),
  ...reports('plant', ['plant']),
  // A node of the site that is none of these.
  ...reports('south', []),
  ...commands('north', EDGE),
  ...commands('plant', ['plant']),
  ...commands('south', []),
  'spBv1.0/STATE/yard-ingest': { publish: ['yard-ingest'], subscribe: ALL },
  'spBv1.0/STATE/yard-desk': { publish: ['yard-desk'], subscribe: ALL },
  'spBv1.0/STATE/field-desk': NOBODY,
  [ingestHealthTopic('yard')]: { publish: ['yard-ingest'], subscribe: SEES },
  'plumbline/yard/reading/creek/stage': { publish: ['yard-desk'], subscribe: SEES },
  'plumbline/yard/alarm/north:creek-red': { publish: ['yard-desk'], subscribe: SEES },
  'plumbline/yard/notices/mei': { publish: ['yard-desk'], subscribe: SEES },
  'spBv1.0/field/NDATA/north': NOBODY,
  'spBv1.0/field/NCMD/north': NOBODY,
  '$SYS/broker/uptime': NOBODY,
  stage: NOBODY,
}

let fixture: BrokerFixture
beforeAll(async () => {
  fixture = await BrokerFixture.start({}, false, undefined, ['plant'])
})
afterAll(() => fixture.stop())

async function connect(clientId: string, user: string, password = fixture.password(user)) {
  const raw = await RawMqtt.open(fixture.port)
  raw.send(connectPacket({ clientId, user, password }))
  return { raw, code: (await raw.next()).body[1]! }
}

async function mayPublish(client: Client, topic: string): Promise<boolean> {
  const { raw, code } = await connect(client, CLIENTS[client])
  expect(code).toBe(0)
  raw.send(publishPacket(topic, 'x', { qos: 1 }))
  const answer = await raw.next().catch(() => undefined)
  if (answer === undefined) expect(await raw.closes(), `${client} ${topic}`).toBe(true)
  else expect(answer.type).toBe(PUBACK)
  raw.cut()
  return answer !== undefined
}

async function maySubscribe(client: Client, filter: string): Promise<boolean> {
  const { raw, code } = await connect(client, CLIENTS[client])
  expect(code).toBe(0)
  raw.send(subscribePacket(1, [filter, 0]))
  const { type, body } = await raw.next()
  expect(type).toBe(SUBACK)
  raw.cut()
  return body[2] !== 0x80
}

describe.each(ALL)('%s', (client) => {
  test('publishes what is its own to say, and nothing else', async () => {
    const may = new Map<string, boolean>()
    for (const topic of Object.keys(RIGHTS)) may.set(topic, await mayPublish(client, topic))
    expect(Object.fromEntries(may)).toEqual(of((rights) => rights.publish.includes(client)))
  })

  test('hears what is its business, and nothing else', async () => {
    const may = new Map<string, boolean>()
    for (const topic of Object.keys(RIGHTS)) may.set(topic, await maySubscribe(client, topic))
    expect(Object.fromEntries(may)).toEqual(of((rights) => rights.subscribe.includes(client)))
  })
})
const of = (right: (rights: Rights) => boolean): Record<string, boolean> =>
  Object.fromEntries(Object.entries(RIGHTS).map(([topic, rights]) => [topic, right(rights)]))

test('a stranger gets no connection, whatever name it gives', async () => {
  for (const name of [...ALL, 'nobody', ''])
    for (const password of ['wrong', '']) {
      const { raw, code } = await connect(name, CLIENTS[name as Client] ?? name, password)
      expect(code, `${name}, "${password}"`).not.toBe(0)
      raw.cut()
    }
})
