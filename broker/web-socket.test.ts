// What comes to the WebSocket listener and is no MQTT over WebSocket: ended, and counted by its reason.
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { BrokerFixture } from './broker.fixture.ts'
import { HANDSHAKE_MS } from './io/listener.ts'
import { connectPacket, frame, PINGREQ } from './raw-mqtt.fixture.ts'

let fixture: BrokerFixture
const opened: Socket[] = []
beforeAll(async () => {
  fixture = await BrokerFixture.start()
})
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
})
afterAll(() => fixture.stop())

const port = (of = fixture) => of.broker.portOf('websocket')!
async function tcp(of = fixture): Promise<Socket> {
  const socket = connectTcp(port(of), '127.0.0.1')
  opened.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}
const ended = (socket: Socket) => (socket.destroyed ? Promise.resolve() : once(socket.resume(), 'close'))
const request = (path: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: yard', 'Connection: Upgrade', 'Upgrade: websocket', ...headers, '', ''].join('\r\n')
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
const VERSION = 'Sec-WebSocket-Version: 13'

describe('a request', () => {
  test.each([
    ['for another path', request('/other', KEY, VERSION)],
    ['without a key', request('/mqtt', VERSION)],
    ['of another version', request('/mqtt', KEY, 'Sec-WebSocket-Version: 7')],
    ['without WebSocket', 'GET /mqtt HTTP/1.1\r\nHost: yard\r\n\r\n'],
    ['that is no HTTP', '\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00'],
    ['with headers without end', `GET /mqtt HTTP/1.1\r\nX: ${'x'.repeat(40_000)}`],
  ])('%s ends the connection and is counted once', async (_, bytes) => {
    const before = fixture.refused('malformed')
    const socket = await tcp()
    socket.write(bytes, 'latin1')
    await ended(socket)
    expect(fixture.refused('malformed')).toBe(before + 1)
  })

  test('that never comes is waited for as long as a handshake may take, ten seconds, and no longer', async () => {
    expect(HANDSHAKE_MS).toBe(10_000)
    const hurried = await BrokerFixture.start({ handshake_ms: 500 })
    try {
      const begun = performance.now()
      const [silent, slow] = [await tcp(hurried), await tcp(hurried)]
      slow.write('GET /mqtt HTTP/1.1\r\n')
      await Promise.all([ended(silent), ended(slow)])
      expect(performance.now() - begun).toBeGreaterThan(490)
      expect(hurried.refused('no-connect')).toBe(2)
    } finally {
      await hurried.stop()
    }
  }, 30_000)
})

describe('a connection', () => {
  async function letIn(): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${port()}/mqtt`, 'mqtt')
    await once(socket, 'open')
    socket.send(connectPacket({ clientId: 'north', user: 'north', password: fixture.password('north') }))
    await once(socket, 'message')
    socket.on('error', () => {})
    return socket
  }

  test('that announces a message beyond the limit is ended and counted, however small its packets are', async () => {
    const before = fixture.refused('frame-too-large')
    const socket = await letIn()
    const ping = frame(PINGREQ, 0)
    socket.send(Buffer.concat(Array.from({ length: 2 ** 19 + 1 }, () => ping)))
    await once(socket, 'close')
    await expect.poll(() => fixture.refused('frame-too-large')).toBe(before + 1)
  })

  test('with frames that are no WebSocket is ended and counted', async () => {
    const before = fixture.refused('malformed')
    const socket = await letIn()
    // Opcode 3 is reserved (RFC 6455, 5.2).
    ;(socket as unknown as { _socket: Socket })._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]))
    await once(socket, 'close')
    await expect.poll(() => fixture.refused('malformed')).toBe(before + 1)
  })
})
