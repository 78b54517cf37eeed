import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Site } from '../domain/channel.ts'
import { NS_PER_S } from '../domain/time.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { SimulatedClock, SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { type BrokerOptions, BrokerService } from './service.ts'

const site = { file: { site: 'yard', nodes: [{ id: 'north' }, { id: 'south' }] } } as unknown as Site
const NOW = new Date()

let data: string
let files: CertificateFiles
let ca: Buffer
const running: BrokerService[] = []
const opened: MqttClient[] = []

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-doors-'))
  files = new CertificateFiles(data, 'yard')
  await files.init(['127.0.0.1'], NOW)
  await files.client('north', NOW)
  ca = await readFile(files.authority)
}, 60_000)
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.endAsync(true)))
  await Promise.all(running.splice(0).map((broker) => broker.stop()))
})
afterAll(() => rm(data, { recursive: true, force: true }))

async function start(more: Partial<BrokerOptions>): Promise<BrokerService> {
  const broker = new BrokerService({
    site,
    dataDir: data,
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    clock: new SystemClock(),
    ...more,
  })
  await broker.start()
  running.push(broker)
  return broker
}
const anyPort = { host: '127.0.0.1', port: 0 }
const tls = (more: object = {}) => ({ ...anyPort, ...files.broker, ...more })
const clientFile = (name: string) => readFile(join(files.folder, 'clients', name))
const password = (user: string) => readFile(join(data, 'yard', 'edge', user, 'mqtt-password'), 'utf8')

/** Resolves when let in; rejects with what the client was told. */
async function client(url: string, options: IClientOptions = {}, user = 'north'): Promise<MqttClient> {
  const made = mqtt.connect(url, {
    username: user,
    password: await password(user),
    clientId: user,
    reconnectPeriod: 0,
    ca,
    ...options,
  })
  opened.push(made)
  await new Promise<void>((resolve, reject) => {
    made.once('connect', () => resolve())
    made.once('error', reject)
    made.once('close', () => reject(new Error('closed')))
  })
  made.on('error', () => {})
  return made
}

/** What the edge node hears when the desk, at the plain port, sends it a command. */
async function hears(listener: MqttClient, broker: BrokerService): Promise<string> {
  await listener.subscribeAsync('spBv1.0/yard/NCMD/north', { qos: 0 })
  const heard = new Promise<string>((resolve) => listener.once('message', (_, payload) => resolve(String(payload))))
  const desk = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, {
    username: 'yard-desk',
    password: await readFile(join(data, 'yard', 'desk', 'mqtt-password'), 'utf8'),
    clientId: 'yard-desk',
  })
  opened.push(desk)
  await desk.publishAsync('spBv1.0/yard/NCMD/north', 'stop the pump')
  return heard
}

