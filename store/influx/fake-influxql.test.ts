/** The fakes against a real influxd: the same lines and the same questions must give the same answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, gap, shaking, stage } from '../records.fixture.ts'
import { parseInfluxQl } from './fake-influxql.fixture.ts'
import { freshDatabase, INFLUXD_START_MS, type Influxd, influxdMissing, startInfluxd } from './influxd.fixture.ts'
import { blockLines, gapLine, readingLine } from './points.ts'
import { Queries } from './queries.ts'
import { creationOf } from './settings.ts'
import { type StrictFake, startStrictFake } from './strict-fake.fixture.ts'

const missing = influxdMissing()
const queries = new Queries('s')
const names = ['dead-run/stage', 'a b,c=d/e f', `quote"s and 'single'/x`, '水位/ステージ', 'back\\slash/x']
const group = { device: 'yonago', group: 'acceleration' }
const boot = { ...group, boot_id: 7 }
const readings = Array.from({ length: 60 }, (_, i) =>
  stage(i * 7.3 - 100, i % 5 === 0 ? null : Math.sin(i) * 3, {
    channel: names[i % names.length]!,
    flag: i % 5 === 0 ? 9 : i % 11 === 0 ? 4 : i % 7 === 0 ? 3 : 1,
    half_width_ns: i % 9 === 0 ? 2n ** 62n + 1n : 5n,
    ...(i % 5 === 0 ? { reason: 'timeout', detail: 'no "answer"\\\nin 3 s' } : {}),
  }),
)
const LASTING = [
  ...readings.map((one) => readingLine('s', one)),
  readingLine('other-site', stage(0, 99)),
  gapLine('s', gap(0, 300), 0),
  gapLine('s', gap(0, 10, { channels: ['dead-run/battery'] }), 1),
  gapLine('s', gap(200, 300, { reason: 'timeout' }), 0),
]
const RAW = [0, 100, 300].flatMap((first, i) => {
  const { block, wave } = blockLines('s', shaking(first, 100, i === 2 ? { boot_id: 8 } : {}), i)
  return [block, ...wave]
})

const seconds = (s: number): bigint => at(s)
const QUESTIONS = [
  queries.latest(),
  ...names.map((name) => queries.newestReading(name)),
  ...names.map((name) => queries.readings(name, at(-1e6), at(1e6), 1_000)),
  queries.readings('dead-run/stage', at(0), at(100), 3),
  ...[1, 7, 33].flatMap((points) => {
    const [from, to] = [at(-37.123456789), at(250)]
    return queries.readingColumns('dead-run/stage', { from, to }, from, (to - from) / BigInt(points) + 1n)
  }),
  queries.newestSample(group),
  queries.newestSample({ ...group, group: 'tilt' }),
  ...[0.05, 0.7, 10].map((width) =>
    queries.axisColumns(group, 'y', { from: at(0.505), to: at(3.33) }, at(0.505), BigInt(Math.round(width * 1e9))),
  ),
  queries.blocks(group, seconds(0.9), seconds(3.05)),
  queries.blocks(group, seconds(1.995), seconds(3)),
  queries.blocksOfBoot(boot),
  queries.blocksWithCounters(boot, 90, 110),
  queries.blocksWithCounters(boot, 90, 110, [seconds(0.5), seconds(2)]),
  queries.blocksBetween(boot, seconds(0.5), seconds(1.2)),
  queries.gaps(seconds(5), seconds(250)),
]

describe.skipIf(missing !== undefined)(`the fakes${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let influxd: Influxd
  const fakes: StrictFake[] = []
  const database = freshDatabase()

  beforeAll(async () => {
    influxd = await startInfluxd()
    for (const statement of creationOf({ site: 's', url: '', database }, 'real'))
      await fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q: statement }) })
    for (const version of ['v2', 'v3'] as const) {
      const fake = await startStrictFake({ version, walFlush_ms: 1 })
      fakes.push(fake)
      if (version === 'v2') for (const name of [database, `${database}/raw`]) await bucket(fake, name)
    }
    for (const { url } of [influxd, ...fakes])
      for (const [rp, lines] of [
        ['autogen', LASTING],
        ['raw', RAW],
      ] as const)
        expect(await (await write(url, rp, lines)).text()).toBe('')
  }, 60_000)
  afterAll(async () => {
    for (const fake of fakes) await fake.end()
    await influxd?.end()
  }, INFLUXD_START_MS)

  const bucket = (fake: StrictFake, name: string) =>
    fetch(`${fake.url}/api/v2/buckets`, {
      method: 'POST',
      body: JSON.stringify({ orgID: '0a1b2c3d4e5f6071', name, retentionRules: [] }),
    })
  const write = (url: string, rp: string, lines: readonly string[]) =>
    fetch(`${url}/write?db=${database}&rp=${rp}&precision=ns`, { method: 'POST', body: lines.join('\n') })
  const ask = async (url: string, q: string) => {
    const answer = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ db: database, q }) })
    return answer.text()
  }

  test.each(QUESTIONS)('answer as a real influxd does: %s', async (question) => {
    const real = await ask(influxd.url, question)
    expect(real).not.toContain('"error"')
    for (const fake of fakes) expect(numbersOf(await ask(fake.url, question))).toEqual(numbersOf(real))
  })

  test('several questions in one request are answered in their order', async () => {
    const question = [queries.newestSample(group), queries.newestReading('nowhere/x'), queries.latest()].join(';\n')
    const real = await ask(influxd.url, question)
    for (const fake of fakes) expect(numbersOf(await ask(fake.url, question))).toEqual(numbersOf(real))
  })

  const GOOD = ['m v=1 1', 'm,a=b v=1i 1', 'm,a\\ b=c\\,d\\=e v="x\\"y\\\\z" 1', 'm v=t,w=-1.5e-3 1', 'm,a=\\x v=1 1']
  const BAD = [
    'm 1',
    'm,a v=1 1',
    'm,a= v=1 1',
    'm v= 1',
    'm v=1x 1',
    'm v="open 1',
    'm v=NaN 1',
    'm v=1 1.5',
    'm v=9223372036854775808i 1',
    ',a=b v=1 1',
    'm v=1 9223372036854775807',
  ]
  test.each(GOOD)('take what a real influxd takes: %s', async (line) => {
    const own = line.replace('m', `good${GOOD.indexOf(line)}`)
    for (const { url } of [influxd, ...fakes]) expect((await write(url, 'autogen', [own])).status).toBe(204)
  })
  test.each(BAD)('refuse what a real influxd refuses: %s', async (line) => {
    for (const { url } of [influxd, ...fakes]) expect((await write(url, 'autogen', [line])).status).toBe(400)
  })
})

test('a question outside of the portable part is refused', () => {
  for (const text of [
    'SELECT * FROM "autogen"."reading"',
    'SELECT sample("x", 3) AS "y" FROM "raw"."wave"',
    'SELECT "x" INTO "y" FROM "raw"."wave"',
    'SHOW SERIES',
    'SELECT "x" FROM "raw"."wave" SLIMIT 1',
  ])
    expect(() => parseInfluxQl(text), text).toThrow(/error parsing query/)
})

/** Instants and integers as text, floats to 12 digits: the servers add up in orders of their own. */
const numbersOf = (text: string): unknown =>
  JSON.parse(text.replace(/([[,])(-?\d{16,})(?=[,\]])/g, '$1"$2"'), (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(12)) : value,
  )
