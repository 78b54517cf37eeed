import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bus } from '../firmware-sim/io/bus.fixture.ts'
import { openPtyPair } from '../firmware-sim/io/pty-pair.ts'
import { RtuOverTcpServer } from '../firmware-sim/io/rtu-over-tcp-server.ts'
import { RtuSerialServer } from '../firmware-sim/io/rtu-serial-server.ts'
import { ServerBench } from '../firmware-sim/io/server-fixture.ts'
import { readModel } from '../models/load.ts'
import { readOptions } from './probe/options.ts'
import { runProbe } from './probe.ts'

/** An accelerometer as unit 1 and, as unit 2, a gauge whose input registers 0 to 3 hold status and 1.28 m. */
let bench: ServerBench
let folder: string
beforeAll(async () => {
  bench = new ServerBench()
  await bench.server.listen()
  folder = await mkdtemp(join(tmpdir(), 'probe-'))
})
afterAll(async () => {
  await bench.close()
  await rm(folder, { recursive: true })
})

const probe = async (flags: string): Promise<string[]> => {
  const lines: string[] = []
  const words = `--tcp 127.0.0.1:${bench.server.port} ${flags}`.split(' ')
  await runProbe(readOptions(words), (line) => lines.push(...line.split('\n')))
  return lines
}

describe('a device on the line', () => {
  test('is shown register by register, its holes found by smaller and smaller requests', async () => {
    const lines = await probe('--unit 2 --table input --from 0 --count 12')
    const row = lines.find((line) => line.trim().startsWith('2 '))!
    expect(row.trim().split(/\s+/).slice(0, 5)).toEqual(['2', '0x3FA3', '16291', '16291', '1.28*'])
    expect(lines.some((line) => /^ *4-11 {2}hole: .*exception-2/.test(line))).toBe(true)
  })

  test('is decoded by its model with flag and reason', async () => {
    const lines = await probe('--unit 2 --model sim-stage-gauge')
    expect(lines.find((line) => line.startsWith('  stage '))).toMatch(/1\.28 m +\(1\.28 m\) +good$/)
  })

  test('with a ring shows what its header says', async () => {
    const lines = await probe('--unit 1 --model sim-accelerometer-3axis')
    expect(lines.at(-1)).toContain('newest sample 10000, 100 Hz, 6000 samples of 3 axes, status 0')
  })

  test('read by the model of another says what is missing, and shows the rest', async () => {
    const lines = await probe('--unit 2 --model vega-vegapuls-61-69')
    expect(lines.at(-1)).toMatch(/stage .* missing: input 100 not read \(exception-2, /)
  })

  test('gives a draft that passes the check; a file that is there is not overwritten', async () => {
    const file = join(folder, 'river-gauge.yaml')
    const flags = `--unit 2 --table input --from 0 --count 12 --draft ${file} --point stage@2:float32:ABCD:m`
    await probe(flags)
    expect(readModel(await readFile(file, 'utf8'), 'river-gauge')).toMatchObject({
      model: { points: [{ metric: 'stage', address: 2 }], holes: [{ table: 'input', from: 4, to: 11 }] },
    })
    await expect(probe(flags)).rejects.toThrow(/a draft overwrites nothing, got EEXIST/)
  })
})

test('a unit that nobody answers for is one clear error', async () => {
  await expect(probe('--unit 9 --from 0 --count 4 --timeout-ms 100')).rejects.toMatchObject({ code: 'DEVICE_SILENT' })
})

test('a port where nothing listens is one clear error', async () => {
  const closed = new ServerBench()
  await closed.server.listen()
  const { port } = closed.server
  await closed.close()
  const options = readOptions(`--tcp 127.0.0.1:${port} --from 0 --count 4`.split(' '))
  await expect(runProbe(options, () => {})).rejects.toThrow(/DEVICE_SILENT: 127\.0\.0\.1:\d+ unit 1: closed/)
})

test('a device that takes the connection and says nothing is one clear error', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const options = readOptions(`--tcp 127.0.0.1:${port} --from 0 --count 400 --timeout-ms 50`.split(' '))
  await expect(runProbe(options, () => {})).rejects.toThrow(/DEVICE_SILENT: .* timeout: no whole answer in \d+ ms/)
  silent.close()
})

describe('other links', () => {
  const rows = async (flags: string): Promise<string[]> => {
    const lines: string[] = []
    await runProbe(readOptions(flags.split(' ')), (line) => lines.push(...line.split('\n')))
    return lines
  }

  test('RTU over TCP: registers of one unit, bits of another; a unit that is not there is silent', async () => {
    const bus = new Bus()
    const server = new RtuOverTcpServer({ host: '127.0.0.1', port: 0, path: 'rtu_over_tcp.port', ...bus.shared })
    await server.listen()
    const link = `--rtu-over-tcp 127.0.0.1:${server.port} --timeout-ms 300`
    expect((await rows(`${link} --unit 2 --table input --from 2 --count 2`)).join('\n')).toContain('1.28*')
    expect((await rows(`${link} --unit 5 --table coil --from 0 --count 1`)).at(-1)).toMatch(/^ +0 {2}[01]$/)
    await expect(rows(`${link} --unit 77 --from 0 --count 2`)).rejects.toMatchObject({ code: 'DEVICE_SILENT' })
    await server.close()
  })

  test('RTU on a serial port', async () => {
    const bus = new Bus()
    const pair = await openPtyPair(join(folder, 'a'), join(folder, 'b'))
    const serial = { device: pair.b, path: 'rtu', baud: 115_200, parity: 'none', data_bits: 8, stop_bits: 1 } as const
    const server = new RtuSerialServer({ serial: { ...serial, path: pair.b }, ...bus.shared })
    await server.listen()
    const lines = await rows(`--rtu ${pair.a} --baud 115200 --parity none --unit 2 --table input --from 0 --count 8`)
    expect(lines.join('\n')).toMatch(/0x3FA3 .* 1\.28\*/)
    await server.close()
    await pair.close()
  })
})

test('all that it can do only reads: functions 1 to 4 and 43', async () => {
  const functions = new Set<number>()
  const between = createServer((client) => {
    const device = connect(bench.server.port, '127.0.0.1')
    client.on('data', (request) => {
      // One request is under way at a time, so each comes alone: the function stands behind the MBAP header of 7 bytes.
      functions.add(request[7]!)
      device.write(request)
    })
    device.on('data', (reply) => client.write(reply))
    client.on('close', () => device.destroy())
    for (const socket of [client, device]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
  const { port } = between.address() as AddressInfo
  const file = join(folder, 'only-reads.yaml')
  for (const flags of [
    `--table input --from 0 --count 12 --wide --model sim-stage-gauge --draft ${file} --point stage@2:float32:ABCD:m`,
    '--table holding --from 0 --count 4',
    '--table coil --from 0 --count 4',
    '--table discrete --from 0 --count 4',
  ])
    await runProbe(readOptions(`--tcp 127.0.0.1:${port} --unit 2 ${flags}`.split(' ')), () => {})
  between.close()
  expect([...functions].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 43])
})
