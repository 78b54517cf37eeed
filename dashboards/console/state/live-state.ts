/**
 * What the desk has told so far, as one immutable value; `applyEvent` folds each event of the live line into it.
 * Where the events come from, and whether the line still lives, is left to `io/live-client.ts` and `link.ts`.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { DeviceJson, LiveEvent, NodeJson, ReadingJson } from '../../../domain/api.ts'
import { msOf } from './instants.ts'

export type LiveState = {
  /** False until the first snapshot: nothing below means anything before. */
  readonly known: boolean
  readonly alarms: ReadonlyMap<string, AlarmJson>
  readonly devices: ReadonlyMap<string, DeviceJson>
  readonly nodes: ReadonlyMap<string, NodeJson>
  /** Newest reading by channel. */
  readonly readings: ReadonlyMap<string, ReadingJson>
  readonly store_available: boolean
  /** `<alarm>#<occurrence>` -> when people were told (ms), from notices heard on this page. */
  readonly told: ReadonlyMap<string, number>
}

export const NOTHING_YET: LiveState = {
  known: false,
  alarms: new Map(),
  devices: new Map(),
  nodes: new Map(),
  readings: new Map(),
  store_available: true,
  told: new Map(),
}

/** Notices remembered to date late occurrences; 500 is more than one screen can list. */
export const TOLD_MAX = 500

export function applyEvent(state: LiveState, live: LiveEvent): LiveState {
  switch (live.event) {
    case 'snapshot':
      return {
        known: true,
        alarms: byId(live.data.alarms),
        devices: byId(live.data.devices),
        nodes: byId(live.data.nodes),
        readings: new Map(live.data.readings.map((r) => [r.channel, r])),
        store_available: live.data.store_available,
        told: state.told,
      }
    case 'alarm':
      return { ...state, alarms: new Map(state.alarms).set(live.data.id, live.data) }
    case 'device':
      return { ...state, devices: new Map(state.devices).set(live.data.id, live.data) }
    case 'node':
      return { ...state, nodes: new Map(state.nodes).set(live.data.id, live.data) }
    case 'readings':
      return { ...state, readings: newest(state.readings, live.data) }
    case 'notice': {
      const { kind, alarm, occurrence, at_ns } = live.data
      if (kind !== 'notice' || alarm === null || occurrence === null) return state
      const told = new Map(state.told).set(toldKey(alarm, occurrence), msOf(at_ns))
      if (told.size > TOLD_MAX) told.delete(told.keys().next().value!)
      return { ...state, told }
    }
    case 'tick':
      return live.data.store_available === state.store_available
        ? state
        : { ...state, store_available: live.data.store_available }
  }
}

export const toldKey = (alarm: string, occurrence: number): string => `${alarm}#${occurrence}`

const byId = <T extends { id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]))

/** A reading resent late never replaces a newer one. */
function newest(
  readings: ReadonlyMap<string, ReadingJson>,
  more: readonly ReadingJson[],
): ReadonlyMap<string, ReadingJson> {
  const out = new Map(readings)
  for (const reading of more) {
    const known = out.get(reading.channel)
    if (known === undefined || BigInt(reading.t_ns) >= BigInt(known.t_ns)) out.set(reading.channel, reading)
  }
  return out
}
