/**
 * Whether each of the desk's own alarms holds, from what the desk knows of the line at an instant: yes, no, or not to be
 * told. One cause is one fault: what a fault hides is not to be told, and so neither raised nor cleared. Pure; delays are
 * `own-tracker.ts`'s.
 */
import type { DeviceJson, NodeJson, ReadingJson } from '../domain/api.ts'
import { type ClockFacts, judgeClock } from '../domain/clock-health.ts'
import { FAIL, SUSPECT } from '../domain/reading.ts'
import { type Instant, toIso } from '../domain/time.ts'
import { type ForeignLoss, INGEST_HEALTH_PERIOD_S, type IngestHealth } from '../domain/wire/ingest-health.ts'
import type { OwnDefinition } from './own-alarms.ts'

export type LineState = {
  readonly at: Instant
  readonly nodes: readonly NodeJson[]
  readonly devices: readonly DeviceJson[]
  readonly reading: (channel: string) => ReadingJson | undefined
  /** How long ago it came [s]. */
  readonly readingAge_s: (channel: string) => number | undefined
  readonly brokerUp: boolean
  /** Why it is not. */
  readonly brokerAway?: string | undefined
  /** How long the broker has been there [s]. */
  readonly brokerUp_s: number
  readonly storeAway: string | undefined
  /** Newest instant in the store, by device; undefined before the store was first read. */
  readonly stored: ReadonlyMap<string, Instant> | undefined
  readonly ingest: { readonly health: IngestHealth; readonly age_s: number } | undefined
  /** Of foreign nodes, what was lost since the last look; undefined where ingest is not heard. */
  readonly foreignLost: readonly ForeignLoss[] | undefined
  /** Of nodes that told of themselves: whether they trust their clock. */
  readonly clockTrusted: ReadonlyMap<string, boolean>
  readonly diskFreePercent: number | undefined
  readonly diskLeast_percent: number
  /** By how much the wall clock was set since the last look [s]. */
  readonly clockStep_s: number
  /** What else is known of the clock of the desk's machine, and since when [s] it goes without a time service. */
  readonly clock: ClockFacts
  readonly unsynchronised_s: number
  readonly journalAway: string | undefined
  readonly journalBroken: string | undefined
  /** What an independent alarm path says otherwise; undefined where there is none, or it does not answer. */
  readonly disagreements: readonly string[] | undefined
  /** Limits that are true, or were a short time ago. */
  readonly trueWithin: (limit_id: string, within_s: number) => boolean
}

/** `undefined` = not to be told. `since_ns`: when it began, where that is known better than when it was judged. */
export type Judgement = {
  readonly is: boolean | undefined
  readonly detail: string
  readonly since_ns?: Instant | undefined
}

const UNKNOWN: Judgement = { is: undefined, detail: '' }
const no: Judgement = { is: false, detail: '' }
const when = (is: boolean, detail: string): Judgement => (is ? { is, detail } : no)

/** A step that NTP makes on a quiet machine stays below it. */
export const CLOCK_STEP_S = 2
const UNSYNCHRONISED_S = 300
/** What is stored may lie this much behind what is seen live: a batch, an acknowledgement, one look at the store. */
const CANARY_LAG_S = 15

/** Holds at the one look that learns of it: no later look tells it. */
export const isEvent = ({ kind, about }: OwnDefinition): boolean =>
  kind === 'foreign_lost' || (kind === 'clock' && about === null)

/** A desk that has just started is answered by then: rebirths asked for at once, the store, ingest's last word. */
const [ANSWERED_S, NO_BROKER_S] = [5, 10]
export const isSettled = ({ brokerUp, brokerUp_s }: LineState, running_s: number): boolean =>
  brokerUp ? brokerUp_s >= ANSWERED_S : running_s >= NO_BROKER_S

