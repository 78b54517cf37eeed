/**
 * Which alarms are one ground-motion event: those of acceleration limits on the floors of one structure that come within
 * half a minute of the shaking. Pure; measuring it is `event-measures.ts`'s.
 */
import type { AlarmJson } from '../domain/alarm.ts'
import type { EventDetailJson } from '../domain/api-desk.ts'
import { devicesOf, type Site } from '../domain/channel.ts'
import { splitShadow } from '../domain/drill.ts'
import { splitChannel } from '../domain/ids.ts'
import { instant, NS_PER_S, toIso } from '../domain/time.ts'

/** Apart by more than this is another event [ns]. */
const JOIN_NS = 30_000_000_000n
/** The newest; the journal keeps what was told of all. */
export const EVENTS_KEPT = 500
/** Alarms that one event lists. */
const MEMBERS_MAX = 200

export type Member = {
  readonly alarm: string
  readonly occurrence: number
  readonly onset_ns: string
  readonly returned_ns: string | null
  /** [m/s²] */
  readonly peak: number | null
}
export type GroundMotion = {
  readonly id: string
  readonly structure: string
  readonly exercise: boolean
  /** By alarm and occurrence, in the order in which they were heard. */
  readonly members: readonly Member[]
  /** What was measured once everything had come in. */
  readonly measured: EventDetailJson | null
  /** When that was, and how often it was done again because waveforms came late. */
  readonly measured_ns?: string
  readonly again?: number
}

/** Waveforms that an outage held back for longer come to nobody's figures by themselves. */
const COME_LATE_NS = 7n * 86_400n * NS_PER_S

/**
 * Whether an event that is over, with its waveforms in, is to be measured now: it never was, or floors were missing and four
 * times as long has passed since its end, so that an outage of whatever length costs a few measurements.
 */
export function isMeasureDue({ measured, measured_ns }: GroundMotion, end: bigint, now: bigint): boolean {
  if (measured === null) return true
  if (measured_ns === undefined || measured.event.channels_complete >= measured.event.channels_expected) return false
  const waited = BigInt(measured_ns) - end
  return waited < COME_LATE_NS && now - end >= 4n * waited
}

export const onsetOf = ({ members }: GroundMotion): bigint =>
  members.map((m) => BigInt(m.onset_ns)).reduce((a, b) => (a < b ? a : b))

/** Undefined while a floor still shakes. */
export function endOf({ members }: GroundMotion): bigint | undefined {
  const ends = members.map((m) => (m.returned_ns === null ? undefined : BigInt(m.returned_ns)))
  if (ends.some((end) => end === undefined)) return undefined
  return (ends as bigint[]).reduce((a, b) => (a > b ? a : b))
}

/** The structure that the alarm is about; undefined where it is not about its shaking. */
export function structureShaken(site: Site, alarm: Pick<AlarmJson, 'channel' | 'unit' | 'kind'>): string | undefined {
  if (alarm.unit !== 'm/s²' || alarm.kind !== 'above') return undefined
  const { device } = splitChannel(alarm.channel)
  const real = splitShadow(device)?.id ?? device
  return devicesOf(site)
    .find(({ device: d }) => d.id === real)
    ?.device.floor?.split('/')[0]
}

/** Every occurrence that an alarm tells of: the present one and those that came unseen. */
function membersOf(alarm: AlarmJson): Member[] {
  const { id, late, occurrence, onset_ns, returned_ns, peak } = alarm
  const unseen = late.map((one) => ({
    alarm: id,
    occurrence: one.occurrence,
    onset_ns: one.onset_ns,
    returned_ns: one.returned_ns,
    peak: null,
  }))
  if (occurrence === 0 || onset_ns === null) return unseen
  return [...unseen, { alarm: id, occurrence, onset_ns, returned_ns, peak }]
}

/** `events`, newest first, with what `alarm` tells; the same array where that is nothing new. */
export function heard(events: readonly GroundMotion[], structure: string, alarm: AlarmJson): readonly GroundMotion[] {
  return membersOf(alarm).reduce((known, member) => withMember(known, structure, alarm.exercise, member), events)
}

function withMember(
  events: readonly GroundMotion[],
  structure: string,
  exercise: boolean,
  member: Member,
): readonly GroundMotion[] {
  const same = (m: Member) => m.alarm === member.alarm && m.occurrence === member.occurrence
  const event =
    events.find((e) => e.members.some(same)) ??
    events.find((e) => e.structure === structure && e.exercise === exercise && isNear(e, member))
  if (event === undefined) {
    const id = `${structure}-${compact(member.onset_ns)}`
    // Two ids may only meet where one event is real and the other a drill in the same second.
    const free = events.some((e) => e.id === id) ? `${id}-${exercise ? 'exercise' : 'real'}` : id
    const next: GroundMotion = { id: free, structure, exercise, members: [member], measured: null }
    return [next, ...events].sort((a, b) => Number(onsetOf(b) - onsetOf(a))).slice(0, EVENTS_KEPT)
  }
  const before = event.members.find(same)
  if (before !== undefined && JSON.stringify(before) === JSON.stringify(member)) return events
  if (before === undefined && event.members.length >= MEMBERS_MAX) return events
  const members = before ? event.members.map((m) => (m === before ? member : m)) : [...event.members, member]
  const { measured_ns: _, ...kept } = event
  return events.map((e) => (e === event ? { ...kept, members, measured: null } : e))
}

function isNear(event: GroundMotion, { onset_ns, returned_ns }: Member): boolean {
  const [from, to] = [BigInt(onset_ns), returned_ns === null ? undefined : BigInt(returned_ns)]
  const end = endOf(event)
  return (end === undefined || from <= end + JOIN_NS) && (to === undefined || to >= onsetOf(event) - JOIN_NS)
}

/** 20001006T043024Z */
const compact = (ns: string): string =>
  `${toIso(instant(BigInt(ns)))
    .slice(0, 19)
    .replaceAll(/[-:]/g, '')}Z`.toLowerCase()
