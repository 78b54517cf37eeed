/** The doctor on sick machines: each finding has a level and, where something is wrong, a remedy. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../rehearsals/processes.ts'
import { CertificateFiles } from '../runtime/certificate-files.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import * as findings from './doctor-checks.ts'

const GIB = 1024 ** 3

describe('what is judged', () => {
  test.for<[string, findings.Finding | readonly findings.Finding[], string]>([
    ['a clock that nobody vouches for', findings.clockFinding({}), 'warning'],
    ['a clock that is synchronised', findings.clockFinding({ synchronised: true }), 'well'],
    ['a disk with room', findings.diskFinding({ size_bytes: 100 * GIB, free_bytes: 50 * GIB }, 5 * GIB), 'well'],
    [
      'a disk smaller than the outboxes may grow',
      findings.diskFinding({ size_bytes: 100 * GIB, free_bytes: 6 * GIB }, 7 * GIB),
      'warning',
    ],
    ['a disk nearly full', findings.diskFinding({ size_bytes: 100 * GIB, free_bytes: 4 * GIB }, GIB), 'fault'],
    ['a port that is free', findings.portFinding('desk', ':1', 'free', false), 'well'],
    ['a port that we hold', findings.portFinding('desk', ':1', 'taken', true), 'well'],
    ['a port that another holds', findings.portFinding('desk', ':1', 'taken', false), 'fault'],
    ['a port of root', findings.portFinding('desk', ':1', 'denied', false), 'fault'],
    ['a secret for all', findings.permissionFindings('/d', true, new Map([['/d/key', 0o644]])).slice(1), 'fault'],
    ['a folder that cannot be written', findings.permissionFindings('/d', false, new Map()).slice(0, 1), 'fault'],
    [
      'a certificate that ends',
      findings.certificateFindings(new Map([['c', new Date(20 * 86_400_000)]]), new Date(0)),
      'warning',
    ],
    [
      'a certificate that ended',
      findings.certificateFindings(new Map([['c', new Date(0)]]), new Date(86_400_000)),
      'fault',
    ],
    ['a certificate that is none', findings.certificateFindings(new Map([['c', undefined]]), new Date(0)), 'fault'],
    [
      'a certificate for a year',
      findings.certificateFindings(new Map([['c', new Date(365 * 86_400_000)]]), new Date(0)),
      'well',
    ],
    [
      'a certificate whose key is another',
      findings.certificateFindings(new Map([['c', new Date(9e12)]]), new Date(0), new Map([['c', 'c: not its key']])),
      'fault',
    ],
    ['no broker', findings.brokerFinding('h:1', 'ECONNREFUSED'), 'warning'],
    ['a broken store', findings.storeFinding('', 'malformed'), 'fault'],
    ['no console', findings.consoleFinding(false), 'warning'],
  ])('%s', ([, found, level]) => {
    for (const finding of [found].flat()) {
      expect(finding.level).toBe(level)
      expect(finding.remedy === undefined).toBe(level === 'well')
    }
    expect([found].flat()).toHaveLength(1)
  })
})

describe('the command', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doctor-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('on a machine that is not ready: every fault with what to do, exit code 3; mended: 0', async () => {
    const taken = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const secret = join(folder, 'demo', 'ingest', 'mqtt-password')
    await mkdir(join(folder, 'demo', 'ingest'), { recursive: true })
    await writeFile(secret, 'x', { mode: 0o644 })
    const args = ['doctor', '--site', 'site.example.yaml', '--data', folder, '--json']
    const env = {
      PLUMBLINE_MQTT_PORT: String(await freePort()),
      PLUMBLINE_PORT: String((taken.address() as AddressInfo).port),
    }
    const sick = await runCommand(args, env, 60_000)
    expect([sick.code, sick.stderr]).toEqual([3, ''])
    const faults = (JSON.parse(sick.stdout) as findings.Finding[]).filter(({ level }) => level === 'fault')
    expect(faults.map(({ what }) => what).sort()).toEqual(['port of desk', 'secrets'])
    expect(faults.find(({ what }) => what === 'secrets')!.remedy).toBe(`chmod 600 ${secret}`)

    await new Promise((resolve) => taken.close(resolve))
    await rm(secret)
    const mended = await runCommand(args.slice(0, -1), env, 60_000)
    expect([mended.code, mended.stderr]).toEqual([0, ''])
    for (const what of [
      'port of broker',
      'port of desk',
      'clock',
      'disk',
      'data folder',
      'secrets',
      'broker',
      'store',
      'console',
    ])
      expect(mended.stdout).toContain(` ${what}: `)
  }, 120_000)

  test('the certificate of the desk, its key, and the doors for metrics', async () => {
    const [data, site] = [join(folder, 'data'), join(folder, 'site.yaml')]
    const [mqtt, desk, door, node] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    const text = (await readFile('site.example.yaml', 'utf8'))
      .replace(/^ {2}# metrics:.*\n/gm, '')
      .replace(/^broker:\n/m, `broker:\n  metrics: { host: 127.0.0.1, port: ${door} }\n`)
      .replace(/^desk:\n/m, 'desk:\n  tls: {}\n')
      .replace(/^ {2}- id: edge-1\n/m, `  - id: edge-1\n    metrics: { host: 127.0.0.1, port: ${node} }\n`)
    await writeFile(site, text)
    const env = { PLUMBLINE_MQTT_PORT: String(mqtt), PLUMBLINE_PORT: String(desk) }
    const look = async () => {
      const { stdout } = await runCommand(['doctor', '--site', site, '--data', data, '--json'], env, 60_000)
      const all = JSON.parse(stdout) as findings.Finding[]
      return {
        certificate: all.filter(({ what }) => what === 'certificate'),
        doors: all.filter(({ what }) => what.startsWith('port of metrics')),
      }
    }
    const taken = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => taken.listen(node, '127.0.0.1', resolve))
    const files = new CertificateFiles(data, 'demo')
    const none = await look()
    expect(none.certificate).toMatchObject([
      { level: 'fault', said: expect.stringContaining('desk.crt: expected a file') },
    ])
    expect(none.certificate[0]!.remedy).toContain('tls desk')
    expect(none.doors.map(({ what, level }) => [what, level])).toEqual([
      ['port of metrics of broker', 'well'],
      ['port of metrics of edge node edge-1', 'fault'],
    ])
    await new Promise((resolve) => taken.close(resolve))

    await files.initDesk(['localhost'], new Date())
    expect(await look()).toMatchObject({
      certificate: [{ level: 'well', said: expect.stringMatching(/desk\.crt: \d+ days left/) }],
      doors: [{ level: 'well' }, { level: 'well' }],
    })
    await writeFile(files.desk.key, await readFile(join(files.folder, 'ca.key'), 'utf8'))
    expect((await look()).certificate).toMatchObject([
      {
        level: 'fault',
        said: expect.stringContaining('expected the key of'),
        remedy: expect.stringContaining('tls desk'),
      },
    ])
  }, 120_000)
})
