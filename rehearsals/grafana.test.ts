/**
 * The dashboards against what they are for: the example site runs through the whole line into a real InfluxDB 1.6.7, a
 * river floods, a building shakes, somebody answers, devices go silent; then every query text of every dashboard and every
 * alert rule is asked as Grafana would ask it, and must give rows of the type it is drawn as.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, bundleOf } from '../dashboards/grafana/build.ts'
import { checkBundle } from '../dashboards/grafana/check.ts'
import { dataSourceUid } from '../dashboards/grafana/ids.ts'
import { type QueryText, queriesOf } from '../dashboards/grafana/queries.ts'
import { motionPoints } from '../desk/motion-points.ts'
import type { EventDetailJson } from '../domain/api-desk.ts'
import { channelsOf, type Site } from '../domain/channel.ts'
import { GOOD } from '../domain/reading.ts'
import { influxDatabase } from '../domain/series.ts'
import { siteExample } from '../domain/site-example.ts'
import { instant, instantFromMs } from '../domain/time.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { freshDatabase, type Influxd, influxdMissing, startInfluxd } from '../store/influx/influxd.fixture.ts'
import { pointLine, readingLine } from '../store/influx/points.ts'
import { rollupLines } from '../store/influx/rollups.ts'
import { hourOf, hourStart } from '../store/rollup.ts'
import { DeskClient } from './desk-client.ts'
import { type Line, removeFolder, startLine, temporaryFolder } from './line.ts'
import { siteOf } from './site.ts'
import { pause, until } from './until.ts'

const missing = influxdMissing()
/** Half an hour of the river in five seconds: all of its levels are crossed within sixty. */
const TIME_SCALE = 360
/** Polls fail for so long at least: several of each device. */
const SILENT_MS = 3000

async function exampleSite(url: string): Promise<Site> {
  const [node] = siteExample.nodes
  const [tower, river] = node!.links
  const [dead_run] = river!.devices
  // Two hours before the rise: also the lowest level is still to come when the line has come up.
  const play = { ...dead_run!.simulated.play, from: '2018-06-03T16:00:00Z' }
  const gauge = { ...dead_run!, simulated: { ...dead_run!.simulated, time_scale: TIME_SCALE, play } }
  const link = async (of: object) => ({ ...of, tcp: { host: '127.0.0.1', port: await freePort() } })
  return siteOf({
    ...siteExample,
    nodes: [{ ...node!, links: [await link(tower!), await link({ ...river!, devices: [gauge] })] }],
    broker: { host: '127.0.0.1', port: await freePort() },
    desk: { host: '127.0.0.1', port: await freePort() },
    store: { influx: { url, database: freshDatabase() } },
  })
}

/** What Grafana puts in place of its variables. */
function filledIn({ query }: QueryText, from_ms: number, to_ms: number): string {
  const values: Record<string, string> = {
    site: 'demo',
    device: 'tower-a-ground',
    rise: '5s',
    __interval: '15s',
    timeFilter: `time >= ${from_ms}ms and time <= ${to_ms}ms`,
  }
  return query
    .replaceAll(/\$\{(\w+):regex\}/g, '.*')
    .replaceAll(/\$\{?(\w+)\}?/g, (whole, name: string) => values[name] ?? whole)
}

/**
 * What takes longer than a rehearsal, by the functions that write it: a natural frequency needs twenty minutes of quiet, an
 * event two minutes after its end, and hours are rolled up when they are at rest.
 */
function slowLines(site: Site, event: EventDetailJson, now_ms: number): string[] {
  const { site: id } = site.file
  const now = instantFromMs(now_ms)
  const channels = channelsOf(site).filter(({ kind }) => kind !== 'axis')
  const frequencies = channels.filter(({ metric }) => metric === 'natural_frequency')
  // The hour before: nobody else writes to it.
  const hour = hourOf(now) - 1
  const window = { at_ns: hourStart(hour), figures: { min: 0.5, max: 3, sum: 60, count: 40, rank: 2 }, all: 40 }
  return [
    ...motionPoints(id, event, instant(BigInt(event.event.onset_ns))).map(pointLine),
    ...frequencies.map(({ id: channel }) =>
      readingLine(id, { channel, value: 1.21, t_ns: now, half_width_ns: 0n, flag: GOOD }),
    ),
    ...channels.flatMap(({ id: channel }) => rollupLines(id, channel, hour, '1m', [window], []).lasting),
  ]
}

type Series = { name: string; tags?: Record<string, string>; columns: string[]; values: unknown[][] }

