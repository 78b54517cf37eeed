/**
 * Points that tell every few seconds how things stand: `alarm`, the state of each alarm, and `health`, each part of the
 * line. Pure. Written also while all is well, so that a chart can tell "nothing happened" from "nobody was there".
 */
import type { AlarmJson } from '../domain/alarm.ts'
import { letterOf, rankOf, UNACKNOWLEDGED_LETTERS } from '../domain/alarm-rank.ts'
import type { DeviceJson, NodeJson } from '../domain/api.ts'
import type { SeriesPoint } from '../domain/ports.ts'
import { STREAMS } from '../domain/record.ts'
import { FIELD, type HealthPart, MEASUREMENT, TAG } from '../domain/series.ts'
import type { Instant } from '../domain/time.ts'
import { INGEST_HEALTH_PERIOD_S, type IngestHealth } from '../domain/wire/ingest-health.ts'
import type { NodeHealth } from '../domain/wire/node-health.ts'
import { type AboutAlarm, alarmTags, type Places } from './event-points.ts'

export type DeskHealth = {
  readonly broker_up: boolean
  readonly store_up: boolean
  readonly journal_up: boolean
  readonly journal_seq: number
  readonly not_exported: number
}
export type Standing = {
  readonly site: string
  readonly places: Places
  readonly alarms: readonly AlarmJson[]
  readonly about: (alarm: string) => AboutAlarm | undefined
  readonly devices: readonly DeviceJson[]
  readonly nodes: readonly NodeJson[]
  /** What each node that is there last said of itself. */
  readonly nodeHealth: ReadonlyMap<string, NodeHealth>
  /** What ingest last said of itself. */
  readonly ingest?: IngestHealth | undefined
  readonly desk: DeskHealth
}

const one = (value: boolean): bigint => (value ? 1n : 0n)
const whole = (value: number): bigint => BigInt(Math.trunc(value))

export const pointsOf = (now: Standing, at: Instant): SeriesPoint[] => [
  ...now.alarms.map((alarm) => alarmPoint(now, alarm, at)),
  ...now.devices.map((device) => devicePoint(now, device, at)),
  ...now.nodes.flatMap((node) => nodePoints(now, node, at)),
  ingestPoint(now, at),
  deskPoint(now, at),
]

function alarmPoint({ site, places, about }: Standing, alarm: AlarmJson, t_ns: Instant): SeriesPoint {
  const A = FIELD.alarm
  const rank = rankOf(alarm.state)
  return {
    kind: alarm.exercise ? 'exercise' : 'real',
    measurement: MEASUREMENT.alarm,
    tags: alarmTags(site, alarm.id, about(alarm.id), places),
    fields: {
      [A.state_rank]: rank === undefined ? undefined : BigInt(rank),
      [A.open]: one(alarm.state !== 'normal'),
      [A.unacknowledged]: one(UNACKNOWLEDGED_LETTERS.includes(letterOf(alarm.state) ?? '')),
      [A.occurrence]: BigInt(alarm.occurrence),
    },
    t_ns,
  }
}

type Health = Omit<SeriesPoint, 'measurement' | 'tags' | 'kind' | 't_ns'> & { tags?: Record<string, string> }
function healthPoint(now: Standing, part: HealthPart, id: string, t_ns: Instant, more: Health, device?: string) {
  return {
    kind: now.places.kindOf(device),
    measurement: MEASUREMENT.health,
    tags: { [TAG.site]: now.site, [TAG.part]: part, [TAG.id]: id, ...more.tags },
    fields: more.fields,
    t_ns,
  }
}

function devicePoint(now: Standing, device: DeviceJson, at: Instant): SeriesPoint {
  const H = FIELD.health
  const age_s = device.last_ns === null ? undefined : Number(at - BigInt(device.last_ns)) / 1e9
  const stale = age_s === undefined || age_s * 1000 > device.stale_after_ms
  const fields = {
    [H.up]: one(device.state === 'online'),
    [H.age_s]: age_s === undefined ? undefined : Math.max(0, age_s),
    [H.stale]: one(stale),
  }
  const tags = { [TAG.node]: device.node, ...now.places.tagsOf(device.id) }
  return healthPoint(now, 'device', device.id, at, { fields, tags }, device.id)
}

function nodePoints(now: Standing, node: NodeJson, at: Instant): SeriesPoint[] {
  const H = FIELD.health
  const health = now.nodeHealth.get(node.id)
  const up = healthPoint(now, 'node', node.id, at, {
    fields: {
      [H.up]: one(node.state === 'online'),
      ...(health && {
        [H.polls]: whole(health.polls),
        [H.polls_good]: whole(health.polls_good),
        [H.polls_missed]: whole(health.polls_missed),
        [H.links]: whole(health.links),
        [H.links_up]: whole(health.links_up),
        [H.not_sent]: whole(health.not_sent),
        [H.clock_trusted]: one(health.clock_trusted),
        [H.clock_steps]: whole(health.clock_steps),
      }),
    },
  })
  if (health === undefined) return [up]
  const outbox = STREAMS.map((stream) => {
    const of = health.streams[stream]
    const fields = {
      [H.backlog_records]: whole(of.records),
      [H.backlog_bytes]: whole(of.bytes),
      [H.dropped]: whole(of.dropped),
      [H.oldest_s]: of.oldest_s,
      [H.acknowledged_s]: of.acknowledged_s,
    }
    return healthPoint(now, 'outbox', node.id, at, { fields, tags: { [TAG.stream]: stream } })
  })
  const errors = Object.entries(health.errors).map(([reason, count]) =>
    healthPoint(now, 'poll-error', node.id, at, {
      fields: { [H.count]: whole(count) },
      tags: { [TAG.reason]: reason },
    }),
  )
  return [up, ...outbox, ...errors]
}

/** Its last word is retained: only one that repeats itself is there. */
const INGEST_SILENT_S = 3 * INGEST_HEALTH_PERIOD_S

function ingestPoint(now: Standing, at: Instant): SeriesPoint {
  const H = FIELD.health
  const { ingest } = now
  const there = ingest !== undefined && Number(at - ingest.t_ns) / 1e9 <= INGEST_SILENT_S
  if (!there) return healthPoint(now, 'ingest', 'ingest', at, { fields: { [H.up]: 0n } })
  const { taking, waiting_records, quarantined_total, lag_s, store } = ingest
  const size = (bytes: number | null | undefined) => (bytes == null ? undefined : whole(bytes))
  const fields = {
    [H.up]: 1n,
    [H.taking]: one(taking),
    [H.waiting_records]: whole(waiting_records),
    [H.quarantined]: whole(quarantined_total),
    [H.lag_s]: lag_s,
    [H.store_bytes]: size(store?.bytes),
    [H.store_free_bytes]: size(store?.free_bytes),
  }
  return healthPoint(now, 'ingest', 'ingest', at, { fields })
}

function deskPoint(now: Standing, at: Instant): SeriesPoint {
  const H = FIELD.health
  const { broker_up, store_up, journal_up, journal_seq, not_exported } = now.desk
  const fields = {
    [H.up]: 1n,
    [H.broker_up]: one(broker_up),
    [H.store_up]: one(store_up),
    [H.journal_up]: one(journal_up),
    [H.journal_seq]: whole(journal_seq),
    [H.not_exported]: whole(not_exported),
  }
  return healthPoint(now, 'desk', 'desk', at, { fields })
}
