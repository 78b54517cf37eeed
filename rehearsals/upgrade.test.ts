/**
 * The present code on the data folder that an earlier version left (`cases/upgrade/`): files are brought up with a copy beside them, and
 * nothing is lost: readings, records that were still in the outbox, the journal with its chain, alarms as they stood, people.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../runtime/free-port.fixture.ts'
import { DeskClient } from './desk-client.ts'
import { removeFolder, temporaryFolder } from './line.ts'
import { runCommand, ServiceProcess } from './processes.ts'
import type { LinkPorts } from './site.ts'
import { until } from './until.ts'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => removeFolder(folder))
const at = (...parts: string[]) => join(folder, ...parts)
const DATA = ['data', 'rehearsal'] as const

/** The archive, with the ports of the site file moved to free ones. @returns the desk's, and when the old edge node was told to stop */
async function unpacked(): Promise<{ port: number; ended_ms: number }> {
  execFileSync('tar', ['-xzf', join(import.meta.dirname, 'cases', 'upgrade', 'old-site.tar.gz'), '-C', folder])
  const { ports, ended_ms } = JSON.parse(readFileSync(at('about.json'), 'utf8')) as {
    ports: LinkPorts
    ended_ms: number
  }
  let text = readFileSync(at('site.yaml'), 'utf8')
  let desk = 0
  for (const [name, port] of Object.entries(ports)) {
    const now = await freePort()
    expect(text).toContain(`port: ${port}`)
    text = text.replace(`port: ${port}`, `port: ${now}`)
    if (name === 'desk') desk = now
  }
  writeFileSync(at('site.yaml'), text)
  return { port: desk, ended_ms }
}

/** Rows of a copy, so that looking changes nothing. */
function rowsOf(file: readonly string[], sql: string): Array<Record<string, unknown>> {
  const copy = at('look')
  mkdirSync(copy, { recursive: true })
  for (const end of ['', '-wal']) if (existsSync(at(...file) + end)) cpSync(at(...file) + end, join(copy, `db${end}`))
  const db = new DatabaseSync(join(copy, 'db'))
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  const rows = statement.all()
  db.close()
  execFileSync('rm', ['-r', copy])
  return rows
}
const SERIES = [...DATA, 'ingest', 'series-exercise.db']
const JOURNAL = [...DATA, 'desk', 'journal.db']
const instants = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .filter((line) => /^\d{4}-/.test(line))
    .map((line) => Date.parse(line.split(',')[0]!))

test('files of an earlier version go on in the present one, and nothing of them is lost', async () => {
  const { port, ended_ms } = await unpacked()
  const [{ version }] = rowsOf(SERIES, 'SELECT user_version AS version FROM pragma_user_version') as [
    { version: bigint },
  ]
  expect(version).toBe(2n)
  const before = {
    readings: rowsOf(SERIES, 'SELECT count(*) AS n FROM reading')[0]!['n'],
    blocks: rowsOf(SERIES, 'SELECT count(*) AS n FROM block')[0]!['n'],
    journal: rowsOf(JOURNAL, 'SELECT seq, kind, alarm, occurrence, actor, body, prev, hash FROM journal ORDER BY seq'),
  }
  expect(before.readings).toBeGreaterThan(10n)
  expect(before.journal.some(({ kind, actor }) => kind === 'acknowledge' && actor === 'Mei')).toBe(true)
  const outbox = readFileSync(at(...DATA, 'edge', 'n1', 'outbox', 'outbox.json'), 'utf8')

  const services = new ServiceProcess(['start', '--site', at('site.yaml'), '--data', at('data')])
  await services.start(60_000)
  const desk = new DeskClient(port)
  const signedIn = await desk.post('/session', { name: 'Mei', passphrase: 'plumb and level' })
  expect(signedIn.status).toBe(200)
  const acknowledged = before.journal.find(({ kind }) => kind === 'acknowledge')!
  await until('the alarms of before', async () => (await desk.alarm('n1:stage-4ft')) !== undefined, 60_000)
  for (const id of ['n1:stage-2ft', 'n1:stage-4ft'])
    expect((await desk.alarm(id))!.occurrence, id).toBeGreaterThanOrEqual(1)
  // What waited in the outbox is taken by the new ingest, under the identity it had.
  expect(readFileSync(at(...DATA, 'edge', 'n1', 'outbox', 'outbox.json'), 'utf8')).toBe(outbox)
  await until(
    'readings of today are stored',
    () =>
      BigInt(String(rowsOf(SERIES, 'SELECT count(*) AS n FROM reading')[0]!['n'])) >
      BigInt(String(before.readings)) + 12n,
    60_000,
  )
  await services.stop()

  // The journal is as it was, row by row, and goes on behind it.
  const journal = rowsOf(
    JOURNAL,
    'SELECT seq, kind, alarm, occurrence, actor, body, prev, hash FROM journal ORDER BY seq',
  )
  expect(journal.slice(0, before.journal.length)).toEqual(before.journal)
  expect(journal.length).toBeGreaterThan(before.journal.length)
  expect(acknowledged['alarm']).toBe('n1:stage-2ft')
  const where = ['--site', at('site.yaml'), '--data', at('data')]
  expect((await runCommand(['journal', 'verify', ...where])).code).toBe(0)
  expect((await runCommand(['store', 'check', ...where])).code).toBe(0)

  // The gauge is polled each second: of the seconds before the old edge node was stopped none is missing, taken by the old ingest or the new.
  const [from, to] = [new Date(ended_ms - 600_000).toISOString(), new Date(ended_ms + 60_000).toISOString()]
  const csv = await runCommand([
    'export',
    '--channel',
    'dead-run/stage',
    '--from',
    from,
    '--to',
    to,
    '--format',
    'csv',
    ...where,
  ])
  expect([csv.code, csv.stderr]).toEqual([0, ''])
  const told = instants(csv.stdout)
  expect(told.length).toBeGreaterThan(Number(before.readings) / 3)
  expect(told.at(-1)! - ended_ms).toBeGreaterThan(-2500)
  for (const [i, t_ms] of told.entries())
    if (i > 0) expect(t_ms - told[i - 1]!, new Date(t_ms).toISOString()).toBeLessThan(1500)

  // Each file of an older version lies beside its successor, whole.
  const copy = [...SERIES.slice(0, -1), 'series-exercise.db.v2']
  expect(rowsOf(copy, 'SELECT count(*) AS n FROM reading')[0]!['n']).toBe(before.readings)
  expect(rowsOf(copy, 'SELECT count(*) AS n FROM block')[0]!['n']).toBe(before.blocks)
  expect(existsSync(at(...DATA, 'desk', 'users.json.v1'))).toBe(true)
}, 240_000)
