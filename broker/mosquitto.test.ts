// The broker with clients that we did not write: mosquitto's, where they are installed.
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { BrokerFixture } from './broker.fixture.ts'
import { have } from './real-tools.fixture.ts'

const run = promisify(execFile)
const installed = ['mosquitto_pub', 'mosquitto_sub'].every((tool) => have(tool, 'mosquitto-clients', tool, ['--help']))

describe.skipIf(!installed)('mosquitto clients', () => {
  let fixture: BrokerFixture

  beforeAll(async () => {
    fixture = await BrokerFixture.start({}, true)
  })
  afterAll(() => fixture.stop())

  const as = (user: string, version = 'mqttv311') => [
    ...['-h', '127.0.0.1', '-p', String(fixture.port), '-V', version],
    ...['-i', user, '-u', user, '-P', fixture.password(user)],
  ]
  /** Over TLS; of an option given twice mosquitto takes the last. */
  const secure = (user: string) => [
    ...as(user),
    ...['-p', String(fixture.broker.portOf('tls')), '--cafile', fixture.authority],
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

  test('publish over TLS to one that subscribed in clear, and the other way', async () => {
    const topic = 'spBv1.0/yard/NDATA/north'
    for (const [listening, speaking] of [
      [as, secure],
      [secure, as],
      [secure, secure],
    ] as const) {
      const desk = await subscriber([...listening('yard-desk'), '-t', topic, '-q', '1', '-C', '1'])
      await run('mosquitto_pub', [...speaking('north'), '-t', topic, '-m', 'guarded', '-q', '1'])
      expect(await desk.exit).toBe(0)
      expect(desk.out).toContain('\nguarded\n')
    }
  })

  test('over TLS refuse a broker whose authority they do not know', async () => {
    const args = [...as('north'), '-p', String(fixture.broker.portOf('tls')), '--tls-use-os-certs']
    await expect(run('mosquitto_pub', [...args, '-t', 'spBv1.0/yard/NDATA/north', '-m', 'x'])).rejects.toMatchObject({
      stderr: expect.stringMatching(/certificate|TLS/i) as unknown,
    })
    expect(fixture.refused('tls')).toBeGreaterThan(0)
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
    const bare = ['-h', '127.0.0.1', '-p', String(fixture.port), '-V', 'mqttv311', '-t', state, '-m', 'x']
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
