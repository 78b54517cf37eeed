import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { TOP } from './load-site.ts'
import { tls } from './tls.ts'

const site = join(TOP, 'site.example.yaml')
let data: string
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'plumbline-tls-'))
})
afterAll(() => rm(data, { recursive: true, force: true }))

async function printed(...args: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    expect(await tls.run([...args, '--site', site, '--data', data])).toBe(0)
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}
const file = (...parts: string[]) => join(data, 'demo', 'tls', ...parts)
const serial = async (path: string) => new X509Certificate(await readFile(path)).serialNumber

test('init makes an authority once and a new broker certificate each time; keys are for the owner alone', async () => {
  expect(await printed('list')).toContain('no certificates yet')
  const said = await printed('init', '--name', 'broker.example', '--name', '10.1.2.3')
  expect(said).toContain('broker.example; until')
  expect(said).toContain('IP Address:10.1.2.3')
  const before = [await serial(file('ca.crt')), await serial(file('broker.crt'))]
  await printed('init')
  const after = [await serial(file('ca.crt')), await serial(file('broker.crt'))]
  expect(after[0]).toBe(before[0])
  expect(after[1]).not.toBe(before[1])
  for (const key of ['ca.key', 'broker.key']) expect((await stat(file(key))).mode & 0o777).toBe(0o600)
}, 30_000)

test('a client gets one in the name that the broker knows; another name is a mistake', async () => {
  expect(await printed('client', 'edge-1')).toMatch(/edge-1; until \d{4}-\d\d-\d\d \(39[67] days\)/)
  expect(await printed('list')).toContain(join('clients', 'edge-1.crt'))
  await expect(printed('client', '../../x')).rejects.toThrow(
    'USAGE: expected a client of the site (edge-1, demo-ingest, demo-desk), got "../../x"',
  )
}, 30_000)

test('half of a pair is told, not overwritten', async () => {
  await rm(file('ca.key'))
  await expect(printed('init')).rejects.toThrow(`TLS_INVALID: ${file('ca.key')}: expected it beside ${file('ca.crt')}`)
})
