import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { UplinkProxy } from './uplink-proxy.ts'

let broker: Server
let proxy: UplinkProxy
/** Connections that have reached the broker. */
let reached: Socket[]
let clients: Socket[]

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
async function until(what: string, holds: () => boolean, ms = 5000): Promise<void> {
  const end = performance.now() + ms
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await pause(5)
  }
}

beforeEach(async () => {
  reached = []
  clients = []
  // What it gets it sends back.
  broker = createServer((socket) => {
    reached.push(socket)
    socket.on('error', () => {}).on('data', (chunk) => socket.write(chunk))
  })
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve))
  const upstream = { host: '127.0.0.1', port: (broker.address() as { port: number }).port }
  proxy = new UplinkProxy({ node: 'n1', upstream, clock: new SystemClock(), log: silentLog })
  await proxy.listen()
})
afterEach(async () => {
  for (const { socket } of clients.map((socket) => ({ socket }))) socket.destroy()
  await proxy.close()
  for (const socket of reached) socket.destroy()
  await new Promise((resolve) => broker.close(resolve))
})

/** A client with what came back and how it ended. */
function client() {
  const socket = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true })
  clients.push(socket)
  const seen = { socket, bytes: 0, text: '', ended: false, error: '' }
  socket.on('data', (chunk) => {
    seen.bytes += chunk.length
    if (seen.text.length < 1000) seen.text += chunk.toString('latin1')
  })
  socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code ?? ''))
  socket.on('close', () => (seen.ended = true))
  return seen
}

describe('the uplink of an edge node', () => {
  test('sound, carries everything both ways and closes when one side does', async () => {
    const one = client()
    one.socket.write('hello')
    await until('the echo', () => one.text === 'hello')
    reached[0]!.end('bye')
    await until('the end', () => one.ended)
    expect(one).toMatchObject({ text: 'hellobye', error: '' })
  })

  test('cut, resets what stands and what comes; mended, new connections pass', async () => {
    const before = client()
    before.socket.write('a')
    await until('it stands', () => before.text === 'a')
    proxy.setFaults({ cut: true })
    await until('it is reset', () => before.ended)
    expect(before.error).toBe('ECONNRESET')
    const during = client()
    await until('it is reset, too', () => during.ended)
    expect(reached).toHaveLength(1)
    proxy.setFaults({})
    const after = client()
    after.socket.write('b')
    await until('it passes', () => after.text === 'b')
    expect(proxy.counts.resets).toBeGreaterThanOrEqual(2)
  })

  test('half open, stands and swallows; what has lost bytes is reset when it is mended, what has not goes on', async () => {
    const [talker, listener] = [client(), client()]
    for (const each of [talker, listener]) each.socket.write('x')
    await until('both stand', () => talker.text === 'x' && listener.text === 'x')
    proxy.setFaults({ half_open: true })
    talker.socket.write('lost')
    const late = client()
    late.socket.write('nobody')
    await until('ten bytes are swallowed', () => proxy.counts.swallowed_bytes === 10)
    expect([talker.ended, listener.ended, late.ended]).toEqual([false, false, false])
    proxy.setFaults({})
    await until('the torn ones are reset', () => talker.ended && late.ended)
    listener.socket.write('y')
    await until('the whole one goes on', () => listener.text === 'xy')
    expect(talker.text).toBe('x')
  })

  test('delayed, gives the same bytes later by the delay of each way', async () => {
    const one = client()
    one.socket.write('a')
    await until('it stands', () => one.text === 'a')
    proxy.setFaults({ delay_ms: 150 })
    const sent = performance.now()
    for (const letter of 'bcdef') one.socket.write(letter)
    await until('all came back', () => one.text === 'abcdef')
    expect(performance.now() - sent).toBeGreaterThanOrEqual(299)
  })

  test('throttled, carries no more than it may, in order and whole, and holds a fast sender back', async () => {
    const one = client()
    one.socket.write('a')
    await until('it stands', () => one.text === 'a')
    proxy.setFaults({ bytes_per_s: 20_000 })
    const begun = performance.now()
    const sent = Buffer.alloc(10_000, 'k')
    one.socket.write(sent)
    await until('all came back', () => one.bytes === 10_001)
    // Half a second up; the way down runs beside it, a tenth of a second behind.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(480)
    const flood = Buffer.alloc(64 * 1024 * 1024)
    one.socket.write(flood)
    await pause(300)
    expect(one.socket.writableLength).toBeGreaterThan(flood.length / 4)
    proxy.setFaults({})
    await until('mended, the rest comes at once', () => one.bytes === 10_001 + flood.length, 10_000)
  }, 20_000)

  test('ends what waits when a side closes, and leaves no connection when it closes itself', async () => {
    const one = client()
    one.socket.write('a')
    await until('it stands', () => one.text === 'a')
    proxy.setFaults({ delay_ms: 100 })
    reached[0]!.end('last words')
    await until('the end', () => one.ended)
    expect(one.text).toBe('alast words')
    const two = client()
    await until('it stands', () => reached.length === 2)
    await proxy.close()
    await until('it is gone', () => two.ended)
  })
})
