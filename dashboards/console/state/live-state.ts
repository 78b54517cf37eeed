/**
 * What the desk has told so far, as one immutable value; `applyEvent` folds each event of the live line into it.
 * Where the events come from, and whether the line still lives, is left to `io/live-client.ts` and `link.ts`.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { DeviceJson, DrillJson, LiveEvent, NodeJson, ReadingJson } from '../../../domain/api.ts'

export type LiveState = {
  /** False until the first snapshot: nothing below means anything before. */
  readonly known: boolean
  readonly alarms: ReadonlyMap<string, AlarmJson>
  readonly devices: ReadonlyMap<string, DeviceJson>
  readonly nodes: ReadonlyMap<string, NodeJson>
  /** Newest reading by channel. */
  readonly readings: ReadonlyMap<string, ReadingJson>
  readonly store_available: boolean
  /** The drill that starts or runs. */
  readonly drill: DrillJson | null
}

export const NOTHING_YET: LiveState = {
  known: false,
  alarms: new Map(),
  devices: new Map(),
  nodes: new Map(),
  readings: new Map(),
  store_available: true,
  drill: null,
}

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
        drill: live.data.drill,
      }
    case 'alarm':
      return { ...state, alarms: new Map(state.alarms).set(live.data.id, live.data) }
    case 'device':
      return { ...state, devices: new Map(state.devices).set(live.data.id, live.data) }
    case 'node':
      return { ...state, nodes: new Map(state.nodes).set(live.data.id, live.data) }
    case 'readings':
      // As they come: the desk has left out what was resent late, and a clock that was set back must not hide new ones.
      return { ...state, readings: new Map([...state.readings, ...live.data.map((r) => [r.channel, r] as const)]) }
    case 'drill':
      return { ...state, drill: live.data.ended_ns === null ? live.data : null }
    case 'group':
    case 'notice':
      // The alarm's own event carries what a notice is about.
      return state
    case 'tick':
      return live.data.store_available === state.store_available
        ? state
        : { ...state, store_available: live.data.store_available }
  }
}

const byId = <T extends { id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]))
