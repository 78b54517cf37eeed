// The settings for Mosquitto that the guide gives, on a real Mosquitto: it must let pass what our own rules let pass.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ingestHealthTopic } from '../domain/wire/ingest-health.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { type Identity, identitiesOf, mayPublish, maySubscribe, observerOf } from './access.ts'
import { connectPacket, publishPacket, RawMqtt, SUBACK, subscribePacket } from './raw-mqtt.fixture.ts'
import { have } from './real-tools.fixture.ts'

// Debian keeps servers out of the search path of users.
const MOSQUITTO = '/usr/sbin/mosquitto'
const installed =
  have('Mosquitto', 'mosquitto', MOSQUITTO, ['--help']) &&
  have('mosquitto_passwd', 'mosquitto', 'mosquitto_passwd', ['--help'])

const identities: Identity[] = [...identitiesOf('demo', ['edge-1']), observerOf('demo', 'wallboard')]
const NODE_TYPES = ['NBIRTH', 'NDEATH', 'NDATA', 'NCMD']
const DEVICE_TYPES = ['DBIRTH', 'DDEATH', 'DDATA', 'DCMD']
const topics = [
  ...['edge-1', 'edge-1-blocks', 'edge-2'].flatMap((node) => [
    ...NODE_TYPES.map((type) => `spBv1.0/demo/${type}/${node}`),
    ...DEVICE_TYPES.map((type) => `spBv1.0/demo/${type}/${node}/gauge`),
  ]),
  'spBv1.0/STATE/demo-ingest',
  'spBv1.0/STATE/demo-desk',
  'spBv1.0/field/NDATA/edge-1',
  ingestHealthTopic('demo'),
]

/** The code block that follows the first mention of `name` in the guide. */
function blockAfter(guide: string, name: string): string {
  const block = /```\n([\s\S]*?)```/.exec(guide.slice(guide.indexOf(name)))?.[1]
  if (block === undefined) throw new Error(`other-brokers.md has no block after ${name}`)
  return block
}

describe.skipIf(!installed)('Mosquitto with the files of the guide', () => {
  let folder: string
  let server: ChildProcess | undefined
  let port: number
  let ca: Buffer
  const opened: RawMqtt[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-mosquitto-'))
    const certificates = new CertificateFiles(folder, 'demo')
    await certificates.init(['127.0.0.1'], new Date())
    ca = await readFile(certificates.authority)
    const free = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => free.once('listening', resolve))
    port = (free.address() as { port: number }).port
    await new Promise((resolve) => free.close(resolve))

    const guide = await readFile(join(import.meta.dirname, '..', 'docs', 'guides', 'other-brokers.md'), 'utf8')
    const place: Record<string, string> = {
      'listener 8883': `listener ${port} 127.0.0.1`,
      '/etc/mosquitto/ca.crt': certificates.authority,
      '/etc/mosquitto/broker.crt': certificates.broker.cert,
      '/etc/mosquitto/broker.key': certificates.broker.key,
      '/etc/mosquitto/passwords': join(folder, 'passwords'),
      '/etc/mosquitto/acl': join(folder, 'acl'),
    }
    let config = blockAfter(guide, '`mosquitto.conf`')
    for (const [from, to] of Object.entries(place)) {
      expect(config).toContain(from)
      config = config.replace(from, to)
    }
    await writeFile(join(folder, 'acl'), blockAfter(guide, '`acl`'))
    await writeFile(join(folder, 'passwords'), identities.map(({ user }) => `${user}:secret-${user}\n`).join(''))
    execFileSync('mosquitto_passwd', ['-U', join(folder, 'passwords')])
    // Started by root, Mosquitto would become a user who may not read these files.
    const root = process.getuid?.() === 0
    await writeFile(join(folder, 'mosquitto.conf'), `${config}${root ? 'user root\n' : ''}`)
    server = spawn(MOSQUITTO, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' })
    await vi.waitFor(() => connect('demo-desk').then((raw) => raw.cut()), { timeout: 10_000, interval: 50 })
  }, 30_000)
  afterAll(async () => {
    for (const raw of opened) raw.cut()
    const gone = new Promise((resolve) => server?.once('exit', resolve) ?? resolve(undefined))
    server?.kill()
    await gone
    await rm(folder, { recursive: true, force: true })
  })

  async function connect(user: string, password = `secret-${user}`): Promise<RawMqtt> {
    const socket = connectTls({ port, host: '127.0.0.1', ca })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    const raw = new RawMqtt(socket)
    opened.push(raw)
    raw.send(connectPacket({ clientId: user, user, password }))
    const { body } = await raw.next()
    if (body[1] !== 0) throw new Error(`refused: ${body[1]}`)
    return raw
  }

  test('knows nobody without the right password', async () => {
    await expect(connect('demo-desk', 'guess')).rejects.toThrow('refused: 5')
    await expect(connect('nobody')).rejects.toThrow('refused: 5')
  })

  test('lets each user publish and hear what our own rules let it, and nothing else', async () => {
    const clients = await Promise.all(
      identities.map(async (identity) => {
        const raw = await connect(identity.user)
        // Mosquitto grants any filter and looks at each message.
        raw.send(subscribePacket(1, ['spBv1.0/#', 0], ['plumbline/#', 0]))
        expect((await raw.next()).type).toBe(SUBACK)
        return { identity, raw }
      }),
    )
    for (const { identity, raw } of clients) raw.send(...topics.map((topic) => publishPacket(topic, identity.user)))
    for (const { identity, raw } of clients) {
      const expected = identities.flatMap((from) =>
        topics
          .filter((topic) => mayPublish(from, topic) && maySubscribe(identity, topic))
          .map((topic) => `${topic} of ${from.user}`),
      )
      const heard: string[] = []
      while (heard.length < expected.length) {
        const { topic, payload } = await raw.message()
        heard.push(`${topic} of ${payload}`)
      }
      expect(heard.sort(), identity.user).toEqual(expected.sort())
      expect(await raw.staysQuiet(), identity.user).toBe(true)
    }
  })
})
