/** What `secrets init` leaves on disk: made by chance, kept when it is there, and what brokers of others read of it. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../rehearsals/processes.ts'
import { makeSecrets } from './secrets.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'secrets-')), 'secrets')
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

const read = (name: string) => readFile(join(folder, name), 'utf8')

test('twice: nothing that was there changes, a node that was added gets its own', async () => {
  await makeSecrets(folder, 'demo', ['edge-1'])
  const names = (await readdir(folder)).filter((name) => !/^(mosquitto|emqx-(users|acl))/.test(name))
  const before = await Promise.all(names.map(read))
  const made = await makeSecrets(folder, 'demo', ['edge-1', 'edge-2'])
  expect(await Promise.all(names.map(read))).toEqual(before)
  expect(made.filter(({ name, isNew }) => isNew && name.startsWith('mqtt-'))).toEqual([
    { name: 'mqtt-edge-2', isNew: true },
  ])
  expect((await read('mosquitto-passwords')).split('\n').map((line) => line.split(':')[0])).toEqual([
    ...['edge-1', 'edge-2', 'demo-ingest', 'demo-desk', ''],
  ])
})

test('no two secrets are alike, none is short, none is anybody else’s', async () => {
  await makeSecrets(folder, 'demo', ['edge-1'])
  const first = await Promise.all(
    ['mqtt-edge-1', 'mqtt-ingest', 'mqtt-desk', 'grafana-admin-password', 'influxdb-token'].map(read),
  )
  await rm(folder, { recursive: true })
  await makeSecrets(folder, 'demo', ['edge-1'])
  const second = await Promise.all(
    ['mqtt-edge-1', 'mqtt-ingest', 'mqtt-desk', 'grafana-admin-password', 'influxdb-token'].map(read),
  )
  const all = [...first, ...second]
  expect(new Set(all).size).toBe(all.length)
  for (const secret of all) expect(secret.length).toBeGreaterThanOrEqual(32)
})

test('the folder is its owner’s alone, and the command shows no value', async () => {
  const { code, stdout } = await runCommand(['secrets', 'init', '--site', 'site.example.yaml', '--to', folder])
  expect(code).toBe(0)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  for (const name of await readdir(folder))
    for (const line of (await read(name)).split('\n'))
      if (line.length >= 16) expect(stdout.includes(line), name).toBe(false)
})

test('Mosquitto’s rules are those of the guide', async () => {
  await makeSecrets(folder, 'demo', ['edge-1'])
  const guide = await readFile(join(import.meta.dirname, '..', 'docs', 'guides', 'other-brokers.md'), 'utf8')
  const block = /`acl`;[^\n]*\n\n```\n([\s\S]*?)```/.exec(guide)![1]!
  const stanzas = (text: string) =>
    new Map(
      text
        .trim()
        .split(/\n\n+/)
        .map((stanza) => stanza.trim().split('\n'))
        .map(([user, ...rules]) => [user, [...rules].sort()]),
    )
  const expected = stanzas(block)
  expected.delete('user wallboard')
  expect(stanzas(await read('mosquitto-acl'))).toEqual(expected)
})