describe.skipIf(missing !== undefined)(
  `the dashboards of the example site${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let influxd: Influxd
    let site: Site
    let line: Line
    let simulator: Line
    let bundle: Bundle
    const from_ms = Date.now()

    const ask = async (query: string, source?: string): Promise<Series[]> => {
      const kind = source === dataSourceUid(site.file.site, 'real') ? 'real' : 'exercise'
      const db = influxDatabase(site.file.store.influx!.database, kind)
      const body = new URLSearchParams({ db, q: query, epoch: 'ms' })
      const answer = await fetch(`${influxd.url}/query`, { method: 'POST', body })
      const { error, results } = (await answer.json()) as {
        error?: string
        results?: Array<{ error?: string; series?: Series[] }>
      }
      const why = error ?? results?.[0]?.error
      if (why !== undefined) throw new Error(`${why} in ${query}`)
      return results?.[0]?.series ?? []
    }

    beforeAll(async () => {
      influxd = await startInfluxd()
      site = await exampleSite(influxd.url)
      bundle = bundleOf(site)
      const data = await temporaryFolder()
      simulator = await startLine(site, data, ['sim'])
      line = await startLine(site, data, ['broker', 'ingest', 'desk', 'edge'])
      const desk = new DeskClient(site.file.desk.port)
      await desk.firstUser(/http\S+/.exec(line.announced.join(' '))![0], 'Mei')
      // The devices fall silent for a while, and come back with empty rings: while the river rises, the health series tells of it.
      await until('readings', async () => (await desk.readings()).length >= 5, 60_000)
      await simulator.stop()
      await until(
        'silent devices',
        async () => (await desk.devices()).every(({ state }) => state === 'offline'),
        60_000,
      )
      await pause(SILENT_MS)
      simulator = await startLine(site, data, ['sim'])
      for (const limit of ['dead-run-major', 'tower-a-shaking', 'tower-a-roof-strong', 'dead-run-rising'])
        await until(
          `the alarm of ${limit}`,
          async () => ((await desk.alarm(`edge-1:${limit}`))?.occurrence ?? 0) > 0,
          90_000,
        )
      const { etag, occurrence } = (await desk.alarm('edge-1:tower-a-shaking'))!
      const answered = await desk.post('/alarms/edge-1:tower-a-shaking/acknowledge', { etag, occurrence })
      expect(answered.status).toBe(200)
      const [shaken] = (await desk.get<{ events: Array<{ id: string }> }>('/events')).events
      const event = await desk.get<EventDetailJson>(`/events/${shaken!.id}`)
      const db = influxDatabase(site.file.store.influx!.database, 'exercise')
      const body = slowLines(site, event, Date.now()).join('\n')
      const written = await fetch(`${influxd.url}/write?db=${db}&precision=ns`, { method: 'POST', body })
      expect(written.status, await written.text()).toBe(204)
      await until('a gap of samples', async () => (await ask('SELECT * FROM "gap"')).length > 0, 60_000)
      await until(
        'errors of polls over two columns',
        async () => {
          const [series] = await ask(`SELECT count("count") FROM "health" WHERE "part" = 'poll-error'`)
          return Number(series?.values[0]?.[1] ?? 0) >= 3
        },
        90_000,
      )
      await until(
        'the acknowledgement',
        async () => (await ask(`SELECT "seq" FROM "event" WHERE "kind" = 'acknowledge'`)).length > 0,
      )
    }, 400_000)
    afterAll(async () => {
      await line?.stop()
      await simulator?.stop()
      await influxd?.end()
      await removeFolder(line.data)
    })

    test('the build is sound', () => {
      expect(checkBundle(bundle)).toEqual([])
    })

    test('every query text gives rows of the type it is drawn as', async () => {
      const to_ms = Date.now() + 1000
      const texts = queriesOf(bundle)
      expect(texts.length).toBeGreaterThan(150)
      const wrong: string[] = []
      for (const text of texts) {
        // An hour stands at its beginning.
        const from =
          text.by === 'alert' ? to_ms - 60_000 : text.query.includes('rollup_1h') ? from_ms - 7_200_000 : from_ms
        const query = filledIn(text, from, to_ms)
        const fault = await ask(query, text.source).then(
          (series) => faultOf(text, series),
          (error: Error) => error.message,
        )
        if (fault !== undefined) wrong.push(`${text.where}: ${fault}\n    ${query}`)
      }
      expect(wrong).toEqual([])
    }, 120_000)
  },
)

/** Charts draw numbers; tables and annotations show what stands in each column, of one type for ever. */
function faultOf({ by, format }: QueryText, series: readonly Series[]): string | undefined {
  const rows = series.flatMap(({ columns, values }) =>
    values.map((row) => Object.fromEntries(row.map((value, i) => [columns[i]!, value]))),
  )
  if (rows.length === 0) return 'no rows'
  const types = new Map<string, Set<string>>()
  for (const row of rows)
    for (const [key, value] of Object.entries(row))
      if (value !== null) types.set(key, (types.get(key) ?? new Set()).add(typeof value))
  const mixed = [...types].find(([, of]) => of.size > 1)
  if (mixed !== undefined) return `${mixed[0]}: ${[...mixed[1]].join(' and ')}`
  if (by === 'variable') return types.get('value')?.has('string') ? undefined : 'no values of a variable'
  if (!types.get('time')?.has('number')) return 'no time'
  const shown = [...types].filter(([key]) => key !== 'time')
  if (shown.length === 0) return 'nothing but nulls'
  const texts = shown.filter(([, of]) => !of.has('number')).map(([key]) => key)
  return format === 'time_series' && texts.length > 0 ? `${texts.join(', ')}: text in a chart` : undefined
}
