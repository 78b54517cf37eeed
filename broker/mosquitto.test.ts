// The broker with clients that we did not write: mosquitto's, where they are installed.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Site } from '../domain/channel.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { BrokerService } from './service.ts'

const run = promisify(execFile)
const installed = ['mosquitto_pub', 'mosquitto_sub'].every((tool) => spawnSync(tool, ['--help']).error === undefined)
if (!installed && process.env['PLUMBLINE_REQUIRE_REAL'] === '1')
  throw new Error('PLUMBLINE_REQUIRE_REAL=1, but mosquitto_pub and mosquitto_sub are not installed (mosquitto-clients)')
if (!installed) console.info('skipped: mosquitto_pub and mosquitto_sub are not installed')

describe.skipIf(!installed)('mosquitto clients', () => {
  let data: string
  let broker: BrokerService
  const passwords = new Map<string, string>()

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'plumbline-broker-'))
    const site = { file: { site: 'yard', nodes: [{ id: 'north' }] } } as unknown as Site
    const clock = new SystemClock()
    broker = new BrokerService({ site, dataDir: data, host: '127.0.0.1', port: 0, log: silentLog, clock })
    await broker.start()
    const folders = { north: ['edge', 'north'], 'yard-desk': ['desk'] }
    for (const [user, folder] of Object.entries(folders))
      passwords.set(user, await readFile(join(data, 'yard', ...folder, 'mqtt-password'), 'utf8'))
  })
  afterAll(async () => {
    await broker.stop()
    await rm(data, { recursive: true })
  })

  const as = (user: string, version = 'mqttv311') => [
    ...['-h', '127.0.0.1', '-p', String(broker.port), '-V', version],
    ...['-i', user, '-u', user, '-P', passwords.get(user)!],
  ]
  const state = 'spBv1.0/STATE/yard-desk'

  /** mosquitto_sub once its subscription was answered; `out` grows as it hears. */
  async function subscriber(args: string[]) {
    const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...args, '-d'])
    const heard = { child, out: '', exit: new Promise((resolve) => child.once('exit', resolve)) }
    child.stdout.on('data', (bytes: Buffer) => {
      heard.out += bytes.toString()
    })
    await vi.waitFor(() => expect(heard.out).toContain('SUBACK'), 5_000)
    return heard
  }

  test('publish at QoS 0 and 1 to one that subscribed', async () => {
    const desk = await subscriber([...as('yard-desk'), '-t', 'spBv1.0/yard/#', '-q', '1', '-C', '2', '-v'])
    for (const qos of ['0', '1'])
      await run('mosquitto_pub', [...as('north'), '-t', 'spBv1.0/yard/NDATA/north', '-m', `at ${qos}`, '-q', qos])
    expect(await desk.exit).toBe(0)
    expect(desk.out).toContain('spBv1.0/yard/NDATA/north at 0')
    expect(desk.out).toContain('spBv1.0/yard/NDATA/north at 1')
  })

  test('find the retained STATE', async () => {
    await run('mosquitto_pub', [...as('yard-desk'), '-t', state, '-m', '{"online":true}', '-q', '1', '-r'])
    const { stdout } = await run('mosquitto_sub', [...as('north'), '-t', state, '-q', '1', '-C', '1', '-W', '5'])
    expect(stdout).toBe('{"online":true}\n')
  })

  test('leave a will when they are killed', async () => {
    const will = ['--will-topic', 'spBv1.0/yard/NDEATH/north', '--will-payload', 'dead', '--will-qos', '1']
    const north = await subscriber([...as('north'), '-t', 'spBv1.0/yard/NCMD/north', ...will])
    const desk = await subscriber([...as('yard-desk'), '-t', 'spBv1.0/yard/NDEATH/+', '-q', '1', '-C', '1'])
    north.child.kill('SIGKILL')
    expect(await desk.exit).toBe(0)
    expect(desk.out).toContain('\ndead\n')
  })

  test('are refused without and with a wrong password, and told so', async () => {
    const bare = ['-h', '127.0.0.1', '-p', String(broker.port), '-V', 'mqttv311', '-t', state, '-m', 'x']
    const told = expect.stringMatching(/bad user ?name or password/i) as unknown
    await expect(run('mosquitto_pub', bare)).rejects.toMatchObject({ stderr: told })
    const wrong = [...bare, '-u', 'north', '-P', 'wrong', '-i', 'north']
    await expect(run('mosquitto_pub', wrong)).rejects.toMatchObject({ stderr: told })
  })

  test('of MQTT 5 are told that this version is not served', async () => {
    const v5 = [...as('north', 'mqttv5'), '-t', 'spBv1.0/yard/NDATA/north', '-m', 'x']
    await expect(run('mosquitto_pub', v5)).rejects.toMatchObject({
      stderr: expect.stringMatching(/protocol version/i) as unknown,
    })
  })
})
