/**
 * Whether what a sensor last said still counts: its state, age and quality flag judged into one word per channel and
 * per sensor. Unknown and stale are words of their own here, so that no later step can take them for normal.
 */
import type { ChannelJson, DeviceJson, ReadingJson } from '../../../domain/api.ts'
import type { Flag } from '../../../domain/reading.ts'
import { slowEvery_s, staleAfter_ms } from '../../../domain/slow-measures.ts'
import { msOf, msOrNull } from './instants.ts'

/** Worst first. `ahead`: stamped in the future, so that its age says nothing. */
export const HEALTH_ORDER = ['offline', 'unknown', 'ahead', 'bad', 'stale', 'suspect', 'fresh'] as const
export type HealthKind = (typeof HEALTH_ORDER)[number]

export type Health = {
  readonly kind: HealthKind
  /** Age of the newest instant [ms] by the desk's clock; null = nothing yet. */
  readonly age_ms: number | null
  readonly reason: string | null
  readonly detail: string | null
  readonly flag: Flag | null
}

/** A measure belongs to a whole second and comes when that second is over, so it is that much older by right. */
export const MEASURE_LATENESS_MS = 2000

/** Whether a value of that health may be used in a statement about water or building. */
export const isUsable = (health: Health): boolean => health.kind === 'fresh' || health.kind === 'suspect'

export function channelHealth(
  device: DeviceJson | undefined,
  channel: Pick<ChannelJson, 'kind'> & Partial<Pick<ChannelJson, 'metric'>>,
  reading: ReadingJson | undefined,
  now_ms: number,
): Health {
  const age_ms = reading === undefined ? null : now_ms - msOf(reading.t_ns)
  const base = { age_ms, reason: reading?.reason ?? null, detail: reading?.detail ?? null, flag: reading?.flag ?? null }
  if (device === undefined) return { ...base, kind: 'unknown' }
  if (device.state !== 'online') return { ...base, kind: device.state, reason: device.reason ?? base.reason }
  if (reading === undefined || age_ms === null) return { ...base, kind: 'unknown', reason: 'nothing-yet' }
  const stale_after_ms =
    staleAfter_ms(channel.metric ?? '', device) + (channel.kind === 'measure' ? MEASURE_LATENESS_MS : 0)
  if (age_ms < -stale_after_ms) return { ...base, kind: 'ahead', reason: 'clock-ahead' }
  if (reading.value === null || reading.flag === 4 || reading.flag === 9) return { ...base, kind: 'bad' }
  if (age_ms > stale_after_ms) return { ...base, kind: 'stale' }
  return { ...base, kind: reading.flag === 3 ? 'suspect' : 'fresh' }
}

/** The worst of its channels that come as single values; axes come as blocks and are judged by the measure made of them. */
export function sensorHealth(
  device: DeviceJson,
  readings: ReadonlyMap<string, ReadingJson>,
  now_ms: number,
): Health & { channel: string | null } {
  const rows = device.channels
    .filter(
      (c) => c.kind === 'point' || (c.kind === 'measure' && readings.has(c.id) && slowEvery_s(c.metric) === undefined),
    )
    .map((c) => ({ ...channelHealth(device, c, readings.get(c.id), now_ms), channel: c.id as string | null }))
  const worst = rows.reduce<(typeof rows)[number] | null>(
    (a, b) => (a === null || HEALTH_ORDER.indexOf(b.kind) < HEALTH_ORDER.indexOf(a.kind) ? b : a),
    null,
  )
  const last_ms = lastHeard_ms(device, readings)
  const age_ms = last_ms === null ? null : now_ms - last_ms
  if (worst !== null)
    return { ...worst, age_ms: worst.kind === 'stale' || worst.kind === 'bad' ? worst.age_ms : age_ms }
  return { ...withoutSingleValues(device, age_ms), age_ms, detail: null, flag: null, channel: null }
}

function withoutSingleValues(device: DeviceJson, age_ms: number | null): { kind: HealthKind; reason: string | null } {
  if (device.state !== 'online') return { kind: device.state, reason: device.reason }
  if (age_ms === null) return { kind: 'unknown', reason: 'nothing-yet' }
  if (age_ms < -device.stale_after_ms) return { kind: 'ahead', reason: 'clock-ahead' }
  return { kind: age_ms > device.stale_after_ms + MEASURE_LATENESS_MS ? 'stale' : 'fresh', reason: null }
}

/** Newest instant heard of any of its channels. */
export function lastHeard_ms(device: DeviceJson, readings: ReadonlyMap<string, ReadingJson>): number | null {
  let last = msOrNull(device.last_ns)
  for (const { id } of device.channels) {
    const reading = readings.get(id)
    if (reading === undefined) continue
    const t_ms = msOf(reading.t_ns)
    if (last === null || t_ms > last) last = t_ms
  }
  return last
}
