/** What a person at the keyboard meets when something is wrong: one clear line, a code that `explain` expands, an exit code. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERRORS } from '../domain/errors.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { mayMount } from '../runtime/mount.fixture.ts'
import { runCommand } from './processes.ts'
import { bothDevices, siteFileText } from './site.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-commands-'))
const site = join(folder, 'site.yaml')
const RECORD = 'recordings/usgs-dead-run-2018/usgs_01589330_deadrun_2018-06.csv'
const ports = { accelerometer: 0, gauge: 0, mqtt: 0, desk: 0 }

beforeAll(async () => {
  for (const key of Object.keys(ports) as Array<keyof typeof ports>) ports[key] = await freePort()
  writeFileSync(site, siteFileText(bothDevices(ports)))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const lastLineHasExplain = (stderr: string, code: string) => {
  expect(stderr).toContain(`${code}: `)
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(`  (./plumbline explain ${code})`)
  expect(stderr).not.toMatch(/\n\s+at .*\.ts/)
}

describe('a call or site file that is wrong ends with exit code 2', () => {
  test.each([
    ['an unknown command', ['strat'], 'USAGE', /expected a command \(start, broker/],
    ['an unknown flag', ['start', '--prot', '1'], 'USAGE', /--prot/],
    ['a port that is none', ['start', '--port', 'web'], 'USAGE', /--port: expected a port from 0 to 65535, got "web"/],
    ['a missing flag', ['edge', '--site', 'x.yaml'], 'USAGE', /--node is missing/],
    ['a site file that is not there', ['check', 'nowhere.yaml'], 'SITE_UNREADABLE', /nowhere\.yaml: ENOENT/],
    [
      'an unknown scenario',
      ['start', '--scenario', 'nowhere'],
      'SCENARIO_INVALID',
      /expected aftershocks, bad-network/,
    ],
    ['a seed without scenario', ['start', '--seed', '3'], 'USAGE', /--seed: expected with --scenario/],
    ['a seed for none', ['start', '--scenario', 'none', '--seed', '3'], 'USAGE', /--seed: expected with --scenario/],
    ['a replay into nothing', ['replay', 'site.example.yaml'], 'USAGE', /--as is missing/],
    ['a replay of no recording', ['replay', 'LICENSE', '--as', 'dead-run', '--alone'], 'RECORDING_INVALID', /LICENSE/],
    [
      'a replay into an unknown device',
      ['replay', RECORD, '--as', 'creek', '--alone'],
      'USAGE',
      /expected a channel of tower-a-ground, tower-a-floor-5, tower-a-floor-8, tower-a-roof, dead-run/,
    ],
    [
      'a stage record into an accelerometer',
      ['replay', RECORD, '--as', 'tower-a-ground', '--alone'],
      'USAGE',
      /expected a recording with acceleration samples/,
    ],
    [
      'a ring played faster',
      ['replay', 'recordings/jma-yonago-2000/AA06EA01.csv', '--as', 'tower-a-ground', '--alone', '--speed', '2'],
      'USAGE',
      /--speed: expected 1/,
    ],
  ])('%s', async (_, args, code, message) => {
    const ran = await runCommand(args)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(message)
    lastLineHasExplain(ran.stderr, code)
  })

  test('a node that the site does not have', async () => {
    const ran = await runCommand(['edge', '--site', site, '--node', 'n9', '--data', join(folder, 'd0')])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('NODE_UNKNOWN: --node: expected one of n1, got "n9"')
  })

  test('a site file with mistakes gives file, line, path, expected and got', async () => {
    const bad = join(folder, 'bad.yaml')
    writeFileSync(bad, siteFileText(bothDevices(ports)).replace('deadband: 0.2', 'deadband: wide'))
    const ran = await runCommand(['check', bad])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(
      /SITE_INVALID: 1 mistake in .*bad\.yaml\n {2}.*bad\.yaml:\d+: limits\[0\]\.deadband: expected a number, got "wide"/,
    )
  })

  test('a site file that is right is said to be right, with its hash', async () => {
    const ran = await runCommand(['check', site])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(
      /1 edge node\(s\), 2 device\(s\), 8 channel\(s\), 3 limit\(s\) and 1 automatic; hash [0-9a-f]{12}/,
    )
  })
})

describe('an operating fault ends with exit code 3', () => {
  test.each([
    ['broker', 'mqtt', /broker\.port/],
    ['desk', 'desk', /desk\.port/],
    ['sim', 'gauge', /tcp\.port/],
  ] as const)('%s: its port is in use, and the line says how to move it', async (service, key, how) => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(ports[key], '127.0.0.1', resolve))
    try {
      const data = service === 'sim' ? [] : ['--data', join(folder, 'd1')]
      const ran = await runCommand([service, '--site', site, ...data])
      expect(ran.code).toBe(3)
      expect(ran.stderr).toMatch(how)
      expect(ran.stderr).toContain(`:${ports[key]}`)
      lastLineHasExplain(ran.stderr, 'PORT_IN_USE')
    } finally {
      await new Promise((resolve) => other.close(resolve))
    }
  })

  test.each(['broker', 'ingest', 'desk', 'edge'])('%s: the data folder cannot be made', async (service) => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const ran = await runCommand([
      service,
      '--site',
      site,
      '--data',
      join(file, 'data'),
      ...(service === 'edge' ? ['--node', 'n1'] : []),
    ])
    expect(ran.code).toBe(3)
    lastLineHasExplain(ran.stderr, 'DATA_READ_ONLY')
  })

  const mount = mayMount()
  test.skipIf(!mount).each([
    ['read-only', 'DATA_READ_ONLY', (path: string) => execFileSync('mount', ['-o', 'remount,ro', path])],
    ['full', 'DATA_FULL', (path: string) => fill(path)],
  ])(
    'every service: the data folder is %s (needs the right to mount)',
    async (_, code, spoil) => {
      for (const service of ['broker', 'ingest', 'desk', 'edge']) {
        const path = mkdtempSync(join(folder, 'disk-'))
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path])
        try {
          spoil(path)
          const ran = await runCommand([
            service,
            '--site',
            site,
            '--data',
            path,
            ...(service === 'edge' ? ['--node', 'n1'] : []),
          ])
          expect([service, ran.code, ran.stderr.split(':')[0]]).toEqual([service, 3, code])
          lastLineHasExplain(ran.stderr, code)
        } finally {
          execFileSync('umount', [path])
        }
      }
    },
    60_000,
  )

  test('two processes on one data folder: the second is refused and names the first', async () => {
    const data = join(folder, 'd2')
    const { ServiceProcess } = await import('./processes.ts')
    const first = new ServiceProcess(['ingest', '--site', site, '--data', data])
    await first.start()
    try {
      const ran = await runCommand(['ingest', '--site', site, '--data', data])
      expect(ran.code).toBe(3)
      expect(ran.stderr).toMatch(/DATA_IN_USE: process \d+ already uses/)
    } finally {
      await first.stop()
    }
  })
})

test('explain expands a code, in either case, and names the known ones for an unknown', async () => {
  const ran = await runCommand(['explain', 'port_in_use'])
  expect(ran.code).toBe(0)
  expect(ran.stdout).toBe(
    `PORT_IN_USE (exit code 3)\n\n${ERRORS.PORT_IN_USE.what}\n\nWhat to do: ${ERRORS.PORT_IN_USE.todo}\n`,
  )
  const unknown = await runCommand(['explain', 'nothing'])
  expect(unknown.stderr).toContain('SITE_INVALID')
})

function fill(path: string): void {
  try {
    for (let i = 0; ; i++) writeFileSync(join(path, `fill-${i}`), Buffer.alloc(4096))
  } catch {
    // full, as wanted
  }
}

test('a reader that stops reading ends a command without a word', () => {
  // By the shell's own pipe: `head` is gone after the first line, long before the last one is written.
  const said = execFileSync('sh', ['-c', `"${process.execPath}" plumbline.ts help 2>&1 | head -n 1`], {
    encoding: 'utf8',
  })
  expect(said).toMatch(/^Plumbline: [^\n]+\n$/)
})
