/**
 * The plain mirror: topics and JSON by which mosquitto_sub, Node-RED and Telegraf read what the desk knows, without
 * Sparkplug. Retained, so that who comes late sees the newest; every message says when it was, and whether the device that
 * it is of still answers.
 */
import type { AlarmJson } from '../alarm.ts'
import { letterOf, UNACKNOWLEDGED_LETTERS } from '../alarm-rank.ts'
import type { DeviceJson, ReadingJson } from '../api.ts'
import { FAIL, GOOD, MISSING, NOT_EVALUATED, SUSPECT } from '../reading.ts'
import { instant, toIso } from '../time.ts'

export const mirrorTopic = (site: string): string => `plumbline/${site}`
/** `online` while the desk's mirror is connected; its will says the other. */
export const mirrorStateTopic = (site: string): string => `${mirrorTopic(site)}/mirror`
export const readingTopic = (site: string, channel: string): string => `${mirrorTopic(site)}/reading/${channel}`
export const alarmTopic = (site: string, alarm: string): string => `${mirrorTopic(site)}/alarm/${alarm}`

/** Where the mirror alone publishes. */
export const isMirrored = (site: string, topic: string): boolean =>
  topic === mirrorStateTopic(site) ||
  topic.startsWith(`${mirrorTopic(site)}/reading/`) ||
  topic.startsWith(`${mirrorTopic(site)}/alarm/`)

const QUALITY: Readonly<Record<number, string>> = {
  [GOOD]: 'good',
  [NOT_EVALUATED]: 'not-evaluated',
  [SUSPECT]: 'suspect',
  [FAIL]: 'failed',
  [MISSING]: 'missing',
}

const when = (ns: string | null): string | null => (ns === null ? null : toIso(instant(BigInt(ns))))

/** `device`: whether it answers now; of one that does not, the value is the last that was known. */
export function mirroredReading(reading: ReadingJson, unit: string, device: DeviceJson['state']): string {
  const { channel, value, t_ns, flag, reason, exercise } = reading
  return JSON.stringify({
    channel,
    value,
    unit,
    time: when(t_ns),
    t_ms: Number(BigInt(t_ns) / 1_000_000n),
    quality: QUALITY[flag] ?? 'not-evaluated',
    reason,
    device,
    exercise,
  })
}

export function mirroredAlarm(alarm: AlarmJson): string {
  const letter = letterOf(alarm.state) ?? ''
  return JSON.stringify({
    id: alarm.id,
    name: alarm.name,
    channel: alarm.channel,
    state: alarm.state,
    /** 1 or 0, which every reader can chart. */
    open: alarm.state === 'normal' ? 0 : 1,
    unacknowledged: UNACKNOWLEDGED_LETTERS.includes(letter) ? 1 : 0,
    priority: alarm.priority,
    occurrence: alarm.occurrence,
    onset: when(alarm.onset_ns),
    returned: when(alarm.returned_ns),
    value: alarm.value,
    peak: alarm.peak,
    limit: alarm.limit,
    unit: alarm.unit,
    acknowledged_by: alarm.acknowledged_by,
    exercise: alarm.exercise,
    drill: alarm.drill?.name ?? null,
  })
}

export const MIRROR_ONLINE = '{"online":true}'
export const MIRROR_OFFLINE = '{"online":false}'
