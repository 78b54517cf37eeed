/**
 * Everything of a running site into a backup, and from it into an empty folder: it goes on there, people can still sign in, and edge
 * nodes take new outboxes. Killed in the middle, neither leaves something that looks whole.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../runtime/free-port.fixture.ts'
import { filesBelow, kindOf } from '../runtime/whole-folder.ts'
import { DeskClient } from './desk-client.ts'
import { removeFolder, temporaryFolder } from './line.ts'
import { runCommand, ServiceProcess } from './processes.ts'
import { bothDevices, siteFileText } from './site.ts'
import { until } from './until.ts'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => removeFolder(folder))

const at = (...parts: string[]) => join(folder, ...parts)
const stagesOf = (data: string) =>
  execFileSync(
    process.execPath,
    ['--no-warnings', '-e', COUNT, join(data, 'rehearsal', 'ingest', 'series-exercise.db')],
    { encoding: 'utf8' },
  )
const COUNT = `const { DatabaseSync } = require('node:sqlite')
  const { n } = new DatabaseSync(process.argv[1], { readOnly: true }).prepare('SELECT count(*) AS n FROM reading').get()
  console.log(n)`

test('a site that runs is backed up, restored into an empty folder, and goes on', async () => {
  const ports = {
    accelerometer: await freePort(),
    gauge: await freePort(),
    mqtt: await freePort(),
    desk: await freePort(),
  }
  writeFileSync(at('site.yaml'), siteFileText(bothDevices(ports)))
  const first = new ServiceProcess(['start', '--site', at('site.yaml'), '--data', at('data')])
  await first.start(60_000)
  const desk = new DeskClient(ports.desk)
  await until('readings', async () => (await desk.readings().catch(() => [])).length > 0, 60_000)
  await until('stored readings', () => Number(stagesOf(at('data'))) > 3, 60_000)
  const made = await runCommand(
    ['backup', '--site', at('site.yaml'), '--data', at('data'), '--to', at('backups')],
    {},
    60_000,
  )
  expect([made.code, made.stderr]).toEqual([0, ''])
  const backup = at('backups', readdirSync(at('backups'))[0]!)
  await first.stop()

  // Nothing that cannot be remade is missing: all but what belongs to one run.
  const { files } = JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8')) as {
    files: Array<{ path: string; mode: number }>
  }
  const paths = files.map(({ path }) => path)
  const lasting = (await filesBelow(at('data', 'rehearsal'))).filter(
    (path) => kindOf(path) === 'whole' || kindOf(path) === 'sqlite',
  )
  // Written when the backup was done.
  expect(lasting.filter((path) => !paths.includes(path))).toEqual(['ingest/last-backup.json'])
  expect(paths).toEqual(
    expect.arrayContaining([
      'broker/clients.json',
      'desk/journal.db',
      'desk/users.json',
      'edge/n1/state.json',
      'edge/n1/mqtt-password',
      'edge/n1/outbox/outbox.json',
      'ingest/series-exercise.db',
    ]),
  )
  expect(paths.some((path) => /\/lock$|local\.json|-wal|-shm|sim\//.test(path))).toBe(false)
  expect(files.find(({ path }) => path.endsWith('mqtt-password'))!.mode).toBe(0o600)

  const again = await runCommand(
    ['restore', backup, '--site', at('new', 'site.yaml'), '--data', at('new', 'data')],
    {},
    60_000,
  )
  expect([again.code, again.stderr]).toEqual([0, ''])
  expect(readFileSync(at('new', 'site.yaml'))).toEqual(readFileSync(at('site.yaml')))
  expect(statSync(at('new', 'data', 'rehearsal', 'edge', 'n1', 'mqtt-password')).mode & 0o777).toBe(0o600)
  const outbox = (data: string) => readFileSync(at(data, 'rehearsal', 'edge', 'n1', 'outbox', 'outbox.json'), 'utf8')
  expect(outbox(join('new', 'data'))).not.toBe(outbox('data'))
  const before = Number(stagesOf(at('new', 'data')))
  expect(before).toBeGreaterThan(3)

  const second = new ServiceProcess(['start', '--site', at('new', 'site.yaml'), '--data', at('new', 'data')])
  await second.start(60_000)
  await until('new readings are stored', () => Number(stagesOf(at('new', 'data'))) > before, 60_000)
  await second.stop()
  const verified = await runCommand(['journal', 'verify', '--site', at('site.yaml'), '--data', at('new', 'data')])
  expect(verified.code).toBe(0)

  const twice = await runCommand(['restore', backup, '--site', at('new', 'site.yaml'), '--data', at('new', 'data')])
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('is not empty')])
}, 240_000)

/** A backup whose files take a while to copy. */
async function slowSite(): Promise<void> {
  writeFileSync(at('site.yaml'), siteFileText(bothDevices({ accelerometer: 1, gauge: 2, mqtt: 3, desk: 4 })))
  mkdirSync(at('data', 'rehearsal', 'tls'), { recursive: true })
  const body = Buffer.alloc(4 * 1024 * 1024, 7)
  for (let i = 0; i < 48; i++)
    writeFileSync(at('data', 'rehearsal', 'tls', `key-${String(i).padStart(2, '0')}`), body, { mode: 0o600 })
}

/** Runs a command and kills it with -9 once the first files of its work are there. */
async function killed(args: string[], begun: () => boolean): Promise<void> {
  const child = spawn(process.execPath, ['--no-warnings', 'plumbline.ts', ...args], { stdio: 'ignore' })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)))
  await until('it has begun', begun, 60_000)
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
}

test('killed in the middle: no backup, no restored site, and the next try is whole', async () => {
  await slowSite()
  const partial = (path: string) =>
    existsSync(path) &&
    readdirSync(path).some(
      (name) => name.endsWith('.partial') && readdirSync(join(path, name), { recursive: true }).length > 6,
    )
  await killed(['backup', '--site', at('site.yaml'), '--data', at('data'), '--to', at('backups')], () =>
    partial(at('backups')),
  )
  expect(readdirSync(at('backups')).filter((name) => !name.endsWith('.partial'))).toEqual([])

  const made = await runCommand(
    ['backup', '--site', at('site.yaml'), '--data', at('data'), '--to', at('backups')],
    {},
    120_000,
  )
  expect(made.code).toBe(0)
  const backup = at('backups', readdirSync(at('backups')).find((name) => !name.endsWith('.partial'))!)
  const restore = ['restore', backup, '--site', at('site.yaml'), '--data', at('new')]
  mkdirSync(at('new'))
  await killed(restore, () => partial(at('new')))
  expect(existsSync(at('new', 'rehearsal'))).toBe(false)
  const again = await runCommand(restore, {}, 120_000)
  expect([again.code, again.stderr]).toEqual([0, ''])
  expect(readdirSync(at('new'))).toEqual(['rehearsal'])
  expect(readdirSync(at('new', 'rehearsal', 'tls'))).toHaveLength(48)

  // A byte that changed in the backup is found, and nothing is left.
  rmSync(at('new'), { recursive: true })
  mkdirSync(at('new'))
  const spoilt = join(backup, 'data', 'tls', 'key-47')
  const bytes = readFileSync(spoilt)
  bytes[1000]! ^= 1
  writeFileSync(spoilt, bytes)
  const refused = await runCommand(restore, {}, 120_000)
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('key-47: its SHA-256 is not that of the manifest'),
  ])
  expect(readdirSync(at('new'))).toEqual([])
}, 240_000)
