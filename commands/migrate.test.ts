/** `migrate` as a process of its own, from an embedded store into a real influxd: killed in the middle, started again, verified. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ingestFolder } from '../domain/data-folder.ts'
import { SystemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { openSeriesReader, openSeriesWriter } from '../store/embedded.ts'
import {
  freshDatabase,
  INFLUXD_START_MS,
  type Influxd,
  influxdMissing,
  startInfluxd,
} from '../store/influx/influxd.fixture.ts'
import { openInfluxReader, openInfluxWriter } from '../store/influx.ts'
import { at, gap, record, shaking, stage } from '../store/records.fixture.ts'
import { TOP } from './load-site.ts'

const missing = influxdMissing()
const READINGS = 45_000
const BLOCKS = 400

describe.skipIf(missing !== undefined)(`migrate${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let influxd: Influxd
  let data: string
  let folder: string
  let site: string
  let database: string
  let running: ChildProcess | undefined
  beforeAll(async () => {
    influxd = await startInfluxd()
  }, INFLUXD_START_MS)
  afterAll(() => influxd?.end())
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'migrate-'))
    database = freshDatabase()
    const file = parse(await readFile(join(TOP, 'site.example.yaml'), 'utf8')) as { site: string; store?: unknown }
    file.store = { influx: { url: influxd.url, database } }
    site = file.site
    folder = ingestFolder(data, site)
    await mkdir(folder, { recursive: true })
    await writeFile(join(data, 'site.yaml'), stringify(file))
    await fill(folder)
  }, 60_000)
  afterEach(async () => {
    running?.kill('SIGKILL')
    await rm(data, { recursive: true })
  })

  type Ended = { code: number | null; output: string }
  const start = (): Promise<Ended> => {
    const args = ['migrate', '--site', join(data, 'site.yaml'), '--data', data, '--from-embedded', '--to-influx']
    const child = spawn(process.execPath, ['--no-warnings', join(TOP, 'plumbline.ts'), ...args])
    running = child
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
  }
  const cursor = async (): Promise<number> => {
    const text = await readFile(join(folder, 'migrate.json'), 'utf8').catch(() => '{"offset":0}')
    return (JSON.parse(text) as { offset: number }).offset
  }
  const settings = () => ({ site, url: influxd.url, database })

  test('killed again and again it goes on where it was; at the end all of it is there, once, and judged so', async () => {
    for (const enough of [5, 13, 21]) {
      const ended = start()
      const from = await cursor()
      while ((await cursor()) < Math.max(enough, from + 1)) {
        if (running!.exitCode !== null) throw new Error((await ended).output)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      running!.kill('SIGKILL')
      expect((await ended).code).toBeNull()
      if (enough === 5) {
        await influxd.kill()
        await influxd.start()
      }
    }
    const { code, output } = await start()
    expect(output).toMatch(/migrated 45,003 readings, 402 blocks and 2 gaps/)
    expect(output).toMatch(/all of it is there/)
    expect(code).toBe(0)

    const [source, target] = [openSeriesReader(folder, silentLog), openInfluxReader(settings(), silentLog)]
    const whole = [at(-1e6), at(1e7)] as const
    expect(await target.readings('dead-run/stage', ...whole, 1e6)).toEqual(
      await source.readings('dead-run/stage', ...whole, 1e6),
    )
    expect(await target.gaps(...whole)).toEqual(await source.gaps(...whole))
    const blocks = await target.blocks('yonago', 'acceleration', ...whole)
    expect(blocks.slice(0, BLOCKS)).toEqual((await source.blocks('yonago', 'acceleration', ...whole)).slice(0, BLOCKS))
    // Longer blocks than InfluxDB takes in one text come back as several.
    const samples = blocks.slice(BLOCKS).map((block) => block.axes[0]!.samples.length)
    expect(samples.reduce((a, b) => a + b)).toBe(30_000)
    await Promise.all([source.close(), target.close()])

    const writer = await openInfluxWriter(settings(), folder, silentLog, new SystemClock())
    expect(await writer.committed('gateway', 'a-box', 'readings')).toEqual([[1, 5]])
    await writer.close()
  }, 120_000)

  test('what InfluxDB holds otherwise is found by day, and ends with 3', async () => {
    await start()
    const spoilt = `reading,channel=dead-run/stage,device=dead-run,metric=stage,site=${site} value=99 ${at(77)}`
    const answer = await fetch(`${influxd.url}/write?db=${database}&precision=ns`, { method: 'POST', body: spoilt })
    expect(answer.status).toBe(204)
    const { code, output } = await start()
    expect(output).toMatch(/dead-run\/stage, 2018-06-03: 21602 in both, but not the same/)
    expect(output).toMatch(/1 difference: do not remove the embedded files/)
    expect(code).toBe(3)
  }, 120_000)
})

/** Two days of a gauge, of which three readings are exercise; blocks, a very long one over midnight; gaps; a quarantine. */
async function fill(folder: string): Promise<void> {
  const writer = await openSeriesWriter(folder, silentLog)
  const readings = Array.from({ length: READINGS }, (_, s) =>
    stage(s, s % 900 === 0 ? null : Math.sin(s), s % 900 === 0 ? { flag: 9, reason: 'timeout', detail: 'in 3 s' } : {}),
  )
  for (let i = 0; i < 5; i++)
    await writer.append([
      record({ readings: readings.slice(i * 9_000, (i + 1) * 9_000) }, { outbox: 'a-box', offset: i + 1 }),
    ])
  const drill = [stage(-3, 1), stage(10, 2), stage(50_000, 3)]
  await writer.append([record({ readings: drill, exercise: true })])
  const blocks = Array.from({ length: BLOCKS }, (_, i) => record({ blocks: [shaking(i * 100, 100)] }))
  await writer.append(blocks)
  await writer.append([record({ blocks: [shaking(2_150_000, 30_000)] })])
  await writer.append([record({ blocks: [shaking(0, 100, { group: 'tilt', boot_id: 9 })], exercise: true })])
  await writer.append([record({ gaps: [gap(0, 10), gap(100_000, 100_300)] })])
  await writer.append([record({ readings: [stage(0, 7)] })])
  await writer.close()
}
