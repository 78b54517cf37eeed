/** A site of a thousand limits and a journal of a million entries, as years of alarms that people answered would leave it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type NewEntry, newAlarm } from '../desk/alarm.ts'
import { AlarmBook } from '../desk/alarm-book.ts'
import { type AlarmEvent, etagOf, step } from '../desk/alarm-machine.ts'
import { JOURNAL_FILE } from '../desk/io/journal.ts'
import { open } from '../desk/io/journal-program.ts'
import { limitsOfNode, type Site } from '../domain/channel.ts'
import type { ConditionRecord, Limit } from '../domain/condition.ts'
import { deskFolder } from '../domain/data-folder.ts'
import { addNs, type Instant, instant, NS_PER_S } from '../domain/time.ts'

export const [NODES, DEVICES, LIMITS] = [10, 10, 10]
export const PEOPLE = ['Mei', 'Chen', 'Lin', 'Wang', 'Tsai', 'Kuo', 'Hsu', 'Liao']
/** Who answers one alarm in a thousand. */
export const SELDOM = 'Prof. Yeh'
export const OUTBOX = '00000000-0000-4000-8000-000000000001'
/** 2023-11-14T22:13:20Z. */
export const T0 = instant(1_700_000_000n * NS_PER_S)
/** Between the onsets of two alarms: a million entries are about three years. */
const APART_NS = 500n * NS_PER_S

export const siteFile = (mqtt: number, desk: number, link: number) => ({
  site: 'bench',
  name: 'Bench',
  time_zone: 'Asia/Taipei',
  nodes: Array.from({ length: NODES }, (_, n) => ({
    id: `n${n}`,
    name: `Node ${n}`,
    links: [
      {
        id: `bus-${n}`,
        tcp: { host: '127.0.0.1', port: link + n },
        devices: Array.from({ length: DEVICES }, (_, d) => ({
          ...{ id: `g${n}-${d}`, name: `Gauge ${n}-${d}`, model: 'sim-stage-gauge', unit_id: d + 1 },
          simulated: { play: { recording: 'usgs-dead-run-2018' } },
        })),
      },
    ],
  })),
  limits: Array.from({ length: NODES * DEVICES * LIMITS }, (_, i) => {
    const [gauge, level] = [`g${Math.floor(i / (DEVICES * LIMITS))}-${Math.floor(i / LIMITS) % DEVICES}`, i % LIMITS]
    return {
      ...{ id: `stage-${gauge}-${level}`, name: `Stage of ${gauge} above ${level + 1} m`, channel: `${gauge}/stage` },
      ...{ above: level + 1, unit: 'm', deadband: 0.1, priority: (['low', 'medium', 'high'] as const)[i % 3] },
    }
  }),
  notices: {
    contacts: [{ id: 'mei', name: 'Mei', exercise: true, channels: [{ id: 'desk', mqtt: { topic: 'mei' } }] }],
    policies: [{ id: 'all', steps: [{ to: ['mei'] }] }],
  },
  broker: { host: '127.0.0.1', port: mqtt },
  desk: { host: '127.0.0.1', port: desk },
})

export const recordOf = (limit: Limit, n: number, onset: Instant, returned?: Instant): ConditionRecord => ({
  ...{ limit_id: limit.id, state: returned === undefined, occurrence: n, at_ns: returned ?? onset, onset_ns: onset },
  ...{ returned_ns: returned ?? null, value: limit.limit + (returned === undefined ? 0.05 : -0.15) },
  ...{ peak: limit.limit + 0.31, limit: limit.limit, unit: limit.unit, flag: 1, unconfirmed: false },
  ...{ exercise: true, time_unknown: false },
})

/** Fills the desk's folder with at least `entries` rows; the alarms of the last round stand, one in two unanswered. */
export async function fillJournal(site: Site, dataDir: string, entries: number): Promise<number> {
  const folder = deskFolder(dataDir, site.file.site)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(join(folder, JOURNAL_FILE))
  // Only while it is filled: what is measured later is opened as the desk does.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  const journal = open(db)
  const book = new AlarmBook(site)
  const limits = site.file.nodes.flatMap((node) => limitsOfNode(site, node).filter(({ id }) => id.startsWith('stage-')))
  const nodeOf = new Map(site.file.nodes.flatMap((node) => limitsOfNode(site, node).map(({ id }) => [id, node.id])))
  let rows = 0
  let turn = 0
  for (let round = 1; rows < entries || round % 2 === 0; round++) {
    const last = rows + limits.length * 5 >= entries
    const written: NewEntry[] = []
    const alarms = []
    for (const [i, limit] of limits.entries()) {
      const id = `${nodeOf.get(limit.id)}:${limit.id}`
      const onset = addNs(T0, BigInt(turn++) * APART_NS)
      let alarm = book.get(id) ?? newAlarm(id)
      const take = (event: AlarmEvent, after_s: number) => {
        const done = step(alarm, event, addNs(onset, BigInt(after_s) * NS_PER_S), book.definition(id)!)
        alarm = done.alarm
        written.push(...done.entries)
      }
      take({ kind: 'condition', source: 'record', outbox: OUTBOX, record: recordOf(limit, round, onset) }, 1)
      const by = turn % 1000 === 0 ? SELDOM : PEOPLE[turn % PEOPLE.length]!
      if (!last || i % 2 === 0) take({ kind: 'acknowledge', occurrence: round, etag: etagOf(alarm), by }, 120)
      const returned = addNs(onset, 400n * NS_PER_S)
      if (!last)
        take(
          { kind: 'condition', source: 'record', outbox: OUTBOX, record: recordOf(limit, round, onset, returned) },
          401,
        )
      book.put(alarm)
      alarms.push({ id, body: JSON.stringify(alarm) })
    }
    rows += journal.append(written, alarms).length
    if (last && rows >= entries) break
  }
  db.close()
  return rows
}
