import { expect, test } from 'vitest'
import { addNs } from '../domain/time.ts'
import type { NodeHealth } from '../domain/wire/node-health.ts'
import { AlarmBook } from './alarm-book.ts'
import { Places } from './event-points.ts'
import { pointsOf, type Standing } from './health-points.ts'
import { LiveModel } from './live-model.ts'
import { at, testSite } from './testing-site.ts'

const site = testSite({ simulated: 'roof' })
const outbox = { records: 0, bytes: 0, oldest_s: 0, dropped: 0, acknowledged_s: 0.02 }
const said: NodeHealth = {
  ...{ polls: 100, polls_good: 90, polls_missed: 1, errors: { timeout: 9, crc: 1 }, links: 2, links_up: 1 },
  ...{ not_sent: 0, clock_trusted: true, clock_steps: 0 },
  streams: { conditions: outbox, readings: { ...outbox, records: 7, bytes: 700, oldest_s: 3.5 }, blocks: outbox },
}
const desk = { broker_up: true, store_up: false, journal_up: true, journal_seq: 8, not_exported: 2 }

test('how things stand: alarms, devices, nodes with their outboxes and errors, the desk', () => {
  const model = new LiveModel(site)
  model.nodeBirth('north', site.hash, at(0))
  model.deviceBirth('creek', at(0))
  model.read('creek', [{ channel: 'creek/stage', value: 1, t_ns: at(1), half_width_ns: 0n, flag: 1 }], false)
  const book = new AlarmBook(site)
  const standing: Standing = {
    ...{
      site: 'yard',
      places: new Places(site),
      alarms: book.list(),
      about: (id: string) => book.definition(id),
      desk,
    },
    ...{ devices: model.devices(), nodes: model.nodes(), nodeHealth: new Map([['north', said]]) },
  }
  const points = pointsOf(standing, addNs(at(1), 2_000_000_000n))
  const one = (measurement: string, tags: object) =>
    points.filter((p) => p.measurement === measurement && Object.entries(tags).every(([k, v]) => p.tags[k] === v))
  expect(one('alarm', { alarm: 'north:creek-red' })).toMatchObject([
    { kind: 'real', fields: { state_rank: 0n, open: 0n, unacknowledged: 0n }, tags: { water: 'creek' } },
  ])
  expect(one('alarm', { alarm: 'north:roof-shaking' })).toMatchObject([{ kind: 'exercise' }])
  expect(one('health', { part: 'device', id: 'creek' })).toMatchObject([
    { kind: 'real', fields: { up: 1n, age_s: 2, stale: 0n } },
  ])
  // Never heard of: not up, stale, and without an age.
  expect(one('health', { part: 'device', id: 'roof' })).toMatchObject([
    { kind: 'exercise', fields: { up: 0n, age_s: undefined, stale: 1n } },
  ])
  expect(one('health', { part: 'node' })).toMatchObject([{ fields: { up: 1n, polls: 100n, links: 2n, links_up: 1n } }])
  expect(one('health', { part: 'outbox', stream: 'readings' })).toMatchObject([
    { fields: { backlog_records: 7n, oldest_s: 3.5 } },
  ])
  expect(one('health', { part: 'poll-error', reason: 'timeout' })).toMatchObject([{ fields: { count: 9n } }])
  expect(one('health', { part: 'desk' })).toMatchObject([{ fields: { store_up: 0n, not_exported: 2n } }])
})

test('ingest as it last told of itself; a word that is not repeated is old, and no more than that is said', () => {
  const book = new AlarmBook(site)
  const told = {
    t_ns: at(1),
    boot: 'b',
    taking: false,
    why: 'behind',
    lag_s: 4.5,
    waiting_records: 70,
    quarantined_total: 2,
  }
  const store = { kind: 'influxdb' as const, bytes: null, free_bytes: 5_000, oldest_ns: null, newest_ns: null }
  const ingest = {
    ...told,
    last_quarantined: null,
    dead_letter_total: 2,
    store,
    last_backup_ns: null,
    foreign_lost: [],
  }
  const standing = {
    ...{ site: 'yard', places: new Places(site), alarms: [], about: (id: string) => book.definition(id), desk },
    ...{ devices: [], nodes: [], nodeHealth: new Map() },
  }
  const point = (seconds: number, said?: typeof ingest) =>
    pointsOf({ ...standing, ingest: said }, addNs(at(1), BigInt(seconds) * 1_000_000_000n)).find(
      ({ tags }) => tags['part'] === 'ingest',
    )!.fields
  expect(point(30, ingest)).toEqual({
    ...{ up: 1n, taking: 0n, waiting_records: 70n, quarantined: 2n, lag_s: 4.5 },
    ...{ store_bytes: undefined, store_free_bytes: 5000n },
  })
  expect(point(31, ingest)).toEqual({ up: 0n })
  expect(point(0)).toEqual({ up: 0n })
})

test('a node that is gone is told as gone; what it last said of itself is not repeated', () => {
  const model = new LiveModel(site)
  model.nodeDeath('north', at(0))
  const book = new AlarmBook(site)
  const points = pointsOf(
    {
      ...{ site: 'yard', places: new Places(site), alarms: [], about: (id: string) => book.definition(id), desk },
      ...{ devices: [], nodes: model.nodes(), nodeHealth: new Map() },
    },
    at(1),
  )
  expect(points.filter((p) => p.tags['id'] === 'north')).toMatchObject([{ fields: { up: 0n } }])
})