export function judge({ kind, about, but, limit }: OwnDefinition, line: LineState): Judgement {
  switch (kind) {
    case 'edge_offline':
      return edgeOffline(line, about!)
    case 'site_differs':
      return siteDiffers(line, about!)
    case 'device_silent':
      return deviceSilent(line, about!)
    case 'data_suspect':
      return dataSuspect(line, about!)
    case 'data_stale':
      return dataStale(line, about!)
    case 'broker':
      return when(!line.brokerUp, line.brokerAway ?? '')
    case 'store':
      return when(line.storeAway !== undefined, line.storeAway ?? '')
    case 'ingest':
      return ingest(line)
    case 'quarantine':
      return quarantine(line)
    case 'foreign_lost':
      return foreignLost(line, about, but)
    case 'disk':
      return disk(line)
    case 'clock':
      return about === null ? deskClock(line) : nodeClock(line, about)
    case 'journal':
      return when((line.journalAway ?? line.journalBroken) !== undefined, line.journalAway ?? line.journalBroken ?? '')
    case 'canary':
      return judgeCanary(line, about!)
    case 'second_path':
      return line.disagreements === undefined
        ? UNKNOWN
        : when(line.disagreements.length > 0, line.disagreements.slice(0, 5).join('; '))
    case 'k_of_n_across': {
      const { limits = [], within_s = 0 } = limit.parameters ?? {}
      const votes = limits.filter((id) => line.trueWithin(id, within_s))
      return when(votes.length >= limit.limit, votes.join(', '))
    }
  }
}

/** Without the broker nothing can be known of anybody: that is the broker's alarm. */
function edgeOffline(line: LineState, id: string): Judgement {
  const { nodes, brokerUp } = line
  const node = nodes.find((one) => one.id === id)
  if (!brokerUp || node === undefined) return UNKNOWN
  if (node.state === 'unknown') return { ...when(true, node.reason ?? ''), since_ns: lastStored(line, id) }
  return when(node.state !== 'online', node.reason ?? '')
}

/** Of a node that the desk has not heard itself: the newest that it measured is what was last heard of it. */
function lastStored({ stored, devices, at }: LineState, node: string): Instant | undefined {
  const all = devices.flatMap((device) => (device.node === node ? (stored?.get(device.id) ?? []) : []))
  return all
    .filter((t_ns) => t_ns <= at)
    .reduce<Instant | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined)
}

const isOnline = ({ nodes }: LineState, id: string): boolean =>
  nodes.some((one) => one.id === id && one.state === 'online')

function siteDiffers(line: LineState, id: string): Judgement {
  const agrees = line.nodes.find((one) => one.id === id)?.site_hash_agrees
  return isOnline(line, id) && agrees != null ? when(!agrees, '') : UNKNOWN
}

function deviceOf(line: LineState, id: string): DeviceJson | undefined {
  const device = line.devices.find((one) => one.id === id)
  return device !== undefined && isOnline(line, device.node) ? device : undefined
}

function deviceSilent(line: LineState, id: string): Judgement {
  const device = deviceOf(line, id)
  if (device === undefined || device.state === 'unknown') return UNKNOWN
  return when(device.state === 'offline', device.reason ?? '')
}

function dataSuspect(line: LineState, id: string): Judgement {
  const device = deviceOf(line, id)
  if (device?.state !== 'online') return UNKNOWN
  const bad = device.channels.flatMap(({ id: channel }) => {
    const reading = line.reading(channel)
    return reading !== undefined && (reading.flag === SUSPECT || reading.flag === FAIL) ? [reading] : []
  })
  return when(
    bad.length > 0,
    bad.map(({ channel, reason }) => (reason === null ? channel : `${channel}: ${reason}`)).join(', '),
  )
}

function dataStale(line: LineState, id: string): Judgement {
  const device = deviceOf(line, id)
  if (device?.state !== 'online') return UNKNOWN
  // Samples come in blocks, which the desk does not take; what it made of them comes as measures.
  const scalars = device.channels.filter(({ kind }) => kind !== 'axis')
  const ages = scalars.flatMap(({ id: channel }) => line.readingAge_s(channel) ?? [])
  if (ages.length === 0) return scalars.length === 0 ? UNKNOWN : when(true, 'nothing yet')
  const youngest_s = Math.min(...ages)
  return when(youngest_s * 1000 > device.stale_after_ms, `nothing for ${Math.round(youngest_s)} s`)
}

