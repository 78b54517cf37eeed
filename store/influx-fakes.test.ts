/** The strict fakes of 2.x and 3.x, which stand in for servers that cannot be had here: the shared suite, and their refusals. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SeriesReader, SeriesWriter } from '../domain/ports.ts'
import type { DeviceRecord } from '../domain/record.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { type FakeOptions, type StrictFake, startStrictFake } from './influx/strict-fake.fixture.ts'
import { type InfluxSettings, openInfluxReader, openInfluxWriter } from './influx.ts'
import { at, record, shaking, stage } from './records.fixture.ts'
import { describeSeriesStore } from './series-store.suite.ts'

for (const version of ['v2', 'v3'] as const)
  describeSeriesStore(`influxdb ${version} (strict fake)`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'influx-'))
    const token_file = join(folder, 'token')
    await writeFile(token_file, 'the-token\n')
    const fake = await startStrictFake({ version, token: 'the-token', walFlush_ms: 5 })
    const settings = { site: 'test', url: fake.url, database: 'plumbline', token_file }
    return {
      writer: () => openInfluxWriter(settings, folder, silentLog, new SystemClock()),
      reader: () => openInfluxReader(settings, silentLog),
      end: async () => {
        await fake.end()
        await rm(folder, { recursive: true })
      },
    }
  })

describe('strict fakes', () => {
  let folder: string
  let token_file: string
  const closing: Array<() => Promise<void>> = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'influx-'))
    token_file = join(folder, 'token')
    await writeFile(token_file, 'the-token\n')
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
    await rm(folder, { recursive: true })
  })

  type Opened = { fake: StrictFake; writer: SeriesWriter; reader: SeriesReader; settings: InfluxSettings }
  const open = async (options: FakeOptions, more: Partial<InfluxSettings> = {}): Promise<Opened> => {
    const fake = await startStrictFake({ token: 'the-token', walFlush_ms: 5, ...options })
    const settings = { site: 'test', url: fake.url, database: 'x', token_file, ...more }
    const writer = await openInfluxWriter(settings, folder, silentLog, new SystemClock())
    const reader = openInfluxReader(settings, silentLog)
    closing.push(
      fake.end,
      () => reader.close(),
      () => writer.close(),
    )
    return { fake, writer, reader, settings }
  }
  const outcomes = async (writer: SeriesWriter, ...records: DeviceRecord[]): Promise<string[]> =>
    (await writer.append(records)).map((one) => (one.kind === 'quarantined' ? one.reason : one.kind))
  const valuesOf = async (reader: SeriesReader) =>
    (await reader.readings('dead-run/stage', at(-1e6), at(1e7), 100_000)).map((r) => r.value)
  const writesOf = (fake: StrictFake): number => fake.asked.filter((one) => one.includes('/write')).length
  /** Someone else has written text where numbers belong. */
  const spoil = (fake: StrictFake, t_ns: bigint) =>
    fetch(`${fake.url}/write?db=x&precision=ns`, {
      method: 'POST',
      headers: { authorization: 'Token the-token' },
      body: `reading,site=foreign value="text" ${t_ns}`,
    })
  const NAMES = ['x', 'x/raw', 'x-exercise', 'x-exercise/raw']

  test('2.x: buckets are made with how long they keep; InfluxQL finds them', async () => {
    const { fake, writer, reader } = await open(
      { version: 'v2' },
      { keep_days: 3650, keep_raw_days: 3000, org: 'works' },
    )
    const recent = BigInt(Date.now()) * 1_000_000n
    const one = record({ readings: [stage(0, 1, { t_ns: recent as never })] })
    expect(await outcomes(writer, one)).toEqual(['stored'])
    expect([...fake.databases].map(([name, { keep_s }]) => [name, keep_s / 86_400])).toEqual(
      NAMES.map((name) => [name, name.endsWith('/raw') ? 3000 : 3650]),
    )
    expect((await reader.latest()).map((r) => r.value)).toEqual([1])
  })

  test('2.x before virtual mappings: each bucket gets a mapping of its own', async () => {
    const { writer, reader } = await open({ version: 'v2', mappings: 'explicit' })
    expect(await outcomes(writer, record({ readings: [stage(0, 1)], exercise: true }))).toEqual(['stored'])
    expect(await valuesOf(reader)).toEqual([1])
  })

  test('2.x: a token that may make nothing is told what to run', async () => {
    const { writer } = await open({ version: 'v2', mayCreate: false }, { keep_raw_days: 30 })
    await expect(writer.append([record({ readings: [stage(0, 1)] })])).rejects.toThrow(
      /INFLUX_CONFIG: .*403: insufficient permissions.*run: influx bucket create --name x --retention 0; .*--name x\/raw --retention 30d; /,
    )
  })

  test('2.x: an organization that is not there is named', async () => {
    const { writer } = await open({ version: 'v2' }, { org: 'elsewhere' })
    await expect(writer.append([record({})])).rejects.toThrow(
      /INFLUX_CONFIG: .*organization name "elsewhere" not found/,
    )
  })

  test('2.x, 422 for a type of another kind: the good lines are stored, the bad one is put aside alone', async () => {
    const { fake, writer, reader } = await open({ version: 'v2' })
    await writer.append([record({ readings: [stage(-9, 1)] })])
    const away = at(30 * 86_400)
    expect((await spoil(fake, away)).status).toBe(204)
    const readings = Array.from({ length: 50 }, (_, i) => stage(i, i))
    const [reason, next] = await outcomes(
      writer,
      record({ readings: [...readings, stage(0, 7, { t_ns: away })] }),
      record({ readings: [stage(90, 8)] }),
    )
    expect(reason).toMatch(
      /^InfluxDB refused it: failure writing points.*field "value".*is type float, already exists as type string/,
    )
    expect(next).toBe('stored')
    expect(await valuesOf(reader)).toEqual([1, ...readings.map((r) => r.value), 8])
  })

  test('2.x, 422 for points older than the bucket keeps: they are put aside with what the server says', async () => {
    const { writer, reader } = await open({ version: 'v2' }, { keep_raw_days: 7 })
    const [reason] = await outcomes(writer, record({ blocks: [shaking(0, 100)] }))
    expect(reason).toMatch(/dropped 101 points outside retention policy/)
    expect(await reader.blocks('yonago', 'acceleration', at(0), at(10))).toEqual([])
  })

  test('3.x, 400 and nothing stored: the line it names is put aside, the others are written without halving', async () => {
    const { fake, writer, reader } = await open({ version: 'v3' })
    await writer.append([record({})])
    // The table's column is text for ever: whole readings are refused, one line after the other.
    await spoil(fake, at(-500))
    fake.asked.length = 0
    const valueless = Array.from({ length: 60 }, (_, i) => stage(i, null, { flag: 9, reason: 'timeout' }))
    const records = valueless.map((reading) => record({ readings: [reading] }))
    const bad = record({ readings: [stage(100, 7)] })
    const said = await outcomes(writer, ...records.slice(0, 30), bad, ...records.slice(30))
    expect(said[30]).toMatch(
      /^InfluxDB refused it: parsing failed for write_lp endpoint; invalid column type for column 'value'/,
    )
    expect(said.filter((one) => one === 'stored')).toHaveLength(60)
    expect(await valuesOf(reader)).toEqual(valueless.map(() => null))
    // The hour is marked before anything of it is written (rollups), then the batch, the line it names, and the others.
    expect(writesOf(fake)).toBe(4)
  })

  test('3.x, many bad lines: taken apart until each stands alone, and the good ones are all there', async () => {
    const { fake, writer, reader } = await open({ version: 'v3' })
    await writer.append([record({})])
    await spoil(fake, at(-500))
    const records = Array.from({ length: 200 }, (_, i) =>
      record({ readings: [i % 7 === 3 ? stage(i, i) : stage(i, null, { flag: 9, reason: 'timeout' })] }),
    )
    const said = await outcomes(writer, ...records)
    expect(said.flatMap((one, i) => (one === 'stored' ? [] : i % 7))).toEqual(Array(29).fill(3))
    expect(await valuesOf(reader)).toHaveLength(171)
  })

  test('a server that names the wrong line: no good line is put aside', async () => {
    const { fake, writer, reader } = await open({ version: 'v3' })
    await writer.append([record({})])
    const body = JSON.stringify({ error: 'partial write of line protocol occurred', data: [{ line_number: 1 }] })
    let lies = 1
    fake.meddle = () => (lies-- > 0 ? { status: 400, body } : undefined)
    const records = Array.from({ length: 10 }, (_, i) => record({ readings: [stage(i, i)] }))
    expect(await outcomes(writer, ...records)).toEqual(Array(10).fill('stored'))
    expect(await valuesOf(reader)).toHaveLength(10)
  })

  test('3.x: more than 10 MiB in one batch goes in several requests that all fit', async () => {
    const { fake, writer, reader } = await open({ version: 'v3' })
    await writer.append([record({})])
    fake.asked.length = 0
    const detail = 'x'.repeat(9_000)
    const readings = Array.from({ length: 1_500 }, (_, s) => stage(s, s, { flag: 3, reason: 'status', detail }))
    expect(await outcomes(writer, record({ readings }))).toEqual(['stored'])
    expect(await valuesOf(reader)).toHaveLength(1_500)
    // The mark of the hour, and two requests.
    expect(writesOf(fake)).toBe(3)
  })

  test('3.x, 413 for a body that is too large in bytes though not in letters: halved until it fits, all is stored once', async () => {
    const { fake, writer, reader } = await open({ version: 'v3' })
    await writer.append([record({})])
    fake.asked.length = 0
    // 600 times 9,000 letters of three bytes: 16 MB in one request.
    const detail = '水'.repeat(9_000)
    const readings = Array.from({ length: 600 }, (_, s) => stage(s, s, { flag: 3, reason: 'status', detail }))
    expect(await outcomes(writer, record({ readings }))).toEqual(['stored'])
    expect(await valuesOf(reader)).toEqual(readings.map((r) => r.value))
    // The mark of the hour, the whole, and its halves.
    expect(writesOf(fake)).toBe(4)
  })

  test('2.x with a limit of its own: 413 is halved down to what fits, all is stored once', async () => {
    const { fake, writer, reader } = await open({ version: 'v2' })
    const body = JSON.stringify({
      code: 'request too large',
      message: 'unable to read data: points batch is too large',
    })
    let refused = 0
    fake.meddle = ({ headers }) => {
      if (Number(headers['content-length']) <= 20_000) return undefined
      refused++
      return { status: 413, body }
    }
    const readings = Array.from({ length: 2_000 }, (_, s) => stage(s, s))
    expect(await outcomes(writer, record({ readings }))).toEqual(['stored'])
    expect(await valuesOf(reader)).toEqual(readings.map((r) => r.value))
    expect(refused).toBeGreaterThan(2)
  })

  test('3.x answers with its WAL flush a second later: not acknowledged before, and calls that wait go together', async () => {
    const { fake, writer, reader } = await open({ version: 'v3', walFlush_ms: 1_000 })
    await writer.append([record({})])
    fake.asked.length = 0
    const begun = performance.now()
    const first = writer.append([record({ readings: [stage(0, 0)] })])
    const answered = first.then(() => performance.now() - begun)
    const others = Array.from({ length: 30 }, (_, i) => writer.append([record({ readings: [stage(i + 1, i)] })]))
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await valuesOf(reader)).toEqual([])
    expect((await Promise.all(others)).flat().map((one) => one.kind)).toEqual(Array(30).fill('stored'))
    expect(await answered).toBeGreaterThan(900)
    expect(performance.now() - begun).toBeLessThan(4_000)
    expect(writesOf(fake)).toBeLessThanOrEqual(2)
  })

  test('closing waits also for calls that stand in line', async () => {
    const { writer, reader } = await open({ version: 'v3', walFlush_ms: 50 })
    const calls = Array.from({ length: 5 }, (_, i) => writer.append([record({ readings: [stage(i, i)] })]))
    await writer.close()
    expect((await Promise.all(calls)).flat().map((one) => one.kind)).toEqual(Array(5).fill('stored'))
    expect(await valuesOf(reader)).toHaveLength(5)
  })

  test('3.x: databases are made with how long they keep; older points are hidden, not refused', async () => {
    const { fake, writer, reader } = await open({ version: 'v3' }, { keep_days: 30 })
    expect(await outcomes(writer, record({ readings: [stage(0, 1)] }))).toEqual(['stored'])
    expect([...fake.databases].map(([name, { keep_s }]) => [name, keep_s / 86_400])).toEqual(
      NAMES.map((name) => [name, name.endsWith('/raw') ? 0 : 30]),
    )
    expect(await valuesOf(reader)).toEqual([])
  })

  test('3.x: a token that may make nothing is told what to run', async () => {
    const { writer } = await open({ version: 'v3', mayCreate: false }, { keep_days: 365 })
    await expect(writer.append([record({})])).rejects.toThrow(
      /INFLUX_CONFIG: .*403: the request was not authorized.*run: influxdb3 create database --retention-period 365d x; influxdb3 create database x\/raw; /,
    )
  })

  test.each(['v2', 'v3'] as const)(
    '%s: a wrong token keeps the data; the right one is read without a restart',
    async (version) => {
      await writeFile(token_file, 'wrong\n')
      const { writer, reader } = await open({ version })
      const one = record({ readings: [stage(0, 1)] })
      await expect(writer.append([one])).rejects.toThrow(
        /INFLUX_CONFIG: .*answered 401: .*check user, password_file or token_file/,
      )
      await expect(reader.latest()).rejects.toMatchObject({ code: 'INFLUX_CONFIG' })
      await writeFile(token_file, 'the-token\n')
      expect(await outcomes(writer, one)).toEqual(['stored'])
      expect(await reader.latest()).toHaveLength(1)
    },
  )

  test('another version stands at the address after a while: it is asked again, and made ready', async () => {
    const { fake, writer, settings } = await open({ version: 'v2' })
    expect(await outcomes(writer, record({ readings: [stage(0, 1)] }))).toEqual(['stored'])
    await fake.end()
    await expect(writer.append([record({ readings: [stage(1, 1)] })])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    const successor = await startStrictFake({
      version: 'v3',
      token: 'the-token',
      walFlush_ms: 5,
      port: Number(new URL(settings.url).port),
    })
    closing.push(successor.end)
    expect(await outcomes(writer, record({ readings: [stage(2, 1)] }))).toEqual(['stored'])
    expect([...successor.databases.keys()]).toEqual(NAMES)
  })
})
