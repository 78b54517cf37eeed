/** Who sends slowly, or packs much into little: held for a bounded time, read to a bounded length, and nobody else waits for it. */
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { TestDesks } from './testing.ts'

/** As the desk has them, in a hundredth of the time. */
const PATIENCE = { head_ms: 300, request_ms: 600, look_ms: 50 }
const SLOW = 60
const desks = new TestDesks()
let url: string
let port: number
beforeAll(async () => {
  const desk = await desks.start({ patience: PATIENCE })
  url = desk.url
  port = desk.service.port
})
afterAll(() => desks.end())

type Slow = { readonly socket: Socket; readonly ended: Promise<{ answer: string; after_ms: number }> }

/** Sends a beginning, then a byte now and then for as long as it is let. */
function slowly(begin: string): Slow {
  const begun = performance.now()
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.write(begin)
  const drip = setInterval(() => socket.write('a'), 40)
  socket.on('data', (bytes) => {
    answer += bytes.toString('latin1')
  })
  socket.on('error', () => {})
  const ended = new Promise<{ answer: string; after_ms: number }>((resolve) =>
    socket.on('close', () => {
      clearInterval(drip)
      resolve({ answer, after_ms: performance.now() - begun })
    }),
  )
  return { socket, ended }
}

describe('who sends slowly', () => {
  test.each([
    ['the head of a request', 'GET /api/v1/site HTTP/1.1\r\nHost: desk\r\nX-Slow: '],
    [
      'its body',
      'POST /api/v1/session HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"name":"',
    ],
    ['nothing at all', ''],
  ])(
    '%s is ended, and others are served meanwhile',
    async (_, begin) => {
      const slow = Array.from({ length: SLOW }, () => slowly(begin))
      const begun = performance.now()
      for (let i = 0; i < 5; i++) expect((await fetch(`${url}/livez`)).status).toBe(200)
      expect(performance.now() - begun).toBeLessThan(3000)
      const ended = await Promise.all(slow.map(({ ended }) => ended))
      // Ended by the desk, and in its time: a busy machine may take longer to look.
      for (const { after_ms } of ended) expect(after_ms).toBeLessThan(PATIENCE.request_ms + 5000)
      expect(ended.filter(({ answer }) => answer.startsWith('HTTP/1.1 200'))).toEqual([])
    },
    30_000,
  )
})

describe('much in little', () => {
  test('a packed body is not unpacked: it is no JSON', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20))
    expect(bomb.length).toBeLessThan(64 * 1024)
    const before = process.memoryUsage().rss
    const answer = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: bomb,
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(process.memoryUsage().rss - before).toBeLessThan(40e6)
  })

  test('a WebSocket offers no compression', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live/blocks?device=roof`, {
      perMessageDeflate: true,
    })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    expect(socket.extensions).toBe('')
    socket.terminate()
  })
})

describe('what a request says comes back in no header', () => {
  test.each([
    '/api/v1/site%0d%0aX-Injected:%20yes',
    '/lobby/%0d%0aX-Injected:%20yes',
    '/api/v1/series?channel=creek%2Fstage%0d%0aX-Injected:%20yes&from=1&to=2&points=10',
    '/api/v1/journal?kind=%0d%0aX-Injected:%20yes',
    '/cap/%0d%0aX-Injected:%20yes.xml',
    '/assets/..%0d%0aX-Injected:%20yes',
  ])('%s', async (path) => {
    const asked: readonly Record<string, string>[] = [{}, { accept: 'text/csv' }, { origin: 'http://evil.example' }]
    for (const headers of asked) {
      const answer = await fetch(`${url}${path}`, { headers, redirect: 'manual' })
      expect(answer.status).toBeLessThan(500)
      expect(answer.headers.get('x-injected')).toBeNull()
      expect([...answer.headers.values()].filter((value) => /x-injected/i.test(decodeURIComponent(value)))).toEqual([])
    }
  })
})
