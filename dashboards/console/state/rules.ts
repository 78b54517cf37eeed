/** What an alarm's limit says in words, with the names of this site; judging and wording it is `domain/limit-words.ts`'s. */
import type { AlarmJson } from '../../../domain/alarm.ts'
import type { SiteJson } from '../../../domain/api.ts'
import { splitShadow } from '../../../domain/drill.ts'
import { channelId, splitChannel } from '../../../domain/ids.ts'
import { ruleOf } from '../../../domain/limit-words.ts'
import type { LiveState } from './live-state.ts'
import type { Speech } from './status-sentence.ts'

/** Null where value and limit say it all, and for a kind that this version does not know. */
export function ruleText(
  alarm: Pick<AlarmJson, 'kind' | 'limit' | 'unit' | 'parameters' | 'channel'>,
  site: Pick<SiteJson, 'waters'> | null,
  { devices }: Pick<LiveState, 'devices'>,
  { words, format }: Speech,
): string | null {
  const target = (channel: string, value: number): string => {
    const { device, metric } = splitChannel(channel)
    // A shadow stands for its real device.
    const real = channelId(splitShadow(device)?.id ?? device, metric)
    const levels = site?.waters.flatMap((w) => (w.gauge === real ? w.levels : [])) ?? []
    const unit = devices.get(device)?.channels.find((c) => c.id === channel)?.unit
    return levels.find((l) => Math.fround(l.stage_m) === Math.fround(value))?.name ?? format.inUnit(value, unit ?? '')
  }
  return ruleOf(alarm, words.rule, { amount: format.inUnit, target })
}
