/** The check that containers run: exit codes and words for a service that is well, that lacks something, that is gone. */
import { expect, test } from 'vitest'
import { runCommand } from '../rehearsals/processes.ts'
import { type Check, check } from '../runtime/health.ts'
import { MetricsServer } from '../runtime/metrics-server.ts'

test('it says what is missing, and ends with 3 until nothing is', async () => {
  let broker: Check = check('not connected')
  const server = new MetricsServer({
    host: '127.0.0.1',
    port: 0,
    page: () => '',
    checks: () => ({ broker, store: check(undefined) }),
  })
  await server.start()
  const url = `http://127.0.0.1:${server.port}/readyz`
  try {
    const lacking = await runCommand(['healthcheck', url])
    expect([lacking.code, lacking.stdout]).toEqual([3, `${url}: not ready\n  broker: not connected\n`])
    broker = check(undefined)
    const well = await runCommand(['healthcheck', url])
    expect([well.code, well.stdout]).toEqual([0, `${url}: well\n`])
  } finally {
    await server.stop()
  }
  const gone = await runCommand(['healthcheck', url])
  expect([gone.code, gone.stderr.split('\n')[0]]).toEqual([3, `NOT_READY: ${url} does not answer (ECONNREFUSED)`])
})

test('by site and service: the door of the site file, or that it has none', async () => {
  const none = await runCommand(['healthcheck', '--site', 'site.example.yaml', '--service', 'ingest'])
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('expected `metrics` of it')])
  const wrong = await runCommand(['healthcheck', '--site', 'site.example.yaml', '--service', 'kettle'])
  expect(wrong.code).toBe(2)
})
