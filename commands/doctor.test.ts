/** The doctor on sick machines: each finding has a level and, where something is wrong, a remedy. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../rehearsals/ports.ts'
import { runCommand } from '../rehearsals/processes.ts'
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
})
