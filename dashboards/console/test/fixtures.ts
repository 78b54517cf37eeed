/** Small makers for the console's unit tests: a live state of the scripted site, changed where a test needs it. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { DeviceJson, ReadingJson } from '../../../domain/api.ts'
import { createFormat, type Language } from '../format.ts'
import { WORDS } from '../i18n/index.ts'
import { applyEvent, type LiveState, NOTHING_YET } from '../state/live-state.ts'
import type { Speech } from '../state/status-sentence.ts'
import { alarmsAt, devicesAt, nodesAt, ns } from './fake-world.ts'

/** 2026-03-02T06:05:00Z, a Monday: 14:05 in Taipei. */
export const NOW_MS = Date.UTC(2026, 2, 2, 6, 5, 0)

export const speech = (language: Language = 'en'): Speech => ({
  words: WORDS[language],
  format: createFormat(language, 'Asia/Taipei'),
})

export const reading = (channel: string, value: number | null, more: Partial<ReadingJson> = {}): ReadingJson => ({
  channel,
  value,
  t_ns: ns(NOW_MS - 500),
  flag: value === null ? 9 : 1,
  reason: value === null ? 'timeout' : null,
  detail: null,
  exercise: true,
  ...more,
})

export const device = (id: string, more: Partial<DeviceJson> = {}): DeviceJson => ({
  ...devicesAt(NOW_MS).find((d) => d.id === id)!,
  last_ns: ns(NOW_MS - 500),
  ...more,
})

export const alarm = (limit_id: string, more: Partial<AlarmJson> = {}): AlarmJson => ({
  ...alarmsAt(NOW_MS).find((a) => a.limit_id === limit_id)!,
  ...more,
})

/** The row of a limit that never rose. */
export const quietAlarm = (limit_id: string, more: Partial<AlarmJson> = {}): AlarmJson =>
  alarm(limit_id, {
    state: 'normal',
    occurrence: 0,
    onset_ns: null,
    returned_ns: null,
    learned_ns: null,
    value: null,
    peak: null,
    late: [],
    acknowledged_by: null,
    acknowledged_ns: null,
    comments: [],
    ...more,
  })

const LIMIT_IDS = ['roof-pga', 'base-pga', 'run-1', 'run-2', 'run-3', 'run-rise']

/** Everything heard half a second ago, water low, tower quiet, no alarm; then what the test changes. */
export function quietSite(
  more: { alarms?: AlarmJson[]; devices?: DeviceJson[]; readings?: ReadingJson[]; store_available?: boolean } = {},
): LiveState {
  const devices = ['dead-run', 'tower-a-roof', 'tower-a-base'].map(
    (id) => more.devices?.find((d) => d.id === id) ?? device(id),
  )
  const readings = [
    reading('dead-run/stage', 0.52),
    reading('dead-run/rate_of_rise', 0),
    reading('tower-a-roof/pga', 0.003),
    reading('tower-a-base/pga', 0.002),
  ].map((r) => more.readings?.find((other) => other.channel === r.channel) ?? r)
  const alarms = LIMIT_IDS.map((id) => more.alarms?.find((a) => a.limit_id === id) ?? quietAlarm(id))
  return applyEvent(NOTHING_YET, {
    event: 'snapshot',
    data: {
      now_ns: ns(NOW_MS),
      alarms,
      devices,
      nodes: nodesAt(NOW_MS),
      readings,
      store_available: more.store_available ?? true,
      drill: null,
    },
  })
}