/** The broker keeps the last word of ingest: only one that repeats itself is there. */
function ingest({ brokerUp, brokerUp_s, ingest: told }: LineState): Judgement {
  const silent_s = 3 * INGEST_HEALTH_PERIOD_S
  if (!brokerUp) return UNKNOWN
  if (told === undefined) return brokerUp_s < silent_s ? UNKNOWN : when(true, 'ingest says nothing')
  if (told.age_s > silent_s) return when(true, 'ingest is silent')
  const { taking, why } = told.health
  return when(!taking || why !== null, why ?? 'it takes nothing')
}

function quarantine({ ingest: told }: LineState): Judgement {
  if (told === undefined) return UNKNOWN
  const { dead_letter_total, quarantined_total, last_quarantined } = told.health
  const count = dead_letter_total ?? quarantined_total
  const last = last_quarantined === null ? '' : `, the last from ${last_quarantined.device}: ${last_quarantined.reason}`
  return when(count > 0, `${count}${last}`)
}

/** A loss is an event: it is so at the look that learns of it. */
function foreignLost({ foreignLost: all }: LineState, about: string | null, but: readonly string[] = []): Judgement {
  if (all === undefined) return UNKNOWN
  const lost = all.filter(({ node }) => (about === null ? !but.includes(node) : node === about))
  if (lost.length === 0) return no
  const newest = lost.reduce((a, b) => (b.last_ns > a.last_ns ? b : a))
  return { is: true, detail: lost.map(lossText).join(', '), since_ns: newest.last_ns }
}

const lossText = ({ node, messages, gaps, since_ns }: ForeignLoss): string =>
  `${node}: ${messages} messages, ${gaps} gaps since ${toIso(since_ns).slice(0, 19)}Z`

function disk({ diskFreePercent, diskLeast_percent }: LineState): Judgement {
  if (diskFreePercent === undefined) return UNKNOWN
  return when(diskFreePercent < diskLeast_percent, `${diskFreePercent.toFixed(1)} % free`)
}

/** A step is told at the look that finds it, and a machine that has just started has no time service yet. */
function deskClock({ clockStep_s, clock, unsynchronised_s }: LineState): Judgement {
  const stepped = Math.abs(clockStep_s) >= CLOCK_STEP_S
  const { state, why = '' } = judgeClock({
    ...(stepped && { step: { age_s: 0, by_s: clockStep_s } }),
    ...(clock.offset_s !== undefined && { offset_s: clock.offset_s }),
    ...(unsynchronised_s > UNSYNCHRONISED_S && { synchronised: false }),
  })
  return when(state === 'bad' || state === 'doubtful', why)
}

function nodeClock(line: LineState, id: string): Judgement {
  const trusted = line.clockTrusted.get(id)
  return isOnline(line, id) && trusted !== undefined ? when(!trusted, 'the node does not trust its clock') : UNKNOWN
}

/** A reading that went all the way is the canary: measured, published, stored, and read back by the desk. */
export function judgeCanary(line: LineState, id: string): Judgement {
  if (!isOnline(line, id) || line.storeAway !== undefined || ingest(line).is !== false) return UNKNOWN
  const found = canaryOf(line, id)
  if (found === undefined) return UNKNOWN
  const { stored_ns, delay_s } = found
  return when(
    stored_ns === null || delay_s! > CANARY_LAG_S,
    stored_ns === null ? 'nothing of it is stored' : `${Math.round(delay_s!)} s behind`,
  )
}

/** Newest instant of a node seen live and newest of it in the store; undefined where either cannot be known. */
export function canaryOf({ stored, devices }: LineState, node: string) {
  const live = devices.filter((device) => device.node === node && device.last_ns !== null)
  if (stored === undefined || live.length === 0) return undefined
  const newest = (all: readonly bigint[]) => all.reduce((a, b) => (b > a ? b : a), 0n)
  const seen_ns = newest(live.map(({ last_ns }) => BigInt(last_ns!)))
  const kept = newest(live.flatMap((device) => stored.get(device.id) ?? []))
  if (kept === 0n) return { seen_ns, stored_ns: null, delay_s: null }
  return { seen_ns, stored_ns: kept, delay_s: Math.max(0, Number(seen_ns - kept) / 1e9) }
}
