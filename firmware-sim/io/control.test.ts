import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { simFolder } from '../../domain/data-folder.ts'
import type { SimulatorControl } from '../../domain/simulator-control.ts'
import { SystemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { LiveBench, liveSite, stepMotion } from '../live/live.fixture.ts'
import { connectSimulator } from './control-client.ts'
import { CALL_BYTES_MAX, CONTROL_FILE, type ControlPlace, ControlServer } from './control-server.ts'

let data: string
let bench: LiveBench
let client: SimulatorControl
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-control-'))
  const clock = new SystemClock()
  bench = new LiveBench({ dataDir: data, listen: true, ports: () => 0, clock })
  await bench.simulator.start()
  client = connectSimulator(data, 'test')
})
afterEach(async () => {
  await bench.simulator.stop()
  await rm(data, { recursive: true, force: true })
})
const path = () => join(simFolder(data, 'test'), CONTROL_FILE)
const place = async () => JSON.parse(await readFile(path(), 'utf8')) as ControlPlace

/** Status and body of a call as anybody may make it. */
async function post(call: string, body: string, token?: string, method = 'POST') {
  const { port, token: real } = await place()
  return new Promise<{ status: number; body: { code: string; message: string } }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token ?? real}` }
    const asked = request({ host: '127.0.0.1', port, path: call, method, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

describe('a simulator in another process', () => {
  test('does everything through the file that it has written', async () => {
    const play = await client.play({ as: 'ground', files: [stepMotion('a.csv', 60, 100)] })
    expect(play).toMatchObject({ devices: ['ground'], state: 'playing', length_s: 60 })
    expect(await client.steer(play.id, { action: 'pause' })).toMatchObject({ state: 'paused' })
    await client.setFault('river', 'exception', 6)
    await client.setFault('roof', 'hang')
    expect(await client.setWireFaults('node-1', 'tower', { drop: 0.2 })).toMatchObject({ faults: { drop: 0.2 } })
    expect(await client.startScenario({ name: 'quiet', seed: 2 })).toMatchObject({ name: 'quiet', seed: 2 })
    expect(await client.status()).toMatchObject({ plays: [], scenario: { name: 'quiet' }, drill: null })
    expect(await client.stopScenario()).toBeNull()
    const [shadow] = await client.startDrill({ drill: 'd1', scenario: { name: 'quiet' }, shadows: ['creek'] })
    expect(shadow).toMatchObject({ device: 'creek', unit_id: 7 })
    await client.stopDrill('d1')
    const { devices } = await client.status()
    expect(devices).toMatchObject([
      { id: 'ground', fault: 'none' },
      { id: 'roof', fault: 'hang' },
      { id: 'river', fault: 'exception 6' },
    ])
  })

  test('a refusal comes with its code and words', async () => {
    await expect(client.play({ as: 'creek', recording: 'jma-yonago-2000', files: [] })).rejects.toMatchObject({
      code: 'PLAY_REFUSED',
      message: expect.stringContaining('PLAY_REFUSED: as: creek is a real device'),
    })
    await expect(client.startScenario({ text: 'name: x' })).rejects.toMatchObject({ code: 'SCENARIO_INVALID' })
  })

  test('the file is for its owner alone, and goes with the simulator', async () => {
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    expect(await place()).toMatchObject({ pid: process.pid })
    await bench.simulator.stop()
    await expect(stat(path())).rejects.toThrow('ENOENT')
    await expect(client.status()).rejects.toThrow(`SIMULATOR_UNAVAILABLE: ${path()} is not there`)
  })

  test('a file that a killed simulator left is told as such', async () => {
    const left = await readFile(path(), 'utf8')
    await bench.simulator.stop()
    await writeFile(path(), left)
    await expect(client.status()).rejects.toThrow(
      `SIMULATOR_UNAVAILABLE: process ${process.pid} of ${path()} does not answer (ECONNREFUSED)`,
    )
    await writeFile(path(), '{"port": "x"}')
    await expect(client.status()).rejects.toThrow('SIMULATOR_UNAVAILABLE')
  })

  test('one that has come anew is found; the one that goes leaves its file alone', async () => {
    const other = new ControlServer(bench.control, simFolder(data, 'test'), silentLog)
    await other.listen()
    const written = await place()
    await bench.simulator.stop()
    expect(await place()).toEqual(written)
    await other.close()
    await expect(stat(path())).rejects.toThrow('ENOENT')
  })
})

describe('a caller that may not, or cannot, is refused', () => {
  test.each([
    ['another token', () => post('/status', '{"args":[]}', 'x'.repeat(64)), 401, 'SIMULATOR_UNAVAILABLE'],
    ['no token', () => post('/status', '{"args":[]}', ''), 401, 'SIMULATOR_UNAVAILABLE'],
    ['an unknown call', () => post('/close', '{"args":[]}'), 404, 'USAGE'],
    ['another method', () => post('/status', '', undefined, 'PUT'), 404, 'USAGE'],
    ['no JSON', () => post('/status', '{'), 400, 'USAGE'],
    ['no arguments', () => post('/status', '{}'), 400, 'USAGE'],
    ['more than a call may be', () => post('/steer', ' '.repeat(CALL_BYTES_MAX + 1)), 400, 'USAGE'],
    ['arguments that are none', () => post('/play', '{"args":[7]}'), 400, 'PLAY_REFUSED'],
    ['a drill that is none', () => post('/startDrill', '{"args":[{}]}'), 400, 'DRILL_REFUSED'],
    ['a wire that is none', () => post('/setWireFaults', '{"args":["node-1","tower",7]}'), 400, 'SCENARIO_INVALID'],
    ['a steer that is none', () => post('/steer', '{"args":["x"]}'), 400, 'PLAY_REFUSED'],
  ])('%s', async (_, call, status, code) => {
    const answer = await call()
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.body.message).not.toMatch(/\n\s+at /)
  })
})

test('a data folder that cannot be made stops the start, and nothing is left listening', async () => {
  await writeFile(join(data, 'file'), '')
  const other = new LiveBench({ dataDir: join(data, 'file'), listen: true, ports: () => 0, clock: new SystemClock() })
  await expect(other.simulator.start()).rejects.toThrow('DATA_READ_ONLY: cannot make the folder')
  expect(() => other.simulator.control).toThrow('BUG')
})

test('without a data folder, or without sockets, there is no control to find', async () => {
  const silent = new LiveBench({ site: liveSite(), dataDir: data, listen: false })
  await bench.simulator.stop()
  await silent.simulator.start()
  await expect(stat(path())).rejects.toThrow('ENOENT')
  await silent.simulator.stop()
})
