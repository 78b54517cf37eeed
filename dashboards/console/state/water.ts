/**
 * What is known of one water: present stage and rate of rise with their health, and which named levels are exceeded.
 * A level that is also a limit follows the edge's condition (deadband, delays); the console only compares beside it.
 */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { ChannelJson, DeviceJson, LevelJson, ReadingJson, WaterJson } from '../../../domain/api.ts'
import { splitChannel } from '../../../domain/ids.ts'
import { isConditionTrue } from './alarms.ts'
import { channelHealth, type Health, isUsable } from './health.ts'
import type { LiveState } from './live-state.ts'

/** `held`: below the level again, but the edge's condition still stands (deadband or off-delay). */
export type LevelMark = 'exceeded' | 'held' | 'not-exceeded' | 'unknown'
export type LevelView = { readonly level: LevelJson; readonly mark: LevelMark }

export type WaterView = {
  readonly water: WaterJson
  readonly device: DeviceJson | undefined
  readonly reading: ReadingJson | undefined
  readonly health: Health
  /** Usable stage [m]; null when unknown, stale or bad. */
  readonly stage_m: number | null
  /** Usable rate of rise [m/s]; null when there is none. */
  readonly rate_m_s: number | null
  /** Highest first. */
  readonly levels: readonly LevelView[]
  /** The highest level that is exceeded or held. */
  readonly top: LevelView | null
  /** Conditions that are true on this gauge, whatever the stage now. */
  readonly active: readonly AlarmJson[]
  readonly exercise: boolean
}

export function waterView(water: WaterJson, live: LiveState, now_ms: number): WaterView {
  const { device: deviceId } = splitChannel(water.gauge)
  const device = live.devices.get(deviceId)
  const reading = live.readings.get(water.gauge)
  const health = channelHealth(device, { kind: 'point' }, reading, now_ms)
  const stage_m = isUsable(health) ? (reading?.value ?? null) : null
  const active = [...live.alarms.values()].filter(
    (a) => splitChannel(a.channel).device === deviceId && isConditionTrue(a),
  )
  const levels = [...water.levels]
    .sort((a, b) => b.stage_m - a.stage_m)
    .map((level) => ({ level, mark: levelMark(level, stage_m, reading, active, water.gauge) }))
  return {
    water,
    device,
    reading,
    health,
    stage_m,
    rate_m_s: rateOfRise(device, live, now_ms),
    levels,
    top: levels.find(({ mark }) => mark === 'exceeded' || mark === 'held') ?? null,
    active,
    exercise: reading?.exercise ?? device?.simulated ?? false,
  }
}

/** An alarm that says that the stage is above something; others on the same gauge tell of its silence, a rate, a forecast. */
export const isAbove = (alarm: AlarmJson, gauge: string): boolean => alarm.channel === gauge && alarm.kind === 'above'

function levelMark(
  level: LevelJson,
  stage_m: number | null,
  reading: ReadingJson | undefined,
  active: readonly AlarmJson[],
  gauge: string,
): LevelMark {
  // The edge compares in float32 (contracts, section 5), so a level and its limit are the same when they round alike.
  const alarm = active.find((a) => isAbove(a, gauge) && Math.fround(a.limit) === Math.fround(level.stage_m))
  if (stage_m === null) return alarm === undefined ? 'unknown' : 'held'
  if (Math.fround(stage_m) >= Math.fround(level.stage_m)) return 'exceeded'
  if (alarm === undefined) return 'not-exceeded'
  // An alarm may come before the reading that raised it: an older reading tells of no return.
  const isOlder = reading !== undefined && alarm.onset_ns !== null && BigInt(reading.t_ns) < BigInt(alarm.onset_ns)
  return isOlder ? 'exceeded' : 'held'
}

/** Channel of the device's rate of rise, found by its quantity. */
export const rateChannel = (device: DeviceJson | undefined): ChannelJson | undefined =>
  device?.channels.find((c) => c.quantity === 'rate_of_rise')

function rateOfRise(device: DeviceJson | undefined, live: LiveState, now_ms: number): number | null {
  const channel = rateChannel(device)
  const reading = channel && live.readings.get(channel.id)
  if (channel === undefined || !isUsable(channelHealth(device, channel, reading, now_ms))) return null
  return reading?.value ?? null
}

export type Trend = 'rising' | 'falling' | 'steady'

/** Under 1 cm/h the words say steady: a gauge read to the centimetre cannot tell less within an hour. */
export const STEADY_M_S = 0.01 / 3600

export const trendOf = (rate_m_s: number): Trend =>
  rate_m_s > STEADY_M_S ? 'rising' : rate_m_s < -STEADY_M_S ? 'falling' : 'steady'
