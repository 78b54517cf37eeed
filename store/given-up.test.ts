/** Questions whose asker leaves: ended where they stand, in either store, without a word about the store itself. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Log, SeriesReader } from '../domain/ports.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from './embedded.ts'
import { openInfluxReader } from './influx.ts'
import { open as openReading } from './io/read-program.ts'
import { open as openWriting } from './io/write-program.ts'
import { pack } from './packed.ts'
import { at, record, shaking, stage } from './records.fixture.ts'

const said: string[] = []
const log: Log = { ...silentLog, warn: (message) => said.push(message) }
beforeEach(() => said.splice(0))

test('the embedded store asks between rows whether anybody still waits', () => {
  const db = new DatabaseSync(':memory:')
  db.exec("ATTACH ':memory:' AS exercise")
  const program = openWriting(db)
  program['append']!(pack(Array.from({ length: 5 }, (_, i) => record({ blocks: [shaking(i * 100, 100)] }))))
  let looks = 0
  const check = () => {
    if (++looks === 3) throw new Error('left')
  }
  const reading = openReading(db, undefined, { check })
  const ask =
    (name: string, ...more: unknown[]) =>
    () =>
      reading[name]!(...more)
  for (const question of [
    ask('blocks', 'yonago', 'acceleration', at(0), at(10)),
    ask('series', 'yonago/acceleration/x', at(0), at(10), 1_000_000n),
  ]) {
    looks = 0
    expect(question).toThrow('left')
    expect(looks).toBe(3)
    // The connection is free for the next question.
    expect(question()).toBeDefined()
  }
  db.close()
})

test('the embedded store: whoever waits behind is rejected at once, and the next question is answered', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'series-'))
  const writer = await openSeriesWriter(folder, silentLog)
  await writer.append([record({ readings: [stage(0, 1)], blocks: [shaking(0, 100)] })])
  const reader = openSeriesReader(folder, log)
  const leaving = new AbortController()
  const asked = [
    reader.series('dead-run/stage', at(0), at(10), 10, leaving.signal),
    reader.blocks('yonago', 'acceleration', at(0), at(10), leaving.signal),
    reader.gaps(at(0), at(10), leaving.signal),
  ].map((question) => expect(question).rejects.toThrow('left'))
  leaving.abort(new Error('left'))
  await Promise.all(asked)
  expect(await reader.latest()).toHaveLength(1)
  expect(said).toEqual([])
  await reader.close()
  await writer.close()
  await rm(folder, { recursive: true })
})

describe('InfluxDB', () => {
  let server: Server
  let reader: SeriesReader
  /** Questions that reached the server, and those whose connection was then closed. */
  const [questions, closed] = [[] as string[], [] as string[]]
  afterEach(async () => {
    await reader.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test('the request of whoever leaves is closed, so that the server ends it too; the store is not away', async () => {
    server = createServer((request, response) => {
      if (request.url === '/ping') return void response.writeHead(204, { 'x-influxdb-version': '1.6.7' }).end()
      request.resume()
      questions.push(request.url!)
      response.on('close', () => closed.push(request.url!))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    reader = openInfluxReader({ site: 'test', url, database: 'x' }, log)
    const leaving = new AbortController()
    const asked = [
      reader.series('dead-run/stage', at(0), at(10), 10, leaving.signal),
      reader.blocks('yonago', 'acceleration', at(0), at(10), leaving.signal),
      reader.gaps(at(0), at(10), leaving.signal),
    ].map((question) => expect(question).rejects.toThrow('left'))
    await expect.poll(() => questions.length, { timeout: 20_000 }).toBe(3)
    expect(closed).toEqual([])
    leaving.abort(new Error('left'))
    await Promise.all(asked)
    await expect.poll(() => closed.length, { timeout: 20_000 }).toBe(3)
    expect(questions, 'nothing more is asked for them').toHaveLength(3)
    expect(said).toEqual([])
  })
})
