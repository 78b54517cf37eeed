/** Requests to speak another protocol where nobody speaks one: answered as any other, and nothing of them stays. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { TestDesks } from './testing.ts'

const desks = new TestDesks()
afterEach(() => desks.end())

test.each([
  ['websocket', '/api/v1/alarms'],
  ['websocket', '/api/v1/nowhere'],
  ['h2c', '/livez'],
])('Upgrade: %s at %s is answered, and the desk stops at once', async (protocol, path) => {
  const { service, url } = await desks.start()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 (200|401|404) /)
  // The other side hangs up after its answer; without that the desk could never stop.
  await once(socket.resume(), 'close')
  await service.stop()
})
