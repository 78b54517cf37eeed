/**
 * A journal entry as a point of the `event` series. Pure, and the same entry always gives the same point: one that is
 * written twice, after a crash, is stored once. Entries of one instant are told apart by their row numbers.
 */
import type { JournalEntryJson } from '../domain/alarm.ts'
import { rankOf } from '../domain/alarm-rank.ts'
import { devicesOf, type Site } from '../domain/channel.ts'
import type { Limit } from '../domain/condition.ts'
import { splitChannel } from '../domain/ids.ts'
import type { PointField, SeriesPoint } from '../domain/ports.ts'
import { FIELD, MEASUREMENT, type SeriesKind, TAG } from '../domain/series.ts'
import { instant } from '../domain/time.ts'
import { onScreen } from './notice.ts'

/** What the desk knows of an alarm beside its journal. */
export type AboutAlarm = { readonly node: string; readonly limit: Limit; readonly exercise: boolean }

/** Who signed in, and who may, is for the journal alone: a dashboard has other readers. */
const NOT_EXPORTED: ReadonlySet<string> = new Set(['session', 'user', 'token'])
/** Rows of one instant that are told apart: more than a batch holds after any outage. A point lies less than 1 ms late. */
const SHIFTS = 1_000_000
const TEXT_MAX = 400

/** Where things are: what is tagged beside the device. */
export class Places {
  readonly #floors = new Map<string, string>()
  readonly #waters = new Map<string, string>()
  readonly #simulated = new Set<string>()
  readonly #all: boolean

  constructor(site: Site) {
    for (const { device } of devicesOf(site)) {
      if (device.floor !== undefined) this.#floors.set(device.id, device.floor)
      if (device.simulated !== undefined) this.#simulated.add(device.id)
    }
    for (const { id, gauge } of site.file.waters) this.#waters.set(splitChannel(gauge).device, id)
    this.#all = devicesOf(site).every(({ device }) => device.simulated !== undefined)
  }

  tagsOf(device: string): Record<string, string> {
    const [structure = '', floor = ''] = (this.#floors.get(device) ?? '').split('/')
    return {
      [TAG.device]: device,
      [TAG.structure]: structure,
      [TAG.floor]: floor,
      [TAG.water]: this.#waters.get(device) ?? '',
    }
  }

  /** Series of a device; what belongs to none goes with the site's real ones, where it has any. */
  kindOf(device: string | undefined): SeriesKind {
    const exercise = device === undefined || device === '' ? this.#all : this.#simulated.has(device)
    return exercise ? 'exercise' : 'real'
  }
}

export const alarmTags = (site: string, alarm: string, about: AboutAlarm | undefined, places: Places) => {
  const colon = alarm.indexOf(':')
  const channel = about?.limit.channel ?? ''
  return {
    [TAG.site]: site,
    [TAG.alarm]: alarm,
    [TAG.node]: about?.node ?? alarm.slice(0, Math.max(0, colon)),
    [TAG.limit]: about?.limit.id ?? alarm.slice(colon + 1),
    [TAG.channel]: channel,
    [TAG.priority]: about?.limit.priority ?? '',
    ...(channel === '' ? {} : places.tagsOf(splitChannel(channel).device)),
  }
}

type Body = Readonly<Record<string, unknown>>

/** `undefined` for an entry that stays in the journal. */
export function eventPoint(
  site: string,
  entry: JournalEntryJson,
  about: AboutAlarm | undefined,
  places: Places,
): SeriesPoint | undefined {
  if (NOT_EXPORTED.has(entry.kind)) return undefined
  const body: Body = typeof entry.body === 'object' && entry.body !== null ? (entry.body as Body) : {}
  const shift = entry.seq % SHIFTS
  const exercise = isExercise(entry, body, about, places)
  const F = FIELD.event
  const state = entry.kind === 'state' ? text(body['to']) : undefined
  const rank = state === undefined ? undefined : rankOf(state)
  return {
    kind: exercise ? 'exercise' : 'real',
    measurement: MEASUREMENT.event,
    tags: { ...tagsOf(site, entry, about, places), [TAG.kind]: entry.kind },
    fields: {
      [F.seq]: BigInt(entry.seq),
      [F.shift_ns]: BigInt(shift),
      [F.exercise]: exercise ? 1n : 0n,
      [F.occurrence]: entry.occurrence === null ? undefined : BigInt(entry.occurrence),
      [F.state]: state,
      [F.state_rank]: rank === undefined ? undefined : BigInt(rank),
      [F.onset_ns]: nanoseconds(body['onset_ns']),
      [F.returned_ns]: nanoseconds(body['returned_ns']),
      [F.value]: float(body['value']),
      [F.peak]: float(body['peak']),
      [F.limit_value]: float(body['limit']),
      [F.unit]: text(body['unit']),
      [F.text]: sentence(entry, body, about).slice(0, TEXT_MAX),
      [F.actor]: entry.actor,
    },
    t_ns: instant(BigInt(entry.at_ns) + BigInt(shift)),
  }
}

function tagsOf(
  site: string,
  entry: JournalEntryJson,
  about: AboutAlarm | undefined,
  places: Places,
): Record<string, string> {
  if (entry.alarm !== null) return alarmTags(site, entry.alarm, about, places)
  return { [TAG.site]: site, ...(entry.kind === 'node' || entry.kind === 'site' ? { [TAG.node]: entry.actor } : {}) }
}

/** As the entry says itself, else as its alarm is marked. */
function isExercise(entry: JournalEntryJson, body: Body, about: AboutAlarm | undefined, places: Places): boolean {
  if (body['exercise'] === true || body['drill'] !== undefined || entry.kind === 'drill') return true
  if (entry.alarm === null) return places.kindOf(undefined) === 'exercise'
  return about?.exercise ?? false
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const float = (value: unknown): PointField | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
const nanoseconds = (value: unknown): bigint | undefined =>
  typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined

/** In English, as the journal is; a line break would end a tooltip. */
function sentence(entry: JournalEntryJson, body: Body, about: AboutAlarm | undefined): string {
  const name = about?.limit.name ?? entry.alarm ?? ''
  return said(entry, body, name, about).replaceAll(/\s+/g, ' ').trim()
}

function said(entry: JournalEntryJson, body: Body, name: string, about: AboutAlarm | undefined): string {
  const value = float(body['value'])
  const unit = text(body['unit']) ?? ''
  const amount = typeof value === 'number' ? `: ${onScreen(value, unit, about?.limit.kind)}` : ''
  const comment = text(body['comment']) ?? text(body['text'])
  switch (entry.kind) {
    case 'notice':
      return text(body['text']) ?? name
    case 'onset':
      return `${body['late'] === true ? 'LATE ' : ''}${name}: raised${amount}`
    case 'return':
      return `${name}: returned${amount}`
    case 'state':
      return `${name}: ${String(body['from'])} -> ${String(body['to'])} (${String(body['because'])})`
    case 'node':
      return `edge node ${entry.actor} ${String(body['to'])}${body['reason'] ? `: ${String(body['reason'])}` : ''}`
    default:
      return `${name === '' ? '' : `${name}: `}${entry.kind} by ${entry.actor}${comment === undefined ? '' : `: ${comment}`}`
  }
}
