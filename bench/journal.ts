/**
 * Rows `journal`, `journal-page` and `journal-start`: five hundred alarms a second through the desk into the journal, each
 * durable before its record is acknowledged; and a desk with a million entries behind it, as a process of its own.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlarmDesk } from '../desk/io/alarm-desk.ts'
import { openJournal } from '../desk/io/journal.ts'
import { limitsOfNode } from '../domain/channel.ts'
import type { Limit } from '../domain/condition.ts'
import { alarmId } from '../domain/ids.ts'
import { instantToMs } from '../domain/time.ts'
import { ServiceProcess } from '../rehearsals/processes.ts'
import { siteFileText, siteOf } from '../rehearsals/site.ts'
import { pause } from '../rehearsals/until.ts'
import { SystemClock } from '../runtime/clock.ts'
import { freePort } from '../runtime/free-port.fixture.ts'
import { silentLog } from '../runtime/log.ts'
import { fillJournal, OUTBOX, PEOPLE, recordOf, SELDOM, siteFile, T0 } from './journal-fill.ts'
import { percentile, type Row } from './row.ts'

const [PER_S, BURST, RUN_S] = [500, 10, 20]
const P99_MS = 250
/** For what the desk can at most, all at once. */
const FLOOD = 8000

export const journal: Row = {
  id: 'journal',
  what: `${PER_S} alarms/s for ${RUN_S} s through the desk into the journal on disk: record taken -> committed, p50`,
  unit: 'ms',
  target: `p99 <= ${P99_MS} ms, none left over`,
  measure: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
    const site = await siteOf(siteFile(1883, 8080, 5020))
    const clock = new SystemClock()
    const taken = new Map<number, number>()
    const took: number[] = []
    const file = await openJournal(folder)
    const desk = new AlarmDesk({
      ...{ site, clock, log: silentLog, journal: file },
      onAlarm: () => {},
      onEntry: () => {},
      onRecovered: () => {},
      onCommitted: (_, __, ranges) => {
        for (const [from, to] of ranges)
          for (let offset = from; offset <= to; offset++) {
            took.push(performance.now() - taken.get(offset)!)
            taken.delete(offset)
          }
      },
    })
    try {
      await desk.start()
      const limits = site.file.nodes.flatMap((node) =>
        limitsOfNode(site, node)
          .filter(({ id }) => id.startsWith('stage-'))
          .map((limit): [string, Limit] => [node.id, limit]),
      )
      let offset = 0
      const alarm = () => {
        const [node, limit] = limits[offset % limits.length]!
        const record = recordOf(limit, 1 + Math.floor(offset / limits.length), clock.now())
        const identity = { node, outbox: OUTBOX, stream: 'conditions', offset } as const
        taken.set(offset++, performance.now())
        desk.records(node, [{ identity, historical: false, record }])
      }
      const begun = performance.now()
      for (let turn = 0; offset < PER_S * RUN_S; turn++) {
        for (let i = 0; i < BURST; i++) alarm()
        await pause(Math.max(0, begun + ((turn + 1) * BURST * 1000) / PER_S - performance.now()))
      }
      await pause(1000)
      const left = taken.size
      const runs = [...took]
      const flooded = performance.now()
      for (let i = 0; i < FLOOD; i++) alarm()
      while (taken.size > left) await pause(5)
      const flood_s = (performance.now() - flooded) / 1000
      const p99 = percentile(runs, 99)
      return {
        runs,
        holds: () => p99 <= P99_MS && left === 0,
        beside: { 'p99 ms': p99, entries: desk.journalSeq, 'alarms/s at most': FLOOD / flood_s, left },
      }
    } finally {
      await desk.stop()
      await file.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

const ENTRIES = 1_000_000
const PAGE_MS = 50
const PAGE_RUNS = 9
const START_S = 2
const STARTS = 5

type Filled = { readonly args: readonly string[]; readonly port: number; readonly entries: number }
let filled: Promise<Filled> | undefined

/** A desk on a journal of a million entries, which both rows share: filling it takes a minute. */
async function withDesk<T>(work: (desk: ServiceProcess, filled: Filled) => Promise<T>): Promise<T> {
  filled ??= fill()
  const { args, port, entries } = await filled
  const desk = new ServiceProcess(args)
  try {
    return await work(desk, { args, port, entries })
  } finally {
    await desk.stop()
  }
}

async function fill(): Promise<Filled> {
  const data = await mkdtemp(join(tmpdir(), 'plumbline-bench-'))
  process.once('exit', () => rmSync(data, { recursive: true, force: true }))
  const [mqtt, port, link] = [await freePort(), await freePort(), await freePort()]
  const file = siteFile(mqtt, port, link)
  const path = join(data, 'site.yaml')
  await writeFile(path, siteFileText(file))
  const entries = await fillJournal(await siteOf(file), data, ENTRIES)
  return { args: ['desk', '--site', path, '--data', data], port, entries }
}

export const journalPage: Row = {
  id: 'journal-page',
  what: `a page of 100 of ${ENTRIES.toLocaleString('en')} journal entries over HTTP, of ${PAGE_RUNS} the slowest; first, middle, last, by time, alarm, person, kind and together`,
  unit: 'ms',
  target: `<= ${PAGE_MS} ms each`,
  measure: () =>
    withDesk(async (desk, { port, entries }) => {
      await desk.start(60_000)
      const slowest: Array<[string, number]> = []
      for (const query of pages(entries)) {
        const took: number[] = []
        for (let run = 0; run < PAGE_RUNS; run++) {
          const begun = performance.now()
          const answer = await fetch(`http://127.0.0.1:${port}/api/v1/journal?limit=100${query}`)
          if (answer.status !== 200) throw new Error(`${query}: ${answer.status} ${await answer.text()}`)
          await answer.json()
          took.push(performance.now() - begun)
        }
        slowest.push([query, Math.max(...took)])
      }
      slowest.sort(([, a], [, b]) => b - a)
      return {
        runs: slowest.map(([, ms]) => ms),
        holds: () => slowest[0]![1] <= PAGE_MS,
        beside: Object.fromEntries(slowest.slice(0, 5).map(([query, ms]) => [`${query || 'newest'} ms`, ms])),
      }
    }),
}

function pages(entries: number): string[] {
  const [middle, at] = [Math.floor(entries / 2), instantToMs(T0)]
  const day = (n: number) => new Date(at + n * 86_400_000).toISOString()
  const alarm = `alarm=${alarmId('n3', 'stage-g3-4-5')}`
  const [often, seldom] = [`actor=${PEOPLE[0]}`, `actor=${encodeURIComponent(SELDOM)}`]
  const span = `from=${day(400)}&to=${day(430)}`
  const early = `from=${day(-9)}&to=${day(0)}`
  return [
    ...['', '&after=0', `&after=${middle}`, `&before=${middle}`, `&after=${entries - 50}`],
    ...[alarm, often, seldom, 'kind=acknowledge', 'kind=login', 'actor=nobody', 'alarm=n3:none'].flatMap((filter) =>
      ['', '&after=0', `&after=${middle}`, `&before=${middle}`, `&${span}`, `&${early}`, `&${span}&after=0`].map(
        (more) => `&${filter}${more}`,
      ),
    ),
    ...[`&${span}`, `&${span}&after=0`, `&${early}`],
    ...[often, seldom, 'kind=onset', 'kind=comment', `${often}&kind=acknowledge`, `${seldom}&kind=acknowledge`].flatMap(
      (filter) => ['', '&after=0', `&${span}`].map((more) => `&${alarm}&${filter}${more}`),
    ),
    // Both are frequent, and never together.
    ...['&actor=desk&kind=acknowledge', '&actor=n3&kind=acknowledge&after=0', `&alarm=desk:broker&${often}`],
  ]
}

export const journalStart: Row = {
  id: 'journal-start',
  what: `the desk's process from its start to answering, with ${ENTRIES.toLocaleString('en')} journal entries and 1,000 alarms that stand`,
  unit: 's',
  target: `<= ${START_S} s`,
  measure: () =>
    withDesk(async (desk, { port, entries }) => {
      const runs: number[] = []
      let [standing, serving] = [0, 0]
      for (let run = 0; run <= STARTS; run++) {
        const begun = performance.now()
        const started = desk.start(60_000)
        for (;;) {
          const live = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)
          if (live?.ok) break
          await pause(5)
        }
        // The first also compiles what later ones find compiled, and reads the whole journal: nobody was told of anything yet.
        if (run > 0) runs.push((performance.now() - begun) / 1000)
        await started
        const { alarms } = (await (await fetch(`http://127.0.0.1:${port}/api/v1/alarms`)).json()) as {
          alarms: Array<{ state: string; node: string }>
        }
        standing = alarms.filter(({ state, node }) => node !== 'desk' && state !== 'normal').length
        serving = (performance.now() - begun) / 1000
        await desk.stop()
      }
      return { runs, holds: (s) => s <= START_S, beside: { entries, standing, 'all alarms served s': serving } }
    }),
}
