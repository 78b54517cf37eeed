// Connections of one address that do not say who they are must not keep out those who do.
import { connect as connectTcp, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BrokerFixture } from './broker.fixture.ts'
import { STRANGERS_MAX } from './io/listener.ts'
import { connectPacket, RawMqtt } from './raw-mqtt.fixture.ts'

let fixture: BrokerFixture
const sockets: Socket[] = []
beforeEach(async () => {
  fixture = await BrokerFixture.start({}, true)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await fixture.stop()
})

/** Opens so many; @returns those that the broker still holds once no more than `held` are left, and a moment later */
async function strangers(count: number, held: number, localAddress: string, port = fixture.port): Promise<Socket[]> {
  const opened = Array.from({ length: count }, () => connectTcp({ port, host: '127.0.0.1', localAddress }))
  sockets.push(...opened)
  const gone = new Set<Socket>()
  for (const socket of opened) socket.on('error', () => {}).on('close', () => gone.add(socket))
  await vi.waitFor(() => expect(opened.filter((s) => !gone.has(s) && s.connecting)).toEqual([]))
  const left = () => opened.filter((socket) => !gone.has(socket))
  await vi.waitFor(() => expect(left().length).toBeLessThanOrEqual(held), 10_000)
  await new Promise((resolve) => setTimeout(resolve, 100))
  return left()
}

async function letIn(user: string, clientId = user): Promise<RawMqtt> {
  const raw = await RawMqtt.open(fixture.port)
  raw.send(connectPacket({ clientId, user, password: fixture.password(user) }))
  expect((await raw.next()).body[1]).toBe(0)
  return raw
}

test.each(['plain', 'tls', 'websocket'] as const)('%s: one address holds so many and no more', async (door) => {
  const port = fixture.broker.portOf(door)!
  expect(await strangers(STRANGERS_MAX + 20, STRANGERS_MAX, '127.0.0.9', port)).toHaveLength(STRANGERS_MAX)
  expect(fixture.refused('too-many-strangers')).toBe(20)
  expect(await strangers(3, 3, '127.0.0.8', port)).toHaveLength(3)
})

test('who says a name and password counts no longer, and another address is let in meanwhile', async () => {
  const held = await strangers(STRANGERS_MAX + 1, STRANGERS_MAX, '127.0.0.9')
  const known = [await letIn('north'), await letIn('south'), await letIn('yard-desk')]
  for (const socket of held) socket.destroy()
  await vi.waitFor(async () => expect(await strangers(1, 1, '127.0.0.9')).toHaveLength(1))
  // 127.0.0.1 has three clients that are known, and room for as many strangers as before.
  expect(await strangers(STRANGERS_MAX + 1, STRANGERS_MAX, '127.0.0.1')).toHaveLength(STRANGERS_MAX)
  for (const raw of known) {
    expect(await raw.alive()).toBe(true)
    raw.cut()
  }
})
