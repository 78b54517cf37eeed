import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { check } from './health.ts'
import { MetricsServer } from './metrics-server.ts'
import { Histogram, Page } from './prometheus.ts'

test('buckets add up, a duration equal to a bound lies below it', () => {
  const durations = new Histogram([0.1, 1])
  for (const s of [0.05, 0.1, 0.5, 3]) durations.add(s)
  const page = new Page()
  page.histogram('poll_seconds', 'Duration.', [[{ device: 'a"b\\c' }, durations.state()]])
  expect(page.toString().split('\n')).toEqual([
    '# HELP poll_seconds Duration.',
    '# TYPE poll_seconds histogram',
    'poll_seconds_bucket{device="a\\"b\\\\c",le="0.1"} 2',
    'poll_seconds_bucket{device="a\\"b\\\\c",le="1"} 3',
    'poll_seconds_bucket{device="a\\"b\\\\c",le="+Inf"} 4',
    'poll_seconds_sum{device="a\\"b\\\\c"} 3.65',
    'poll_seconds_count{device="a\\"b\\\\c"} 4',
    '',
  ])
})

test('a server tells its page, says when there is none, and knows nothing else', async () => {
  let page: string | undefined
  let why: string | undefined = 'not connected'
  const checks = () => ({ broker: check(why), store: check(undefined) })
  const server = new MetricsServer({ host: '127.0.0.1', port: 0, page: () => page, checks, data: tmpdir() })
  await server.start()
  try {
    const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method })
    expect((await ask('/livez')).status).toBe(503)
    page = 'up 1\n'
    expect((await ask('/livez')).status).toBe(200)
    const answer = await ask('/metrics')
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await answer.text()
    expect(text.startsWith('up 1\n')).toBe(true)
    for (const name of ['process_resident_memory_bytes', 'plumbline_disk_free_bytes'])
      expect(Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])).toBeGreaterThan(1e6)
    const lacking = await ask('/readyz')
    expect([lacking.status, await lacking.json()]).toEqual([
      503,
      { ready: false, checks: { broker: { ok: false, why: 'not connected' }, store: { ok: true } } },
    ])
    why = undefined
    expect((await ask('/readyz')).status).toBe(200)
    expect((await ask('/other')).status).toBe(404)
    expect((await ask('/metrics', 'POST')).status).toBe(405)
    const second = new MetricsServer({ host: '127.0.0.1', port: server.port, page: () => page, checks })
    await expect(second.start()).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  } finally {
    await server.stop()
  }
})