describe('MQTT over TLS', () => {
  test('carries the same messages as the plain port, to who knows the authority', async () => {
    const broker = await start({ tls: tls() })
    const url = `mqtts://127.0.0.1:${broker.portOf('tls')}`
    expect(await hears(await client(url), broker)).toBe('stop the pump')
    await expect(client(url, { ca: undefined }, 'south')).rejects.toThrow(/self-signed|unable to verify/)
  })

  test('knows nobody without a password, certificate or not', async () => {
    const broker = await start({ tls: tls({ clientCa: files.authority, clients: 'optional' }) })
    const url = `mqtts://127.0.0.1:${broker.portOf('tls')}`
    const certificate = { cert: await clientFile('north.crt'), key: await clientFile('north.key') }
    await expect(client(url, { ...certificate, password: 'guess' })).rejects.toThrow(/Bad username or password/)
    expect(broker.refusals.get('password')).toBe(1)
  })

  test('a client certificate opens for the user it names and for no other', async () => {
    const broker = await start({ tls: tls({ clientCa: files.authority, clients: 'required' }) })
    const url = `mqtts://127.0.0.1:${broker.portOf('tls')}`
    const certificate = { cert: await clientFile('north.crt'), key: await clientFile('north.key') }
    expect(await hears(await client(url, certificate), broker)).toBe('stop the pump')
    await expect(client(url, certificate, 'south')).rejects.toThrow(/Not authorized/)
    expect(broker.refusals.get('certificate')).toBe(1)
    await expect(client(url, {}, 'south')).rejects.toThrow()
    expect(broker.refusals.get('tls')).toBe(1)
  })

  test('versions older than 1.2 are refused, and counted', async () => {
    const broker = await start({ tls: tls() })
    const old = connectTls({
      port: broker.portOf('tls')!,
      host: '127.0.0.1',
      ca,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await expect(secured(old)).rejects.toThrow()
    await expect.poll(() => broker.refusals.get('tls')).toBe(1)
  })

  test('a renewed certificate is taken without a restart; one that cannot be used is left aside', async () => {
    const clock = new SimulatedClock((BigInt(NOW.getTime()) * 1_000_000n) as never)
    const own = new CertificateFiles(join(data, 'renewed'), 'yard')
    await own.init(['127.0.0.1'], NOW)
    const { cert, key } = own.broker
    const broker = await start({ tls: { ...anyPort, cert, key }, clock })
    const shown = async () => {
      const socket = connectTls({ port: broker.portOf('tls')!, host: '127.0.0.1', rejectUnauthorized: false })
      await secured(socket)
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      return fingerprint256
    }
    const first = await shown()
    await writeFile(cert, 'half a certificate')
    await utimes(cert, 1, 1)
    await clock.advance(31n * NS_PER_S)
    expect(await shown()).toBe(first)
    await own.init(['127.0.0.1'], NOW)
    await clock.advance(31n * NS_PER_S)
    await expect.poll(shown).not.toBe(first)
  }, 20_000)
})

const secured = (socket: TLSSocket) =>
  new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => resolve())
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })

describe('a certificate that cannot be used', () => {
  test('stops the start with its file and what was expected; no port is taken', async () => {
    const paths = files.broker
    const strange = join(data, 'strange.pem')
    await writeFile(strange, 'nothing')
    await expect(start({ tls: { ...anyPort, ...paths, cert: strange } })).rejects.toThrow(
      `TLS_INVALID: ${strange}: expected a certificate (PEM)`,
    )
    await expect(start({ tls: { ...anyPort, ...paths, key: join(data, 'none.pem') } })).rejects.toThrow(
      `TLS_INVALID: ${join(data, 'none.pem')}: expected a file (PEM), got nothing`,
    )
    const another = join(files.folder, 'clients', 'north.key')
    await expect(start({ tls: { ...anyPort, ...paths, key: another } })).rejects.toThrow(
      `TLS_INVALID: ${another}: expected the key of ${paths.cert}, got another one`,
    )
  })
})

describe('MQTT over WebSocket', () => {
  test('carries the same messages, with and without TLS', async () => {
    const plain = await start({ websocket: { ...anyPort, secure: false } })
    expect(await hears(await client(`ws://127.0.0.1:${plain.portOf('websocket')}/mqtt`), plain)).toBe('stop the pump')
    const secure = await start({ tls: tls(), websocket: { ...anyPort, secure: true } })
    const listener = await client(`wss://127.0.0.1:${secure.portOf('websocket')}/mqtt`)
    expect(await hears(listener, secure)).toBe('stop the pump')
  })

  test('refuses another path, another protocol, and plain HTTP', async () => {
    const broker = await start({ websocket: { ...anyPort, secure: false } })
    const at = `127.0.0.1:${broker.portOf('websocket')}`
    await expect(client(`ws://${at}/other`)).rejects.toThrow(/400|closed/)
    const closed = new Promise<number>((resolve) => {
      new WebSocket(`ws://${at}/mqtt`).once('close', (code) => resolve(code))
    })
    expect(await closed).toBe(1002)
    expect((await fetch(`http://${at}/mqtt`)).status).toBe(426)
  })

  test('a frame beyond the limit ends the connection, and is counted', async () => {
    const broker = await start({ websocket: { ...anyPort, secure: false } })
    const socket = new WebSocket(`ws://127.0.0.1:${broker.portOf('websocket')}/mqtt`, 'mqtt')
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    // CONNECT that announces 200,000 bytes, in two messages: the limit is MQTT's frame, not the WebSocket's.
    socket.send(Buffer.from([0x10, 0xc0, 0x9a, 0x0c, 0, 4]))
    socket.send(Buffer.alloc(70_000))
    await closed
    expect(broker.refusals.get('frame-too-large')).toBe(1)
  })
})
