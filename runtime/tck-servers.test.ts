/** Several servers, by the assertion ids of Sparkplug 3.0: one connection at a time, and on each STATE as on the first. */
import { afterEach, expect, test, vi } from 'vitest'
import { SystemClock } from './clock.ts'
import { HostApplication } from './host-application.ts'
import { silentLog } from './log.ts'
import { connectMqtt } from './mqtt-connection.ts'
import { type Packet, type Published, type Tap, tappedBroker } from './mqtt-tap.fixture.ts'

const clock = new SystemClock()
const HOST = 'yard-desk'
const until = (holds: () => unknown) => vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 9_000, interval: 5 })
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function twoServers(): Promise<{ taps: [Tap, Tap]; app: HostApplication }> {
  const taps: [Tap, Tap] = [await tappedBroker(), await tappedBroker()]
  for (const tap of taps) ends.push(() => tap.stop())
  const urls = taps.map(({ url }) => url)
  const app = new HostApplication({
    ...{ hostId: HOST, group: 'yard', url: 'mqtt://127.0.0.1:9', username: HOST, password: async () => 'secret' },
    ...{ connectMqtt: connectMqtt(clock, silentLog, { urls } as never), clock, log: silentLog, filters: [] },
    ...{ checkSeq: () => true, onEvent: () => {} },
  })
  ends.push(() => app.stop(200))
  app.start()
  return { taps, app }
}
const open = (tap: Tap) => tap.of(HOST).filter(({ socket }) => !socket.destroyed).length
const first = (tap: Tap) => tap.of(HOST)[0]!.packets

test('tck-id-operational-behavior-primary-application-state-with-multiple-servers-single-server: one at a time', async () => {
  const { taps, app } = await twoServers()
  await until(() => app.up)
  expect(taps.map(open)).toEqual([1, 0])
  taps[0].of(HOST)[0]!.socket.destroy()
  await until(() => taps[1].of(HOST).length === 1 && app.up)
  expect(taps.map(open)).toEqual([0, 1])
  taps[1].of(HOST)[0]!.socket.destroy()
  await until(() => taps[0].of(HOST).length === 2 && app.up)
  expect(taps.map(open)).toEqual([1, 0])
})

test.each([
  'tck-id-operational-behavior-host-application-multi-server-timestamp',
  'tck-id-operational-behavior-primary-application-state-with-multiple-servers-state',
])('%s: on each server STATE comes first, with the timestamp of the will given to that server', async () => {
  const { taps, app } = await twoServers()
  await until(() => app.up)
  taps[0].of(HOST)[0]!.socket.destroy()
  await until(() => taps[1].of(HOST).length === 1 && app.up)
  const timestamps = taps.map((tap) => {
    const { will } = first(tap)[0] as Extract<Packet, { kind: 'connect' }>
    const birth = first(tap).find((packet): packet is Published => packet.kind === 'publish')!
    expect(birth.topic).toBe(`spBv1.0/STATE/${HOST}`)
    const { online, timestamp } = JSON.parse(birth.payload.toString())
    expect([online, timestamp]).toEqual([true, JSON.parse(will!.payload.toString()).timestamp])
    return timestamp
  })
  expect(timestamps[1]).toBeGreaterThan(timestamps[0])
})
