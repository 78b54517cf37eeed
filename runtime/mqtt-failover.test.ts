/** Several addresses of one broker, and TLS: against real aedes brokers that are taken away. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes } from 'aedes'
import { afterEach, expect, test, vi } from 'vitest'
import { issueServer, makeAuthority } from './certificates.ts'
import { SystemClock } from './clock.ts'
import { createLog } from './log.ts'
import { connectMqtt } from './mqtt-connection.ts'

const clock = new SystemClock()
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const until = (holds: () => unknown) => vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 8000, interval: 5 })

async function broker(tls?: { key: string; cert: string }) {
  const aedes = await Aedes.createBroker()
  const users: (string | undefined)[] = []
  aedes.authenticate = (_client, user, _password, done) => {
    users.push(user)
    done(null, true)
  }
  const sockets = new Set<Socket>()
  const take = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    aedes.handle(socket)
  }
  const server: Server = tls === undefined ? createServer(take) : createTlsServer(tls, take)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let stopped: Promise<unknown> | undefined
  const stop = () => {
    stopped ??= new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => aedes.close(() => resolve(undefined)))
    })
    return stopped
  }
  ends.push(stop)
  return { port: (server.address() as AddressInfo).port, users, stop }
}

function client(external: Parameters<typeof connectMqtt>[2]) {
  const lines: string[] = []
  const told: string[] = []
  const log = createLog({ write: (line) => lines.push(line), pretty: false })
  const mqtt = connectMqtt(
    clock,
    log,
    external,
  )({
    url: 'mqtt://127.0.0.1:9',
    clientId: 'edge-1',
    username: 'edge-1',
    password: async () => 'secret',
    will: () => ({ topic: 'will', payload: Buffer.from('x'), qos: 1, retain: false }),
    keepalive_s: 10,
    onUp: () => told.push('up'),
    onDown: () => told.push('down'),
    onMessage: () => {},
  })
  ends.push(() => mqtt.stop(200))
  mqtt.start()
  return { mqtt, lines, told }
}
const url = (port: number, scheme = 'mqtt') => `${scheme}://127.0.0.1:${port}`

test('of two addresses the other is taken when one goes, and the first again when that goes', async () => {
  const [a, b] = [await broker(), await broker()]
  const { mqtt, told, lines } = client({ urls: [url(a.port), url(b.port)], user_prefix: 'site-' })
  await until(() => mqtt.up)
  expect([a.users, b.users]).toEqual([['site-edge-1'], []])
  await a.stop()
  await until(() => told.length === 3)
  expect(told).toEqual(['up', 'down', 'up'])
  expect(b.users).toEqual(['site-edge-1'])
  expect(lines.at(-1)).toContain(`"port":${b.port}`)
})

test('an address that refuses is told once and passed over, however often it is tried', async () => {
  const gone = await broker()
  await gone.stop()
  const b = await broker()
  const { mqtt, lines } = client({ urls: [url(gone.port), url(b.port)] })
  await until(() => mqtt.up)
  expect(lines.filter((line) => line.includes('cannot connect'))).toHaveLength(1)
  await b.stop()
  await new Promise((resolve) => setTimeout(resolve, 2500))
  // Once for each of the two addresses since the session ended.
  expect(lines.filter((line) => line.includes('cannot connect'))).toHaveLength(3)
})

test('mqtts: a broker whose certificate the given authority signed is trusted, any other is not', async () => {
  const now = new Date()
  const [ours, foreign] = [await makeAuthority('ours', now), await makeAuthority('foreign', now)]
  const good = await issueServer(ours, ['127.0.0.1'], now)
  const tls = await broker({ key: good.key, cert: good.certificate })
  const folder = await mkdtemp(join(tmpdir(), 'ca-'))
  ends.push(() => rm(folder, { recursive: true }))
  const files = { ours: join(folder, 'ours.pem'), foreign: join(folder, 'foreign.pem') }
  await writeFile(files.ours, ours.certificate)
  await writeFile(files.foreign, foreign.certificate)

  const trusted = client({ urls: [url(tls.port, 'mqtts')], ca_file: files.ours })
  await until(() => trusted.mqtt.up)
  await trusted.mqtt.publish('a', Buffer.from('one'), { qos: 1 })

  const doubtful = client({ urls: [url(tls.port, 'mqtts')], ca_file: files.foreign })
  await until(() => doubtful.lines.length > 0)
  expect(doubtful.lines[0]).toMatch(/cannot connect.*certificate/)
  expect(doubtful.mqtt.up).toBe(false)
  expect(tls.users).toEqual(['edge-1'])

  const nowhere = client({ urls: [url(tls.port, 'mqtts')], ca_file: join(folder, 'none.pem') })
  await until(() => nowhere.lines.length > 0)
  expect(nowhere.lines[0]).toMatch(/ca_file .*none\.pem: ENOENT/)
})
