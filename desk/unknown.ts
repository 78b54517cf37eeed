/**
 * Unknown is never clear: a condition is known only while its node is there, its device answers, and its channel gives
 * values that are fresh and good. Otherwise since when it is not, and why. Pure.
 */
import type { AlarmJson } from '../domain/alarm.ts'
import type { DeviceJson, NodeJson, ReadingJson } from '../domain/api.ts'
import { kindOfLimit, type Limit } from '../domain/condition.ts'
import { OWN_NODE, splitChannel } from '../domain/ids.ts'
import { FAIL, MISSING } from '../domain/reading.ts'
import { staleAfter_ms } from '../domain/slow-measures.ts'
import type { Instant } from '../domain/time.ts'

export type KnownNow = {
  readonly started_ns: Instant
  readonly node: (id: string) => NodeJson | undefined
  readonly device: (id: string) => DeviceJson | undefined
  readonly reading: (channel: string) => ReadingJson | undefined
  /** How long ago it came, by the desk's own monotonic clock [s]: the wall clock of a node may be wrong. */
  readonly readingAge_s: (channel: string) => number | undefined
  readonly at: Instant
  /** Of an alarm of the desk's own: since when it is not to be told. */
  readonly ownUnknownSince: (limit_id: string) => Instant | undefined
}

/** They judge whether data come, or something else than a value: the node alone must be there for them. */
const JUDGES_NO_VALUE: ReadonlySet<string> = new Set([
  'stale_s',
  'failed_s',
  'output_failed',
  'silenced',
  'records_lost',
  'k_of_n',
])
/** A value that comes now and is older than this beside its stale time was resent or read from the store [s]. */
const RESENT_S = 60

export function unknownOf(node_id: string, limit: Limit, now: KnownNow): AlarmJson['unknown'] {
  const unknown = (since_ns: string | bigint | null, cause: string) => ({
    since_ns: String(since_ns ?? now.started_ns),
    cause,
  })
  if (node_id === OWN_NODE) {
    const since_ns = now.ownUnknownSince(limit.id)
    return since_ns === undefined ? null : unknown(since_ns, 'what it is judged by is not known now')
  }
  const node = now.node(node_id)
  if (node === undefined) return unknown(null, 'its edge node is not in the site file')
  if (node.state !== 'online') return unknown(node.since_ns, node.reason ?? 'its edge node is away')
  if (limit.channel === '' || JUDGES_NO_VALUE.has(kindOfLimit(limit))) return null
  const device = now.device(splitChannel(limit.channel).device)
  if (device === undefined) return unknown(null, 'its device is not in the site file')
  if (device.state !== 'online') return unknown(device.since_ns, device.reason ?? 'its device does not answer')
  return valueUnknown(limit.channel, device, now, unknown)
}

function valueUnknown(
  channel: string,
  device: DeviceJson,
  now: KnownNow,
  unknown: (since_ns: string | bigint | null, cause: string) => AlarmJson['unknown'],
): AlarmJson['unknown'] {
  const reading = now.reading(channel)
  if (reading === undefined) return unknown(device.since_ns, 'no value has come yet')
  const bad = reading.value === null || reading.flag === FAIL || reading.flag === MISSING
  if (bad) return unknown(reading.t_ns, reading.reason ?? 'its values fail their quality tests')
  const age_s = now.readingAge_s(channel)
  const old_s = Number(now.at - BigInt(reading.t_ns)) / 1e9
  const stale_s = staleAfter_ms(splitChannel(channel).metric, device) / 1000
  if (age_s === undefined || age_s > stale_s || old_s > stale_s + RESENT_S)
    return unknown(reading.t_ns, 'no new value since then')
  return null
}
