/** From a limit as a site file writes it to the limit that is evaluated: everything in SI, its kind and what the kind needs. */
import type { Channel } from './channel.ts'
import type { Limit, LimitKind, LimitParameters } from './condition.ts'
import type { SiteFile } from './site.ts'
import type { SiteLimit } from './site-limit.ts'
import { differenceToSi, toSi } from './units.ts'

/** Stage of a named level in metres. */
export const levelStage_m = (water: SiteFile['waters'][number], stage: number): number => toSi(stage, water.unit)!

type Judged = Pick<Limit, 'direction' | 'limit' | 'deadband' | 'unit'> & {
  readonly kind: LimitKind
  readonly parameters?: LimitParameters
}

/** A limit of the site file with everything in SI; `undefined` where it names a channel or level that is not there. */
export function limitOf(
  file: Pick<SiteFile, 'waters' | 'limits'>,
  channels: ReadonlyMap<string, Channel>,
  entry: SiteLimit,
): Limit | undefined {
  const channel = channels.get(entry.channel)
  if (channel === undefined) return undefined
  const judged = judgedOf(file, channel, entry)
  if (judged === undefined) return undefined
  return {
    id: entry.id,
    name: entry.name,
    channel: entry.channel,
    ...judged,
    on_delay_s: entry.on_delay_s,
    off_delay_s: entry.off_delay_s,
    priority: entry.priority,
    latch: entry.latch ?? latches(file, channels, entry),
  }
}

function judgedOf(file: Pick<SiteFile, 'waters'>, channel: Channel, entry: SiteLimit): Judged | undefined {
  const { outside, rising_faster_than: rising, reaching, stale_s, failed_s, differs_from: differs, k_of_n } = entry
  const unit = entry.unit ?? channel.unit
  const difference = (value: number) => differenceToSi(value, unit)!
  const deadband = difference(entry.deadband)
  const own = { unit: channel.unit, deadband }
  if (outside !== undefined)
    return {
      kind: 'outside',
      direction: 'above',
      limit: toSi(outside.high, unit)!,
      ...own,
      parameters: { low: toSi(outside.low, unit)! },
    }
  if (rising !== undefined)
    return {
      kind: 'rising_faster_than',
      direction: 'above',
      limit: difference(rising.per_h) / 3600,
      unit: perSecond(channel.unit),
      deadband: deadband / 3600,
      parameters: { window_s: rising.window_s },
    }
  if (reaching !== undefined) {
    const target = reaching.level === undefined ? siOf(reaching.value, unit) : levelOf(file, reaching.level)
    if (target === undefined) return undefined
    const parameters = { target, window_s: reaching.window_s }
    return {
      kind: 'reaching',
      direction: 'below',
      limit: reaching.within_s,
      unit: 's',
      deadband: entry.deadband,
      parameters,
    }
  }
  if (stale_s !== undefined) return { kind: 'stale_s', direction: 'above', limit: stale_s, unit: 's', deadband: 0 }
  if (failed_s !== undefined) return { kind: 'failed_s', direction: 'above', limit: failed_s, unit: 's', deadband: 0 }
  if (differs !== undefined) {
    const parameters = { channel: differs.channel, ...(differs.pair_s !== undefined && { pair_s: differs.pair_s }) }
    return { kind: 'differs_from', direction: 'above', limit: difference(differs.by), ...own, parameters }
  }
  if (k_of_n !== undefined) {
    const { limits, k, within_s } = k_of_n
    return { kind: 'k_of_n', direction: 'above', limit: k, unit: '1', deadband: 0, parameters: { limits, within_s } }
  }
  return plainValue(file, channel, entry)
}

function plainValue(file: Pick<SiteFile, 'waters'>, channel: Channel, entry: SiteLimit): Judged | undefined {
  const water = file.waters.find((w) => w.id === entry.level?.split('/')[0])
  const unit = entry.unit ?? water?.unit ?? channel.unit
  const value = entry.above ?? entry.below
  const limit = entry.level === undefined ? siOf(value, unit) : levelOf(file, entry.level)
  if (limit === undefined) return undefined
  const direction = entry.below === undefined ? 'above' : 'below'
  return { kind: direction, direction, limit, unit: channel.unit, deadband: differenceToSi(entry.deadband, unit)! }
}

/** Stage [m] of `<water>/<level>`. */
function levelOf(file: Pick<SiteFile, 'waters'>, name: string): number | undefined {
  const [waterId, levelId] = name.split('/')
  const water = file.waters.find((w) => w.id === waterId)
  const level = water?.levels.find((l) => l.id === levelId)
  return level === undefined ? undefined : levelStage_m(water!, level.stage)
}

const perSecond = (unit: string): string => (unit.includes('/') ? `(${unit})/s` : `${unit}/s`)

const LATCHED: readonly string[] = ['acceleration', 'tilt']

/** What a structure did stays until somebody has looked at it; that a sensor was silent or two disagreed does not. */
function latches(file: Pick<SiteFile, 'limits'>, channels: ReadonlyMap<string, Channel>, entry: SiteLimit): boolean {
  const { k_of_n, stale_s, failed_s, differs_from } = entry
  if (stale_s !== undefined || failed_s !== undefined || differs_from !== undefined) return false
  const watched = k_of_n === undefined ? [entry.channel] : membersOf(file, k_of_n.limits).map((l) => l.channel)
  return watched.some((channel) => LATCHED.includes(channels.get(channel)?.quantity ?? ''))
}

/** Limits of the file by their ids; those that are not there are left out. */
export const membersOf = (file: Pick<SiteFile, 'limits'>, ids: readonly string[]): SiteLimit[] =>
  file.limits.filter((limit) => ids.includes(limit.id))

const siOf = (value: number | undefined, unit: string): number | undefined =>
  value === undefined ? undefined : toSi(value, unit)
