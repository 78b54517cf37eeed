/**
 * The desk's HTTP port as bytes: requests that are nearly right, headers that lie, paths that climb, bodies of any form, event
 * streams resumed from nowhere, WebSocket frames that nobody should send. Any answer below 500 is an answer; so is 503, which
 * says what is away.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from '../../runtime/free-port.fixture.ts'
import { removeFolder, startLine, temporaryFolder } from '../line.ts'
import { below, oneOf, type Random } from '../seeded.ts'
import { bothDevices, siteOf } from '../site.ts'
import { mutated } from './mutate.ts'
import type { Target } from './target.ts'

const ANSWER_MS = 60
const PATHS = [
  '/',
  '/index.html',
  '/livez',
  '/readyz',
  '/metrics',
  '/api/v1/site',
  '/api/v1/devices',
  '/api/v1/readings/latest',
  '/api/v1/series?channel=dead-run%2Fstage&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&points=100',
  '/api/v1/blocks?channel=yonago%2Fx&from=0&to=1',
  '/api/v1/gaps?from=0&to=1',
  '/api/v1/alarms',
  '/api/v1/alarms/n1:shaking/acknowledge',
  '/api/v1/alarms/n1:shaking/shelve',
  '/api/v1/alarms/n1:shaking/comment',
  '/api/v1/journal?after=0&limit=100',
  '/api/v1/session',
  '/api/v1/first-user',
  '/api/v1/drills',
  '/api/v1/live',
  '/api/v1/live/blocks?device=yonago',
  '/api/v1/simulator',
  '/api/v1/commands',
  '/cap/feed.atom',
  '/docs',
  '/lobby/tower',
]
const ODD = [
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%ff',
  '%',
  '//',
  '?a[]=1&a[b]=2',
  '%u0041',
  ';x=y',
  '\\..\\',
  '#',
  'NaN',
  '-1',
  '1e400',
]
const HEADERS = [
  'Last-Event-ID: 99999999999999999999',
  'Last-Event-ID: \u0001',
  'Cookie: plumbline_rehearsal=x; plumbline_rehearsal=y',
  `Cookie: ${'a=b; '.repeat(200)}`,
  'Authorization: Bearer x',
  'Authorization: Basic Og==',
  'Origin: http://evil.example',
  'Content-Type: application/json; charset=utf-99',
  'Content-Type: text/plain',
  'Content-Encoding: gzip',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
  'Range: bytes=0-,-1,5-2',
  'If-None-Match: *',
  'Accept: text/csv',
  'X-Forwarded-For: 1.2.3.4, ::1',
  'X-Forwarded-Host: evil.example',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Upgrade: h2c',
  `X-Long: ${'x'.repeat(20_000)}`,
]
const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '{"etag":"1"',
  '{"__proto__":{"a":1}}',
  '{"occurrence":1e400,"etag":"x"}',
  `{"text":"${'水'.repeat(30_000)}"}`,
  '['.repeat(50_000),
  '"\\ud800"',
  '{"name":"a","name":"b"}',
]
const FRAMES = [
  Buffer.from([0x81, 0x83, 1, 2, 3, 4, 5, 6, 7]),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0x88, 0x80, 0, 0, 0, 0]),
]

function request(random: Random, host: string): Buffer {
  const path = oneOf(random, PATHS) + (random() < 0.3 ? oneOf(random, ODD) : '')
  const body = oneOf(random, BODIES)
  const lines = [
    `${oneOf(random, ['GET', 'POST', 'DELETE', 'PATCH', 'PUT', 'HEAD', 'OPTIONS', 'BREW'])} ${path} HTTP/1.1`,
    `Host: ${random() < 0.9 ? host : 'evil.example'}`,
    'Connection: close',
    ...Array.from({ length: below(random, 4) }, () => oneOf(random, HEADERS)),
    ...(random() < 0.7 ? ['Content-Type: application/json'] : []),
    `Content-Length: ${random() < 0.9 ? Buffer.byteLength(body) : oneOf(random, ['-1', '5', '99999999', 'x'])}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

export const http: Target = {
  id: 'http',
  what: 'whatever is asked of the desk is answered below 500 or refused, and the desk goes on',
  open: async () => {
    const data = await temporaryFolder()
    const ports = {
      accelerometer: await freePort(),
      gauge: await freePort(),
      mqtt: await freePort(),
      desk: await freePort(),
    }
    const line = await startLine(await siteOf(bothDevices(ports)), data, ['broker', 'sim', 'desk', 'edge', 'ingest'])
    const host = `127.0.0.1:${ports.desk}`
    return {
      attack: async (random) => {
        const right = request(random, host)
        const bytes = random() < 0.5 ? right : mutated([right, request(random, host)], random)
        const answer = await ask(ports.desk, bytes, oneOf(random, FRAMES))
        const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]
        if (status === undefined) return answer === '' ? 'no answer' : 'other bytes'
        if (Number(status) >= 500 && !['501', '503', '505'].includes(status))
          throw new Error(
            `answered ${status}\n--- asked\n${bytes.toString('latin1').slice(0, 600)}\n--- answered\n${answer.slice(0, 600)}`,
          )
        if (/set-cookie: plumbline_\w+=[^;\s]/i.test(answer))
          throw new Error(`let in by ${bytes.toString('latin1').slice(0, 300)}`)
        return status
      },
      healthy: async () => {
        const answer = await fetch(`http://${host}/livez`)
        if (answer.status !== 200) throw new Error(`/livez answers ${answer.status}`)
      },
      close: async () => {
        await line.stop()
        await removeFolder(data)
      },
    }
  },
}

/** What comes back before the other side hangs up, or within a short time; an upgraded connection gets a bad frame. */
async function ask(port: number, bytes: Uint8Array, frame: Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('error', () => {})
  await once(socket, 'connect')
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let upgraded = false
  socket.on('data', (chunk) => {
    if (answer.length < 100_000) answer += chunk.toString('latin1')
    if (!upgraded && answer.startsWith('HTTP/1.1 101')) {
      upgraded = true
      socket.write(frame)
    }
  })
  socket.write(bytes)
  let timer: NodeJS.Timeout
  await Promise.race([closed, new Promise<void>((resolve) => (timer = setTimeout(resolve, ANSWER_MS)))])
  clearTimeout(timer!)
  socket.destroy()
  return answer
}
