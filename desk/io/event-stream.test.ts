import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { ReadingJson } from '../../domain/api.ts'
import { NS_PER_MS } from '../../domain/time.ts'
import { SimulatedClock } from '../../runtime/clock.ts'
import { at } from '../testing-site.ts'
import { EventStream, STREAM_CLIENTS_MAX } from './event-stream.ts'

const reading = (value: number, minute: number): ReadingJson => ({
  channel: 'creek/stage',
  value,
  t_ns: String(at(minute)),
  flag: 1,
  reason: null,
  detail: null,
  exercise: true,
})

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A stream served over a socket, and a client whose reading the test holds back or lets go. */
async function served(allowed = () => true) {
  const clock = new SimulatedClock(at(0))
  const snapshot = { now_ns: '0', alarms: [], devices: [], nodes: [], readings: [], store_available: true, drill: null }
  const stream = new EventStream({
    clock,
    snapshot: () => snapshot,
    tick: () => ({ now_ns: String(clock.now()), store_available: true }),
  })
  server = createServer((_, response) => stream.add(response, allowed)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server!.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const response = await new Promise<IncomingMessage>((resolve) => get(url, resolve))
  let text = ''
  response.on('error', () => {})
  const listen = () => response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return {
    clock,
    stream,
    response,
    listen,
    events: () => [...text.matchAll(/^event: (\w+)$/gm)].map((m) => m[1]),
    text: () => text,
  }
}

describe('the live stream', () => {
  test('opens with a snapshot; alarms go at once, of readings only the newest word in a tenth of a second', async () => {
    const { clock, stream, listen, events, text } = await served()
    listen()
    stream.start()
    stream.send({ event: 'readings', data: [reading(1, 1)] })
    stream.send({ event: 'alarm', data: { id: 'north:creek-red' } as never })
    stream.send({ event: 'readings', data: [reading(2, 2)] })
    await clock.advance(100n * NS_PER_MS)
    await expect.poll(events).toEqual(['snapshot', 'alarm', 'readings'])
    expect(text()).toContain('"value":2')
    expect(text()).not.toContain('"value":1')
    await clock.advance(1000n * NS_PER_MS)
    await expect.poll(events).toEqual(['snapshot', 'alarm', 'readings', 'tick'])
    stream.stop()
    expect(stream.clients).toBe(0)
  })

  test('of a group only the newest word goes, of worst values too, once a second; a step of the alarm goes at once and before them', async () => {
    const { clock, stream, listen, events, text } = await served()
    listen()
    stream.start()
    const alarm = (id: string, peak: number) => ({ event: 'alarm', data: { id, peak } as never }) as const
    for (const alarms of [1, 2, 3]) stream.send({ event: 'group', data: { id: 'g-1', alarms } as never })
    await clock.advance(100n * NS_PER_MS)
    await expect.poll(events).toEqual(['snapshot', 'group'])
    expect(text()).toContain('"alarms":3')
    for (const peak of [1, 2, 3]) stream.send(alarm('n:standing', peak), true)
    stream.send(alarm('n:returns', 7), true)
    stream.send(alarm('n:returns', 8))
    await clock.advance(900n * NS_PER_MS)
    await expect.poll(events).toEqual(['snapshot', 'group', 'alarm', 'alarm', 'tick'])
    expect([...text().matchAll(/"peak":(\d)/g)].map(([, peak]) => peak)).toEqual(['8', '3'])
    stream.stop()
  })

  test('a client that takes nothing for half a minute is dropped, however little waits for it; one that takes it late is not', async () => {
    const { clock, stream } = await served()
    stream.start()
    const drained: Array<() => void> = []
    const slow = () => {
      const on = (event: string, listener: () => void) => event === 'drain' && drained.push(listener)
      return { on, write: () => false, destroy: () => {}, writableLength: 100 } as never
    }
    stream.add(slow(), () => true)
    stream.add(slow(), () => true)
    await clock.advance(20_000n * NS_PER_MS)
    drained[0]!()
    await clock.advance(12_000n * NS_PER_MS)
    expect([stream.clients, stream.dropped]).toEqual([2, 1])
    stream.stop()
  })

  test('a client that does not read is dropped at the limit, counted, and holds up nobody', async () => {
    const { stream, response } = await served()
    response.pause()
    const data = { text: 'x'.repeat(100_000) } as never
    // The kernel takes some megabytes before the socket blocks; the buffer of the desk comes after that.
    for (let i = 0; i < 400 && stream.clients > 0; i++) {
      stream.send({ event: 'notice', data })
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(stream.clients).toBe(0)
    expect(stream.dropped).toBe(1)
  })

  test('ends with the session that opened it', async () => {
    let session = true
    const { clock, stream } = await served(() => session)
    stream.start()
    await clock.advance(1000n * NS_PER_MS)
    expect(stream.clients).toBe(1)
    session = false
    await clock.advance(1000n * NS_PER_MS)
    expect(stream.clients).toBe(0)
    stream.stop()
  })

  test('has room for two hundred', async () => {
    const { stream } = await served()
    const nobody = { on: () => {}, write: () => true, destroy: () => {}, writableLength: 0 } as never
    for (let i = 1; i < STREAM_CLIENTS_MAX; i++) {
      expect(stream.full).toBe(false)
      stream.add(nobody, () => true)
    }
    expect([stream.clients, stream.full]).toEqual([200, true])
    stream.stop()
    expect(stream.full).toBe(false)
  })
})
