import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Site } from '../domain/channel.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { RATE_LIMITS } from './rate-limit.ts'
import { BrokerService } from './service.ts'

const site = { file: { site: 'yard', nodes: [{ id: 'north' }] } } as unknown as Site
let data: string
let broker: BrokerService
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-fast-'))
  const rates = { ...RATE_LIMITS, bytes: { per_s: 1_000_000, burst: 500_000 } }
  broker = new BrokerService({
    site,
    dataDir: data,
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    clock: new SystemClock(),
    rates,
  })
  await broker.start()
})
afterAll(async () => {
  await broker.stop()
  await rm(data, { recursive: true, force: true })
})

const connect = async (user: string, ...folder: string[]) =>
  mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    username: user,
    password: await readFile(join(data, 'yard', ...folder, 'mqtt-password'), 'utf8'),
    clientId: user,
  })

test('a client that sends too fast is slowed to its rate, loses nothing, and is counted', async () => {
  const [north, desk] = [await connect('north', 'edge', 'north'), await connect('yard-desk', 'desk')]
  await desk.subscribeAsync('spBv1.0/yard/NDATA/north', { qos: 0 })
  const heard: number[] = []
  desk.on('message', (_, payload) => heard.push(payload.readUInt32BE(0)))
  const begun = performance.now()
  const messages = 50
  for (let n = 0; n < messages; n++) {
    const payload = Buffer.alloc(60_000)
    payload.writeUInt32BE(n)
    north.publish('spBv1.0/yard/NDATA/north', payload)
  }
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(messages)
  const passed_s = (performance.now() - begun) / 1000
  expect(heard).toEqual(Array.from({ length: messages }, (_, n) => n))
  // 3 MB, of which the burst and the last read (what a connection holds, 1 MiB) need not wait.
  expect(passed_s).toBeGreaterThan((3 - 0.5 - 1.05) / 1)
  expect(broker.refusals.get('too-fast')).toBeGreaterThan(0)
  await Promise.all([north.endAsync(), desk.endAsync()])
}, 20_000)
